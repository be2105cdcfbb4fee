/**
 * Slabs: blocks of pages cut into blocks of one size class (Bonwick, "The Slab Allocator", USENIX 1994). A block is live while
 * its bit in the slab's `live` word is set. Only the slab's owner sets bits, and any thread clears them, each by one atomic
 * operation; so a free from another thread touches one word of the slab, and the old value of that word tells a double free, and
 * exactly one thread that was the first to free a block of a full slab, or the last.
 *
 * A thread owns one slab a class, its magazine, until the slab is full. Then it lets go of it, and whoever frees a block first
 * puts it into the class's set of slabs with room, where the next thread in need claims it by its descriptor. A slab without live
 * blocks and without an owner goes back to the buddy system at once.
 *
 * Letting go and freeing decide each by a look at the other's word (the owner in the descriptor, the bits in `live`) after
 * writing its own, with a fence between; so at least one of them sees that the slab has room, and nobody's slab with room is
 * always in the set, or about to be.
 */
import type { Address, IndexSet, Words } from '@pool/core';
import type { Buddy } from './buddy.ts';
import type { Chunks } from './chunks.ts';
import { BUSY, NOBODY, PART, packDescriptor, RECOVERING, SLAB } from './descriptor.ts';
import { Magazine } from './magazine.ts';
import { ALL_LIVE, CLASSES, SLAB_BLOCKS, SLAB_ORDER } from './size-classes.ts';

const ALL_BITS = 2 ** 32 - 1;

export class Slabs {
  /** This thread's magazines, by class. */
  readonly magazines: readonly Magazine[] = Array.from({ length: CLASSES }, (_, sizeClass) => new Magazine(sizeClass));
  readonly #words: Words;
  readonly #chunks: Chunks;
  readonly #buddy: Buddy;
  readonly #sets: readonly IndexSet[];
  readonly #name: number;

  constructor(chunks: Chunks, buddy: Buddy, sets: readonly IndexSet[], name: number) {
    this.#words = chunks.words;
    this.#chunks = chunks;
    this.#buddy = buddy;
    this.#sets = sets;
    this.#name = name;
  }

  /** Sees to it that the magazine has blocks that are free; false when there is no memory for another slab. */
  refill(magazine: Magazine): boolean {
    if (magazine.reload(this.#words)) return true;
    const { sizeClass, page, refused } = magazine;
    magazine.empty();
    if (page >= 0) this.letGo(page, sizeClass);
    // A slab that is only refused would be found again and again, until the thread that recovers is done.
    if (refused === 0 && this.#claim(magazine)) return true;
    return this.#cut(magazine);
  }

  /** What is left to do when a free found the slab full (`first`), or left it without live blocks. */
  settle(page: number, sizeClass: number, first: boolean): void {
    this.#words.fence(); // between clearing the bit and this look at the owner: pairs with the one in letGo()
    if (this.#words.loadNumber(this.#chunks.descriptor(page)) !== packDescriptor(SLAB, sizeClass, NOBODY)) return;
    if (first) this.#show(page, sizeClass);
    else if (this.#own(page, sizeClass)) this.letGo(page, sizeClass);
  }

  /** Gives up a slab that this thread owns and has no more use for. */
  letGo(page: number, sizeClass: number): void {
    const descriptor = this.#chunks.descriptor(page);
    const start = this.#chunks.address(page);
    do {
      if (this.#words.loadNumber(start) === 0) {
        this.#dissolve(page, sizeClass);
        return;
      }
      // pairs with compareExchange(descriptor) in #own(): publishes the owners' words
      this.#words.storeNumber(descriptor, packDescriptor(SLAB, sizeClass, NOBODY));
      this.#words.fence(); // pairs with the one in settle()
      // Nobody's slab may be dissolved at any time and its words be somebody's: so a look that can be wrong, but not fail.
      const live = this.#words.load(start);
      if (live !== 0n) {
        if (live !== BigInt(ALL_LIVE[sizeClass] as number)) this.#show(page, sizeClass);
        return;
      }
    } while (this.#own(page, sizeClass));
  }

  /** Gives every magazine back. */
  release(): void {
    for (const magazine of this.magazines) {
      const { page, sizeClass } = magazine;
      magazine.empty();
      if (page >= 0) this.letGo(page, sizeClass);
    }
  }

  /**
   * Frees the blocks of a slab that stand in a dead owner's name, and the slab itself if it was the dead owner's magazine. Returns
   * how many blocks this call freed.
   */
  recover(page: number, sizeClass: number, seen: number, dead: number): number {
    const mine = packDescriptor(SLAB, sizeClass, this.#name);
    const descriptor = this.#chunks.descriptor(page);
    // While this thread owns the slab, nobody dissolves it. One that a live thread owns stays with it; there the block that the
    // dead owner answers for keeps the slab from being dissolved.
    const claimable =
      seen === packDescriptor(SLAB, sizeClass, NOBODY) || seen === packDescriptor(SLAB, sizeClass, dead);
    if (claimable && this.#words.compareExchangeNumber(descriptor, seen, mine) !== seen) return 0;
    const start = this.#chunks.address(page);
    let count = 0;
    for (let index = 0; index < (SLAB_BLOCKS[sizeClass] as number); index++) {
      const owner = (start + 1 + index) as Address;
      const named = this.#words.load(owner);
      if (named !== BigInt(dead) && named !== BigInt(RECOVERING + dead)) continue;
      if (this.#words.loadNumber(descriptor) !== (claimable ? mine : seen)) break;
      const mark = RECOVERING + this.#name;
      // Claims the block: its slab's owner does not give it to anybody while the mark stands, so a bit that is set is the dead owner's.
      if (this.#words.compareExchangeNumber(owner, Number(named), mark) !== Number(named)) continue;
      const bit = 2 ** index;
      const live = this.#words.fetchAndNumber(start, ALL_BITS - bit);
      if ((live & bit) !== 0) count++;
      this.#words.compareExchangeNumber(owner, mark, NOBODY);
    }
    if (claimable) this.letGo(page, sizeClass);
    return count;
  }

  /** Takes a slab that has room. */
  #claim(magazine: Magazine): boolean {
    const { sizeClass } = magazine;
    const order = SLAB_ORDER[sizeClass] as number;
    for (;;) {
      const index = this.#set(sizeClass).take();
      if (index < 0) return false;
      const page = index * 2 ** order;
      if (!this.#own(page, sizeClass)) continue; // the set is a hint: the slab has an owner who will look, or is no more
      magazine.load(this.#words, page, this.#chunks.address(page));
      if (magazine.free !== 0) return true;
      magazine.empty();
      this.letGo(page, sizeClass);
    }
  }

  /** Makes a slab of new pages. */
  #cut(magazine: Magazine): boolean {
    const { sizeClass } = magazine;
    const order = SLAB_ORDER[sizeClass] as number;
    const page = this.#buddy.take(order);
    if (page < 0) return false;
    const start = this.#chunks.address(page);
    const descriptor = this.#chunks.descriptor(page);
    this.#words.fill(start, 1 + (SLAB_BLOCKS[sizeClass] as number), 0n);
    for (let part = 1; part < 2 ** order; part++)
      this.#words.storeNumber((descriptor + part) as Address, packDescriptor(PART, part));
    // pairs with load(descriptor) in free(): publishes the empty slab and the parts' way to it
    this.#words.storeNumber(descriptor, packDescriptor(SLAB, sizeClass, this.#name));
    magazine.load(this.#words, page, start);
    return true;
  }

  /** Gives the pages of an empty slab that this thread owns back. */
  #dissolve(page: number, sizeClass: number): void {
    const order = SLAB_ORDER[sizeClass] as number;
    this.#set(sizeClass).remove(page >>> order);
    this.#words.storeNumber(this.#chunks.descriptor(page), packDescriptor(BUSY, order, this.#name));
    this.#buddy.put(page, order);
  }

  /** Claims nobody's slab. */
  #own(page: number, sizeClass: number): boolean {
    const nobodys = packDescriptor(SLAB, sizeClass, NOBODY);
    const mine = packDescriptor(SLAB, sizeClass, this.#name);
    // pairs with store(descriptor) in letGo(): the owners' words are as the last owner left them
    return this.#words.compareExchangeNumber(this.#chunks.descriptor(page), nobodys, mine) === nobodys;
  }

  #show(page: number, sizeClass: number): void {
    this.#set(sizeClass).add(page >>> (SLAB_ORDER[sizeClass] as number));
  }

  #set(sizeClass: number): IndexSet {
    return this.#sets[sizeClass] as IndexSet;
  }
}
