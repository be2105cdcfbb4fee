import { type Address, Pool } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import { recover, Semaphore } from '../src/index.ts';
import { assertLinearizable, type Completed } from './support/linearizability.ts';
import { semaphoreModel } from './support/models.ts';
import { kill, rounds, run, start } from './support/threads.ts';
import type { LockTask } from './tasks/task.ts';

const DATA = 32;
const TURNS = 16;
const OWNERS = 6;
const PERMITS = 3;

function scene(fair: boolean) {
  const pool = Pool.create({ words: 1024, owners: OWNERS, segments: 0 });
  const at = pool.reserve(Semaphore.size(OWNERS));
  const data = pool.reserve(DATA);
  const word = (index: number): Address => (data + index) as Address;
  pool.storeNumber(word(1), PERMITS);
  const semaphore = Semaphore.create(pool, at, PERMITS, { fair });
  const task = (name: LockTask['name'], thread: number, count = Number.MAX_SAFE_INTEGER): LockTask => ({
    name,
    pool: pool.handle,
    at,
    data,
    thread,
    count,
  });
  const stop = (): void => pool.storeNumber(word(DATA - 1), 1);
  const turns = (thread: number): number => pool.loadNumber(word(TURNS + thread));
  return { pool, semaphore, task, stop, turns };
}

describe.each([{ fair: false }, { fair: true }])('a semaphore between threads (fair: $fair)', ({ fair }) => {
  it('never has more inside than permits, and all of them at the end', async () => {
    const { semaphore, task } = scene(fair);
    const count = rounds(100_000, fair ? 500 : 5_000);
    const turns = await Promise.all([0, 1, 2, 3].map((thread) => run<number>(task('semaphoreCount', thread, count))));
    expect(turns).toEqual([count, count, count, count]);
    expect(semaphore.available).toBe(PERMITS);
  });

  it(
    'has all its permits again, however many die',
    async () => {
      const { pool, semaphore, task, stop, turns } = scene(fair);
      const survivors = [0, 1, 2].map((thread) => start<void>(task('semaphoreVictim', thread)));
      await vi.waitUntil(() => [0, 1, 2].every((thread) => turns(thread) > 0), { timeout: 30_000 });
      await kill(task('semaphoreVictim', 3), rounds(500, 10), (owner) => {
        recover(pool, [semaphore], owner);
        expect(recover(pool, [semaphore], owner)).toEqual([]);
      });
      const before = [0, 1, 2].map(turns);
      await vi.waitUntil(() => before.every((had, thread) => turns(thread) > had), { timeout: 30_000 });
      stop();
      await Promise.all(survivors.map(({ answer }) => answer));
      expect(semaphore.available).toBe(PERMITS);
    },
    rounds(900_000, 60_000),
  );
});

describe('a fair semaphore', () => {
  it('no starvation: one that wants all permits has them beside three that come again and again', async () => {
    const { task, stop, turns } = scene(true);
    const greedy = [1, 2, 3].map((thread) => run<number>(task('semaphoreCount', thread)));
    await vi.waitUntil(() => [1, 2, 3].every((thread) => turns(thread) > 0), { timeout: 30_000 });
    expect(await run<number>({ ...task('semaphoreCount', 0, rounds(2_000, 100)), all: true })).toBe(rounds(2_000, 100));
    stop();
    await Promise.all(greedy);
  });
});

describe('a semaphore that is not fair', () => {
  it('is linearizable', async () => {
    for (let round = 0; round < rounds(40, 4); round++) {
      const { task } = scene(false);
      const parts = await Promise.all(
        [0, 1, 2, 3].map((thread) => run<Completed[]>(task('semaphoreHistory', thread, 300))),
      );
      assertLinearizable(parts.flat(), semaphoreModel(PERMITS));
    }
  });
});
