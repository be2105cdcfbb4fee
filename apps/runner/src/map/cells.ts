/** Blocks, counted into cells of equal size: what a picture of any heap of any size is drawn from. */
import type { Block } from '@pool/alloc';

/** Words of one cell that lie in blocks, by the blocks' state. What is in none is the heap's own, or not the heap's. */
export interface Cell {
  live: number;
  cached: number;
  free: number;
}

export interface Extent {
  /** The first word of the first cell. */
  readonly from: number;
  readonly cellWords: number;
  readonly cells: number;
}

/**
 * How to show all of these blocks in at most `most` cells: of a power of two words, each beginning at a multiple of it.
 * `perBlock` is how many cells the smallest block needs at most; default: one a word.
 */
export function extentOf(blocks: readonly Block[], most: number, perBlock: number = Number.POSITIVE_INFINITY): Extent {
  let [first, end, smallest] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
  for (const { at, words } of blocks) {
    first = Math.min(first, at);
    end = Math.max(end, at + words);
    smallest = Math.min(smallest, words);
  }
  if (end === 0) return { from: 0, cellWords: 1, cells: 0 };
  const finest = 2 ** Math.max(0, Math.floor(Math.log2(smallest / perBlock)));
  for (let cellWords = finest; ; cellWords *= 2) {
    const from = Math.floor(first / cellWords) * cellWords;
    const cells = Math.ceil((end - from) / cellWords);
    if (cells <= most) return { from, cellWords, cells };
  }
}

/** Counts blocks into the cells of an extent that all of them lie in. */
export function cellsOf(blocks: readonly Block[], { from, cellWords, cells }: Extent): readonly Cell[] {
  const counted: Cell[] = Array.from({ length: cells }, () => ({ live: 0, cached: 0, free: 0 }));
  for (const { at, words, state } of blocks)
    for (let word: number = at; word < at + words; ) {
      const index = Math.floor((word - from) / cellWords);
      const end = Math.min(at + words, from + (index + 1) * cellWords);
      const cell = counted[index];
      if (cell !== undefined) cell[state] += end - word;
      word = end;
    }
  return counted;
}

/** The blocks of one size class, or those that belong to none. */
export interface ClassBlocks {
  /** Words of a block of the class; `undefined`: blocks of their own sizes. */
  readonly words: number | undefined;
  readonly blocks: readonly Block[];
  readonly live: number;
  readonly cached: number;
  readonly free: number;
  readonly liveWords: number;
}

/** By class, smallest first, those without a class last. */
export function byClass(blocks: readonly Block[]): readonly ClassBlocks[] {
  const groups = Map.groupBy(blocks, (block) => block.class);
  return [...groups]
    .toSorted(([a = Number.POSITIVE_INFINITY], [b = Number.POSITIVE_INFINITY]) => (a < b ? -1 : 1))
    .map(([words, members]) => {
      const count = (state: Block['state']): number => members.filter((block) => block.state === state).length;
      const liveWords = members.reduce((sum, block) => sum + (block.state === 'live' ? block.words : 0), 0);
      return { words, blocks: members, live: count('live'), cached: count('cached'), free: count('free'), liveWords };
    });
}
