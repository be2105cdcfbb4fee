import { type Address, AddressError, Pool, Segments, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { StaticAllocator, type StaticAllocatorHandle } from '../src/index.ts';
import { allocatorSuite } from '../src/testing/index.ts';

function set(sizes: readonly number[]) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 4 });
  return { pool, blocks: StaticAllocator.create(pool, pool.reserve(StaticAllocator.size(sizes)), sizes, pool.owner) };
}

describe.each([1, 64, 200])('a static allocator of places of %i words', (size) => {
  const suite = allocatorSuite<StaticAllocatorHandle>({
    name: 'static',
    create(pool, words) {
      const all = Array.from({ length: words / 64 }, () => size);
      return StaticAllocator.create(pool, pool.reserve(StaticAllocator.size(all)), all, pool.owner).handle;
    },
    attach: (pool, handle) => StaticAllocator.attach(pool, handle, pool.owner),
  });
  it.each(suite)('$name', ({ run }) => run());
});

describe('a static allocator', () => {
  it('has one place for each entry, a constant', () => {
    const { blocks } = set([16, 100, 1]);
    const first = blocks.place(0);
    expect([0, 1, 2].map((entry) => blocks.place(entry) - first)).toEqual([0, 16, 128]);
    expect(blocks.allocate(100, 1)).toBe(blocks.place(1));
    expect([blocks.allocate(1, 1), blocks.allocate(17, 0), blocks.allocate(1, 3)]).toEqual(Array(3).fill(undefined));
  });

  it.each([3, -1, 1.5, Number.NaN])('has no place %d', (entry) => {
    const { blocks } = set([16, 100, 1]);
    expect(() => blocks.place(entry)).toThrow(AddressError);
    expect(blocks.allocate(1, entry)).toBeUndefined();
  });

  it('adds up over places of different sizes', () => {
    const { blocks } = set([16, 100, 16, 30]);
    blocks.allocate(1, 0);
    blocks.allocate(100, 1);
    expect(blocks.stats()).toEqual({
      capacity: 176,
      used: 128,
      free: 48,
      largestFree: 32,
      fragmentation: 1 - 32 / 48,
      live: 2,
      classes: [
        { words: 16, live: 1, free: 1 },
        { words: 32, live: 0, free: 1 },
        { words: 112, live: 1, free: 0 },
      ],
    });
  });

  it('names an address that is another entry’s', () => {
    const { blocks } = set([16, 16]);
    const at = blocks.allocate(1, 1) as Address;
    expect(() => blocks.free(at, 0)).toThrow(
      new AddressError(at, 0, "the static allocator as entry 0's block; it is entry 1's"),
    );
    expect(() => blocks.free(at, 1)).not.toThrow();
  });

  it('gives segments their room', () => {
    const { pool, blocks } = set([16, 16]);
    const segments = new Segments(pool, { storage: blocks });
    const drafts = Array.from({ length: 4 }, () => segments.draft(100));
    expect(drafts.filter((draft) => draft !== undefined)).toHaveLength(2);
    expect(blocks.stats().live).toBe(2);
    for (const draft of drafts) draft?.discard();
    expect(blocks.stats().live).toBe(0);
  });

  it('refuses sizes and bases that cannot be', () => {
    const { pool } = set([16]);
    for (const sizes of [[], [0], [1.5], [-1]]) expect(() => StaticAllocator.size(sizes)).toThrow(ValueError);
    for (const base of [8, -16, 1.5, Number.NaN])
      expect(() => StaticAllocator.create(pool, base as Address, [16], pool.owner)).toThrow(AddressError);
  });
});
