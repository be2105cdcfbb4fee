import type { Address } from '@pool/core';
import { describe, it } from 'vitest';
import { Heap, type HeapOptions, type HeapStrategy } from '../src/index.ts';
import { allocatorSuite } from '../src/testing/index.ts';

/** Twice the room that is asked for, as a slab of 64-word blocks is 16 pages, and the second owner has one too. */
const SPARE = 2;

describe.each<{ strategy: HeapStrategy; grows: boolean }>([
  { strategy: 'general', grows: false },
  { strategy: 'general', grows: true },
  { strategy: 'slabs', grows: false },
  { strategy: 'buddy', grows: false },
  { strategy: 'buddy', grows: true },
])('a heap: $strategy, grows: $grows', ({ strategy, grows }) => {
  const suite = allocatorSuite<Address>({
    name: strategy,
    create(pool, words) {
      const options: HeapOptions = grows
        ? { strategy, words: 1, maxWords: pool.maxWords, growBy: 4096 }
        : { strategy, words: SPARE * words };
      return Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner).handle;
    },
    attach: (pool, handle) => Heap.attach(pool, handle, pool.owner),
  });
  it.each(suite)('$name', ({ run }) => run());
});
