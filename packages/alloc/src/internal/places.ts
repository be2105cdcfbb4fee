/**
 * Places that are fixed from the start, each with a word that says who has it: what the static and the protocol family have in
 * common. The words come first, side by side, and then the places, each of which begins a line.
 */
import {
  type Address,
  AddressError,
  LINE_WORDS,
  MAX_POOL_WORDS,
  type Owner,
  roundUp,
  ValueError,
  type Words,
} from '@pool/core';
import type { AllocatorStats, Block } from '../allocator.ts';
import { askedWords, notLive, whole } from './checks.ts';
import { heldBy, NOBODY, ownerOf } from './holders.ts';

/** Plain data: post it to the other threads and attach there. */
export interface PlacesOptions {
  /** Where it stands, the beginning of a line; from `pool.reserve(...size(sizes))`. */
  readonly base: Address;
  /** Words of each place, rounded up to whole lines of 16. */
  readonly sizes: readonly number[];
}

export class Places {
  readonly count: number;
  readonly largest: number;
  readonly #words: Words;
  readonly #what: string;
  readonly #base: Address;
  /** Where each place begins, and last where they end. */
  readonly #begins: readonly number[];

  /** @throws {ValueError | AddressError} for sizes or a base that cannot be */
  constructor(words: Words, { base, sizes }: PlacesOptions, what: string) {
    if (!(Number.isInteger(base) && base >= 0 && base % LINE_WORDS === 0))
      throw new AddressError(base, 0, `${what} (it begins at a multiple of ${LINE_WORDS})`);
    const begins = [base + roundUp(sizes.length, LINE_WORDS)];
    for (const size of sizes) begins.push((begins.at(-1) as number) + lines(size));
    this.count = sizes.length;
    this.largest = sizes.reduce((largest, size) => Math.max(largest, lines(size)), 0);
    this.#words = words;
    this.#what = what;
    this.#base = base;
    this.#begins = begins;
  }

  static size(sizes: readonly number[]): number {
    if (sizes.length === 0) throw new ValueError(sizes.length, 'a number of places that is not 0');
    return sizes.reduce((sum, size) => sum + lines(size), roundUp(sizes.length, LINE_WORDS));
  }

  /** Makes every place nobody's. For words that are the caller's own. */
  lay(): void {
    this.#words.fill(this.#base, this.count, BigInt(NOBODY));
  }

  /** Where the word stands that says who has a place. */
  holder(index: number): Address {
    return (this.#base + index) as Address;
  }

  load(index: number): number {
    return this.#words.loadNumber(this.holder(index)); // pairs with whoever changed it: what they wrote in the place is there
  }

  /** Writes `to` if the word still holds `from`; returns whether it did. */
  move(index: number, from: number, to: number): boolean {
    return this.#words.compareExchangeNumber(this.holder(index), from, to) === from;
  }

  /** Where a place begins. @throws {AddressError} for a number that is no place's */
  begin(index: number): Address {
    if (!this.#has(index))
      throw new AddressError(index, 0, `${this.#what} as the number of a place: it has 0..${this.count - 1}`);
    return this.#begins[index] as Address;
  }

  wordsOf(index: number): number {
    return (this.#begins[index + 1] as number) - (this.#begins[index] as number);
  }

  /** Takes place `entry`, if it is there, large enough and nobody's. */
  take(words: number, entry: number, by: number): Address | undefined {
    if (askedWords(words) > this.largest || !this.#has(entry) || words > this.wordsOf(entry)) return undefined;
    return this.move(entry, NOBODY, by) ? this.begin(entry) : undefined;
  }

  /** The place that begins at `at`, by halving. @throws {AddressError} if none does, or another one than `entry` */
  indexOf(at: Address, entry?: number): number {
    let low = 0;
    let high = this.count;
    while (high - low > 1) {
      const half = (low + high) >> 1;
      if ((this.#begins[half] as number) <= at) low = half;
      else high = half;
    }
    if (this.#begins[low] !== at) throw this.notLive(at);
    if (entry !== undefined && entry !== low)
      throw new AddressError(at, 0, `${this.#what} as entry ${entry}'s block; it is entry ${low}'s`);
    return low;
  }

  /** A place that somebody has, and the word that says who. @throws {AddressError} if nobody has it */
  live(at: Address, entry?: number): { readonly index: number; readonly seen: number } {
    const index = this.indexOf(at, entry);
    const seen = this.load(index);
    if (seen === NOBODY) throw this.notLive(at);
    return { index, seen };
  }

  #has(index: number): boolean {
    return Number.isInteger(index) && index >= 0 && index < this.count;
  }

  notLive(at: Address): AddressError {
    return notLive(at, this.#what, this.begin(0), this.#begins[this.count] as number);
  }

  stats(): AllocatorStats {
    const classes = new Map<number, { live: number; free: number }>();
    let [used, free, largestFree, live] = [0, 0, 0, 0];
    for (const block of this.blocks()) {
      const size = classes.get(block.words) ?? { live: 0, free: 0 };
      classes.set(block.words, size);
      if (block.state === 'live') {
        live++;
        used += block.words;
        size.live++;
      } else {
        free += block.words;
        size.free++;
        largestFree = Math.max(largestFree, block.words);
      }
    }
    return {
      capacity: used + free,
      used,
      free,
      largestFree,
      fragmentation: free === 0 ? 0 : 1 - largestFree / free,
      live,
      classes: [...classes].sort(([one], [other]) => one - other).map(([words, counts]) => ({ words, ...counts })),
    };
  }

  *blocks(): Iterable<Block> {
    for (let index = 0; index < this.count; index++) {
      const words = this.wordsOf(index);
      const block = { at: this.begin(index), words, class: words };
      const seen = this.load(index);
      if (seen === NOBODY) yield { ...block, state: 'free' };
      else yield { ...block, state: 'live', owner: ownerOf(seen) };
    }
  }

  /** Makes every place of a dead owner nobody's, whichever of `words` says that it is theirs; returns how many. */
  recover(owner: Owner, forms: readonly ((owner: Owner) => number)[] = [heldBy]): number {
    let recovered = 0;
    for (let index = 0; index < this.count; index++)
      for (const form of forms) if (this.move(index, form(owner), NOBODY)) recovered++;
    return recovered;
  }
}

function lines(size: number): number {
  return roundUp(whole(size, MAX_POOL_WORDS, 'the words of a place'), LINE_WORDS);
}
