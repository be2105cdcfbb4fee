/**
 * The slab of one class that a thread allocates from. Which of its blocks are free is the thread's own knowledge, for nobody else
 * allocates them; what other threads free they leave in the slab's `returned` word, and it is taken in when the rest is used up.
 */
import type { Address, Words } from '@pool/core';
import {
  ALL_BLOCKS,
  BLOCK_OFFSET,
  INDEX_AT,
  OFFSETS_SHIFT,
  PLACE_SHIFT,
  PLACES_SHIFT,
  SLAB_BLOCKS,
  SLAB_WORDS,
} from './size-classes.ts';

const ALL_BITS = 2 ** 32 - 1;

export class Magazine {
  readonly sizeClass: number;
  /** The slab's first page, or -1 without a slab. */
  page = -1;
  /** The slab's first word, which is `returned`. */
  start = 0;
  /** Words of the slab: 0 without one, so that no address is in it. */
  words = 0;
  /** Blocks that are free, a bit each. */
  free = 0;
  /** The class's rows in the tables, at hand. */
  readonly #offsets: number;
  readonly #places: number;
  readonly #placeShift: number;

  constructor(sizeClass: number) {
    this.sizeClass = sizeClass;
    this.#offsets = sizeClass << OFFSETS_SHIFT;
    this.#places = sizeClass << PLACES_SHIFT;
    this.#placeShift = PLACE_SHIFT[sizeClass] as number;
  }

  addressOf(index: number): Address {
    return (this.start + (BLOCK_OFFSET[this.#offsets + index] as number)) as Address;
  }

  /** The number of the block that begins so many words into the slab; -1 if none does. */
  indexAt(offset: number): number {
    const place = offset >> this.#placeShift;
    return place << this.#placeShift === offset ? (INDEX_AT[this.#places + place] as number) : -1;
  }

  /** Begins with a slab that this thread owns, and of which it has still to learn what is free. */
  open(page: number, start: Address): void {
    this.page = page | 0; // integers to the engine too
    this.start = start | 0;
    this.words = SLAB_WORDS[this.sizeClass] as number;
    this.free = 0;
  }

  close(): void {
    this.page = -1;
    this.words = 0;
    this.free = 0;
  }

  /** Takes in what others have returned; whether there is anything free. */
  takeIn(words: Words): boolean {
    this.free |= takeReturned(words, this.start as Address);
    return this.free !== 0;
  }
}

/** The blocks that others have returned to a slab that this thread owns: from here on it alone knows that they are free. */
export function takeReturned(words: Words, start: Address): number {
  const bits = words.loadNumber(start); // pairs with fetchOr(returned) in free(): the last holder is done with the block
  if (bits === 0) return 0;
  // The names go first: what is in `returned` or has no name is free, so a death between the two loses nothing.
  for (let left = bits | 0; left !== 0; left &= left - 1)
    words.storePlainNumber((start + 32 - Math.clz32(left & -left)) as Address, 0);
  words.fetchAndNumber(start, ALL_BITS - bits);
  return bits | 0;
}

/** What is free in a slab whose owner is dead, by its words. Who asks owns the slab. */
export function freeBlocks(words: Words, start: Address, sizeClass: number): number {
  let free = takeReturned(words, start);
  for (let index = 0; index < (SLAB_BLOCKS[sizeClass] as number); index++)
    if (words.loadNumber((start + 1 + index) as Address) === 0) free |= 1 << index;
  return free & (ALL_BLOCKS[sizeClass] as number);
}
