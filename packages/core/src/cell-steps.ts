/**
 * A cell is a stamp and a value: the stamp says whose the value is just now. In a ring of one sender the values stand alone,
 * and one counter says it of all. Queues go through the same few steps for each message, and on real memory each step costs a
 * crossing into WebAssembly that takes about as long as the step itself. So the steps of one message are taken together: in one
 * crossing where words are real memory, and elsewhere (a window, a recorder, the checker) by the very operations of `Words` that
 * are written out here. What the checker explores is the latter; nothing depends on which of them runs.
 *
 *   stamp   { lap: 29, low: 24 }; a lap never comes back while anybody may remember it
 *   values  one that is for everybody (lane 0), and one for each sender that has a lane of its own (1..15); lane k's stands
 *           `column * (1 + k)` words behind the stamp. A stamp that says "full" says in which lane: { lane: 4, 4 bits } of `low`
 *
 * Two ways to fill a cell. Lane 0 is anybody's, so it is claimed first, and published when the value is in it. A sender that has a
 * lane writes there before it knows that it will have the cell, since nobody else writes there and nobody reads there until a
 * stamp says so: one compare-exchange both takes the cell and publishes, and who dies before it has done nothing. On x86 the
 * compare-exchange is what a message costs, so this is faster by a third.
 *
 * A value is read before it is known to be the reader's: whatever is read is thrown away unless the compare-exchange of the stamp
 * after it succeeds, as in a sequence lock. So no reader keeps a cell to itself, and one that dies has taken nothing.
 * Written out, the value's accesses are atomic. In WebAssembly they are plain, which is as good: a stamp that has not changed
 * in between, and never comes back, means that nobody has written meanwhile (in a lane, its sender has: it writes only where it
 * has seen a free stamp, which is a later one), so in every run that keeps the value no other access of it is concurrent; and a
 * value that is thrown away may as well be torn.
 *
 * Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012.
 */
import type { Address } from './brands.ts';
import { bitsOfDouble, doubleOfBits } from './double-bits.ts';
import { ValueError } from './errors.ts';
import type { Words } from './words.ts';

/** What became of a message for a cell: it is there; the stamp was another one; it is written, but the stamp was changed by somebody else since. */
export const FILLED = 0;
export const NOT_FREE = 1;
export const CHANGED = 2;
/** What is there instead of a value. */
export const NOT_FULL = -1;

/** How many laps there are before they begin anew. */
export const STAMP_LAPS: number = 2 ** 29;
/** What a lap adds to a stamp, and a lane. */
export const STAMP_LAP: number = 2 ** 24;
export const STAMP_LANE: number = 2 ** 4;
/** How many positions of units there are before they begin anew, and how many states an entry has that is of one lap. */
const POSITIONS: number = 2 ** 48;
const ENTRY_STATES = 8;
/** How many lanes beside lane 0 a stamp can tell apart. */
export const MOST_LANES = 15;

/** Laps are 0..2^29-1; what is added to them, 0..2^24-1; columns and cells, addresses' differences. None of these is checked. */
export interface CellSteps {
  /**
   * If the word at `cell` is `low` of this lap: makes it `claim`, writes `value` into lane 0, and makes it `full`.
   * @param value an integer of 0..2^53-1
   * @returns `FILLED`, `NOT_FREE` (nothing was written) or `CHANGED` (claimed and written, not published)
   * @throws {ValueError} for another value, before anything is written
   */
  fill(cell: Address, lap: number, low: number, claim: number, column: number, value: number, full: number): number;
  /** As `fill`, for any word. */
  fillWord(cell: Address, lap: number, low: number, claim: number, column: number, value: bigint, full: number): number;
  /**
   * If the word at `cell` is `low` of this lap: writes `value` into the caller's own lane, and makes it `full`, if it is still that.
   * @param column from the cell to the word of the caller's lane
   * @param value as in `fill`
   * @param full with the caller's lane
   * @returns `FILLED`, or `NOT_FREE`: then the word in the lane may be written
   */
  fillOwn(cell: Address, lap: number, low: number, column: number, value: number, full: number): number;
  /** As `fillOwn`, for any word. */
  fillOwnWord(cell: Address, lap: number, low: number, column: number, value: bigint, full: number): number;
  /** As `fillOwn`, for any number, as the bits of a double. */
  fillOwnDouble(cell: Address, lap: number, low: number, column: number, value: number, full: number): number;
  /**
   * If the word at `cell` is `low` of this lap and one of the lanes 0..lanes: makes it 0 of the next lap, and gives the word
   * that stood in that lane until then.
   * @returns the value; `NOT_FULL` also if no number carries what was read, which may be of another lap (nothing was written)
   */
  drain(cell: Address, lap: number, low: number, column: number, lanes: number): number;
  /** As `drain`, for any word; `undefined` if the stamp was another one. */
  drainWord(cell: Address, lap: number, low: number, column: number, lanes: number): bigint | undefined;
  /** As `drain`, for a word that is the bits of a double; NaN if the stamp was another one, and for a NaN, which stays. */
  drainDouble(cell: Address, lap: number, low: number, column: number, lanes: number): number;
  /**
   * Writes `value` into `slot`, plainly, and then `next` into `counter`, which publishes it.
   * @param value an integer of 0..2^53-1; `next` likewise
   * @returns what `counter` held
   */
  post(slot: Address, value: number, counter: Address, next: number): number;
  /**
   * Claims units at the tail of a ring whose entries stand apart, one for each unit: see a ring of records. A free entry
   * holds its lap times 8. If the tail's is free, and the units lie before the end of the ring and of the room behind `head`: makes it
   * `entry`, and then moves the tail past the units, unless another one has.
   * @param tail a word that holds a position below 2^48
   * @param mask the number of entries less 1, a power of two less 1
   * @param head what is before it is free: a position at most so many behind the tail
   * @returns the position; -1 if nothing was claimed
   */
  claimUnits(tail: Address, entries: Address, mask: number, units: number, entry: number, head: number): number;
  /**
   * If the word at `at` holds `from`: puts `to`, and then, if the word at `then` holds `before`, `after` there. For a counter that
   * follows what decides, and that others move along as well.
   * @returns whether the first word held `from`
   */
  moveBoth(at: Address, from: number, to: number, then: Address, before: number, after: number): boolean;
  /**
   * If the word at `at` holds `from`: puts `to`, and then looks at the word at `then`, with a fence between: either whoever
   * writes that word, and has a fence before it looks at the first one, sees that moved, or this sees what was written.
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

  fill(cell: Address, lap: number, low: number, claim: number, column: number, value: number, full: number): number {
    assertNumber(value);
    const words = this.#words;
    if (!this.#claim(cell, lap * STAMP_LAP + low, lap * STAMP_LAP + claim)) return NOT_FREE;
    words.storeNumber((cell + column) as Address, value);
    return this.#publish(cell, lap * STAMP_LAP + claim, lap * STAMP_LAP + full);
  }

  fillWord(
    cell: Address,
    lap: number,
    low: number,
    claim: number,
    column: number,
    value: bigint,
    full: number,
  ): number {
    assertWord(value); // before the claim, which would be left standing
    const words = this.#words;
    if (!this.#claim(cell, lap * STAMP_LAP + low, lap * STAMP_LAP + claim)) return NOT_FREE;
    words.store((cell + column) as Address, value);
    return this.#publish(cell, lap * STAMP_LAP + claim, lap * STAMP_LAP + full);
  }

  fillOwn(cell: Address, lap: number, low: number, column: number, value: number, full: number): number {
    assertNumber(value);
    const free = lap * STAMP_LAP + low;
    if (this.#words.loadNumber(cell) !== free) return NOT_FREE; // pairs with drain(): the last value of this lane was read out
    this.#words.storeNumber((cell + column) as Address, value);
    return this.#take(cell, free, lap * STAMP_LAP + full) ? FILLED : NOT_FREE;
  }

  fillOwnWord(cell: Address, lap: number, low: number, column: number, value: bigint, full: number): number {
    assertWord(value);
    const free = lap * STAMP_LAP + low;
    if (this.#words.loadNumber(cell) !== free) return NOT_FREE; // as in fillOwn()
    this.#words.store((cell + column) as Address, value);
    return this.#take(cell, free, lap * STAMP_LAP + full) ? FILLED : NOT_FREE;
  }

  fillOwnDouble(cell: Address, lap: number, low: number, column: number, value: number, full: number): number {
    assertDouble(value);
    return this.fillOwnWord(cell, lap, low, column, bitsOfDouble(value), full);
  }

  drain(cell: Address, lap: number, low: number, column: number, lanes: number): number {
    const words = this.#words;
    const seen = words.loadNumber(cell); // pairs with the last compare-exchange of fill() and fillOwn(): the value is there
    const lane = laneOf(seen - (lap * STAMP_LAP + low), lanes);
    if (lane < 0) return NOT_FULL;
    const value = words.load((cell + column * (1 + lane)) as Address);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) return NOT_FULL;
    // pairs with the loads of fill() and fillOwn(): the value was read out. Not a store: another receiver may have been faster.
    return words.compareExchangeNumber(cell, seen, nextOf(lap)) === seen ? Number(value) : NOT_FULL;
  }

  drainWord(cell: Address, lap: number, low: number, column: number, lanes: number): bigint | undefined {
    const words = this.#words;
    const seen = words.loadNumber(cell); // as in drain()
    const lane = laneOf(seen - (lap * STAMP_LAP + low), lanes);
    if (lane < 0) return undefined;
    const value = words.load((cell + column * (1 + lane)) as Address);
    return words.compareExchangeNumber(cell, seen, nextOf(lap)) === seen ? value : undefined;
  }

  drainDouble(cell: Address, lap: number, low: number, column: number, lanes: number): number {
    const words = this.#words;
    const seen = words.loadNumber(cell); // as in drain()
    const lane = laneOf(seen - (lap * STAMP_LAP + low), lanes);
    if (lane < 0) return Number.NaN;
    const value = doubleOfBits(words.load((cell + column * (1 + lane)) as Address));
    if (Number.isNaN(value)) return value;
    return words.compareExchangeNumber(cell, seen, nextOf(lap)) === seen ? value : Number.NaN;
  }

  claimUnits(tail: Address, entries: Address, mask: number, units: number, entry: number, head: number): number {
    assertNumber(entry);
    assertNumber(head);
    const from = this.#words.loadNumber(tail);
    const unit = from % (mask + 1);
    if (unit + units > mask + 1 || ((from - head + POSITIONS) % POSITIONS) + units > mask) return -1;
    const free = ((from - unit) / (mask + 1)) * ENTRY_STATES;
    const moved = this.moveBoth((entries + unit) as Address, free, entry, tail, from, (from + units) % POSITIONS);
    return moved ? from : -1;
  }

  moveBoth(at: Address, from: number, to: number, then: Address, before: number, after: number): boolean {
    if (this.#words.compareExchangeNumber(at, from, to) !== from) return false;
    this.#words.compareExchangeNumber(then, before, after); // fails if another thread has moved it along
    return true;
  }

  moveAndSee(at: Address, from: number, to: number, then: Address): number {
    if (this.#words.compareExchangeNumber(at, from, to) !== from) return -1;
    this.#words.fence(); // pairs with the fence of whoever writes the second word and then looks at the first
    return this.#words.loadNumber(then);
  }

  /** Puts another stamp where this one stands; whether it does. A look first: a failing compare-exchange takes the line away. */
  #claim(cell: Address, from: number, to: number): boolean {
    const words = this.#words;
    // pairs with the compare-exchange in drain(): the last value was read out
    if (words.loadNumber(cell) !== from) return false;
    return this.#take(cell, from, to);
  }

  #take(cell: Address, from: number, to: number): boolean {
    // Of several senders, one has the cell. In fillOwn() this publishes the value, and pairs with load(cell) in drain().
    return this.#words.compareExchangeNumber(cell, from, to) === from;
  }

  #publish(cell: Address, claimed: number, full: number): number {
    // pairs with load(cell) in drain(): publishes the value
    return this.#words.compareExchangeNumber(cell, claimed, full) === claimed ? FILLED : CHANGED;
  }

  post(slot: Address, value: number, counter: Address, next: number): number {
    if (!Number.isSafeInteger(next) || next < 0)
      throw new ValueError(next, 'the number forms take an integer of 0..2^53-1'); // before the slot is written
    this.#words.storePlainNumber(slot, value);
    return this.#words.exchangeNumber(counter, next); // pairs with the reader's load of the counter: publishes the slot
  }
}

/** The stamp of the next lap with nothing added. */
function nextOf(lap: number): number {
  return ((lap + 1) % STAMP_LAPS) * STAMP_LAP;
}

/** Which lane a stamp says that is so far above lane 0; -1 if none. */
function laneOf(above: number, lanes: number): number {
  const lane = above / STAMP_LANE;
  return Number.isInteger(lane) && lane >= 0 && lane <= lanes ? lane : -1;
}

function assertNumber(value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new ValueError(value, 'the number forms take an integer of 0..2^53-1');
}

function assertDouble(value: number): void {
  if (typeof value !== 'number') throw new ValueError(value, 'a double is any number');
}

export function assertWord(value: bigint): void {
  if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
    throw new ValueError(value, 'a word holds 0..2^64-1');
}
