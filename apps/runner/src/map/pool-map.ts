/**
 * What stands where in a pool: its own tables, what was reserved behind them, and the blocks of the heaps in there. A map is
 * plain data taken in one look; while threads go on allocating, its parts may be from different moments.
 */
import type { Allocator, AllocatorStats, Block } from '@pool/alloc';
import { LINE_WORDS, type Pool, roundUp } from '@pool/core';

/** A range of words with a name. */
export interface MapRegion {
  /** Empty for what has none. */
  readonly name: string;
  /** What it is, such as `queue of 16`. */
  readonly what: string;
  readonly at: number;
  readonly words: number;
}

export interface HeapMap {
  readonly name: string;
  /** The strategy's own name. */
  readonly strategy: string;
  readonly stats: AllocatorStats;
  /** In the order of addresses. */
  readonly blocks: readonly Block[];
}

export interface PoolMap {
  readonly title: string;
  /** Words there are now, and how many there can be. */
  readonly words: number;
  readonly maxWords: number;
  /** Words that somebody has reserved, the pool's tables included: those below. */
  readonly reserved: number;
  /** All of the pool without gaps, in the order of addresses. */
  readonly regions: readonly MapRegion[];
  readonly heaps: readonly HeapMap[];
}

export interface MapOptions {
  /** What stands above it. Default: `pool`. */
  readonly title?: string;
  /** What the ranges that were reserved are called; others are shown as reserved. */
  readonly regions?: readonly MapRegion[];
  /** What is to be shown block by block; `mapHeap` looks at an allocator. */
  readonly heaps?: readonly HeapMap[];
}

/** Looks at a pool. */
export function mapPool(pool: Pool, options: MapOptions = {}): PoolMap {
  const { title = 'pool', regions = [], heaps = [] } = options;
  const tables = pool.tables.map(({ name, at, words, rows }) => ({
    name: '',
    what: rows === 0 ? name : `${name}, ${rows.toLocaleString('en-US')} rows`,
    at,
    words,
  }));
  const maxWords = pool.maxWords;
  const reserved = maxWords - pool.unreserved;
  const words = Math.max(pool.size, reserved);
  const named = [...tables, ...regions].toSorted((a, b) => a.at - b.at);
  return { title, words, maxWords, reserved, regions: withoutGaps(named, heaps, reserved, words), heaps };
}

/** Looks at an allocator. */
export function mapHeap(name: string, allocator: Allocator): HeapMap {
  const blocks = [...allocator.blocks()];
  return { name, strategy: allocator.name, stats: allocator.stats(), blocks };
}

/** Puts what is not named between what is: a heap's words, words that were reserved, and at the end those that were not. */
function withoutGaps(
  named: readonly MapRegion[],
  heaps: readonly HeapMap[],
  reserved: number,
  size: number,
): readonly MapRegion[] {
  const regions: MapRegion[] = [];
  const fill = (from: number, to: number): void => {
    if (to <= from) return;
    const inside = heaps.filter(({ blocks }) => blocks.some(({ at }) => at >= from && at < to));
    const what = inside.length > 0 ? 'heap' : 'reserved';
    regions.push({ name: inside.map(({ name }) => name).join(', '), what, at: from, words: to - from });
  };
  let end = 0;
  for (const region of named) {
    fill(end, region.at);
    regions.push(region);
    end = Math.max(end, roundUp(region.at + region.words, LINE_WORDS));
  }
  fill(end, reserved);
  if (size > reserved) regions.push({ name: '', what: 'not reserved', at: reserved, words: size - reserved });
  return regions;
}
