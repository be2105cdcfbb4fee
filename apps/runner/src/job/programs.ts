/** From sources to verified programs that fit what they are granted: all that can be known before a thread is started. */
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { assemble, FormatError, formatErrors, load, VerificationError, type VerifiedProgram } from '@pool/vm';
import { type Problem, SetupError } from '../errors.ts';
import { oneOf } from '../manifest/nearest.ts';
import { own } from '../manifest/own.ts';
import { readText } from '../manifest/read.ts';
import type { Manifest, ProgramSpec } from '../manifest/schema.ts';
import type { ManifestSource } from '../manifest/source.ts';
import { SourceTextError } from '../manifest/source-text.ts';
import { counted } from '../report/text.ts';
import { HOST_FUNCTION_NAMES, HOST_FUNCTIONS, isHostFunction } from '../run/host-functions.ts';
import { programConstants } from './constants.ts';
import { Includes } from './includes.ts';
import { type Plan, windowWords } from './plan.ts';

const PAGE_BYTES = 65_536;

export interface PreparedProgram {
  readonly name: string;
  readonly spec: ProgramSpec;
  /** The binary, for the threads: each verifies it again. */
  readonly bytes: Uint8Array;
  readonly instances: number;
}

/** How many instances `cores` stands for. */
export function coreCount(): number {
  return availableParallelism();
}

/** Assembles, verifies and fits all programs of a job. @throws {SetupError} that lists what is wrong with every one of them */
export async function preparePrograms(
  manifest: Manifest,
  plan: Plan,
  folder: string,
  source: ManifestSource,
): Promise<PreparedProgram[]> {
  const prepared: PreparedProgram[] = [];
  const problems: Problem[] = [];
  for (const [name, spec] of Object.entries(manifest.programs)) {
    const path = relative(process.cwd(), resolve(folder, spec.source));
    const at = ['programs', name, 'source'];
    try {
      const text = await readText(path, 'program').catch((error: unknown) => {
        if (error instanceof SetupError)
          throw new SetupError(error.problems.map(({ message }) => source.problem(at, `${spec.source}: ${message}`)));
        throw error;
      });
      const bytes = assembleProgram(path, text, folder, programConstants(manifest, plan, spec));
      const misfits = misfitsOf(verified(bytes, path), name, spec, plan, source);
      if (misfits.length > 0) throw new SetupError(misfits);
      prepared.push({ name, spec, bytes, instances: plan.instances.get(name) ?? 1 });
    } catch (caught) {
      const error = caught instanceof SourceTextError ? new SetupError([{ message: caught.message }]) : caught;
      if (!(error instanceof SetupError)) throw error;
      // Two programs that include one file have its mistakes in common.
      problems.push(...error.problems.filter(({ message }) => !problems.some((known) => known.message === message)));
    }
  }
  if (problems.length > 0) throw new SetupError(problems);
  return prepared;
}

function assembleProgram(path: string, text: string, folder: string, constants: Record<string, bigint>): Uint8Array {
  const includes = new Includes(path, [folder]);
  const result = assemble({ name: path, text }, { include: includes.find, constants });
  if (!result.ok) throw new SetupError([{ message: includes.explained(formatErrors(result.errors, result.more)) }]);
  return result.bytes;
}

function verified(bytes: Uint8Array, path: string): VerifiedProgram {
  try {
    return load(bytes);
  } catch (cause) {
    if (cause instanceof VerificationError || cause instanceof FormatError)
      throw new SetupError([{ at: path, message: cause.message }], { cause });
    throw cause;
  }
}

/** Where a program and what the manifest grants it do not fit together. */
function misfitsOf(
  program: VerifiedProgram,
  name: string,
  spec: ProgramSpec,
  plan: Plan,
  source: ManifestSource,
): Problem[] {
  const problems: Problem[] = [];
  const at = ['programs', name];
  const declared = program.windows.map((window) => window.name);
  for (const window of program.windows) {
    const granted = own(spec.windows, window.name);
    if (granted === undefined) {
      const hint = oneOf(window.name, Object.keys(spec.windows));
      problems.push(
        source.problem([...at, 'windows'], `the program needs a window \`${window.name}\`, which is not granted`, hint),
      );
      continue;
    }
    const words = windowWords(plan, granted);
    const slots = own(plan.regions.regions, granted.slots)?.words ?? 0;
    const path = [...at, 'windows', window.name];
    if (words < window.words)
      problems.push(
        source.problem(
          path,
          `the window is too small: the program needs ${window.words} words, and ${words} are granted`,
        ),
      );
    if (slots < window.slots)
      problems.push(
        source.problem(
          path,
          `the window is too small: the program needs ${window.slots} slots, and ${slots} are granted`,
        ),
      );
  }
  for (const window of Object.keys(spec.windows))
    if (!declared.includes(window))
      problems.push(
        source.problem(
          [...at, 'windows', window],
          'the program declares no such window',
          oneOf(window, declared),
          'key',
        ),
      );

  problems.push(...misfittingImports(program, name, spec, source));
  const { functions } = program.program;
  const entry = functions.find((candidate) => candidate.name === spec.entry);
  if (entry === undefined) {
    const names = functions.map((candidate) => candidate.name);
    problems.push(
      source.problem([...at, 'entry'], `the program has no function \`${spec.entry}\``, oneOf(spec.entry, names)),
    );
  } else if (entry.parameters !== spec.arguments.length) {
    problems.push(
      source.problem(
        [...at, 'arguments'],
        `the function \`${spec.entry}\` takes ${counted(entry.parameters, 'argument')}, and ${spec.arguments.length} are given`,
      ),
    );
  }
  if (spec.memory < PAGE_BYTES)
    problems.push(
      source.problem([...at, 'memory'], `a private memory has whole pages of ${PAGE_BYTES} bytes: at least one`),
    );
  return problems;
}

/** Functions of the host that the program wants and is not granted, or in another form; and the other way round. */
function misfittingImports(
  { program }: VerifiedProgram,
  name: string,
  spec: ProgramSpec,
  source: ManifestSource,
): Problem[] {
  const problems: Problem[] = [];
  const at = ['programs', name, 'imports'];
  const wanted = program.imports.map((one) => one.name);
  for (const { name: wants, parameters, returnsValue } of program.imports) {
    if (!isHostFunction(wants)) {
      const message = `the program imports \`${wants}\`, and the host has no such function`;
      problems.push(source.problem(at, message, oneOf(wants, HOST_FUNCTION_NAMES)));
      continue;
    }
    if (!spec.imports.includes(wants)) {
      const message = `the program imports \`${wants}\`, which is not granted`;
      problems.push(source.problem(at, message, `imports: [${[...spec.imports, wants].join(', ')}]`));
      continue;
    }
    const { parameters: takes, returnsValue: gives } = HOST_FUNCTIONS[wants];
    if (parameters !== takes || (returnsValue && !gives)) {
      const message = `the program imports \`${wants}\` with ${shape(parameters, returnsValue)}`;
      problems.push(source.problem(at, message, `it has ${shape(takes, gives)}`));
    }
  }
  for (const [index, granted] of spec.imports.entries())
    if (!wanted.includes(granted))
      problems.push(source.problem([...at, index], `the program imports no \`${granted}\``, oneOf(granted, wanted)));
  return problems;
}

function shape(parameters: number, returnsValue: boolean): string {
  return `${counted(parameters, 'parameter')} and ${returnsValue ? 'a' : 'no'} result`;
}
