/**
 * Waiting until all of a changing number of tasks are done. Each task is a permit that is taken when it begins and given back
 * when it ends; who waits, waits until all permits are back. So tasks have owners, and a dead thread's tasks end with it: those
 * who wait go on, and are told. The words are permit-gate.ts's.
 *
 * The name is Go's (sync.WaitGroup); counting what each thread has open is crossbeam's, whose clones are owned.
 */

import {
  type Address,
  ExhaustedError,
  type Owner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
} from '@pool/core';
import { magicWord, type OwnedWords, type OwnerOptions } from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { type GateKind, PermitGate } from './permit-gate.ts';
import { MAX_PERMITS } from './permits.ts';

const KIND: GateKind = { name: 'wait group', magic: magicWord('waitgr', 1) };

export interface WaitGroupOptions extends OwnerOptions {
  /**
   * How many owners can have tasks. Default: as many as the pool has. With 0 tasks belong to nobody: one thread may add what
   * others end, and a dead thread's tasks stay open.
   */
  readonly owners?: number;
  /** Where counters begin, for tests of their wrapping. */
  readonly start?: bigint;
}

/** How a wait ended: every task done, or none left but some by a death, or time ran out. */
export type WaitGroupResult = 'ok' | 'owner-died' | 'timed-out';

export class WaitGroup implements Recoverable<Recovered | undefined> {
  /** Where the group stands: what other threads attach with. */
  readonly base: Address;
  readonly #gate: PermitGate;

  private constructor(gate: PermitGate) {
    this.base = gate.base;
    this.#gate = gate;
  }

  /** How many words to reserve for a group of so many owners. */
  static size(owners: number): number {
    return PermitGate.size(owners);
  }

  /** Lays a group without tasks into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: WaitGroupOptions = {}): WaitGroup {
    return new WaitGroup(PermitGate.create(words, base, KIND, { ...options, total: MAX_PERMITS }));
  }

  /** The group that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): WaitGroup {
    return new WaitGroup(PermitGate.attach(words, base, KIND, options));
  }

  /** How many tasks are open, a moment ago. */
  get open(): number {
    return MAX_PERMITS - this.#gate.permits.available;
  }

  /** Begins so many tasks of this owner. Progress: lock-free. @throws {ExhaustedError} when there would be more than 65535 */
  add(count = 1): void {
    if (!this.#gate.tryTake(checkCount(count)))
      throw new ExhaustedError(`a wait group has at most ${MAX_PERMITS} tasks; ${this.open} are open`);
  }

  /** Ends so many. Progress: lock-free. @throws {NotHeldError} for more than this owner has begun */
  done(count = 1): void {
    this.#gate.give(checkCount(count));
  }

  /**
   * Waits until no task is open. `owner-died` says that some ended by a death, and goes on saying so until `forgetDeath`.
   * @throws {MustNotBlockError} on a thread that must not block
   */
  wait(options: WaitOptions & SpinOptions = NO_OPTIONS): WaitGroupResult {
    return this.#result(this.#gate.untilFull(options));
  }

  /** As `wait`, without blocking. Rejects when the signal aborts. */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<WaitGroupResult> {
    return this.#result(await this.#gate.untilFullAsync(options));
  }

  /** The dead tasks have been seen to: waits answer `ok` again. */
  forgetDeath(): void {
    this.#gate.forgetDeath();
  }

  /** Ends the tasks of a dead owner. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    const count = this.#gate.recover(owner, () => true);
    return count > 0 ? { kind: KIND.name, base: this.base, found: 'tasks', count } : undefined;
  }

  #result(empty: boolean): WaitGroupResult {
    if (!empty) return 'timed-out';
    return this.#gate.somebodyDied ? 'owner-died' : 'ok';
  }
}

function checkCount(count: number): number {
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_PERMITS))
    throw new ValueError(count, `a number of tasks of 1..${MAX_PERMITS}`);
  return count;
}
