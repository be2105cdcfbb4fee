import type { Pool } from '@pool/core';
import { describe, test } from 'vitest';
import { FreeList } from '../src/free-list.ts';
import { allocatorSuite } from '../src/testing/index.ts';

describe.each([1, 3, 16, 48, 64])('a free list of blocks of %i words', (blockWords) => {
  const suite = allocatorSuite({
    name: 'free list',
    create(pool: Pool, words: number) {
      const options = { blocks: Math.ceil(words / 64), blockWords, owners: pool.owners.rows };
      return FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner).handle;
    },
    attach: (pool, handle) => FreeList.attach(pool, handle, pool.owner),
  });
  test.each(suite)('$name', ({ run }) => run());
});
