/**
 * Something has happened, or has not yet. A manual-reset event stays set, and lets everybody through, until it is reset; an
 * auto-reset event lets one through each time it is set, and setting it twice before anybody comes is setting it once.
 *
 *   state  0 = not set, 1 = set
 *   value  1 = auto-reset; constant
 *
 * The rest of the words are signalled-word.ts's. Nobody holds an event: a death leaves it as it is, and what an auto-reset event
 * let through is gone with whom it let through.
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

const NAME = 'reset event';
const MAGIC = magicWord('event', 1);
const UNSET = 0;
const SET = 1;

export interface ResetEventOptions extends StartOptions {
  /** `manual`: stays set until reset. `auto`: each setting lets one through. */
  readonly reset: 'manual' | 'auto';
  /** Whether it is set at first. Default: not. */
  readonly set?: boolean;
}

export class ResetEvent implements Recoverable<undefined> {
  /** Where the event stands: what other threads attach with. */
  readonly base: Address;
  readonly reset: 'manual' | 'auto';
  readonly #word: SignalledWord;

  private constructor(word: SignalledWord) {
    this.base = word.base;
    this.reset = word.words.load(word.at.value) === 1n ? 'auto' : 'manual';
    this.#word = word;
  }

  /** How many words to reserve. */
  static size(): number {
    return SIGNALLED_WORD.size();
  }

  /** Lays an event into words that are the caller's own. @throws {ValueError} unless `reset` is auto or manual */
  static create(words: Words, base: Address, options: ResetEventOptions): ResetEvent {
    if (options?.reset !== 'auto' && options?.reset !== 'manual')
      throw new ValueError(options?.reset, '`reset` is auto (one passes each time it is set) or manual');
    const word = SignalledWord.create(words, base, options.set ? SET : UNSET, options);
    words.storeNumber(word.at.value, options.reset === 'auto' ? 1 : 0);
    word.publish(MAGIC);
    return new ResetEvent(word);
  }

  /** The event that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): ResetEvent {
    return new ResetEvent(SignalledWord.attach(words, base, NAME, MAGIC));
  }

  /** Whether it is set, a moment ago. */
  get isSet(): boolean {
    return this.#read() === SET;
  }

  /** Sets it. Progress: lock-free. */
  set(): void {
    // An exchange, not a look first: whoever is let through sees what this thread wrote, even if the event was set already.
    this.#word.words.exchange(this.#word.at.state, BigInt(SET)); // pairs with the reads in tryWait()
    if (this.reset === 'auto') this.#word.events.signal();
    else this.#word.events.signalAll();
  }

  /** Makes it not set; whether it was. Progress: lock-free. */
  clear(): boolean {
    return this.#word.move(SET, UNSET);
  }

  /** Passes if it is set; an auto-reset event is not set afterwards. Never waits. Progress: lock-free. */
  tryWait(): boolean {
    if (this.#read() === UNSET) return false; // pairs with exchange(state) in set()
    // Compare-exchange, not store: of two that saw it set, one passes.
    return this.reset === 'manual' || this.#word.move(SET, UNSET);
  }

  /** Waits until it can pass. @throws {MustNotBlockError} on a thread that must not block */
  wait(options?: WaitOptions & SpinOptions): 'ok' | 'timed-out' {
    return this.#word.events.wait(() => this.#attempt(), options) ?? 'timed-out';
  }

  /** As `wait`, without blocking. Rejects when the signal aborts, and then has not passed. */
  async waitAsync(options?: WaitAsyncOptions): Promise<'ok' | 'timed-out'> {
    return (await this.#word.events.waitAsync(() => this.#attempt(), options)) ?? 'timed-out';
  }

  /** Nobody holds an event; but a wake may have died with whom it was for, so everybody looks again. */
  recover(_owner: Owner): undefined {
    this.#word.events.signalAll();
  }

  #attempt(): 'ok' | undefined {
    return this.tryWait() ? 'ok' : undefined;
  }

  #read(): number {
    const state = this.#word.read();
    if (state > SET) throw new CorruptError(`${NAME}: word ${this.#word.at.state} holds ${state}, not 0 or 1`);
    return state;
  }
}
