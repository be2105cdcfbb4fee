/**
 * Opens once, when it has been counted down to 0, and stays open.
 *
 *   state  { count: 32, broken: 1 }
 *
 * The rest of the words are signalled-word.ts's. A latch does not know who owes it a count, so a death leaves it as it is; whoever
 * knows counts for the dead, or breaks the latch, which ends every wait with `broken`.
 *
 * The name is C++'s and Java's (std::latch, CountDownLatch).
 */
import {
  type Address,
  CorruptError,
  type Owner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
} from '@pool/core';
import { magicWord } from '../internal/standing.ts';
import type { Recoverable } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { SIGNALLED_WORD, SignalledWord, type StartOptions } from './signalled-word.ts';

const NAME = 'latch';
const MAGIC = magicWord('latch', 1);
const UNIT = 2;
const BROKEN = 1;
const LARGEST_COUNT = 2 ** 32 - 1;

export type LatchResult = 'ok' | 'broken' | 'timed-out';

export class Latch implements Recoverable<undefined> {
  /** Where the latch stands: what other threads attach with. */
  readonly base: Address;
  readonly #word: SignalledWord;

  private constructor(word: SignalledWord) {
    this.base = word.base;
    this.#word = word;
  }

  /** How many words to reserve. */
  static size(): number {
    return SIGNALLED_WORD.size();
  }

  /** Lays a latch that opens after `count` counts, 0..2^32-1, into words that are the caller's own. */
  static create(words: Words, base: Address, count: number, options?: StartOptions): Latch {
    if (!(Number.isInteger(count) && count >= 0 && count <= LARGEST_COUNT))
      throw new ValueError(count, `a latch counts down from 0..${LARGEST_COUNT}`);
    const word = SignalledWord.create(words, base, count * UNIT, options);
    word.publish(MAGIC);
    return new Latch(word);
  }

  /** The latch that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): Latch {
    return new Latch(SignalledWord.attach(words, base, NAME, MAGIC));
  }

  /** How many counts are missing, a moment ago. */
  get count(): number {
    return Math.floor(this.#read() / UNIT);
  }

  /** Counts down; whether that opened the latch. Progress: lock-free. @throws {ValueError} if fewer are missing */
  countDown(count = 1): boolean {
    for (;;) {
      const state = this.#read();
      const missing = Math.floor(state / UNIT);
      if (!(Number.isInteger(count) && count >= 0 && count <= missing))
        throw new ValueError(count, `this latch is ${missing} counts from open`);
      // pairs with load(state) in tryWait(): publishes what was done before counting
      if (!this.#word.move(state, state - count * UNIT)) continue;
      if (missing !== count || count === 0) return false;
      this.#word.events.signalAll();
      return true;
    }
  }

  /** Ends every wait, now and later, with `broken`; an open latch stays open. */
  break(): void {
    for (let state = this.#read(); state >= UNIT && state % UNIT !== BROKEN; state = this.#read())
      if (this.#word.move(state, state + BROKEN)) break;
    this.#word.events.signalAll();
  }

  /** Whether the latch is open, or broken; `undefined` while it is neither. Never waits. */
  tryWait(): 'ok' | 'broken' | undefined {
    const state = this.#read(); // pairs with the compare-exchange in countDown()
    if (state < UNIT) return 'ok';
    return state % UNIT === BROKEN ? 'broken' : undefined;
  }

  /** Waits until the latch is open. @throws {MustNotBlockError} on a thread that must not block */
  wait(options?: WaitOptions & SpinOptions): LatchResult {
    return this.#word.events.wait(() => this.tryWait(), options) ?? 'timed-out';
  }

  /** As `wait`, without blocking. Rejects when the signal aborts. */
  async waitAsync(options?: WaitAsyncOptions): Promise<LatchResult> {
    return (await this.#word.events.waitAsync(() => this.tryWait(), options)) ?? 'timed-out';
  }

  /** Nobody holds a latch; but a wake may have died with whom it was for, or before it was sent, so everybody looks again. */
  recover(_owner: Owner): undefined {
    this.#word.events.signalAll();
  }

  #read(): number {
    const state = this.#word.read();
    if (state > LARGEST_COUNT * UNIT + BROKEN)
      throw new CorruptError(`${NAME}: word ${this.#word.at.state} holds ${state}, which is no count`);
    return state;
  }
}
