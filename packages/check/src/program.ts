/** What is checked: threads over words. */
import type { Words } from '@pool/core';
import { ModelError } from './errors.ts';
import type { Observation } from './explore/level.ts';
import type { ThreadBody } from './threads/model-thread.ts';

export interface ModelProgram {
  /** By name; the order matters to nothing but the order in which executions are found. */
  readonly threads: Readonly<Record<string, ThreadBody>>;
  /** How many words there are; they begin as zeros. Default: 2^20. */
  readonly words?: number;
  /** Names of words, for counterexamples. */
  readonly names?: Readonly<Record<string, number>>;
  /** Words whose first content means nothing, though it is zero here: reading one before it was written is reported. */
  readonly uninitialised?: (address: number) => boolean;
  /** Lays out what is there before any thread runs. */
  readonly initial?: (words: Words) => void;
  /** Says what must hold when all threads have ended; throws if it does not. */
  readonly final?: (end: FinalState) => void;
}

/** What the threads of one execution leave behind. */
export interface FinalState {
  readonly words: Words;
  /** What a thread observed under a name. @throws {ModelError} if none did */
  observed(name: string): Observation['value'];
  /** `outcome` is for the finding: how this execution ended. @throws {AssertionError} unless the condition holds */
  assert(condition: boolean, message?: string, outcome?: string): void;
  /** Asks for this execution, with which nothing need be wrong: of those with one message, the report shows the shortest. */
  witness(message: string, outcome?: string): void;
}

/** What a program may have, and as what. */
const PARTS: { readonly [Part in keyof ModelProgram]-?: 'object' | 'number' | 'function' } = {
  threads: 'object',
  words: 'number',
  names: 'object',
  uninitialised: 'function',
  initial: 'function',
  final: 'function',
};

/** A part misspelt would be one that nothing is asked of. @throws {ModelError} for what is no program, from callers without types too */
export function assertProgram(program: ModelProgram): void {
  const given: Partial<ModelProgram> | undefined = program ?? undefined;
  if (typeof given?.threads !== 'object' || given.threads === null)
    throw new ModelError('a program to check has `threads`: functions by name');
  const misspelt = strangeKey(given, PARTS);
  if (misspelt !== undefined) throw new ModelError(`a program has no ${misspelt}`);
  for (const [part, type] of Object.entries(PARTS) as [keyof ModelProgram, string][]) {
    const value = given[part];
    if (value !== undefined && (value === null || typeof value !== type))
      throw new ModelError(`\`${part}\` of a program is no ${type}`);
  }
  const { words = 0 } = given;
  if (!(Number.isSafeInteger(words) && words >= 0)) throw new ModelError(`${words} is no number of words`);
  for (const [name, body] of Object.entries(given.threads))
    if (typeof body !== 'function') throw new ModelError(`thread ${name} is no function`);
}

/** A key that is none of those known, and which there are, as the end of a sentence. */
export function strangeKey(given: object, known: object): string | undefined {
  const strange = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  return strange === undefined ? undefined : `\`${strange}\`: there are ${Object.keys(known).join(', ')}`;
}
