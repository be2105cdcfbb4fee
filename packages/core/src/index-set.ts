/**
 * A set of small integers in shared words, from which any thread takes one: how allocators and the segment table find what is
 * free. A bit an index; above the bits, words of 32 summary bits, one for each word below that may have bits set; and so on up
 * to one word. So a search reads a word or two a level, whatever the size.
 *
 * The set is a *hint*. That a thing is free stands in a word of its own, and the bit here only helps to find that word: adding
 * twice is adding once, and whoever takes an index still claims the thing by its own word. So a thread may die at any step, and
 * adding again what is free puts everything right.
 *
 *   leaf      32 bits, one an index. Set by add, cleared by take and remove: the fetch-and tells which of two takers won.
 *   summary   { version: 20, bits: 32 }. A bit may be set while the word below is empty (stale: who finds it so clears it), and
 *             is not clear for long while the word below is not. What raises a bit counts the version up even if the bit is
 *             set already, so that a clearing that was decided on before the word below was filled fails. The version wraps
 *             after 2^20 raisings between two steps of one clearing.
 *
 * Summary bits are raised from below (bit, then summary), so a death between the two can hide an index: `add` of any index under
 * the same summary bit, or `repair`, shows it again.
 */
import type { Address } from './brands.ts';
import { ValueError } from './errors.ts';
import { LINE_WORDS, roundUp } from './layout.ts';
import type { Words } from './words.ts';

const FANOUT = 32;
const SHIFT = 5;
const ALL = 2 ** FANOUT - 1;
const VERSIONS = 2 ** 20;
const RADIX = 2 ** FANOUT;
const MAX_CAPACITY = 2 ** 31 - FANOUT;

/** How many words each level has, leaves first; the last has one. */
function levelsOf(capacity: number): number[] {
  if (!(Number.isInteger(capacity) && capacity >= 0 && capacity <= MAX_CAPACITY))
    throw new ValueError(capacity, `a set has room for 0..${MAX_CAPACITY} indices`);
  const levels = [Math.max(1, Math.ceil(capacity / FANOUT))];
  for (let length = levels[0] as number; length > 1; levels.push(length)) length = Math.ceil(length / FANOUT);
  return levels;
}

/** The number of the lowest bit of a word that is not 0. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

export class IndexSet {
  /** The indices that the set can hold are 0..capacity-1. */
  readonly capacity: number;
  readonly #words: Words;
  /** The first word of each level, leaves first. */
  readonly #bases: readonly number[];
  readonly #lengths: readonly number[];

  /** Words that a set needs, whole lines. Zeros are an empty set. */
  static size(capacity: number): number {
    return roundUp(
      levelsOf(capacity).reduce((sum, length) => sum + length, 0),
      LINE_WORDS,
    );
  }

  /** The set in the words from `base` on; each thread makes its own object of the same words. */
  constructor(words: Words, base: Address, capacity: number) {
    this.capacity = capacity;
    this.#words = words;
    this.#lengths = levelsOf(capacity);
    let next: number = base;
    this.#bases = this.#lengths.map((length) => {
      next += length;
      return next - length;
    });
  }

  /** Adds an index; nothing happens if it is there. Progress: lock-free; O(log n) at worst, mostly one word. */
  add(index: number): void {
    this.#check(index);
    this.#raise(0, index);
  }

  /** Adds the indices `begin` to `end`, which is not among them. */
  addRange(begin: number, end: number): void {
    if (begin >= end) return;
    this.#check(begin);
    this.#check(end - 1);
    for (let at = begin; at < end; at = (at | (FANOUT - 1)) + 1) {
      const bits = (ALL << (at & 31)) & (ALL >>> (FANOUT - 1 - (Math.min(end - 1, at | (FANOUT - 1)) & 31)));
      this.#words.fetchOrNumber(this.#at(0, at >>> SHIFT), bits >>> 0);
      this.#raise(1, at >>> SHIFT);
    }
  }

  /** Takes an index out; whether it was there, and no other thread took it at the same time. Progress: wait-free. */
  remove(index: number): boolean {
    this.#check(index);
    const bit = 1 << (index & 31);
    // pairs with fetchOr(leaf) in add(): who clears the bit has what was written before it was set
    return (this.#words.fetchAndNumber(this.#at(0, index >>> SHIFT), ALL - (bit >>> 0)) & bit) !== 0;
  }

  /**
   * Takes some index out, the first there is from `from` on and round by 0; -1 when it comes past none. Threads that begin at
   * different places mostly stay out of each other's way. Indices that others add behind its back are not seen.
   * Progress: lock-free. O(log n), and the clearing of summary bits that earlier calls left stale.
   */
  take(from = 0): number {
    const begin = from >= 0 && from < this.capacity ? Math.trunc(from) : 0;
    const index = this.#takeFrom(begin, this.capacity);
    return index >= 0 || begin === 0 ? index : this.#takeFrom(0, begin);
  }

  has(index: number): boolean {
    this.#check(index);
    return (this.#words.loadNumber(this.#at(0, index >>> SHIFT)) & (1 << (index & 31))) !== 0;
  }

  /** How many indices there are: a look at every leaf, for reports. */
  count(): number {
    let count = 0;
    for (let word = 0; word < (this.#lengths[0] as number); word++)
      for (let bits = this.#bits(0, word); bits !== 0; bits &= bits - 1) count++;
    return count;
  }

  /** Raises the summary bit of every word that is not empty: what a thread that died while adding may have left undone. Any thread, any time. */
  repair(): void {
    for (let level = 0; level + 1 < this.#lengths.length; level++)
      for (let word = 0; word < (this.#lengths[level] as number); word++)
        if (this.#bits(level, word) !== 0) this.#raise(level + 1, word);
  }

  /** Sets a bit, and the summary bits above it as far as they may be clear. */
  #raise(from: number, index: number): void {
    let child = index;
    for (let level = from; level < this.#lengths.length; level++) {
      const at = this.#at(level, child >>> SHIFT);
      const bit = (1 << (child & 31)) >>> 0;
      let before: number;
      if (level === 0) {
        before = this.#words.fetchOrNumber(at, bit); // pairs with fetchAnd(leaf) in take() and remove(): publishes what was written before
      } else {
        for (;;) {
          before = this.#words.loadNumber(at);
          const version = (Math.floor(before / RADIX) + 1) % VERSIONS;
          // pairs with compareExchange(summary) in #clear(): either that one comes first and this sets the bit again, or it fails
          if (this.#words.compareExchangeNumber(at, before, version * RADIX + ((before | bit) >>> 0)) === before) break;
        }
      }
      child >>>= SHIFT;
      // Not empty before: somebody raised what is above, or is about to. Only a death can make the look necessary.
      if (before >>> 0 !== 0 && (level + 1 === this.#lengths.length || this.#isRaised(level + 1, child))) return;
    }
  }

  #isRaised(level: number, child: number): boolean {
    return (this.#bits(level, child >>> SHIFT) & (1 << (child & 31))) !== 0;
  }

  /** Takes the summary bit of a word back that was found empty; unless it was raised since. */
  #clear(level: number, child: number): void {
    const at = this.#at(level, child >>> SHIFT);
    const seen = this.#words.loadNumber(at); // before the look below: pairs with the counted version in #raise()
    const bit = (1 << (child & 31)) >>> 0;
    if (((seen >>> 0) & bit) === 0 || this.#bits(level - 1, child) !== 0) return;
    this.#words.compareExchangeNumber(at, seen, seen - bit);
  }

  #takeFrom(begin: number, end: number): number {
    const top = this.#lengths.length;
    let level = 0;
    let position = begin; // at `level`, the first child that is not yet ruled out
    while (level < top) {
      const word = position >>> SHIFT;
      if (word >= (this.#lengths[level] as number)) return -1;
      const bits = this.#bits(level, word) & (ALL << (position & 31));
      if (bits === 0) {
        level += 1;
        position = word + 1;
        continue;
      }
      position = (word << SHIFT) + lowest(bits);
      if (level > 0) {
        if (this.#bits(level - 1, position) === 0) {
          this.#clear(level, position);
          position += 1;
          if ((position & 31) === 0) {
            position >>>= SHIFT;
            level += 1;
          }
        } else {
          level -= 1;
          position <<= SHIFT;
        }
        continue;
      }
      if (position >= end) return -1;
      if (this.remove(position)) return position;
    }
    return -1;
  }

  #bits(level: number, word: number): number {
    return this.#words.loadNumber(this.#at(level, word)) | 0;
  }

  #at(level: number, word: number): Address {
    return ((this.#bases[level] as number) + word) as Address;
  }

  #check(index: number): void {
    if (index >>> 0 !== index || index >= this.capacity)
      throw new ValueError(index, `this set has room for the indices 0..${this.capacity - 1}`);
  }
}
