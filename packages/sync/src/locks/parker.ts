/**
 * One thread sleeps until somebody wakes it; a wake that comes first is kept, so the next sleep ends at once. What schedulers
 * and hand-made locks are built of.
 *
 *   magic  what attach looks for
 *   state  0 = nothing, 1 = a wake is kept, 2 = the thread sleeps, or is about to. Written by the one that parks (0 or 1 to 2, and
 *          back to 0) and by those that wake it (to 1)
 *
 * Nobody holds a parker; a thread that takes over a dead one's finds it as it is, and its first sleep may end at once. But one that
 * wakes another may die when the state says so and nobody has been told: so it is recovered as everything else is.
 * The three states are those of Rust's thread parker.
 */
import {
  type Address,
  CorruptError,
  type Layout,
  LINE_WORDS,
  layout,
  type Owner,
  words as several,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
  word,
} from '@pool/core';
import { assertStands, assertWords, magicWord, moveWord } from '../internal/standing.ts';
import { EndTakenError } from '../queues/end.ts';
import type { Recoverable } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Claim, claimAsync, claimBlocking } from '../waiting/claim.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS, throwIfAborted } from '../waiting/wait-options.ts';

const PARKER: Layout<'magic' | 'state' | 'reserved'> = layout('parker', {
  magic: word,
  state: word,
  reserved: several(LINE_WORDS - 2),
});
const NAME = 'parker';
const MAGIC = magicWord(NAME, 1);
const EMPTY = 0;
const NOTIFIED = 1;
const PARKED = 2;

export class Parker implements Recoverable {
  /** Where the parker stands: what other threads attach with. */
  readonly base: Address;
  readonly #words: Words;
  readonly #state: Address;
  readonly #claim: Claim<'ok'>;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();
  #asleep = false;

  private constructor(words: Words, base: Address) {
    const { state } = PARKER.at(base);
    this.base = base;
    this.#words = words;
    this.#state = state;
    this.#claim = {
      expected: PARKED,
      longest: Number.POSITIVE_INFINITY,
      look: () => this.#consume(),
      announce: () => this.#announce(),
      awake() {},
    };
  }

  /** How many words to reserve. */
  static size(): number {
    return PARKER.size();
  }

  /** Lays a parker without a wake into words that are the caller's own. */
  static create(words: Words, base: Address): Parker {
    const { magic, state } = PARKER.at(base);
    assertWords(words);
    words.storeNumber(state, EMPTY);
    words.store(magic, MAGIC); // pairs with load(magic) in assertStands()
    return new Parker(words, base);
  }

  /** The parker that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): Parker {
    assertStands(words, base, PARKER.at(base).magic, MAGIC, NAME);
    return new Parker(words, base);
  }

  /**
   * Sleeps until woken, or not at all if a wake is kept. One sleeper at a time.
   * @throws {EndTakenError} while a `parkAsync` of this object is under way
   * @throws {MustNotBlockError} where it must not block
   */
  park(options: WaitOptions & SpinOptions = NO_OPTIONS): 'ok' | 'timed-out' {
    this.#assertAwake();
    return (
      this.#consume() ?? claimBlocking(this.#words, this.#state, this.#claim, this.#spin, options) ?? this.#giveUp()
    );
  }

  /** As `park`, without blocking. Rejects when the signal aborts; a wake that came is kept then. */
  async parkAsync(options: WaitAsyncOptions = {}): Promise<'ok' | 'timed-out'> {
    throwIfAborted(options);
    this.#assertAwake();
    this.#asleep = true;
    try {
      return this.#consume() ?? (await claimAsync(this.#words, this.#state, this.#claim, options)) ?? this.#giveUp();
    } catch (error) {
      moveWord(this.#words, this.#state, PARKED, EMPTY); // fails if a wake came: it stays
      throw error;
    } finally {
      this.#asleep = false;
    }
  }

  /** Wakes the thread that sleeps, or keeps the wake for its next sleep; two are kept as one. Progress: wait-free. */
  unpark(): void {
    // An exchange even if a wake is kept already, not a look: the sleeper must see what this thread wrote before.
    // One sleeps; all are told, since a `parkAsync` that was aborted may still stand in the queue of the word before it.
    if (this.#words.exchange(this.#state, BigInt(NOTIFIED)) === BigInt(PARKED)) this.#words.notify(this.#state);
  }

  /** Nobody holds a parker; but a wake may have died with who was to give it, so the one that sleeps looks again. */
  recover(_owner: Owner): undefined {
    this.#words.notify(this.#state);
  }

  /** One that gave up would take the mark away by which the other is woken. Only of this object: a dead thread's sleep leaves nothing here. */
  #assertAwake(): void {
    if (this.#asleep) throw new EndTakenError('this parker has a sleeper already: make one for each');
  }

  #consume(): 'ok' | undefined {
    // Compare-exchange, not store: it must read the wake that it consumes. Pairs with exchange(state) in unpark().
    return moveWord(this.#words, this.#state, NOTIFIED, EMPTY) ? 'ok' : undefined;
  }

  #announce(): 'ok' | undefined {
    for (;;) {
      const state = this.#words.loadNumber(this.#state);
      if (state === PARKED) return undefined;
      if (state > PARKED) throw new CorruptError(`${NAME}: word ${this.#state} holds ${state}, not 0, 1 or 2`);
      if (state === NOTIFIED ? this.#consume() : moveWord(this.#words, this.#state, EMPTY, PARKED))
        return state === NOTIFIED ? 'ok' : undefined;
    }
  }

  /** Time is up; but a wake may have come since the last look. */
  #giveUp(): 'ok' | 'timed-out' {
    return moveWord(this.#words, this.#state, PARKED, EMPTY) ? 'timed-out' : (this.#consume() ?? 'timed-out');
  }
}
