/**
 * The static family with names: places that are fixed from the start, as in static-storage.ts, and beside them a word each that
 * says who has it. So a place is known to be free or somebody's, giving one back twice is an error, and what a dead owner had
 * comes back. Which place is whose business is said by the number of the entry; there is no search.
 *
 *   holders   a word a place; 0: nobody's, else { generation: 32, id: 16, HELD }; claimed by compare-exchange
 *   places    each begins a line
 *
 * Progress: allocate, free, sizeOf and transfer are wait-free; from an address, the place is found by halving.
 */
import type { Address, Owner, Words } from '@pool/core';
import type { Allocator, AllocatorStats, Block } from './allocator.ts';
import { mayAnswer, mayBeRecovered } from './internal/answering.ts';
import { heldBy, NOBODY } from './internal/holders.ts';
import { Places, type PlacesOptions } from './internal/places.ts';

export type StaticAllocatorHandle = PlacesOptions;

export class StaticAllocator implements Allocator {
  readonly name = 'static';
  readonly family = 'static';
  readonly largest: number;
  readonly handle: StaticAllocatorHandle;
  readonly #words: Words;
  readonly #places: Places;
  readonly #held: number;

  private constructor(words: Words, handle: StaticAllocatorHandle, owner: Owner) {
    this.#words = words;
    this.#places = new Places(words, handle, 'the static allocator');
    this.handle = handle;
    this.largest = this.#places.largest;
    this.#held = heldBy(owner);
  }

  /** How many words to reserve for places of so many words each. */
  static size(sizes: readonly number[]): number {
    return Places.size(sizes);
  }

  /** Lays it into words that are the caller's own. @throws {ValueError | AddressError} for sizes or a base that cannot be */
  static create(words: Words, base: Address, sizes: readonly number[], owner: Owner): StaticAllocator {
    const allocator = new StaticAllocator(words, { base, sizes: [...sizes] }, owner);
    allocator.#places.lay();
    return allocator;
  }

  /** The one that was laid as `handle` says, for `owner`. */
  static attach(words: Words, handle: StaticAllocatorHandle, owner: Owner): StaticAllocator {
    return new StaticAllocator(words, handle, owner);
  }

  /** Where place `entry` is, a constant. @throws {AddressError} for an entry that is none */
  place(entry: number): Address {
    return this.#places.begin(entry);
  }

  /** Takes place `entry`; `undefined` if there is no such place, it is too small, or somebody has it. */
  allocate(words: number, entry = 0): Address | undefined {
    return this.#places.take(words, entry, this.#held);
  }

  free(at: Address, entry?: number): void {
    const { index, seen } = this.#places.live(at, entry);
    if (!this.#places.move(index, seen, NOBODY)) throw this.#places.notLive(at);
  }

  sizeOf(at: Address): number {
    return this.#places.wordsOf(this.#places.live(at).index);
  }

  transfer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to);
    const { index, seen } = this.#places.live(at);
    if (!this.#places.move(index, seen, heldBy(to))) throw this.#places.notLive(at);
  }

  stats(): AllocatorStats {
    return this.#places.stats();
  }

  blocks(): Iterable<Block> {
    return this.#places.blocks();
  }

  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    return this.#places.recover(owner);
  }
}
