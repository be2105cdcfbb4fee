import { type Address, Pool } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import { Mutex, recover, type WaitStrategy } from '../src/index.ts';
import { assertLinearizable, type Completed } from './support/linearizability.ts';
import { MUTEX_MODEL } from './support/models.ts';
import { kill, rounds, run, start } from './support/threads.ts';
import type { LockTask } from './tasks/task.ts';

const DATA = 32;
/** Where the threads say how many turns they had. */
const TURNS = 16;

interface Counted {
  readonly turns: number;
  readonly deaths: number;
}

function scene() {
  const pool = Pool.create({ words: 1024, segments: 0 });
  const at = pool.reserve(Mutex.size());
  const data = pool.reserve(DATA);
  const mutex = Mutex.create(pool, at);
  const task = (name: LockTask['name'], thread: number, count: number, strategy?: WaitStrategy): LockTask => ({
    name,
    pool: pool.handle,
    at,
    data,
    thread,
    count,
    ...(strategy && { strategy }),
  });
  const stop = (): void => pool.storeNumber((data + DATA - 1) as typeof data, 1);
  return { pool, data, mutex, task, stop };
}

describe('a mutex between threads', () => {
  it.each<WaitStrategy | undefined>([undefined, 'park', 'spin'])(
    'lets in one of four at a time (%s)',
    async (strategy) => {
      const { pool, data, task } = scene();
      const count = rounds(200_000, strategy === 'spin' ? 500 : 5_000);
      await Promise.all([0, 1, 2, 3].map((thread) => run(task('mutexCount', thread, count, strategy))));
      expect(pool.loadNumber(data)).toBe(4 * count);
    },
  );

  it('lets in one at a time, be they threads or tasks', async () => {
    const { pool, data, task } = scene();
    const count = rounds(20_000, 1_000);
    await Promise.all([
      run(task('mutexCountAsync', 0, count)),
      run(task('mutexCountAsync', 1, count)),
      run(task('mutexCount', 2, count)),
      run(task('mutexCount', 3, count)),
    ]);
    expect(pool.loadNumber(data)).toBe(8 * count);
  });

  it('no starvation: a thread that parks gets its turns beside three that never let go for long', async () => {
    const { pool, data, task, stop } = scene();
    const greedy = [1, 2, 3].map((thread) => run<Counted>(task('mutexCount', thread, Number.MAX_SAFE_INTEGER)));
    const begun = (thread: number): boolean => pool.loadNumber((data + TURNS + thread) as Address) > 0;
    await vi.waitUntil(() => [1, 2, 3].every(begun), { timeout: 30_000 });
    const { turns } = await run<Counted>(task('mutexCount', 0, 200, 'park'));
    stop();
    expect(turns).toBe(200);
    await Promise.all(greedy);
  });

  it('is linearizable', async () => {
    for (let round = 0; round < rounds(40, 4); round++) {
      const { task } = scene();
      const parts = await Promise.all(
        [0, 1, 2, 3].map((thread) => run<Completed[]>(task('mutexHistory', thread, 300))),
      );
      assertLinearizable(parts.flat(), MUTEX_MODEL);
    }
  });

  it(
    'outlives its holders: each death is told to one taker, and nobody is left waiting',
    async () => {
      const { pool, mutex, task, stop, data } = scene();
      const survivors = [0, 1].map((thread) => start<Counted>(task('mutexCount', thread, Number.MAX_SAFE_INTEGER)));
      let found = 0;
      await kill(task('mutexCount', 2, Number.MAX_SAFE_INTEGER), rounds(500, 10), (owner) => {
        const before = pool.loadNumber(data);
        found += recover(pool, [mutex], owner).length;
        expect(recover(pool, [mutex], owner)).toEqual([]);
        expect(pool.owners.read(owner.id).status).toBe('free');
        expect(pool.loadNumber(data)).toBeGreaterThanOrEqual(before);
      });
      stop();
      const counted = await Promise.all(survivors.map(({ answer }) => answer));
      const last = mutex.lock();
      const told = counted.reduce((sum, { deaths }) => sum + deaths, 0);
      // A victim may have been told of the one before it.
      expect(told).toBeLessThanOrEqual(found);
      expect(last.ownerDied ? told + 1 : told).toBeGreaterThan(found > 0 ? 0 : -1);
      for (const { turns } of counted) expect(turns).toBeGreaterThan(0);
      last.unlock();
    },
    rounds(900_000, 30_000),
  );
});
