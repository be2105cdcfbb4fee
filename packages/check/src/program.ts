/** What is checked: threads over words. */
import type { Words } from '@pool/core';
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
