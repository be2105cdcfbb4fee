/**
 * A cell is two words next to each other, a stamp and a value: the stamp says whose the value is just now. In a ring of one
 * sender the values stand alone, and one counter says it of all. Queues go through the same few steps for each message, and on real memory each step costs a crossing into WebAssembly that takes
 * about as long as the step itself. So the steps of one message are taken together: in one crossing where words are real
 * memory, and elsewhere (a window, a recorder, the checker) by the very operations of `Words` that are written out here. What
 * the checker explores is the latter; nothing depends on which of them runs.
 *
 * The value is read before it is known to be the reader's: whatever is read is thrown away unless the compare-exchange of the
 * stamp after it succeeds, as in a sequence lock. So no reader keeps a cell to itself, and one that dies has taken nothing.
 * Written out, the value's accesses are atomic. In WebAssembly they are plain, which is as good: a stamp that has not changed
 * in between, and never comes back (it counts laps), means that nobody has written meanwhile, so in every run that keeps
 * the value no other access of it is concurrent; and a value that is thrown away may as well be torn.
 *
 * Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012.
 */
import type { Address } from './brands.ts';
import { ValueError } from './errors.ts';
import type { Words } from './words.ts';

/** What became of a message for a cell: it is there; the stamp was another one; it is written, but the stamp was changed by somebody else since. */
export const FILLED = 0;
export const NOT_FREE = 1;
export const CHANGED = 2;
/** What is there instead of a value: the stamp was another one; the value is above 2^53-1 and still there. */
export const NOT_FULL = -1;
export const TOO_LARGE = -2;

export interface CellSteps {
  /**
   * If the word at `cell` holds `stamp`: adds `claim` to it, writes `value` into the word after it, and puts `stamp + full`.
   * @param claim 0..2^32-1; `full` likewise
   * @param value an integer of 0..2^53-1; `stamp` and both sums likewise
   * @returns `FILLED`, `NOT_FREE` (nothing was written) or `CHANGED` (claimed and written, not published)
   */
  fill(cell: Address, stamp: number, claim: number, value: number, full: number): number;
  /** As `fill`, for any word. */
  fillWord(cell: Address, stamp: number, claim: number, value: bigint, full: number): number;
  /**
   * If the word at `cell` holds `stamp`: adds `step` to it, and gives the word that stood after it until then.
   * @param step 0..2^32-1
   * @returns the value, `NOT_FULL` or `TOO_LARGE` (nothing was written)
   */
  drain(cell: Address, stamp: number, step: number): number;
  /** As `drain`, for any word; `undefined` if the stamp was another one. */
  drainWord(cell: Address, stamp: number, step: number): bigint | undefined;
  /**
   * Writes `value` into `slot`, plainly, and then `next` into `counter`, which publishes it.
   * @param value an integer of 0..2^53-1; `next` likewise
   * @returns what `counter` held
   */
  post(slot: Address, value: number, counter: Address, next: number): number;
  /**
   * If the word at `at` holds `from`: puts `to`, and then, if the word at `then` holds `before`, `after` there. For a counter that
   * follows what decides, and that others move along as well.
   * @returns whether the first word held `from`
   */
  moveBoth(at: Address, from: number, to: number, then: Address, before: number, after: number): boolean;
  /**
   * If the word at `at` holds `from`: puts `to`, and then looks at the word at `then` by a read-modify-write that changes nothing, so
   * that either whoever writes that word sees the first one moved, or this sees what was written.
   * @returns what the second word held, or -1 if the first one did not hold `from`
   */
  moveAndSee(at: Address, from: number, to: number, then: Address): number;
}

const registered = new WeakMap<Words, CellSteps>();

/** Real memory has steps of its own. */
export function registerCellSteps(words: Words, steps: CellSteps): void {
  registered.set(words, steps);
}

/** The steps on cells of these words: the fastest that there are. */
export function cellSteps(words: Words): CellSteps {
  return registered.get(words) ?? new WrittenOut(words);
}

/** The meaning. */
export class WrittenOut implements CellSteps {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  fill(cell: Address, stamp: number, claim: number, value: number, full: number): number {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ValueError(value, 'the number forms take an integer of 0..2^53-1');
    const words = this.#words;
    if (words.loadNumber(cell) !== stamp) return NOT_FREE;
    const claimed = stamp + claim;
    // pairs with the compare-exchange in drain(): the last value was read out
    if (words.compareExchangeNumber(cell, stamp, claimed) !== stamp) return NOT_FREE;
    words.storeNumber((cell + 1) as Address, value);
    // pairs with load(cell) in drain(): publishes the value
    return words.compareExchangeNumber(cell, claimed, stamp + full) === claimed ? FILLED : CHANGED;
  }

  fillWord(cell: Address, stamp: number, claim: number, value: bigint, full: number): number {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1'); // before the claim, which would be left standing
    const words = this.#words;
    if (words.loadNumber(cell) !== stamp) return NOT_FREE;
    const claimed = stamp + claim;
    if (words.compareExchangeNumber(cell, stamp, claimed) !== stamp) return NOT_FREE;
    words.store((cell + 1) as Address, value);
    return words.compareExchangeNumber(cell, claimed, stamp + full) === claimed ? FILLED : CHANGED;
  }

  drain(cell: Address, stamp: number, step: number): number {
    const words = this.#words;
    if (words.loadNumber(cell) !== stamp) return NOT_FULL; // pairs with the second compare-exchange in fill(): the value is there
    const value = words.load((cell + 1) as Address);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) return words.loadNumber(cell) === stamp ? TOO_LARGE : NOT_FULL;
    // pairs with the first compare-exchange in fill(): the value was read out. Not a store: another receiver may have been faster.
    return words.compareExchangeNumber(cell, stamp, stamp + step) === stamp ? Number(value) : NOT_FULL;
  }

  drainWord(cell: Address, stamp: number, step: number): bigint | undefined {
    const words = this.#words;
    if (words.loadNumber(cell) !== stamp) return undefined;
    const value = words.load((cell + 1) as Address);
    return words.compareExchangeNumber(cell, stamp, stamp + step) === stamp ? value : undefined;
  }

  moveBoth(at: Address, from: number, to: number, then: Address, before: number, after: number): boolean {
    if (this.#words.compareExchangeNumber(at, from, to) !== from) return false;
    this.#words.compareExchangeNumber(then, before, after); // fails if another thread has moved it along
    return true;
  }

  moveAndSee(at: Address, from: number, to: number, then: Address): number {
    if (this.#words.compareExchangeNumber(at, from, to) !== from) return -1;
    return this.#words.fetchAddNumber(then, 0); // orders this look after the write above, against writers of the second word
  }

  post(slot: Address, value: number, counter: Address, next: number): number {
    if (!Number.isSafeInteger(next) || next < 0)
      throw new ValueError(next, 'the number forms take an integer of 0..2^53-1'); // before the slot is written
    this.#words.storePlainNumber(slot, value);
    return this.#words.exchangeNumber(counter, next); // pairs with the reader's load of the counter: publishes the slot
  }
}
