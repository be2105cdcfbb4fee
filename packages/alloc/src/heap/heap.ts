/**
 * The allocator for whoever has no reason to choose another: blocks of every size, allocated and freed by any thread, in memory
 * that grows. What is small comes out of slabs of a size class, of which each thread owns one a class, its *magazine*; what is
 * large, and the slabs themselves, come out of a buddy system. Allocating and freeing through a magazine touch one word,
 * the block's own in the slab, and none that another thread's magazine has.
 *
 * Nothing that matters stands outside the words: a thread that dies leaves blocks, slabs and half-done cuts in its name, and
 * `recover` finds them there, whatever step it died at.
 *
 * Progress: allocate, free and transfer are lock-free. O(1) through the magazine, else O(log n); never a walk.
 */
import { type Address, AddressError, type Owner, Pool, ValueError, type Words } from '@pool/core';
import type { Allocator, AllocatorStats, Block } from '../allocator.ts';
import { mayAnswer, mayBeRecovered } from '../internal/answering.ts';
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
  RETURNING,
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
import { blockIndex, CLASS_OF, CLASS_WORDS, LARGEST_CLASS_WORDS, NO_CLASS, SLAB_ORDER } from './size-classes.ts';
import { Slabs } from './slabs.ts';

/** Words that growth adds at least, if nothing else is said. */
const GROW_BY = 2 ** 16;

export interface HeapOptions {
  /** Words of blocks to begin with, rounded up to pages of 128 (`buddy`: 16), and to 4,096. */
  readonly words: number;
  /** `general`: slabs for up to 512 words, buddies for more. `slabs` and `buddy`: one of the two. Default: `general`. */
  readonly strategy?: HeapStrategy;
  /** What it may grow to, in words of blocks: no less than `words`, rounded up. Default: it does not grow. */
  readonly maxWords?: number;
  /** Words that it grows by, as long as there are so many; larger heaps grow by an eighth. Default: 65,536. */
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
  /** The same, as a plain access takes it. */
  readonly #signature: bigint;
  /** The magazine that served last: what is freed next most often came from it. */
  #recent: Magazine;

  private constructor(words: Words, base: Address, shape: HeapShape, owner: Owner, grow: Grow) {
    const sets = openSets(words, base, shape);
    this.handle = base;
    this.#words = words;
    this.#name = nameOf(owner);
    this.#signature = BigInt(this.#name);
    this.#chunks = new Chunks(words, base, shape, grow);
    this.#buddy = new Buddy(this.#chunks, sets.orders, this.#name);
    this.#slabs = new Slabs(this.#chunks, this.#buddy, sets.classes, this.#name);
    // A class without a magazine is served by pages.
    this.#magazines = shape.strategy === 'buddy' ? [] : this.#slabs.magazines;
    this.#recent = this.#slabs.magazines[0] as Magazine;
    this.#pageShift = 31 - Math.clz32(shape.pageWords);
    this.name = shape.strategy;
    this.largest = shape.strategy === 'slabs' ? LARGEST_CLASS_WORDS : shape.pageWords * 2 ** shape.topOrder;
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
    words.storeNumber(at.mostPages, shape.mostPages);
    words.storeNumber(at.growBy, shape.growBy);
    words.storeNumber(at.claimed, shape.pages);
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
    const magazine = this.#magazines[CLASS_OF[words] ?? NO_CLASS];
    if (magazine === undefined || (magazine.free === 0 && !this.#slabs.refill(magazine)))
      return this.#allocatePages(words);
    const index = 31 - Math.clz32(magazine.free);
    magazine.free ^= 1 << index;
    this.#recent = magazine;
    // Plain: the word is its slab's owner's until the block is handed out, and that hand-over publishes it.
    this.#words.storePlain((magazine.start + 1 + index) as Address, this.#signature);
    return magazine.addressOf(index);
  }

  /** @throws {AddressError} for what is no live block: freed before, another allocator's, inside a block, or no address */
  free(at: Address): void {
    const recent = this.#recent;
    const offset = at - recent.start;
    if (offset >>> 0 === offset && offset < recent.words) this.#keep(at, offset, recent);
    else this.#freeElsewhere(at);
  }

  sizeOf(at: Address): number {
    const { detail, word } = this.#locate(at);
    return word === undefined ? 2 ** (detail + this.#pageShift) : (CLASS_WORDS[detail] as number);
  }

  transfer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to);
    const { descriptor, detail, name, word } = this.#locate(at);
    const words = this.#words;
    // Compare-exchange, not store: another thread may free the block or recover it at the same time.
    const done =
      word === undefined
        ? exchanged(words, descriptor, packDescriptor(LIVE, detail, name), packDescriptor(LIVE, detail, nameOf(to)))
        : exchanged(words, word, name, nameOf(to));
    if (!done) refuse(at);
  }

  /** Looks at every page. */
  stats(): AllocatorStats {
    return statsOf(this.#chunks, this.#name, this.largest);
  }

  blocks(): Iterable<Block> {
    return blocksIn(this.#chunks);
  }

  /**
   * Frees what a dead owner left, its magazines included, and shows again what is free and in no set; returns how many blocks were
   * freed. Call it when the thread is gone, and before its row of the owner table is free for another, one thread at a time for
   * one owner; until it returns, nobody may free or transfer what that owner answers for. Looks at every page.
   * @throws {ValueError} for an owner that the pool knows to be live
   */
  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    const dead = nameOf(owner);
    let count = 0;
    for (const chunk of this.#chunks.all()) {
      for (let at = 0; at < chunk.pages; at++) {
        const page = chunk.first + at;
        const seen = this.#words.loadNumber((chunk.descriptors + at) as Address);
        const [state, detail, name] = [stateOf(seen), detailOf(seen), nameIn(seen)];
        if (state === SLAB) count += this.#slabs.recover(page, dead);
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
    // What this thread only keeps for later serves before there is nothing; each turn has one magazine less to give.
    if (page < 0) return this.#slabs.releaseEmpty() ? this.allocate(words) : undefined;
    // Release: from here on the block is the owner's; pairs with the loads of descriptors by whoever frees it.
    this.#words.storeNumber(this.#chunks.descriptor(page), packDescriptor(LIVE, order, this.#name));
    return this.#chunks.address(page);
  }

  /**
   * Frees a block of a magazine. Plain: whoever holds the block has the word to itself, and that thread is here. Two threads that
   * free one block at the same instant may go unnoticed for it.
   */
  #keep(at: Address, offset: number, magazine: Magazine): void {
    const index = magazine.indexAt(offset);
    if (index < 0) refuse(at);
    const word = (magazine.start + 1 + index) as Address;
    const named = this.#words.loadPlain(word);
    if (named !== this.#signature && (named === 0n || named >= BigInt(RETURNING))) refuse(at);
    this.#words.storePlain(word, 0n);
    magazine.free |= 1 << index;
  }

  #freeElsewhere(at: Address): void {
    const { chunk, page, seen } = this.#block(at);
    const detail = detailOf(seen);
    const start = (chunk.base + (page << this.#pageShift)) as Address;
    if (stateOf(seen) === SLAB) {
      const magazine = this.#magazines[detail] as Magazine;
      if (magazine.start === start && magazine.words > 0) {
        this.#keep(at, at - start, magazine);
        return;
      }
      const index = blockIndex(detail, at - start);
      if (index < 0 || !this.#slabs.giveBack(chunk.first + page, start, detail, index)) refuse(at);
      return;
    }
    const descriptor = (chunk.descriptors + page) as Address;
    // Exclusive: of two that free one block, one succeeds.
    if (stateOf(seen) !== LIVE || start !== at || !exchanged(this.#words, descriptor, seen, this.#busy(detail)))
      refuse(at);
    this.#buddy.put(chunk.first + page, detail);
  }

  /** The descriptor of the pages that an address is in, as far as it leads there. */
  #block(at: Address): { readonly chunk: Chunk; readonly page: number; readonly seen: number } {
    const chunk = this.#chunks.find(at) ?? refuse(at);
    const page = (at - chunk.base) >>> this.#pageShift;
    const seen = this.#words.loadNumber((chunk.descriptors + page) as Address);
    if (stateOf(seen) !== PART) return { chunk, page, seen };
    const back = detailOf(seen);
    const head = this.#words.loadNumber((chunk.descriptors + page - back) as Address);
    // What led there may be left from a slab that is no more.
    if (stateOf(head) !== SLAB || back >= 2 ** (SLAB_ORDER[detailOf(head)] as number)) refuse(at);
    return { chunk, page: page - back, seen: head };
  }

  /** A live block: its descriptor, whose it is and, if it is in a slab, its word there. */
  #locate(at: Address): { descriptor: Address; detail: number; name: number; word: Address | undefined } {
    const { chunk, page, seen } = this.#block(at);
    const descriptor = (chunk.descriptors + page) as Address;
    const start = chunk.base + (page << this.#pageShift);
    const detail = detailOf(seen);
    if (stateOf(seen) === LIVE && start === at) return { descriptor, detail, name: nameIn(seen), word: undefined };
    const index = stateOf(seen) === SLAB ? blockIndex(detail, at - start) : -1;
    if (index < 0) refuse(at);
    const word = (start + 1 + index) as Address;
    const name = this.#words.loadNumber(word);
    if (name === 0 || name >= RETURNING) refuse(at);
    return { descriptor, detail, name, word };
  }

  #busy(order: number): number {
    return packDescriptor(BUSY, order, this.#name);
  }
}

function exchanged(words: Words, at: Address, expected: number, replacement: number): boolean {
  return words.compareExchangeNumber(at, expected, replacement) === expected;
}

function planned({ strategy = 'general', words, maxWords, growBy = GROW_BY }: HeapOptions): HeapShape {
  return shapeOf(strategy, words, maxWords, growBy);
}

function growth(words: Words): Grow {
  return words instanceof Pool ? (count) => words.tryReserve(count) : () => undefined;
}

function refuse(at: Address): never {
  throw new AddressError(at, 0, 'the heap as a live block');
}
