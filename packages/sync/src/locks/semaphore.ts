/**
 * So many may pass at once. Permits are taken one or several at a time, and the object knows how many each owner holds: what a
 * dead thread held comes back. See `permits.ts` for how; `permit-gate.ts` draws the words.
 *
 * Dijkstra, "Cooperating Sequential Processes", 1965.
 */

import { type Address, type Owner, ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import { magicWord, type OwnedWords, type OwnerOptions } from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { type GateKind, PermitGate } from './permit-gate.ts';

const KIND: GateKind = { name: 'semaphore', magic: magicWord('sema', 1) };

export interface SemaphoreOptions extends OwnerOptions {
  /** First come, first served, large demands too. Default: whoever finds enough. */
  readonly fair?: boolean;
  /**
   * How many owners can hold permits. Default: as many as the pool has. With 0, permits belong to nobody: a death changes
   * nothing, and who releases need not have acquired, as when one thread counts and another waits.
   */
  readonly owners?: number;
  /** Where counters begin, for tests of their wrapping. */
  readonly start?: bigint;
}

export class Semaphore implements Recoverable<Recovered | undefined> {
  /** Where the semaphore stands: what other threads attach with. */
  readonly base: Address;
  readonly #gate: PermitGate;

  private constructor(gate: PermitGate) {
    this.base = gate.base;
    this.#gate = gate;
  }

  /** How many words to reserve for a semaphore of so many owners. */
  static size(owners: number): number {
    return PermitGate.size(owners);
  }

  /** Lays a semaphore of 0..65535 permits into words that are the caller's own. @throws {ValueError} for numbers that cannot be */
  static create(words: OwnedWords, base: Address, permits: number, options: SemaphoreOptions = {}): Semaphore {
    return new Semaphore(PermitGate.create(words, base, KIND, { ...options, total: permits }));
  }

  /** The semaphore that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Semaphore {
    return new Semaphore(PermitGate.attach(words, base, KIND, options));
  }

  /** How many permits there are to acquire, a moment ago. */
  get available(): number {
    return this.#gate.permits.available;
  }

  /** How many this thread holds. */
  get held(): number {
    return this.#gate.owners > 0 ? this.#gate.permits.held : 0;
  }

  /**
   * Acquires `count` permits, all or none. Never waits; if the semaphore is fair, gives way to those who do.
   * Progress: lock-free. @throws {CorruptError} if the words do not hold together
   */
  tryAcquire(count = 1): boolean {
    return this.#gate.tryTake(this.#check(count));
  }

  /** Acquires, waiting until there are enough. @throws {MustNotBlockError} on a thread that must not block */
  acquire(count = 1, options: WaitOptions & SpinOptions = NO_OPTIONS): 'ok' | 'timed-out' {
    return this.#gate.take(this.#check(count), options) ? 'ok' : 'timed-out';
  }

  /** As `acquire`, without blocking. Rejects when the signal aborts, and then nothing was acquired. */
  async acquireAsync(count = 1, options: WaitAsyncOptions = {}): Promise<'ok' | 'timed-out'> {
    return (await this.#gate.takeAsync(this.#check(count), options)) ? 'ok' : 'timed-out';
  }

  /** Gives permits back. Progress: lock-free. @throws {NotHeldError} for more than this owner holds */
  release(count = 1): void {
    this.#gate.give(this.#check(count));
  }

  /** Gives back what a dead owner held. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    const count = this.#gate.recover(owner);
    return count > 0 ? { kind: KIND.name, base: this.base, found: 'permits', count } : undefined;
  }

  #check(count: number): number {
    const { total, owners } = this.#gate;
    const most = owners > 0 ? total : 2 ** 16 - 1;
    if (!(Number.isInteger(count) && count >= 1 && count <= most))
      throw new ValueError(count, `a number of permits of 1..${most}`);
    return count;
  }
}
