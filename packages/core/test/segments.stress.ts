import { type Address, Pool, Segments } from '@pool/core';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';
import { rounds, run } from './support/threads.ts';

test('two threads publish one draft and retire one segment at once: exactly one of them does', async () => {
  const races = rounds(50_000, 3_000);
  const pool = Pool.create({ words: 256, owners: 3, segments: 4 });
  const at = pool.reserve(16 * 8);
  const task = {
    name: 'endOnce',
    pool: pool.handle,
    at,
    parties: 2,
    rounds: races,
    count: 0,
    owner: pool.owner,
  } as const;
  const [first, second] = await Promise.all([
    run<string[][]>({ ...task, party: 0 }),
    run<string[][]>({ ...task, party: 1 }),
  ]);
  const seen = new Set<string>();
  for (let race = 0; race < races; race++) {
    const [published, retired] = [0, 1].map((step) => [first[race]?.[step], second[race]?.[step]].sort().join(' '));
    expect(published).toBe('ok state');
    expect(['ok stale', 'ok state']).toContain(retired);
    seen.add(first[race]?.[0] as string);
  }
  expect(first).toHaveLength(races);
  expect(seen.size, 'each of them won sometimes').toBe(2);
}, 120_000);

test('four threads share three entries, and no byte shows up in the wrong segment', async () => {
  const each = rounds(100_000, 5_000);
  const pool = Pool.create({ words: 256, owners: 5, segments: 3 });
  const at = pool.reserve(16 * 4);
  const refused = await Promise.all(
    [0, 1, 2, 3].map((party) =>
      run<number>({ name: 'churn', pool: pool.handle, at, parties: 4, party, rounds: each, count: 3 }),
    ),
  );
  expect(refused).toHaveLength(4);
  const segments = new Segments(pool, { storage: new BlockStorage((at + 16) as Address, 3, 16) });
  const drafts = Array.from({ length: 4 }, () => segments.draft(1));
  expect(drafts.map((draft) => draft === undefined)).toEqual([false, false, false, true]); // none was lost, and none doubled
}, 120_000);
