/**
 * How a thread waits for a condition that others make true, when the condition itself is not one word. The event count is a
 * word that changes whenever somebody may have reason to look again; a waiter reads it, looks at the condition once more, and
 * parks only if the count has not changed since. Whoever makes the condition true touches the count only if there are waiters,
 * so nobody pays when nobody waits.
 *
 * Reed and Kanodia, "Synchronization with Eventcounts and Sequencers", CACM 1979.
 *
 *   event    counts signals; parked threads wait on it. Written by signallers, modulo 2^64
 *   waiters  threads that are parked, or about to look once more and park; each adds and subtracts itself
 *
 * No wake-up is lost: the waiter writes `waiters`, then reads the condition; the signaller writes the condition, then reads
 * `waiters`; fences stand between, so at least one of the two sees the other (Dekker's argument). A signaller that sees the
 * waiter changes `event`, and then the waiter's park returns at once.
 */
import type { Address, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import { assertAmong, assertFunction } from '../internal/standing.ts';
import { AdaptiveSpin } from './adaptive-spin.ts';
import { Deadline } from './deadline.ts';
import { type SpinOptions, spinBeforeParking } from './strategy.ts';
import { NO_OPTIONS, throwIfAborted } from './wait-options.ts';

export class EventCount {
  readonly #words: Words;
  readonly #event: Address;
  readonly #waiters: Address;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();

  /** @throws {AddressError} for a word that is not among these */
  constructor(words: Words, event: Address, waiters: Address) {
    assertAmong(words, event);
    assertAmong(words, waiters);
    this.#words = words;
    this.#event = event;
    this.#waiters = waiters;
  }

  /** Tells one waiter to look again. Call it after the condition was made true. */
  signal(): void {
    this.#words.fence(); // between the caller's write of the condition and the look at `waiters`
    if (this.#words.load(this.#waiters) === 0n) return;
    this.#words.fetchAdd(this.#event, 1n); // pairs with load(event) in wait(): a ticket read before is outdated
    this.#words.notify(this.#event, 1);
  }

  /** Tells all waiters to look again. Call it after the condition was made true, if it may be true for several. */
  signalAll(): void {
    this.#words.fence(); // as in signal()
    if (this.#words.load(this.#waiters) === 0n) return;
    this.#words.fetchAdd(this.#event, 1n);
    this.#words.notify(this.#event);
  }

  /**
   * Calls `attempt` until it answers something: at first in a spin, as the strategy says, then each time the count changes,
   * parked in between.
   * @returns what it answered, or `undefined` when time ran out; there is always one attempt after the last wait
   * @throws {ValueError} for what cannot be called, and for options that cannot be, if it has to wait
   * @throws {MustNotBlockError} on a thread that must not block
   */
  wait<T extends {}>(attempt: () => T | undefined, options: WaitOptions & SpinOptions = NO_OPTIONS): T | undefined {
    assertFunction(attempt, '`attempt`');
    const immediate = attempt();
    if (immediate !== undefined) return immediate;
    const deadline = new Deadline(options);
    const found = spinBeforeParking(this.#words, this.#event, attempt, this.#spin, deadline, options);
    if (found !== undefined || options.strategy === 'spin') return found;
    for (;;) {
      const ticket = this.#enter();
      let timedOut = false;
      try {
        const answer = attempt();
        if (answer !== undefined) return answer;
        timedOut = this.#words.wait(this.#event, ticket, deadline.remaining()) === 'timed-out';
      } finally {
        this.#leave();
      }
      if (timedOut) return attempt();
    }
  }

  /**
   * As `wait`, without blocking; parks at once, since a spin would hold up the event loop. Rejects when the signal aborts,
   * unless an attempt answers first: a wake that arrived is used before the signal is looked at, so none is lost.
   */
  async waitAsync<T extends {}>(attempt: () => T | undefined, options: WaitAsyncOptions = {}): Promise<T | undefined> {
    assertFunction(attempt, '`attempt`');
    const deadline = new Deadline(options);
    throwIfAborted(options);
    for (;;) {
      const ticket = this.#enter();
      let timedOut = false;
      try {
        const answer = attempt();
        if (answer !== undefined) return answer;
        options.signal?.throwIfAborted();
        const waiting = await this.#words.waitAsync(this.#event, ticket, { ...options, ...deadline.remaining() });
        timedOut = waiting === 'timed-out';
      } finally {
        this.#leave();
      }
      if (timedOut) return attempt();
    }
  }

  /** Announces a waiter and gives it the count to park on. */
  #enter(): bigint {
    this.#words.fetchAdd(this.#waiters, 1n);
    const ticket = this.#words.load(this.#event); // pairs with fetchAdd(event) in signal(); read before the last attempt
    this.#words.fence(); // between the write of `waiters` and the attempt's reads
    return ticket;
  }

  #leave(): void {
    this.#words.fetchSub(this.#waiters, 1n);
  }
}
