/** What the tasks of the locks' stress tests have in common. */
import type { Address, Pool, PoolHandle } from '@pool/core';
import type { EndHandle, WaitStrategy } from '@pool/sync';
import type { Completed } from '../support/linearizability.ts';
import type { TaskName } from '../workers/locks.ts';
import type { Turning, Waiting } from './scenarios.ts';

export interface LockTask {
  readonly name: TaskName;
  readonly pool: PoolHandle;
  /** Where the object stands. */
  readonly at: Address;
  /** Words for what the task does, zeros at first. */
  readonly data: Address;
  readonly thread: number;
  readonly count: number;
  readonly strategy?: WaitStrategy;
  /** Of a channel: the ends that this thread has, and where its room comes from. */
  readonly sender?: EndHandle;
  readonly receiver?: EndHandle;
  readonly storage?: Address;
  /** Of a scenario: what object it is, and how far apart several are. */
  readonly what?: Waiting | Turning;
  readonly size?: number;
}

/** How many words there are for what the tasks do. */
export const DATA_WORDS = 32;
/** The one of them that is set when the threads are to end. */
export const STOP: number = DATA_WORDS - 1;
/** Of objects that are used up one after the other: which to begin with, and at which to wait until it is moved on. */
export const FIRST = 2;
export const GATE = 3;
/** From here on: how many turns each thread had. */
export const TURNS = 16;

export type Do = (pool: Pool, task: LockTask, word: (index: number) => Address) => unknown;

/** Waits until so many threads have come here: what they do next, they do at once. */
export function meet(pool: Pool, at: Address, parties: number): void {
  pool.fetchAdd(at, 1n);
  pool.notify(at);
  for (let here = pool.load(at); here < BigInt(parties); here = pool.load(at)) pool.wait(at, here);
}

/** Two plain words that are equal whenever nobody holds the lock; a death may leave the first one ahead by one. */
export function step(pool: Pool, first: Address, second: Address, repair: boolean): void {
  let [a, b] = [pool.loadPlainNumber(first), pool.loadPlainNumber(second)];
  if (repair && a === b + 1) {
    b += 1;
    pool.storePlainNumber(second, b);
  }
  if (a !== b) throw new Error(`the lock let somebody in: ${a} and ${b}`);
  a += 1;
  pool.storePlainNumber(first, a);
  pool.storePlainNumber(second, b + 1);
}

/** A thread's part of a history; the clock is a word that all threads count up. */
export class Notes {
  readonly history: Completed[] = [];
  readonly #pool: Pool;
  readonly #clock: Address;
  readonly #thread: number;

  constructor(pool: Pool, clock: Address, thread: number) {
    this.#pool = pool;
    this.#clock = clock;
    this.#thread = thread;
  }

  note<T>(
    operation: { readonly name: string; readonly argument?: number },
    perform: () => T,
    resultOf?: (answer: T) => boolean | number | string,
  ): T {
    const called = this.#pool.fetchAddNumber(this.#clock, 1);
    const answer = perform();
    const returned = this.#pool.fetchAddNumber(this.#clock, 1);
    const result = resultOf ? { result: resultOf(answer) } : {};
    this.history.push({ thread: this.#thread, ...operation, ...result, called, returned });
    return answer;
  }
}
