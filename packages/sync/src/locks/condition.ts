/**
 * Waiting, under a mutex, until another thread says that something may have changed. Waiting lets go of the mutex and takes it
 * again; that the wake cannot fall in between is the point: a waiter reads the count of signals while it still holds the mutex,
 * and parks only if the count has not changed since.
 *
 * Hoare, "Monitors", CACM 1974, with Mesa's signals (Lampson and Redell, CACM 1980): a wake says "look again", not "it is so".
 * Names as in the TC39 proposal for structs (`Atomics.Condition`).
 *
 *   event    counts signals, modulo 2^64; waiters park on it
 *   waiters  threads that are parked, or about to be
 *
 * The rest of the words are signalled-word.ts's; `state` and `value` are not used.
 */
import type { Address, Owner, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import { NotHeldError } from '../errors.ts';
import { assertAtOnce, assertFunction, magicWord } from '../internal/standing.ts';
import type { Recoverable } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Deadline } from '../waiting/deadline.ts';
import { type SpinOptions, spinBeforeParking } from '../waiting/strategy.ts';
import { NO_OPTIONS, throwIfAborted } from '../waiting/wait-options.ts';
import type { MutexToken } from './mutex.ts';
import { SIGNALLED_WORD, SignalledWord, type StartOptions } from './signalled-word.ts';

const NAME = 'condition';
const MAGIC = magicWord('condit', 1);

export class Condition implements Recoverable<undefined> {
  /** Where the condition stands: what other threads attach with. */
  readonly base: Address;
  readonly #words: Words;
  readonly #event: Address;
  readonly #waiters: Address;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();

  private constructor({ words, base, at }: SignalledWord) {
    this.base = base;
    this.#words = words;
    this.#event = at.event;
    this.#waiters = at.waiters;
  }

  /** How many words to reserve. */
  static size(): number {
    return SIGNALLED_WORD.size();
  }

  /** Lays a condition into words that are the caller's own. */
  static create(words: Words, base: Address, options?: StartOptions): Condition {
    const word = SignalledWord.create(words, base, 0, options);
    word.publish(MAGIC);
    return new Condition(word);
  }

  /** The condition that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): Condition {
    return new Condition(SignalledWord.attach(words, base, NAME, MAGIC));
  }

  /**
   * Unlocks, waits for a notification, and locks again with the same token, which may then say `ownerDied`. May return without
   * a notification: look at what was waited for, or use `waitFor`. `timed-out` has the lock too.
   * @throws {NotHeldError} if the token does not hold its mutex
   * @throws {MustNotBlockError} on a thread that must not block
   */
  wait(token: MutexToken, options: WaitOptions & SpinOptions = NO_OPTIONS): 'ok' | 'timed-out' {
    const deadline = new Deadline(options);
    const ticket = this.#enter(token);
    let notified = false;
    try {
      token.unlock();
      const changed = (): true | undefined => (this.#words.load(this.#event) === ticket ? undefined : true);
      notified = spinBeforeParking(this.#words, this.#event, changed, this.#spin, deadline, options) ?? false;
      if (!notified && options.strategy !== 'spin')
        notified = this.#words.wait(this.#event, ticket, deadline.remaining()) !== 'timed-out';
    } finally {
      this.#leave();
      token.relock({ ...options, timeout: Number.POSITIVE_INFINITY }); // in the same way, however long that takes
    }
    return notified ? 'ok' : 'timed-out';
  }

  /** As `wait`, without blocking. Rejects when the signal aborts, with the lock held again. */
  async waitAsync(token: MutexToken, options: WaitAsyncOptions = {}): Promise<'ok' | 'timed-out'> {
    throwIfAborted(options);
    const ticket = this.#enter(token);
    try {
      token.unlock();
      const ended = await this.#words.waitAsync(this.#event, ticket, options);
      return ended === 'timed-out' ? 'timed-out' : 'ok';
    } finally {
      this.#leave();
      await token.relockAsync();
    }
  }

  /**
   * Waits until `holds` says so, which is asked under the lock. `timed-out`: it did not, the last time it was asked.
   * @throws {ValueError} if it answers with a promise, as an `async` function does
   */
  waitFor(
    token: MutexToken,
    holds: () => boolean,
    options: WaitOptions & SpinOptions = NO_OPTIONS,
  ): 'ok' | 'timed-out' {
    assertFunction(holds, '`holds`');
    const deadline = new Deadline(options);
    while (!says(holds)) {
      if (deadline.passed) return 'timed-out';
      this.wait(token, { ...options, ...deadline.remaining() });
    }
    return 'ok';
  }

  /** As `waitFor`, without blocking; `holds` answers at once all the same. */
  async waitForAsync(
    token: MutexToken,
    holds: () => boolean,
    options: WaitAsyncOptions = {},
  ): Promise<'ok' | 'timed-out'> {
    assertFunction(holds, '`holds`');
    const deadline = new Deadline(options);
    while (!says(holds)) {
      if (deadline.passed) return 'timed-out';
      await this.waitAsync(token, { ...options, ...deadline.remaining() });
    }
    return 'ok';
  }

  /**
   * Wakes up to `count` waiters, in the order in which they parked. What they wait for was changed under the mutex, before; the
   * mutex need not be held any more. Progress: wait-free.
   */
  notify(count = 1): void {
    // No fence: who waits announced itself under the mutex, and what it waits for was changed under the mutex.
    if (this.#words.load(this.#waiters) === 0n) return;
    this.#words.fetchAdd(this.#event, 1n); // pairs with load(event) in enter(): a ticket read before is outdated
    this.#words.notify(this.#event, count);
  }

  /** Wakes all waiters. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY);
  }

  /** Nobody holds a condition; but a wake may have died with whom it was for, so everybody looks again. */
  recover(_owner: Owner): undefined {
    this.notifyAll();
  }

  /** Announces a waiter, under the mutex, and gives it the count to park on. */
  #enter(token: MutexToken): bigint {
    if (!token?.locked) throw new NotHeldError('waiting for a condition takes a token that holds its mutex');
    this.#words.fetchAdd(this.#waiters, 1n);
    return this.#words.load(this.#event); // pairs with fetchAdd(event) in notify()
  }

  #leave(): void {
    this.#words.fetchSub(this.#waiters, 1n);
  }
}

/** What a predicate answers. A promise would pass for a yes, whatever it comes to. @throws {ValueError} for one */
function says(holds: () => boolean): boolean {
  const answer = holds();
  assertAtOnce(answer, '`holds` answers at once: a promise is no answer');
  return answer;
}
