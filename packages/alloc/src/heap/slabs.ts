/**
 * Slabs: blocks of pages cut into blocks of one size class (Bonwick, "The Slab Allocator", USENIX 1994). Each block has a word
 * of its own in the slab, which says whose it is:
 *
 *   0                  free; its slab's owner knows it to be, or `returned` says so
 *   name               live, in that owner's name
 *   RETURNING + name   freed by that thread, which is about to say so in `returned`
 *
 * Only the slab's owner allocates, and it writes the words plainly: a free block's word is its own until it hands the block out,
 * and a block that is given to it to free is again. Another thread frees by a compare-exchange of the word, then sets the block's
 * bit in `returned`. Either tells a double free. The old value of `returned` tells exactly one thread that was the first to
 * return a block to a slab without any, or the last.
 *
 * A thread owns one slab a class, its magazine, until that is used up. Then it lets go of it, and whoever returns a block first
 * puts it into the class's set of slabs with room, where the next thread in need claims it by its descriptor. A slab of which
 * every block is free and that nobody owns goes back to the buddy system at once.
 *
 * Letting go and returning decide each by a look at the other's word (the owner in the descriptor, the bits in `returned`) after
 * writing its own, with a fence between; so at least one of them sees that the slab has room, and nobody's slab with room is
 * always in the set, or about to be.
 */
import type { Address, IndexSet, Words } from '@pool/core';
import type { Buddy } from './buddy.ts';
import type { Chunks } from './chunks.ts';
import { BUSY, detailOf, NOBODY, nameIn, PART, packDescriptor, RETURNING, SLAB, stateOf } from './descriptor.ts';
import { freeBlocks, Magazine } from './magazine.ts';
import { ALL_BLOCKS, CLASSES, SLAB_BLOCKS, SLAB_ORDER } from './size-classes.ts';

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

  /** Sees to it that the magazine has a block that is free; false when there is no memory for another slab. */
  refill(magazine: Magazine): boolean {
    if (magazine.page >= 0) {
      if (magazine.takeIn(this.#words)) return true;
      this.#giveUp(magazine);
    }
    return this.#claim(magazine) || this.#cut(magazine);
  }

  /** Returns a block to a slab that is not this thread's. False if it is not live. */
  giveBack(page: number, start: Address, sizeClass: number, index: number): boolean {
    const word = (start + 1 + index) as Address;
    const named = this.#words.loadNumber(word);
    // Claims the block, in a name: should this thread die before the next step, recovery takes that step.
    if (named === 0 || named >= RETURNING || !this.#exchange(word, named, RETURNING + this.#name)) return false;
    this.#return(page, start, sizeClass, index);
    return true;
  }

  /** Gives every magazine up. */
  release(): void {
    for (const magazine of this.magazines) if (magazine.page >= 0) this.#giveUp(magazine);
  }

  /** Gives up the magazines of which every block is free, so that their pages serve others; whether there was one. */
  releaseEmpty(): boolean {
    let found = false;
    for (const magazine of this.magazines) {
      if (magazine.page < 0) continue;
      magazine.takeIn(this.#words);
      if (magazine.free >>> 0 !== ALL_BLOCKS[magazine.sizeClass]) continue;
      this.#giveUp(magazine);
      found = true;
    }
    return found;
  }

  /**
   * Frees the blocks of a slab that stand in a dead owner's name, and the slab itself if it was the dead owner's. Returns how many
   * live blocks that were. Looks again for as long as the slab changes hands: whoever has it, the dead owner's blocks stay in it.
   */
  recover(page: number, dead: number): number {
    let count = 0;
    for (;;) {
      const seen = this.#words.loadNumber(this.#chunks.descriptor(page));
      if (stateOf(seen) !== SLAB) return count; // dissolved: no live block was left
      const isFree = nameIn(seen) === NOBODY || nameIn(seen) === dead;
      const freed = isFree ? this.#recoverFree(page, seen, dead) : this.#recoverAmong(page, seen, dead);
      count += freed.count;
      if (freed.all) return count;
    }
  }

  /** Recovers a slab that is nobody's or the dead owner's, if it still is. */
  #recoverFree(page: number, seen: number, dead: number): { readonly count: number; readonly all: boolean } {
    const sizeClass = detailOf(seen);
    if (!this.#exchange(this.#chunks.descriptor(page), seen, packDescriptor(SLAB, sizeClass, this.#name)))
      return { count: 0, all: false };
    const start = this.#chunks.address(page);
    let count = 0;
    for (let index = 0; index < (SLAB_BLOCKS[sizeClass] as number); index++) {
      const word = (start + 1 + index) as Address;
      const named = this.#words.loadNumber(word);
      if (named !== dead && named !== RETURNING + dead) continue;
      if (this.#exchange(word, named, 0) && named === dead) count++;
    }
    this.#letGo(page, sizeClass, freeBlocks(this.#words, start, sizeClass));
    return { count, all: true };
  }

  /**
   * Returns to a live thread's slab what the dead owner answers for, which keeps it from being dissolved. Its owner writes the words
   * plainly meanwhile: what is read here may be neither old nor new, and then the exchange fails.
   */
  #recoverAmong(page: number, seen: number, dead: number): { readonly count: number; readonly all: boolean } {
    const sizeClass = detailOf(seen);
    const start = this.#chunks.address(page);
    let count = 0;
    for (let index = 0; index < (SLAB_BLOCKS[sizeClass] as number); index++) {
      // Before the name: a bit that is set now is a return that was done, and one that is taken in takes the name away first.
      const returned = BigInt.asUintN(32, this.#words.load(start)) & (1n << BigInt(index));
      const word = (start + 1 + index) as Address;
      const named = this.#words.load(word);
      if (returned !== 0n || (named !== BigInt(dead) && named !== BigInt(RETURNING + dead))) continue;
      if (this.#words.loadNumber(this.#chunks.descriptor(page)) !== seen) return { count, all: false };
      if (!this.#exchange(word, Number(named), RETURNING + this.#name)) continue;
      this.#return(page, start, sizeClass, index);
      if (named === BigInt(dead)) count++;
    }
    return { count, all: true };
  }

  /** Says in `returned` that a block is free, of which this thread has changed the word to RETURNING. */
  #return(page: number, start: Address, sizeClass: number, index: number): void {
    const bit = (1 << index) >>> 0;
    const before = this.#words.fetchOrNumber(start, bit); // pairs with load(returned) in takeReturned()
    const full = before === 0;
    const empty = before + bit === ALL_BLOCKS[sizeClass];
    if (!full && !empty) return;
    this.#words.fence(); // between `returned` and this look at the owner: pairs with the one in #letGo()
    if (this.#words.loadNumber(this.#chunks.descriptor(page)) !== packDescriptor(SLAB, sizeClass, NOBODY)) return;
    if (!empty) this.#show(page, sizeClass);
    else if (this.#own(page, sizeClass)) this.#letGo(page, sizeClass, 0);
  }

  #giveUp(magazine: Magazine): void {
    const { page, sizeClass, free } = magazine;
    magazine.close();
    this.#letGo(page, sizeClass, free);
  }

  /** Gives up a slab that this thread owns, and of which it knows the blocks `free` to be free beside those returned. */
  #letGo(page: number, sizeClass: number, free: number): void {
    const descriptor = this.#chunks.descriptor(page);
    const start = this.#chunks.address(page);
    const all = ALL_BLOCKS[sizeClass] as number;
    let returned = this.#words.fetchOrNumber(start, free >>> 0);
    returned = (returned | free) >>> 0;
    for (;;) {
      // Every block is in `returned`, so no thread has anything left to do here.
      if (returned === all) {
        this.#dissolve(page, sizeClass);
        return;
      }
      // pairs with compareExchange(descriptor) in #own(): publishes the words
      this.#words.storeNumber(descriptor, packDescriptor(SLAB, sizeClass, NOBODY));
      this.#words.fence(); // pairs with the one in #return()
      // Nobody's slab may be dissolved at any time and its words be somebody's: so a look that can be wrong, but not fail.
      const now = this.#words.load(start);
      if (now !== BigInt(all)) {
        if (now !== 0n) this.#show(page, sizeClass);
        return;
      }
      if (!this.#own(page, sizeClass)) return;
      returned = this.#words.loadNumber(start);
    }
  }

  /** Takes a slab that has room. */
  #claim(magazine: Magazine): boolean {
    const { sizeClass } = magazine;
    for (;;) {
      const index = this.#set(sizeClass).take();
      if (index < 0) return false;
      const page = index * 2 ** (SLAB_ORDER[sizeClass] as number);
      if (!this.#own(page, sizeClass)) continue; // the set is a hint: the slab has an owner who will look, or is no more
      magazine.open(page, this.#chunks.address(page));
      if (magazine.takeIn(this.#words)) return true;
      this.#giveUp(magazine);
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
    magazine.open(page, start);
    magazine.free = (ALL_BLOCKS[sizeClass] as number) | 0;
    return true;
  }

  /** Gives the pages of a slab that this thread owns back; every block is free. */
  #dissolve(page: number, sizeClass: number): void {
    const order = SLAB_ORDER[sizeClass] as number;
    this.#set(sizeClass).remove(page >>> order);
    this.#words.storeNumber(this.#chunks.descriptor(page), packDescriptor(BUSY, order, this.#name));
    this.#buddy.put(page, order);
  }

  /** Claims nobody's slab. */
  #own(page: number, sizeClass: number): boolean {
    const mine = packDescriptor(SLAB, sizeClass, this.#name);
    // pairs with store(descriptor) in #letGo(): the words are as the last owner left them
    return this.#exchange(this.#chunks.descriptor(page), packDescriptor(SLAB, sizeClass, NOBODY), mine);
  }

  #exchange(at: Address, expected: number, replacement: number): boolean {
    return this.#words.compareExchangeNumber(at, expected, replacement) === expected;
  }

  #show(page: number, sizeClass: number): void {
    this.#set(sizeClass).add(page >>> (SLAB_ORDER[sizeClass] as number));
  }

  #set(sizeClass: number): IndexSet {
    return this.#sets[sizeClass] as IndexSet;
  }
}
