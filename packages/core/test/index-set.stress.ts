import { type Address, IndexSet, Pool } from '@pool/core';
import { expect, test } from 'vitest';
import { rounds, run } from './support/threads.ts';

test.each([6, 70, 3000])(
  'four threads take and give back %i indices: none is taken twice, and none is lost',
  async (count) => {
    const each = rounds(1_000_000, 50_000);
    const pool = Pool.create({ words: 16 + IndexSet.size(count) + count, owners: 5, segments: 0 });
    const at = pool.reserve(16 + IndexSet.size(count) + count);
    const set = new IndexSet(pool, (at + 16) as Address, count);
    set.addRange(0, count);
    const empty = await Promise.all(
      [0, 1, 2, 3].map((party) =>
        run<number>({ name: 'takeIndices', pool: pool.handle, at, parties: 4, party, rounds: each, count }),
      ),
    );
    expect(empty).toHaveLength(4);
    const left: number[] = [];
    for (let index = set.take(); index >= 0; index = set.take()) left.push(index);
    expect(left).toEqual(Array.from({ length: count }, (_, index) => index));
  },
  120_000,
);
