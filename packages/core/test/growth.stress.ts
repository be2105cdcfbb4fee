import { type Address, Pool } from '@pool/core';
import { expect, test } from 'vitest';
import { rounds, run } from './support/threads.ts';

const PAGE_WORDS = 8192;

test.each([2, 4])(
  '%i threads reserve and grow at once: nothing overlaps, and every word is kept',
  async (parties) => {
    const each = rounds(300, 40);
    const count = 2_000;
    const pool = Pool.create({ words: 64, owners: parties + 1, segments: 0, maxWords: 2 ** 22 });
    const at = pool.reserve(32);
    const before = pool.unreserved;
    const regions = await Promise.all(
      Array.from({ length: parties }, (_, party) =>
        run<Address[]>({ name: 'grow', pool: pool.handle, at, parties, party, rounds: each, count }),
      ),
    );
    const all = regions.flat().sort((a, b) => a - b);
    expect(all).toHaveLength(parties * each);
    for (let index = 1; index < all.length; index++)
      expect((all[index] as number) - (all[index - 1] as number)).toBeGreaterThanOrEqual(count);
    for (const [party, mine] of regions.entries())
      for (const region of mine)
        for (let word: number = region; word < region + count; word++)
          if (pool.load(word as Address) !== ((BigInt(party) << 32n) | BigInt(word)))
            expect.unreachable(`word ${word} was lost`);
    expect(pool.loadNumber((at + 16) as Address)).toBe(parties * each);
    expect(before - pool.unreserved).toBe(parties * each * count); // 2,000 words are whole lines
  },
  120_000,
);

test('an address that arrives from a thread that just grew the memory is found at once', async () => {
  const hands = rounds(20_000, 2_000);
  const pool = Pool.create({ words: 64, owners: 3, segments: 0, maxWords: (hands + 2) * PAGE_WORDS });
  const at = pool.reserve(48);
  const task = { name: 'handOver', pool: pool.handle, at, parties: 2, rounds: hands, count: 0 } as const;
  await Promise.all([run({ ...task, party: 0 }), run({ ...task, party: 1 })]);
  expect(pool.size).toBeGreaterThan(hands * PAGE_WORDS);
}, 120_000);

test('two threads attach, grow and detach at once, and keep every word', async () => {
  const each = rounds(2_000, 200);
  const pool = Pool.create({ words: 64, owners: 5, segments: 0, maxWords: 2 ** 24 });
  const at = pool.reserve(32);
  const task = { name: 'comeAndGo', pool: pool.handle, at, parties: 2, rounds: each, count: 0 } as const;
  await Promise.all([run({ ...task, party: 0 }), run({ ...task, party: 1 })]);
  expect(pool.loadNumber((at + 16) as Address)).toBe(4 * each);
  const rows = pool.owners.list();
  expect(rows.map(({ status }) => status)).toEqual(['live', 'free', 'free', 'free', 'free']);
  expect(rows.reduce((claims, { generation }) => claims + generation, 0)).toBe(1 + 2 + 2 * each);
}, 120_000);
