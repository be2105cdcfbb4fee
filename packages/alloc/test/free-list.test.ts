import { type Address, AttachError, Pool, ValueError } from '@pool/core';
import { describe, expect, it, test } from 'vitest';
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

describe('a free list', () => {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });

  it('refuses sizes that cannot be, and more blocks than its head can name', () => {
    const options = { blocks: 4, blockWords: 16, owners: 4 };
    for (const wrong of [{ blocks: 0 }, { blocks: 2 ** 24 }, { blockWords: 0.5 }, { owners: 0 }, { tagBits: 30 }])
      expect(() => FreeList.size({ ...options, ...wrong })).toThrow(ValueError);
    expect(() => FreeList.size({ blocks: 2 ** 24 - 1, blockWords: 1, owners: 2 ** 9 })).toThrow(/2\^33/);
    expect(FreeList.size({ blocks: 2 ** 24 - 1, blockWords: 1, owners: 2 ** 9 - 1 })).toBeGreaterThan(2 ** 24);
  });

  it('refuses to attach to anything else, and owners that it has no row for', () => {
    const options = { blocks: 4, blockWords: 16, owners: 1 };
    const base = pool.reserve(FreeList.size(options));
    expect(() => FreeList.attach(pool, base, pool.owner)).toThrow(AttachError);
    FreeList.create(pool, base, options, pool.owner);
    expect(() => FreeList.attach(pool, base, Pool.attach(pool.handle).owner)).toThrow(ValueError);
  });

  it('gives back what was freed last', () => {
    const options = { blocks: 8, blockWords: 16, owners: 4 };
    const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
    const [a, b, c] = [list.allocate(16), list.allocate(1), list.allocate(16)] as [Address, Address, Address];
    for (const at of [b, a, c]) list.free(at);
    expect([list.allocate(16), list.allocate(16), list.allocate(16)]).toEqual([c, a, b]);
  });
});
