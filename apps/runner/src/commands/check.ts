/** `pool check`: every execution of a litmus test, or of the threads of a program. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CheckOptions,
  type Equivalence,
  type Finding,
  formatFindingDot,
  LitmusError,
  ModelError,
  type ModelName,
  type Progress,
} from '@pool/check';
import { type Command, Option } from 'commander';
import { explorePart } from '../check/explore-part.ts';
import { exploreThreads } from '../check/explore-threads.ts';
import { type Answers, openSubject, readSubject } from '../check/subject.ts';
import { JobError, ProgramError, SetupError } from '../errors.ts';
import { checkJson, checkText, type Told } from '../report/check-report.ts';
import { visibleLines } from '../report/escape.ts';
import { executionSvg } from '../report/execution-svg.ts';
import { counted, grouped } from '../report/text.ts';
import { parseDuration, wholeNumber } from './arguments.ts';
import { write } from './asm.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { type AssemblyFlags, withAssemblyOptions } from './program-file.ts';

const EXIT_CODES: string = exitCodes(
  'no violation was seen; the report says if not everything was',
  'a violation: each is printed step by step; or the file cannot be checked',
  WRONG_FILE,
);
const MORE = `
A program's threads are its functions \`thread_...\`, without parameters; \`initial\` and \`final\` run alone before and after them. A trap is a violation.
A module exports by default what \`check\` of @pool/check takes: threads as functions. A litmus test is in the C syntax of herd. \`exists\` is a question; that \`~exists\` or \`forall\` does not hold is a violation.`;

const PROGRESS_EVERY_MS = 2_000;
const MOST_THREADS = 64;
const MIB: number = 2 ** 20;

interface CheckFlags extends AssemblyFlags {
  readonly model: ModelName;
  readonly equivalence: Equivalence;
  readonly spinAssume?: true;
  readonly unroll?: number;
  readonly executions?: number;
  readonly time?: number;
  readonly memory?: number;
  readonly threads: number;
  readonly json?: true;
  readonly dot?: string;
  readonly svg?: string;
}

export function addCheck(pool: Command, signal: AbortSignal): void {
  withAssemblyOptions(pool.command('check'))
    .description('explore every execution of the threads of a program, or of a litmus test')
    .argument('<file>', 'a litmus test (.litmus), a module (.mjs, .ts), assembly, or a binary program')
    .addOption(new Option('-m, --model <model>', 'the memory model').choices(['sc', 'rc11']).default('rc11'))
    .addOption(
      new Option('--equivalence <by>', 'what counts as one execution').choices(['rf-co', 'rf']).default('rf-co'),
    )
    .option('--spin-assume', 'prune spin loops: turns that only read and end in a pause')
    .option(
      '--unroll <n>',
      'how often a thread may read one write in succession',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--executions <n>', 'stop after so many executions', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--time <duration>', 'stop after so long', parseDuration)
    .option('--memory <MiB>', 'stop when so much memory is in use', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--threads <n>', 'explore on so many threads, a part each', wholeNumber(1, MOST_THREADS), 1)
    .option('--json', 'print the report as JSON')
    .option('--dot <dir>', 'write the execution of each violation as a graph for Graphviz')
    .option('--svg <dir>', 'write the execution of each violation as a picture')
    .addHelpText('after', MORE)
    .addHelpText('after', EXIT_CODES)
    .action((file: string, flags: CheckFlags) => checkFile(file, flags, signal));
}

async function checkFile(file: string, flags: CheckFlags, signal: AbortSignal): Promise<void> {
  const told = await explore(file, flags, signal);
  process.stdout.write(flags.json ? `${checkJson(told)}\n` : `${visibleLines(checkText(told))}\n`);
  const { findings } = told.report;
  if (flags.dot !== undefined) await writeAll(flags.dot, 'dot', findings, formatFindingDot);
  if (flags.svg !== undefined)
    await writeAll(flags.svg, 'svg', findings, ({ kind, message, execution }) =>
      executionSvg(execution, `${kind}: ${message.split('\n', 1)[0]}`),
    );
  if (signal.aborted) throw new JobError('cancelled', `${file}: interrupted, and not exhausted`);
  const violations = told.report.findings.length + (isBroken(told.claim) ? 1 : 0);
  if (violations > 0) throw new ProgramError(`${file}: ${counted(violations, 'violation')}`);
}

/** @throws {ProgramError} if the file cannot be read as what it is, or be checked */
async function explore(file: string, flags: CheckFlags, signal: AbortSignal): Promise<Told> {
  try {
    const subject = await readSubject(file, flags);
    await openSubject(subject); // what is wrong with it is told here, and not by each thread
    const goesOn = watch(file, flags, signal);
    const options = optionsOf(flags);
    const { report, answers } =
      flags.threads === 1
        ? await explorePart(subject, options, goesOn)
        : await exploreThreads(subject, options, flags.threads, goesOn);
    return answers === undefined ? { file, report } : { file, report, claim: { ...answers, holds: holds(answers) } };
  } catch (cause) {
    if (cause instanceof LitmusError) throw new ProgramError(cause.message, { cause });
    if (cause instanceof ModelError) throw new ProgramError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

function optionsOf({ model, equivalence, spinAssume, unroll, executions, time }: CheckFlags): CheckOptions {
  return {
    model,
    equivalence,
    ...(spinAssume === undefined ? {} : { spinAssume }),
    ...(unroll === undefined ? {} : { unroll }),
    ...(executions === undefined ? {} : { executions }),
    ...(time === undefined ? {} : { milliseconds: time }),
  };
}

/** Shows now and then how far it is; says no when the signal came, or too much memory is in use. */
function watch(file: string, { memory }: CheckFlags, signal: AbortSignal): (soFar: Progress) => boolean {
  let told = 0;
  return ({ executions, milliseconds }) => {
    if (memory !== undefined && process.memoryUsage.rss() > memory * MIB) {
      process.stderr.write(`${visibleLines(file)}: more than ${grouped(memory)} MiB of memory are in use\n`);
      return false;
    }
    if (milliseconds - told >= PROGRESS_EVERY_MS) {
      told = milliseconds;
      process.stderr.write(`${visibleLines(file)}: ${grouped(executions)} executions so far\n`);
    }
    return !signal.aborted;
  };
}

function holds({ quantifier, positive, negative }: Answers): boolean {
  return quantifier === 'exists' ? positive > 0 : quantifier === '~exists' ? positive === 0 : negative === 0;
}

/** `exists` asks; the others claim. */
function isBroken(claim: Told['claim']): boolean {
  return claim !== undefined && claim.quantifier !== 'exists' && !claim.holds;
}

/** One file a violation, such as `1-data-race.svg`. */
async function writeAll(
  folder: string,
  extension: string,
  findings: readonly Finding[],
  format: (finding: Finding) => string,
): Promise<void> {
  if (findings.length > 0) await makeFolder(folder);
  for (const [index, finding] of findings.entries())
    await write(join(folder, `${index + 1}-${finding.kind.replaceAll(' ', '-')}.${extension}`), format(finding));
}

/** @throws {SetupError} if it cannot be made */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const message = `this folder cannot be made: ${(cause as Error).message}`;
    throw new SetupError([{ at: folder, message }], { cause });
  }
}
