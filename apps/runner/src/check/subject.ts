/** What `pool check` is given, as data that can be sent to a thread, and as a program there. */
import { access, constants } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CheckReport,
  LitmusRun,
  ModelError,
  type ModelProgram,
  parseLitmus,
  programThreads,
  type Quantifier,
} from '@pool/check';
import { load } from '@pool/vm';
import { type AssemblyFlags, readBytes, readProgram, verifyBytes } from '../commands/program-file.ts';
import { ProgramError, SetupError } from '../errors.ts';
import { unreadable } from '../manifest/read.ts';
import { SourceTextError, sourceText } from '../manifest/source-text.ts';

/** A module that exports a program whose threads are functions. */
const MODULES: readonly string[] = ['.js', '.mjs', '.ts', '.mts'];

export type Subject =
  | { readonly kind: 'litmus'; readonly file: string; readonly text: string }
  | { readonly kind: 'module'; readonly file: string }
  | { readonly kind: 'program'; readonly bytes: Uint8Array };

/** What a litmus test asks, and how many executions end as it says. */
export interface Answers {
  readonly quantifier: Quantifier;
  readonly positive: number;
  readonly negative: number;
}

export interface Judged {
  readonly report: CheckReport;
  readonly answers?: Answers;
}

export interface Opened {
  readonly program: ModelProgram;
  /** Adds to an exploration's report what else the subject asks. */
  judge(report: CheckReport): Judged;
}

/** @throws {SetupError | ProgramError} if the file cannot be read, or does not assemble or verify */
export async function readSubject(file: string, flags: AssemblyFlags): Promise<Subject> {
  const extension = extname(file);
  if (MODULES.includes(extension)) return { kind: 'module', file };
  if (extension === '.litmus')
    return { kind: 'litmus', file, text: litmusText(file, await readBytes(file, 'litmus test')) };
  const bytes = await readProgram(file, flags);
  verifyBytes(file, bytes);
  return { kind: 'program', bytes };
}

function litmusText(file: string, bytes: Uint8Array): string {
  try {
    return sourceText(file, bytes);
  } catch (cause) {
    throw cause instanceof SourceTextError ? new ProgramError(cause.message, { cause }) : cause;
  }
}

/** @throws {LitmusError | ModelError | SetupError} if it is nothing that can be checked */
export async function openSubject(subject: Subject): Promise<Opened> {
  if (subject.kind !== 'litmus') {
    const program = subject.kind === 'module' ? await importProgram(subject.file) : programThreads(load(subject.bytes));
    return { program: guarded(program), judge: (report) => ({ report }) };
  }
  const test = parseLitmus(subject.file, subject.text);
  const litmus = new LitmusRun(test);
  return {
    program: litmus.program,
    judge: (report) => {
      const { positive, negative, holds: _, ...judged } = litmus.judge(report);
      return { report: judged, answers: { quantifier: test.quantifier, positive, negative } };
    },
  };
}

/** What a module exports by default. @throws {SetupError} if it cannot be loaded, or that is no program */
async function importProgram(file: string): Promise<ModelProgram> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new SetupError([{ at: file, message: unreadable(cause, 'module') }], { cause });
  });
  let exported: { readonly default?: Partial<ModelProgram> };
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as typeof exported;
  } catch (cause) {
    const message = `this module cannot be loaded: ${(cause as Error).message}`;
    throw new SetupError([{ at: file, message }], { cause });
  }
  const program = exported.default;
  if (typeof program?.threads !== 'object' || program.threads === null)
    throw new SetupError([{ at: file, message: 'the default export is no program to check: it has no `threads`' }]);
  for (const [name, body] of Object.entries(program.threads))
    if (typeof body !== 'function')
      throw new SetupError([{ at: file, message: `the thread ${name} of the default export is no function` }]);
  return { ...program, threads: program.threads };
}

/** No thread has run yet when `initial` throws: nothing is violated, and nothing can be checked. */
function guarded({ initial, ...program }: ModelProgram): ModelProgram {
  if (initial === undefined) return program;
  return {
    ...program,
    initial: (words) => {
      try {
        return initial(words); // a promise is refused by whoever explores
      } catch (cause) {
        throw new ModelError(`\`initial\` throws: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
        });
      }
    },
  };
}
