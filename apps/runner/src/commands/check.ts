/** `pool check`: every execution of a litmus test, or of the threads of a program. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type CheckOptions,
  type Equivalence,
  type Finding,
  formatFindingDot,
  type ModelName,
  type Progress,
  type Witness,
} from '@pool/check';
import { type Command, Option } from 'commander';
import { exploreThreads, type Spectator } from '../check/explore-threads.ts';
import { problemsOf } from '../check/refusal.ts';
import { type Answers, openSubject, readSubject } from '../check/subject.ts';
import { JobError, ProgramError, SetupError } from '../errors.ts';
import { checkJson, checkText, type Told } from '../report/check-report.ts';
import { visibleLines } from '../report/escape.ts';
import { executionSvg } from '../report/execution-svg.ts';
import { counted, grouped } from '../report/text.ts';
import { parseDuration, wholeNumber } from './arguments.ts';
import { write } from './asm.ts';
import { exitCodes } from './exit.ts';
import { type AssemblyFlags, withAssemblyOptions } from './program-file.ts';

const EXIT_CODES: string = exitCodes(
  'no violation was seen; the report says if not everything was',
  'a violation: each is printed step by step',
  'wrong usage, or a file that is not there or cannot be checked',
);
const MORE = `
A program's threads are its functions \`thread_...\`, without parameters; \`initial\` and \`final\` run alone before and after them. A trap is a violation.
A module exports by default what \`check\` of @pool/check takes: threads as functions. A litmus test is in the C syntax of herd. \`exists\` is a question, and the execution that answers it is shown; that \`~exists\` or \`forall\` does not hold is a violation.`;

const PROGRESS_EVERY_MS = 2_000;
const MOST_THREADS = 64;
const MOST_ROUNDS = 1_000_000;
const MIB: number = 2 ** 20;

interface CheckFlags extends AssemblyFlags {
  readonly model: ModelName;
  readonly equivalence: Equivalence;
  readonly spinAssume?: true;
  readonly spinRounds?: number;
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
      '--spin-rounds <n>',
      'how often a function of a module must go round in the same way to be a spin loop (1000)',
      wholeNumber(1, MOST_ROUNDS),
    )
    .option(
      '--unroll <n>',
      'how often in succession a thread may read one write, or update a word to what it holds',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--executions <n>',
      'stop after so many executions, blocked ones included',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--time <duration>', 'stop after so long', parseDuration)
    .option('--memory <MiB>', 'stop when so much memory is in use', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--threads <n>', 'explore on so many threads, a part each', wholeNumber(1, MOST_THREADS), 1)
    .option('--json', 'print the report as JSON')
    .option('--dot <dir>', 'write each execution that is shown as a graph for Graphviz')
    .option('--svg <dir>', 'write each execution that is shown as a picture')
    .addHelpText('after', MORE)
    .addHelpText('after', EXIT_CODES)
    .action((file: string, flags: CheckFlags) => checkFile(file, flags, signal));
}

async function checkFile(file: string, flags: CheckFlags, signal: AbortSignal): Promise<void> {
  const told = await explore(file, flags, signal);
  process.stdout.write(flags.json ? `${checkJson(told)}\n` : `${visibleLines(checkText(told))}\n`);
  const { findings, witnesses } = told.report;
  const shown = [...findings, ...witnesses];
  if (flags.dot !== undefined) await writeAll(flags.dot, 'dot', shown, formatFindingDot);
  if (flags.svg !== undefined)
    await writeAll(flags.svg, 'svg', shown, ({ kind, message, execution }) =>
      executionSvg(execution, `${kind}: ${message.split('\n', 1)[0]}`),
    );
  if (told.endedBy === 'interrupted') throw new JobError('cancelled', `${file}: interrupted, and not exhausted`);
  if (findings.length > 0) throw new ProgramError(`${file}: ${counted(findings.length, 'violation')}`);
}

/** @throws {SetupError} if the file cannot be read as what it is, or be checked, or there is no place for what is shown */
async function explore(file: string, flags: CheckFlags, signal: AbortSignal): Promise<Told> {
  try {
    const subject = await readSubject(file, flags);
    // What is wrong with it is told here, and not by each thread. What a module does as it is loaded, only a thread can be ended in.
    if (subject.kind !== 'module') await openSubject(subject);
    for (const folder of [flags.dot, flags.svg]) if (folder !== undefined) await makeFolder(folder);
    const watch = new Watch(file, flags.memory, signal);
    const { report, answers } = await exploreThreads(file, subject, optionsOf(flags), flags.threads, watch);
    return {
      file,
      equivalence: flags.equivalence,
      report,
      ...(answers === undefined ? {} : { claim: { ...answers, holds: holds(answers) } }),
      ...(report.exhausted || watch.endedBy === undefined ? {} : { endedBy: watch.endedBy }),
    };
  } catch (cause) {
    const problems = problemsOf(cause, file);
    if (problems !== undefined && !(cause instanceof SetupError)) throw new SetupError(problems, { cause });
    throw cause;
  }
}

function optionsOf({ model, equivalence, spinAssume, spinRounds, unroll, executions, time }: CheckFlags): CheckOptions {
  return {
    model,
    equivalence,
    ...(spinAssume === undefined ? {} : { spinAssume }),
    ...(spinRounds === undefined ? {} : { spinRounds }),
    ...(unroll === undefined ? {} : { unroll }),
    ...(executions === undefined ? {} : { executions }),
    ...(time === undefined ? {} : { milliseconds: time }),
  };
}

/** Shows now and then how far an exploration is, and ends it when the signal came, or too much memory is in use. */
class Watch implements Spectator {
  readonly #file: string;
  readonly #memory: number;
  readonly #signal: AbortSignal;
  #told = 0;
  /** Lines that were said: one for each, from however many threads of the checker. */
  readonly #silent: Set<string> = new Set();
  endedBy: Told['endedBy'];

  constructor(file: string, memory: number | undefined, signal: AbortSignal) {
    this.#file = visibleLines(file);
    this.#memory = memory ?? Number.POSITIVE_INFINITY;
    this.#signal = signal;
  }

  goesOn({ executions, milliseconds }: Progress): boolean {
    if (this.endedBy !== undefined) return false;
    if (this.#signal.aborted) this.endedBy = 'interrupted';
    else if (process.memoryUsage.rss() > this.#memory * MIB) {
      process.stderr.write(`${this.#file}: more than ${grouped(this.#memory)} MiB of memory are in use\n`);
      this.endedBy = 'memory';
    } else if (milliseconds - this.#told >= PROGRESS_EVERY_MS) {
      this.#told = milliseconds;
      process.stderr.write(`${this.#file}: ${grouped(executions)} executions so far\n`);
    }
    return this.endedBy === undefined;
  }

  silent(what: string, milliseconds: number): void {
    const line = `${this.#file}: ${visibleLines(what)} has not given control back for ${milliseconds / 1000} s, and was ended`;
    if (!this.#silent.has(line)) process.stderr.write(`${line}\n`);
    this.#silent.add(line);
  }
}

function holds({ quantifier, positive, negative }: Answers): boolean {
  return quantifier === 'exists' ? positive > 0 : quantifier === '~exists' ? positive === 0 : negative === 0;
}

/** One file each, such as `1-data-race.svg` or `2-witness.svg`. */
async function writeAll(
  folder: string,
  extension: string,
  shown: readonly (Finding | Witness)[],
  format: (one: Finding | Witness) => string,
): Promise<void> {
  for (const [index, one] of shown.entries())
    await write(join(folder, `${index + 1}-${one.kind.replaceAll(' ', '-')}.${extension}`), format(one));
}

/** Before anything is explored, since it would be lost. @throws {SetupError} if it cannot be made, or written to */
async function makeFolder(folder: string): Promise<void> {
  try {
    await makeWithParents(resolve(folder));
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `this folder cannot be made, or written to: ${(cause as Error).message}`;
    throw new SetupError([{ at: folder, message }], { cause });
  }
}

/** Not `recursive` of `mkdir`, which does not end where a parent is there and takes no folders, as under `/proc`. */
async function makeWithParents(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory()) return;
  if (there === undefined && dirname(folder) !== folder) await makeWithParents(dirname(folder));
  await mkdir(folder);
}
