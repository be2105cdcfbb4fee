/**
 * The allocator for whoever has no reason to choose another: blocks of every size, allocated and freed by any thread, in memory
 * that grows. What is small comes out of slabs of a size class, of which each thread owns one a class, its *magazine*; what is
 * large, and the slabs themselves, come out of a buddy system. Allocating and freeing through a magazine touch two words of the
 * slab and no word that another thread's magazine has.
 *
 * Nothing that matters stands outside the words: a thread that dies leaves blocks, slabs and half-done cuts in its name, and
 * `recover` finds them there, whatever step it died at.
 *
 * Progress: allocate, free and transfer are lock-free. O(1) through the magazine, else O(log n); never a walk.
 */
import { type Address, AddressError, type Owner, Pool, ValueError, type Words } from '@pool/core';
import type { Allocator, AllocatorStats, Block } from '../allocator.ts';
import { Buddy } from './buddy.ts';
import { blocksIn, statsOf } from './census.ts';
import { type Chunk, Chunks, type Grow } from './chunks.ts';
import {
  BUSY,
  detailOf,
  FREE,
  LIVE,
  nameIn,
  nameOf,
  PART,
  packDescriptor,
  RECOVERING,
  SLAB,
  stateOf,
} from './descriptor.ts';
import {
  chunkWords,
  controlWords,
  HEAP,
  HEAP_MAGIC,
  type HeapShape,
  type HeapStrategy,
  openSets,
  readShape,
  STRATEGIES,
  shapeOf,
} from './heap-layout.ts';
import type { Magazine } from './magazine.ts';
import {
  ALL_LIVE,
  BLOCK_OFFSET,
  blockIndex,
  CLASS_OF,
  CLASS_WORDS,
  LARGEST_CLASS_WORDS,
  NO_CLASS,
  SLAB_ORDER,
} from './size-classes.ts';
import { Slabs } from './slabs.ts';

const ALL_BITS = 2 ** 32 - 1;
/** Words that growth adds at least, if nothing else is said. */
const GROW_BY = 2 ** 16;

export interface HeapOptions {
  /** Words of blocks to begin with, rounded up to pages of 128 (`buddy`: 16), and to 4,096. */
  readonly words: number;
  /** `general`: slabs for up to 512 words, buddies for more. `slabs` and `buddy`: one of the two. Default: `general`. */
  readonly strategy?: HeapStrategy;
  /** How far it may grow, in words of blocks; for a pool's sake, `pool.maxWords`. Default: `words`, so no growth. */
  readonly maxWords?: number;
  /** Words that it grows by at least; larger heaps grow by an eighth. Default: 65,536. */
  readonly growBy?: number;
}

export class Heap implements Allocator {
  readonly family = 'allocator';
  readonly name: HeapStrategy;
  readonly largest: number;
  /** What other threads attach with: where the heap stands. */
  readonly handle: Address;
  readonly #words: Words;
  readonly #chunks: Chunks;
  readonly #buddy: Buddy;
  readonly #slabs: Slabs;
  readonly #magazines: readonly Magazine[];
  readonly #pageShift: number;
  /** Of this thread's owner. */
  readonly #name: number;
  readonly #hasClasses: boolean;

  private constructor(words: Words, base: Address, shape: HeapShape, owner: Owner, grow: Grow) {
    const sets = openSets(words, base, shape);
    this.handle = base;
    this.#words = words;
    this.#name = nameOf(owner);
    this.#chunks = new Chunks(words, base, shape, grow);
    this.#buddy = new Buddy(this.#chunks, sets.orders, this.#name);
    this.#slabs = new Slabs(this.#chunks, this.#buddy, sets.classes, this.#name);
    this.#magazines = this.#slabs.magazines;
    this.#pageShift = 31 - Math.clz32(shape.pageWords);
    this.#hasClasses = shape.strategy !== 'buddy';
    this.name = shape.strategy;
    const largest = shape.pageWords * 2 ** (sets.orders.length - 1);
    this.largest = shape.strategy === 'slabs' ? LARGEST_CLASS_WORDS : largest;
  }

  /** How many words to reserve, the heap's own tables included. @throws {ValueError} for sizes that cannot be */
  static size(options: HeapOptions): number {
    const shape = planned(options);
    return controlWords(shape) + chunkWords(shape.pages, shape.pageWords);
  }

  /**
   * Lays a heap into words that are the caller's own, from the beginning of a line on, and attaches this thread to it. `grow` says
   * where more words come from: fresh ones, from the beginning of a line on. Default: `tryReserve`, if the words are a pool.
   */
  static create(words: Words, base: Address, options: HeapOptions, owner: Owner, grow: Grow = growth(words)): Heap {
    const shape = planned(options);
    const at = HEAP.at(base);
    const control = controlWords(shape);
    words.fill(base, control, 0n);
    words.storeNumber(at.strategy, STRATEGIES.indexOf(shape.strategy));
    words.storeNumber(at.pageWords, shape.pageWords);
    words.storeNumber(at.pageNumbers, shape.pageNumbers);
    words.storeNumber(at.growBy, shape.growBy);
    const heap = new Heap(words, base, shape, owner, grow);
    heap.#buddy.show(heap.#chunks.add((base + control) as Address, shape.pages) as Chunk);
    words.store(at.magic, HEAP_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return heap;
  }

  /** The heap that stands at `handle`, for `owner`: one object a thread. @throws {AttachError} if none does */
  static attach(words: Words, handle: Address, owner: Owner, grow: Grow = growth(words)): Heap {
    return new Heap(words, handle, readShape(words, handle), owner, grow);
  }

  /** `undefined` when neither this heap nor its pool has so much in one piece. @throws {ValueError} unless `words` is a positive integer */
  allocate(words: number): Address | undefined {
    const sizeClass = CLASS_OF[words] ?? NO_CLASS;
    const magazine = this.#magazines[sizeClass];
    if (magazine === undefined || !this.#hasClasses) return this.#allocatePages(words);
    while (magazine.free !== 0 || this.#slabs.refill(magazine)) {
      const index = 31 - Math.clz32(magazine.free & -magazine.free);
      const bit = 1 << index;
      magazine.free ^= bit;
      const owner = (magazine.start + 1 + index) as Address;
      // The name is there before the bit, so that a live block always has an owner; it mostly is this thread's from the last time.
      if (this.#words.loadNumber(owner) !== this.#name && !magazine.sign(this.#words, owner, index, this.#name))
        continue;
      this.#words.fetchOrNumber(magazine.start as Address, bit >>> 0); // pairs with the loads of `live` by whoever looks for owners
      return (magazine.start + (BLOCK_OFFSET[(sizeClass << 5) + index] as number)) as Address;
    }
    return this.#allocatePages(words);
  }

  /** @throws {AddressError} for what is no live block: freed before, another allocator's, inside a block, or no address */
  free(at: Address): void {
    const chunk = this.#chunks.find(at) ?? refuse(at);
    let page = (at - chunk.base) >>> this.#pageShift;
    let seen = this.#words.loadNumber((chunk.descriptors + page) as Address);
    if (stateOf(seen) === PART) {
      page -= detailOf(seen);
      seen = this.#words.loadNumber((chunk.descriptors + page) as Address);
    }
    if (stateOf(seen) !== SLAB) {
      this.#freePages(at, chunk, page, seen);
      return;
    }
    const sizeClass = detailOf(seen);
    const start = chunk.base + (page << this.#pageShift);
    const index = at - start < 128 << (SLAB_ORDER[sizeClass] as number) ? blockIndex(sizeClass, at - start) : -1;
    if (index < 0) refuse(at);
    const bit = 1 << index;
    // pairs with load(live) in Magazine.reload(): the block's next holder sees that this one is done
    const live = this.#words.fetchAndNumber(start as Address, ALL_BITS - (bit >>> 0));
    if ((live & bit) === 0) refuse(at);
    const magazine = this.#magazines[sizeClass] as Magazine;
    if (magazine.start === start) magazine.free |= bit;
    else if (live === bit >>> 0 || live === ALL_LIVE[sizeClass])
      this.#slabs.settle(chunk.first + page, sizeClass, live !== bit >>> 0);
  }

  sizeOf(at: Address): number {
    const { seen, live } = this.#locate(at);
    return live ? (CLASS_WORDS[detailOf(seen)] as number) : 2 ** (detailOf(seen) + this.#pageShift);
  }

  transfer(at: Address, to: Owner): void {
    const { descriptor, seen, live, index } = this.#locate(at);
    if (live === undefined) {
      const named = packDescriptor(LIVE, detailOf(seen), nameOf(to));
      if (this.#words.compareExchangeNumber(descriptor, seen, named) !== seen) refuse(at);
      return;
    }
    const owner = (live + 1 + index) as Address;
    const named = this.#words.loadNumber(owner);
    // Compare-exchange, not store: a thread that recovers this owner's blocks may have its mark there.
    if (named >= RECOVERING || this.#words.compareExchangeNumber(owner, named, nameOf(to)) !== named) refuse(at);
  }

  /** Looks at every page. */
  stats(): AllocatorStats {
    return statsOf(this.#chunks, this.#name, this.#hasClasses, this.largest);
  }

  blocks(): Iterable<Block> {
    return blocksIn(this.#chunks);
  }

  /**
   * Frees what a dead owner left, its magazines included, and shows again what is free and in no set; returns how many blocks were
   * freed. Call it when the thread is gone, and before its row of the owner table is free for another. Until it returns, no
   * thread may free a block that the dead owner answers for. Looks at every page.
   */
  recover(owner: Owner): number {
    const dead = nameOf(owner);
    let count = 0;
    for (const chunk of this.#chunks.all()) {
      for (let at = 0; at < chunk.pages; at++) {
        const page = chunk.first + at;
        const seen = this.#words.loadNumber((chunk.descriptors + at) as Address);
        const [state, detail, name] = [stateOf(seen), detailOf(seen), nameIn(seen)];
        if (state === SLAB) count += this.#slabs.recover(page, detail, seen, dead);
        else if (state === FREE) this.#buddy.mend(page, detail);
        else if (
          name === dead &&
          (state === BUSY || state === LIVE) &&
          this.#buddy.recover(page, seen) &&
          state === LIVE
        )
          count++;
      }
    }
    return count;
  }

  /** Gives this thread's magazines back, as a thread does before it leaves. The heap stays usable; the next allocation takes new ones. */
  release(): void {
    this.#slabs.release();
  }
  dispose(): void {
    this.release();
  }
  [Symbol.dispose](): void {
    this.release();
  }

  #allocatePages(words: number): Address | undefined {
    if (!(Number.isInteger(words) && words > 0)) throw new ValueError(words, 'a positive number of words');
    if (words > this.largest) return undefined;
    const order = words <= 2 ** this.#pageShift ? 0 : 32 - Math.clz32((words - 1) >>> this.#pageShift);
    const page = this.#buddy.take(order);
    if (page < 0) return undefined;
    // Release: from here on the block is the owner's; pairs with the loads of descriptors by whoever frees it.
    this.#words.storeNumber(this.#chunks.descriptor(page), packDescriptor(LIVE, order, this.#name));
    return this.#chunks.address(page);
  }

  #freePages(at: Address, chunk: Chunk, page: number, seen: number): void {
    if (stateOf(seen) !== LIVE || chunk.base + (page << this.#pageShift) !== at) refuse(at);
    const order = detailOf(seen);
    const busy = packDescriptor(BUSY, order, this.#name);
    // Exclusive: of two that free one block, one succeeds.
    if (this.#words.compareExchangeNumber((chunk.descriptors + page) as Address, seen, busy) !== seen) refuse(at);
    this.#buddy.put(chunk.first + page, order);
  }

  /** A live block's descriptor and, if it is in a slab, the slab's `live` word and the block's number. */
  #locate(at: Address): { descriptor: Address; seen: number; live: Address | undefined; index: number } {
    const chunk = this.#chunks.find(at) ?? refuse(at);
    let page = (at - chunk.base) >>> this.#pageShift;
    let descriptor = (chunk.descriptors + page) as Address;
    let seen = this.#words.loadNumber(descriptor);
    if (stateOf(seen) === PART) {
      page -= detailOf(seen);
      descriptor = (chunk.descriptors + page) as Address;
      seen = this.#words.loadNumber(descriptor);
    }
    const start = (chunk.base + (page << this.#pageShift)) as Address;
    if (stateOf(seen) === LIVE && start === at) return { descriptor, seen, live: undefined, index: 0 };
    if (stateOf(seen) !== SLAB || at - start >= 128 << (SLAB_ORDER[detailOf(seen)] as number)) refuse(at);
    const index = blockIndex(detailOf(seen), at - start);
    if (index < 0 || (this.#words.loadNumber(start) & (1 << index)) === 0) refuse(at);
    return { descriptor, seen, live: start, index };
  }
}

function planned({ strategy = 'general', words, maxWords = words, growBy = GROW_BY }: HeapOptions): HeapShape {
  return shapeOf(strategy, words, maxWords, growBy);
}

function growth(words: Words): Grow {
  return words instanceof Pool ? (count) => words.tryReserve(count) : () => undefined;
}

function refuse(at: Address): never {
  throw new AddressError(at, 0, 'the heap as a live block');
}
