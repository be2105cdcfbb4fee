/**
 * A heap's memory: chunks that are added and never taken away. Each thread keeps a table of those it has seen, by granule of
 * addresses and by group of page numbers, so that an address finds its chunk in O(1); the shared table is read again only when an
 * address is in none of them, as another thread may have grown the heap meanwhile.
 *
 * How many pages there may ever be is kept by counting them up in one word before their words are taken.
 *
 * Progress: lock-free. A thread that dies while it adds a chunk may leave the chunk's words reserved and unused, until the pool
 * ends, and counted among those that there may be; it leaves no block behind.
 */
import { type Address, LINE_WORDS, roundUp, type Words } from '@pool/core';
import { FREE, packDescriptor } from './descriptor.ts';
import {
  chunkWords,
  GRANULE_SHIFT,
  HEAP,
  type HeapShape,
  largestOrder,
  MAX_CHUNKS,
  minimumPages,
  PAGE_GROUP_SHIFT,
  PAGES_RADIX,
} from './heap-layout.ts';

/** How often `grow` looks whether the chunk has come that another thread is about to add, before it believes that none will. */
const LOOKS = 64;

export interface Chunk {
  /** The first page's address. */
  readonly base: number;
  /** Words in pages. */
  readonly words: number;
  /** The first page's number. */
  readonly first: number;
  readonly pages: number;
  /** Where the descriptors stand. */
  readonly descriptors: number;
}

export type Grow = (words: number) => Address | undefined;

export class Chunks {
  readonly words: Words;
  readonly shape: HeapShape;
  readonly #table: Address;
  readonly #claimed: Address;
  readonly #grow: Grow;
  readonly #known: Chunk[] = [];
  /** By granule: the chunk that has its last word, and the one that has its first. */
  readonly #last: (Chunk | undefined)[] = [];
  readonly #firstIn: (Chunk | undefined)[] = [];
  /** By group of page numbers. */
  readonly #byPage: (Chunk | undefined)[] = [];

  constructor(words: Words, base: Address, shape: HeapShape, grow: Grow) {
    this.words = words;
    this.shape = shape;
    this.#table = HEAP.at(base).chunks;
    this.#claimed = HEAP.at(base).claimed;
    this.#grow = grow;
    this.refresh();
  }

  /** The chunk that an address is in; `undefined` if it is in no page of this heap. */
  find(at: number): Chunk | undefined {
    const chunk = this.#last[at >>> GRANULE_SHIFT];
    if (chunk !== undefined && at >= chunk.base && at - chunk.base < chunk.words && at >>> 0 === at) return chunk;
    return this.#search(at);
  }

  /** The address of a page's descriptor. The page is one of the heap's, or came out of one of its sets. */
  descriptor(page: number): Address {
    const chunk = this.chunkOf(page);
    return (chunk.descriptors + page - chunk.first) as Address;
  }

  address(page: number): Address {
    const chunk = this.chunkOf(page);
    return (chunk.base + (page - chunk.first) * this.shape.pageWords) as Address;
  }

  chunkOf(page: number): Chunk {
    let chunk = this.#byPage[page >>> PAGE_GROUP_SHIFT];
    if (chunk === undefined) {
      this.refresh();
      chunk = this.#byPage[page >>> PAGE_GROUP_SHIFT] as Chunk;
    }
    return chunk;
  }

  /** Every chunk there is now. */
  all(): readonly Chunk[] {
    this.refresh();
    return this.#known;
  }

  /** Looks whether other threads have added chunks. */
  refresh(): void {
    while (this.#known.length < MAX_CHUNKS) {
      const entry = this.words.loadNumber(this.#entry()); // pairs with compareExchange(entry) in add(): the descriptors are written
      if (entry === 0) return;
      this.#learn(Math.floor(entry / PAGES_RADIX) * LINE_WORDS, entry % PAGES_RADIX);
    }
  }

  /**
   * Adds a chunk with room for a block of that order, larger ones as the heap gets larger, or finds one that another thread has
   * added meanwhile; `undefined` when no more is to be had.
   */
  grow(order: number): Chunk | undefined {
    const known = this.#known.length;
    const { pageWords, growBy, mostPages } = this.shape;
    const least = Math.max(2 ** order, minimumPages(pageWords));
    let wanted = Math.max(least, Math.floor(growBy / pageWords), this.#pages() >>> 3);
    for (let look = 0; look < LOOKS; ) {
      this.refresh();
      if (this.#known.length > known) return this.#known.at(-1);
      if (this.#known.length === MAX_CHUNKS) return undefined;
      let claimed = this.words.loadNumber(this.#claimed);
      const pages = Math.min(wanted, mostPages - claimed);
      if (pages >= least) {
        // Exclusive: these are this thread's to add. Nothing is published by it, the chunk's entry does that.
        if (this.words.compareExchangeNumber(this.#claimed, claimed, claimed + pages) !== claimed) continue;
        const at = this.#grow(chunkWords(pages, pageWords));
        if (at !== undefined) return this.add(at, pages);
        claimed = this.words.fetchSubNumber(this.#claimed, pages) - pages;
        wanted = Math.max(least, pages >>> 1);
        if (pages > least) continue;
      }
      // There is no more: unless a thread has claimed some, and the words for it, that has yet to add it, or to give it back.
      this.refresh();
      if (this.#known.length === known && claimed === this.#pages()) return undefined;
      this.words.pause();
      look++;
    }
    return undefined;
  }

  /**
   * Makes words that are the caller's own a chunk, cut into the largest blocks that its page numbers allow; who calls it adds
   * them to the sets. `undefined` if others have used up the chunk table.
   */
  add(at: Address, pages: number): Chunk | undefined {
    const packed = (at / LINE_WORDS) * PAGES_RADIX + pages;
    for (;;) {
      const first = this.#place(pages);
      if (this.#known.length === MAX_CHUNKS) return undefined;
      this.words.fill(at, roundUp(pages, LINE_WORDS), 0n);
      for (const { page, order } of blocksOf(first, pages))
        this.words.storeNumber((at + page - first) as Address, packDescriptor(FREE, order));
      // Compare-exchange, for another thread may add one at the same time; pairs with load(entry) in refresh().
      if (this.words.compareExchangeNumber(this.#entry(), 0, packed) === 0) return this.#learn(at, pages);
      this.refresh();
    }
  }

  /** Pages in the chunks that this thread knows. */
  #pages(): number {
    return this.#known.reduce((sum, { pages }) => sum + pages, 0);
  }

  /** The first number that a chunk of so many pages would get. */
  #place(pages: number): number {
    const previous = this.#known.at(-1);
    return previous === undefined ? 0 : roundUp(previous.first + previous.pages, 2 ** largestOrder(pages));
  }

  #entry(): Address {
    return (this.#table + this.#known.length) as Address;
  }

  #learn(at: number, pages: number): Chunk {
    // Made integers, which a number from a word is not to the engine: every address of the heap is computed from these.
    const first = this.#place(pages) | 0;
    const base = (at + roundUp(pages, LINE_WORDS)) | 0;
    const words = (pages * this.shape.pageWords) | 0;
    const chunk: Chunk = { base, words, first, pages: pages | 0, descriptors: at | 0 };
    this.#known.push(chunk);
    const end = base + words;
    for (let granule = base >>> GRANULE_SHIFT; granule <= (end - 1) >>> GRANULE_SHIFT; granule++) {
      put(end >= (granule + 1) * 2 ** GRANULE_SHIFT ? this.#last : this.#firstIn, granule, chunk);
    }
    for (let group = first >>> PAGE_GROUP_SHIFT; group <= (first + pages - 1) >>> PAGE_GROUP_SHIFT; group++)
      put(this.#byPage, group, chunk);
    return chunk;
  }

  #search(at: number): Chunk | undefined {
    if (at >>> 0 !== at) return undefined;
    const granule = at >>> GRANULE_SHIFT;
    for (let looked = false; ; looked = true) {
      for (const chunk of [this.#last[granule], this.#firstIn[granule]])
        if (chunk !== undefined && at >= chunk.base && at - chunk.base < chunk.words) return chunk;
      if (looked) return undefined;
      this.refresh();
    }
  }
}

/** Without holes, so that the engine keeps the table an array. */
function put(table: (Chunk | undefined)[], index: number, chunk: Chunk): void {
  while (table.length <= index) table.push(undefined);
  table[index] = chunk;
}

/** The largest blocks that begin at multiples of their size, one after the other. */
export function* blocksOf(first: number, pages: number): Generator<{ readonly page: number; readonly order: number }> {
  for (let page = first; page < first + pages; ) {
    const left = largestOrder(first + pages - page);
    const order = page === 0 ? left : Math.min(left, 31 - Math.clz32(page & -page));
    yield { page, order };
    page += 2 ** order;
  }
}
