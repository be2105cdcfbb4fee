/**
 * Many readers or one writer. A reader takes one of the gate's permits and a writer takes them all, at a fair gate: who comes
 * first is served first, so a stream of readers does not starve a writer, nor writers a reader. Readers that stand next to
 * each other in line go in together. What a dead reader held comes back unseen; a dead writer's lock is `ownerDied` for every
 * taker up to and including the next writer, who can repair what it guards.
 *
 * Courtois, Heymans and Parnas, "Concurrent Control with 'Readers' and 'Writers'", CACM 1971; the words are permit-gate.ts's.
 */

import type { Address, Owner, WaitAsyncOptions, WaitOptions } from '@pool/core';
import { NotHeldError } from '../errors.ts';
import { magicWord, type OwnedWords, type OwnerOptions } from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { type GateKind, PermitGate } from './permit-gate.ts';
import { MAX_PERMITS } from './permits.ts';

const KIND: GateKind = { name: 'rw lock', magic: magicWord('rwlock', 1) };
/** What a writer takes: everything, so that nobody else has any. */
const ALL = MAX_PERMITS;

export interface RwLockOptions extends OwnerOptions {
  /** How many owners can hold or wait for the lock. Default: as many as the pool has. */
  readonly owners?: number;
  /** Where counters begin, for tests of their wrapping. */
  readonly start?: bigint;
}

/** The right to unlock what a reader or a writer locked. Good for one unlock, by the thread that locked. */
export class RwLockToken {
  /** Whether a writer died with the lock and no writer has had it since: what it guards may be half written. */
  readonly ownerDied: boolean;
  readonly #gate: PermitGate;
  #held: number;

  /** `RwLock` makes these. */
  constructor(gate: PermitGate, held: number, ownerDied: boolean) {
    this.#gate = gate;
    this.#held = held;
    this.ownerDied = ownerDied;
  }

  /** Whether this token still holds the lock. */
  get locked(): boolean {
    return this.#held > 0;
  }

  /** Whether it holds it as a writer. */
  get exclusive(): boolean {
    return this.#held === ALL;
  }

  /** Makes a reader of the writer, without letting another writer in between. @throws {NotHeldError} if it is none */
  downgrade(): void {
    if (!this.exclusive) throw new NotHeldError('this token does not hold its lock as a writer');
    this.#held = 1;
    this.#gate.give(ALL - 1);
  }

  /** Unlocks, and wakes who waits. Progress: lock-free. @throws {NotHeldError} for the second time */
  unlock(): void {
    const held = this.#held;
    if (held === 0) throw new NotHeldError('this token has unlocked its lock already: a token is good for one unlock');
    this.#held = 0;
    this.#gate.give(held);
  }

  /** Unlocks unless that was done already. */
  dispose(): void {
    if (this.locked) this.unlock();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }
}

type Untimed<Options> = Omit<Options, 'timeout'> & { readonly timeout?: never };

export class RwLock implements Recoverable<Recovered | undefined> {
  /** Where the lock stands: what other threads attach with. */
  readonly base: Address;
  readonly #gate: PermitGate;

  private constructor(gate: PermitGate) {
    this.base = gate.base;
    this.#gate = gate;
  }

  /** How many words to reserve for a lock of so many owners. */
  static size(owners: number): number {
    return PermitGate.size(owners);
  }

  /** Lays an unlocked lock into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: RwLockOptions = {}): RwLock {
    return new RwLock(PermitGate.create(words, base, KIND, { ...options, total: ALL, fair: true }));
  }

  /** The lock that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): RwLock {
    return new RwLock(PermitGate.attach(words, base, KIND, options));
  }

  /** Locks for reading if no writer has the lock and nobody waits. Never waits. Progress: lock-free. */
  tryRead(): RwLockToken | undefined {
    return this.#token(1, this.#gate.tryTake(1));
  }

  /**
   * Locks for reading, after everybody who waits already. `undefined` only with a `timeout`, when it ran out. A reader that
   * reads again may wait for a writer that waits for it: hold one token at a time.
   * @throws {DeadlockError} if this owner holds the lock as a writer
   * @throws {MustNotBlockError} on a thread that must not block
   */
  read(options?: Untimed<WaitOptions & SpinOptions>): RwLockToken;
  read(options: WaitOptions & SpinOptions): RwLockToken | undefined;
  read(options: WaitOptions & SpinOptions = NO_OPTIONS): RwLockToken | undefined {
    return this.#take(1, options);
  }

  /** As `read`, without blocking. Rejects when the signal aborts, and then does not hold the lock. */
  async readAsync(options?: Untimed<WaitAsyncOptions>): Promise<RwLockToken>;
  async readAsync(options: WaitAsyncOptions): Promise<RwLockToken | undefined>;
  async readAsync(options: WaitAsyncOptions = {}): Promise<RwLockToken | undefined> {
    return this.#token(1, await this.#gate.takeAsync(1, options));
  }

  /** Locks for writing if nobody has the lock and nobody waits. Never waits. Progress: lock-free. */
  tryWrite(): RwLockToken | undefined {
    return this.#token(ALL, this.#gate.tryTake(ALL));
  }

  /** Locks for writing, as `read` does for reading. @throws {DeadlockError} if this owner holds the lock in any way */
  write(options?: Untimed<WaitOptions & SpinOptions>): RwLockToken;
  write(options: WaitOptions & SpinOptions): RwLockToken | undefined;
  write(options: WaitOptions & SpinOptions = NO_OPTIONS): RwLockToken | undefined {
    return this.#take(ALL, options);
  }

  /** As `write`, without blocking. */
  async writeAsync(options?: Untimed<WaitAsyncOptions>): Promise<RwLockToken>;
  async writeAsync(options: WaitAsyncOptions): Promise<RwLockToken | undefined>;
  async writeAsync(options: WaitAsyncOptions = {}): Promise<RwLockToken | undefined> {
    return this.#token(ALL, await this.#gate.takeAsync(ALL, options));
  }

  /** Frees what a dead owner held: as `count` readers, or as the writer. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    const count = this.#gate.recover(owner, (held) => held === ALL);
    if (count === 0) return undefined;
    return count === ALL
      ? { kind: KIND.name, base: this.base, found: 'write lock', count: 1 }
      : { kind: KIND.name, base: this.base, found: 'read lock', count };
  }

  #take(count: number, options: WaitOptions & SpinOptions): RwLockToken | undefined {
    if (this.#gate.tryTake(count)) return this.#token(count, true);
    this.#gate.assertOthersHold(count);
    return this.#token(count, this.#gate.take(count, options));
  }

  #token(count: number, taken: boolean): RwLockToken | undefined {
    return taken ? new RwLockToken(this.#gate, count, this.#learn(count === ALL)) : undefined;
  }

  /** Whether a writer has died that no writer was told of; a writer is told, and the readers after it are not. */
  #learn(exclusive: boolean): boolean {
    if (!this.#gate.somebodyDied) return false;
    if (exclusive) this.#gate.forgetDeath();
    return true;
  }
}
