/**
 * Mutual exclusion. Locking answers with a token, and only the token unlocks: nobody can let go of what somebody else holds,
 * nor twice of the same. See `mutex-word.ts` for how it works. Names as in the TC39 proposal for structs (`Atomics.Mutex`).
 *
 *   magic   what attach looks for
 *   state   who holds it, and whether somebody waits; the line has nothing else in it
 */

import {
  type Address,
  type Layout,
  LINE_WORDS,
  layout,
  type Owner,
  words as several,
  type WaitAsyncOptions,
  type WaitOptions,
  word,
} from '@pool/core';
import { DeadlockError, NotHeldError } from '../errors.ts';
import {
  assertStands,
  deadOwner,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { MutexWord, type Taken } from './mutex-word.ts';

/** The mutex's words. Programs in the virtual machine use the same layout. */
export const MUTEX: Layout<'magic' | 'state' | 'reserved'> = layout('mutex', {
  magic: word,
  state: word,
  reserved: several(LINE_WORDS - 2),
});

export const MUTEX_MAGIC: bigint = magicWord('mutex', 1);

/** The right to unlock. Good for one unlock, by the thread that locked. */
export class MutexToken {
  readonly #word: MutexWord;
  #taken: Taken | undefined;

  /** `Mutex` makes these. */
  constructor(word: MutexWord, taken: Taken) {
    this.#word = word;
    this.#taken = taken;
  }

  /** Whether this token still holds the lock. */
  get locked(): boolean {
    return this.#taken !== undefined;
  }

  /** Whether the holder before died with the lock: what it guards may be half written. Only this taker is told. */
  get ownerDied(): boolean {
    return this.#taken === 'owner-died';
  }

  /** Unlocks, and wakes one waiter. Progress: wait-free. @throws {NotHeldError} for the second time */
  unlock(): void {
    if (this.#taken === undefined)
      throw new NotHeldError('this token has unlocked its mutex already: a token is good for one unlock');
    this.#taken = undefined;
    this.#word.release();
  }

  /** Locks the same mutex again, once this token has unlocked it. @returns whether it did; else time ran out */
  relock(options: WaitOptions & SpinOptions = NO_OPTIONS): boolean {
    this.#assertUnlocked();
    this.#taken = this.#word.take(options);
    return this.locked;
  }

  /** As `relock`, without blocking. */
  async relockAsync(options: WaitAsyncOptions = {}): Promise<boolean> {
    this.#assertUnlocked();
    this.#taken = await this.#word.takeAsync(options);
    return this.locked;
  }

  /** Unlocks unless that was done already. */
  dispose(): void {
    if (this.#taken !== undefined) this.unlock();
  }
  [Symbol.dispose](): void {
    this.dispose();
  }

  #assertUnlocked(): void {
    if (this.#taken !== undefined) throw new DeadlockError('this token holds the lock that it would lock again');
  }
}

export class Mutex implements Recoverable<Recovered | undefined> {
  /** Where the mutex stands: what other threads attach with. */
  readonly base: Address;
  readonly #word: MutexWord;

  private constructor(words: OwnedWords, base: Address, options: OwnerOptions | undefined) {
    this.base = base;
    this.#word = new MutexWord(words, MUTEX.at(base).state, packedOwner(words, options, 'mutex'));
  }

  /** How many words to reserve. */
  static size(): number {
    return MUTEX.size();
  }

  /** Lays an unlocked mutex into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options?: OwnerOptions): Mutex {
    const mutex = new Mutex(words, base, options);
    const at = MUTEX.at(base);
    words.storeNumber(at.state, 0);
    words.store(at.magic, MUTEX_MAGIC); // pairs with load(magic) in assertStands(): publishes the state
    return mutex;
  }

  /** The mutex that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Mutex {
    assertStands(words, base, MUTEX.at(base).magic, MUTEX_MAGIC, 'mutex');
    return new Mutex(words, base, options);
  }

  /** Who holds it, a moment ago. @throws {CorruptError} if the word names nobody that there can be */
  get holder(): Owner | undefined {
    return this.#word.holder();
  }

  /** Locks if nobody holds the lock. Never waits. Progress: lock-free. @throws {CorruptError} as `holder` */
  tryLock(): MutexToken | undefined {
    return this.#token(this.#word.tryTake());
  }

  /**
   * Locks, waiting for whoever holds the lock. `undefined` only with a `timeout`, when it ran out. Starves nobody: who has
   * waited for a millisecond is preferred to newcomers, and wakes come in the order of parking.
   * @throws {DeadlockError} if this owner holds the lock already
   * @throws {MustNotBlockError} on a thread that must not block
   */
  lock(options?: SpinOptions & { readonly timeout?: never }): MutexToken;
  lock(options: WaitOptions & SpinOptions): MutexToken | undefined;
  lock(options: WaitOptions & SpinOptions = NO_OPTIONS): MutexToken | undefined {
    return this.#token(this.#word.take(options));
  }

  /** As `lock`, without blocking. Tasks of one thread exclude each other too. Rejects when the signal aborts, and then does not hold the lock. */
  async lockAsync(options?: Omit<WaitAsyncOptions, 'timeout'> & { readonly timeout?: never }): Promise<MutexToken>;
  async lockAsync(options: WaitAsyncOptions): Promise<MutexToken | undefined>;
  async lockAsync(options: WaitAsyncOptions = {}): Promise<MutexToken | undefined> {
    return this.#token(await this.#word.takeAsync(options));
  }

  /** Frees the lock of a dead owner: the next taker's token says `ownerDied`. See `Recoverable`. */
  recover(owner: Owner): Recovered | undefined {
    if (!this.#word.abandon(deadOwner(owner))) return undefined;
    return { kind: 'mutex', base: this.base, found: 'lock', count: 1 };
  }

  #token(taken: Taken | undefined): MutexToken | undefined {
    return taken && new MutexToken(this.#word, taken);
  }
}
