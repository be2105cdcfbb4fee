/**
 * The buddy system over a heap's pages: blocks of 2^k pages that begin at multiples of their size, halved to serve what is
 * smaller and put together again with their other half when both are free (Knowlton, "A Fast Storage Allocator", CACM 8(10),
 * 1965). Lock-free, and without a list: a block is claimed by one compare-exchange of its descriptor, and the set of each order
 * only says where to look.
 *
 * A thread may die between any two steps, because what stands in its name can always be read. It cuts a block by writing the
 * second half's descriptor first and its own smaller order after it; it puts two blocks together by writing its own larger order
 * first and taking the second half's descriptor away after it. So a BUSY block of order k whose second half has a descriptor is
 * truly one of order k - 1.
 */
import type { Address, IndexSet, Words } from '@pool/core';
import { blocksOf, type Chunk, type Chunks } from './chunks.ts';
import { BUSY, detailOf, FREE, isHead, NONE, packDescriptor } from './descriptor.ts';

/** How often `take` looks before it believes that there is nothing: a block that another thread is just cutting is in no set. */
const LOOKS = 16;

export class Buddy {
  readonly #words: Words;
  readonly #chunks: Chunks;
  readonly #sets: readonly IndexSet[];
  /** This thread's name. */
  readonly #name: number;

  constructor(chunks: Chunks, sets: readonly IndexSet[], name: number) {
    this.#words = chunks.words;
    this.#chunks = chunks;
    this.#sets = sets;
    this.#name = name;
  }

  /** Claims a block of 2^order pages, BUSY in this thread's name; its first page, or -1 when there is none. O(log n). */
  take(order: number): number {
    for (let look = 0; ; look++) {
      for (let from = order; from < this.#sets.length; from++) {
        const page = this.#claim(from);
        if (page >= 0) return this.#cut(page, from, order);
      }
      if (look < LOOKS) {
        this.#words.pause();
        continue;
      }
      const chunk = this.#chunks.grow(order);
      if (chunk === undefined) return -1;
      this.show(chunk);
      look = 0;
    }
  }

  /** Gives a block back that is BUSY in this thread's name, together with its other half if that is free, and so on. O(log n). */
  put(at: number, of: number): void {
    let [page, order] = [at, of];
    for (;;) {
      const buddy = this.#buddy(page, order);
      if (buddy >= 0 && this.#exchange(buddy, packDescriptor(FREE, order), this.#busy(order))) {
        this.#forget(buddy, order);
        page = this.#join(page, buddy, order);
        order += 1;
        continue;
      }
      // pairs with compareExchange(descriptor) in #claim(): whoever claims it sees what its last owner wrote
      this.#words.storeNumber(this.#chunks.descriptor(page), packDescriptor(FREE, order));
      this.#set(order).add(page >>> order);
      if (buddy < 0) return;
      // The buddy's owner may have given it back since, and have seen this one BUSY: each frees its own and then looks at the
      // other, with a fence between, so one of them sees both free. Both then claim the lower first, so one of them gets on.
      this.#words.fence();
      if (this.#words.loadNumber(this.#chunks.descriptor(buddy)) !== packDescriptor(FREE, order)) return;
      page = Math.min(page, buddy);
      if (!this.#exchange(page, packDescriptor(FREE, order), this.#busy(order))) return;
      this.#forget(page, order);
    }
  }

  /** Frees a page that a dead owner left BUSY, as `seen`. False if another thread did. */
  recover(page: number, seen: number): boolean {
    const order = detailOf(seen);
    if (!this.#exchange(page, seen, this.#busy(order))) return false;
    const half = order > 0 ? this.#words.loadNumber(this.#chunks.descriptor(page + 2 ** (order - 1))) : NONE;
    const truly = isHead(half) ? order - 1 : order;
    this.#words.storeNumber(this.#chunks.descriptor(page), this.#busy(truly));
    this.put(page, truly);
    return true;
  }

  /** Puts a free block where it is found, and together with its other half, if whoever freed it died before. */
  mend(page: number, order: number): void {
    this.#set(order).add(page >>> order);
    const buddy = this.#buddy(page, order);
    if (buddy < page || this.#words.loadNumber(this.#chunks.descriptor(buddy)) !== packDescriptor(FREE, order)) return;
    if (!this.#exchange(page, packDescriptor(FREE, order), this.#busy(order))) return;
    this.#forget(page, order);
    this.put(page, order);
  }

  /** Adds the blocks of a new chunk to the sets. */
  show(chunk: Chunk): void {
    for (const { page, order } of blocksOf(chunk.first, chunk.pages)) this.#set(order).add(page >>> order);
  }

  /** Claims some free block of that very order. */
  #claim(order: number): number {
    const set = this.#set(order);
    for (;;) {
      const index = set.take();
      if (index < 0) return -1;
      const page = index * 2 ** order;
      // The set is a hint: what it named may be gone, and is added again by whoever frees it.
      if (this.#exchange(page, packDescriptor(FREE, order), this.#busy(order))) return page;
    }
  }

  /** Halves a block down to `order`; this thread keeps the first part. */
  #cut(page: number, from: number, order: number): number {
    for (let half = from - 1; half >= order; half--) {
      const second = page + 2 ** half;
      this.#words.storeNumber(this.#chunks.descriptor(second), packDescriptor(FREE, half));
      this.#words.storeNumber(this.#chunks.descriptor(page), this.#busy(half));
      this.#set(half).add(second >>> half);
    }
    return page;
  }

  /** Makes one of two halves, both BUSY in this thread's name. */
  #join(page: number, buddy: number, order: number): number {
    const lower = Math.min(page, buddy);
    this.#words.storeNumber(this.#chunks.descriptor(lower), this.#busy(order + 1));
    this.#words.storeNumber(this.#chunks.descriptor(Math.max(page, buddy)), NONE);
    return lower;
  }

  /** The block's other half, or -1 where the chunk ends before or begins after it. */
  #buddy(page: number, order: number): number {
    const buddy = page ^ (2 ** order);
    const { first, pages } = this.#chunks.chunkOf(page);
    return buddy >= first && buddy + 2 ** order <= first + pages ? buddy : -1;
  }

  #busy(order: number): number {
    return packDescriptor(BUSY, order, this.#name);
  }

  /** Takes a claimed block out of the set, so that nobody looks there in vain. */
  #forget(page: number, order: number): void {
    this.#set(order).remove(page >>> order);
  }

  #exchange(page: number, expected: number, replacement: number): boolean {
    const at: Address = this.#chunks.descriptor(page);
    return this.#words.compareExchangeNumber(at, expected, replacement) === expected;
  }

  #set(order: number): IndexSet {
    return this.#sets[order] as IndexSet;
  }
}
