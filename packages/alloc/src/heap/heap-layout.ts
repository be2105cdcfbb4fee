/**
 * Where things stand in a heap. Pages have numbers of their own, one row of numbers for all chunks, so that one set of free
 * blocks an order serves them all; a chunk takes up a range of them that begins at a multiple of the largest block in it.
 *
 *   magic        what attach looks for
 *   strategy     index of the strategy's name
 *   pageWords    words of a page, a power of two
 *   mostPages    how many pages there may ever be
 *   growBy       words that a chunk has, if so many may still be added
 *   claimed      how many pages there are, or are about to be: counted up before their words are taken, by whoever adds a chunk
 *   chunks       { base / 16: 25, pages: 26 } each, 0 = none; published in order by compare-exchange, and never changed
 *   orders       a set of free blocks for each order
 *   classes      a set of partly free slabs without an owner for each size class
 *
 * and every chunk:
 *
 *   descriptors  one word a page, see descriptor.ts
 *   pages
 */
import {
  type Address,
  AttachError,
  IndexSet,
  type Layout,
  LINE_WORDS,
  layout,
  rest,
  roundUp,
  ValueError,
  type Words,
  word,
} from '@pool/core';
import { CLASSES, SLAB_ORDER, SLAB_PAGE_WORDS } from './size-classes.ts';

/** Which of its two parts a heap is made of: slabs for what is small over a buddy system, or either alone. */
export const STRATEGIES = ['general', 'slabs', 'buddy'] as const;
export type HeapStrategy = (typeof STRATEGIES)[number];

export const HEAP: Layout<'magic' | 'strategy' | 'pageWords' | 'mostPages' | 'growBy' | 'claimed' | 'chunks'> = layout(
  'heap',
  {
    magic: word,
    strategy: word,
    pageWords: word,
    mostPages: word,
    growBy: word,
    claimed: word,
    chunks: rest,
  },
);

/** "heap" and a version, read as a little-endian word. */
export const HEAP_MAGIC = 0x02_70_61_65_68n;

export const MAX_CHUNKS = 256;
/** In a chunk's entry, from one to the next of its base. */
export const PAGES_RADIX: number = 2 ** 26;
/** No chunk is smaller, so that at most two of them have words in a granule, an aligned range of so many words. */
export const GRANULE_SHIFT = 12;
export const MIN_CHUNK_WORDS: number = 2 ** GRANULE_SHIFT;
/** No chunk has fewer pages, so that page numbers of two chunks never agree but for the lowest bits. */
const MIN_CHUNK_PAGES = 32;
export const PAGE_GROUP_SHIFT = 5;

export interface HeapShape {
  readonly strategy: HeapStrategy;
  readonly pageWords: number;
  /** Pages of the first chunk. */
  readonly pages: number;
  /** Pages that there may ever be. */
  readonly mostPages: number;
  readonly growBy: number;
  /** How many page numbers there are: bound of every set. */
  readonly pageNumbers: number;
  /** The largest block has 2^topOrder pages. */
  readonly topOrder: number;
}

/** What a heap of so many words looks like that may grow to `maxWords`, or not at all. */
export function shapeOf(
  strategy: HeapStrategy,
  words: number,
  maxWords: number | undefined,
  growBy: number,
): HeapShape {
  if (!STRATEGIES.includes(strategy))
    throw new ValueError(strategy, `a heap's strategy is one of ${STRATEGIES.join(', ')}`);
  for (const [name, value] of Object.entries({ words, maxWords: maxWords ?? words, growBy }))
    if (!(Number.isSafeInteger(value) && value > 0))
      throw new ValueError(value, `\`${name}\` is a positive number of words`);
  const pageWords = strategy === 'buddy' ? LINE_WORDS : SLAB_PAGE_WORDS;
  const pages = Math.max(Math.ceil(words / pageWords), minimumPages(pageWords));
  if (maxWords !== undefined && maxWords < pages * pageWords)
    throw new ValueError(
      maxWords,
      `\`maxWords\` is at least \`words\`, which are ${pages * pageWords} (${words}, rounded up to pages of ${pageWords})`,
    );
  const mostPages = maxWords === undefined ? pages : Math.floor(maxWords / pageWords);
  return shapeFrom({ strategy, pageWords, pages, mostPages, growBy });
}

/** A shape, with what follows from the rest of it. */
function shapeFrom(shape: Omit<HeapShape, 'pageNumbers' | 'topOrder'>): HeapShape {
  const { pageWords, pages, mostPages } = shape;
  const grows = mostPages - pages >= minimumPages(pageWords);
  // Twice as many numbers as pages: to begin at a multiple of its largest block, a chunk leaves out fewer than it takes.
  const pageNumbers = grows ? 2 * mostPages : pages;
  return { ...shape, pageNumbers, topOrder: largestOrder(grows ? Math.max(pages, mostPages - pages) : pages) };
}

export function minimumPages(pageWords: number): number {
  return Math.max(MIN_CHUNK_PAGES, MIN_CHUNK_WORDS / pageWords);
}

/** Words of a chunk of so many pages, its descriptors included. */
export function chunkWords(pages: number, pageWords: number): number {
  return roundUp(pages, LINE_WORDS) + pages * pageWords;
}

/** The order of the largest block in so many pages. */
export function largestOrder(pages: number): number {
  return 31 - Math.clz32(pages);
}

/** The capacity of each set, in the order in which they stand behind the chunk table. */
function setCapacities({ strategy, pageNumbers, topOrder }: HeapShape): { orders: number[]; classes: number[] } {
  const capacity = (order: number): number => (pageNumbers >>> order) + 1;
  return {
    orders: Array.from({ length: topOrder + 1 }, (_, order) => capacity(order)),
    classes: strategy === 'buddy' ? [] : Array.from({ length: CLASSES }, (_, at) => capacity(SLAB_ORDER[at] as number)),
  };
}

/** Words before the first chunk. */
export function controlWords(shape: HeapShape): number {
  const { orders, classes } = setCapacities(shape);
  return [...orders, ...classes].reduce((sum, capacity) => sum + IndexSet.size(capacity), HEAP.size(MAX_CHUNKS));
}

/** The sets of a heap that stands at `base`. */
export function openSets(words: Words, base: Address, shape: HeapShape): { orders: IndexSet[]; classes: IndexSet[] } {
  let at = base + HEAP.size(MAX_CHUNKS);
  const open = (capacity: number): IndexSet => {
    at += IndexSet.size(capacity);
    return new IndexSet(words, (at - IndexSet.size(capacity)) as Address, capacity);
  };
  const { orders, classes } = setCapacities(shape);
  return { orders: orders.map(open), classes: classes.map(open) };
}

/** Reads what stands at `base`. @throws {AttachError} if it is no heap, or one that cannot be */
export function readShape(words: Words, base: Address): HeapShape {
  const at = HEAP.at(base);
  const magic = words.load(at.magic); // pairs with store(magic) in create(): the heap is whole
  if (magic !== HEAP_MAGIC) throw new AttachError(`no heap stands at word ${base}: it holds 0x${magic.toString(16)}`);
  const read = (field: Address): number => Number(words.load(field));
  const strategy = STRATEGIES[read(at.strategy)];
  const [pageWords, mostPages, growBy] = [read(at.pageWords), read(at.mostPages), read(at.growBy)];
  const pages = read(at.chunks) % PAGES_RADIX;
  const page = strategy === 'buddy' ? LINE_WORDS : SLAB_PAGE_WORDS;
  if (
    strategy === undefined ||
    pageWords !== page ||
    !(pages >= MIN_CHUNK_PAGES && pages <= mostPages) ||
    mostPages >= PAGES_RADIX
  )
    throw new AttachError(
      `the heap at word ${base} says it has ${pages} pages of ${pageWords} words and at most ${mostPages}, which cannot be`,
    );
  return shapeFrom({ strategy, pageWords, pages, mostPages, growBy });
}
