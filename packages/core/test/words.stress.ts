import { type Address, type Engine, Pool } from '@pool/core';
import { expect, test } from 'vitest';
import { rounds, run } from './support/threads.ts';

test.each<{ twins: string; engines: readonly Engine[] }>([
  { twins: 'both accelerated', engines: ['auto', 'auto'] },
  { twins: 'one twin each', engines: ['auto', 'plain'] },
])(
  'two workers add 100,000 each to one word: 200,000, every time ($twins)',
  async ({ engines }) => {
    const runs = rounds(1_000, 20);
    const pool = Pool.create({ words: runs + 32, owners: 3, segments: 0 });
    const at = pool.reserve(runs + 16);
    await Promise.all(
      engines.map((engine, party) =>
        run({ name: 'add', pool: pool.handle, engine, at, parties: 2, party, rounds: runs, count: 100_000 }),
      ),
    );
    for (let index = 0; index < runs; index++)
      expect(pool.load((at + 16 + index) as Address), `run ${index}`).toBe(200_000n);
    expect(pool.load((at + 16 + runs) as Address)).toBe(0n);
  },
  600_000,
);

test('a wake between the check and the parking is never lost', async () => {
  const turns = rounds(200_000, 20_000);
  const pool = Pool.create({ words: 64, owners: 3, segments: 0 });
  const at = pool.reserve(32);
  const task = { name: 'takeTurns', pool: pool.handle, at, parties: 2, rounds: turns, count: 0 } as const;
  await Promise.all([run({ ...task, party: 0 }), run({ ...task, party: 1 })]);
  expect(pool.load((at + 16) as Address)).toBe(0n);
}, 600_000);

test('a waitAsync on one thread is woken by another', async () => {
  const pool = Pool.create({ words: 64, owners: 3, segments: 0 });
  const at = pool.reserve(32);
  const turn = (at + 16) as Address;
  const worker = run({ name: 'takeTurns', pool: pool.handle, at, parties: 1, party: 1, rounds: 100, count: 0 });
  for (let round = 0; round < 100; round++) {
    pool.store(turn, 1n);
    pool.notify(turn, 1);
    while (pool.load(turn) === 1n) await pool.waitAsync(turn, 1n);
  }
  await worker;
  expect(pool.load(turn)).toBe(0n);
});
