import { type Address, Pool } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import { RwLock, recover } from '../src/index.ts';
import { kill, rounds, run, start } from './support/threads.ts';
import type { LockTask } from './tasks/task.ts';

const DATA = 32;
const TURNS = 16;
const OWNERS = 6;

function scene() {
  const pool = Pool.create({ words: 1024, owners: OWNERS, segments: 0 });
  const at = pool.reserve(RwLock.size(OWNERS));
  const data = pool.reserve(DATA);
  const word = (index: number): Address => (data + index) as Address;
  const lock = RwLock.create(pool, at);
  const task = (thread: number, count = Number.MAX_SAFE_INTEGER): LockTask => ({
    name: 'rwLock',
    pool: pool.handle,
    at,
    data,
    thread,
    count,
  });
  const stop = (): void => pool.storeNumber(word(DATA - 1), 1);
  const turns = (thread: number): number => pool.loadNumber(word(TURNS + thread));
  return { pool, lock, task, stop, turns };
}

describe('a read-write lock between threads', () => {
  it('shows no reader half of what a writer does', async () => {
    const { lock, task } = scene();
    const count = rounds(50_000, 1_000);
    expect(await Promise.all([0, 1, 2, 3].map((thread) => run<number>(task(thread, count))))).toEqual(
      Array.from({ length: 4 }, () => count),
    );
    expect(lock.tryWrite()?.ownerDied).toBe(false);
  });

  it('no starvation: a writer among readers, and readers beside a writer, have their turns', async () => {
    const { task, stop, turns } = scene();
    const threads = [0, 1, 2, 3].map((thread) => run<number>(task(thread)));
    await vi.waitUntil(() => [0, 1, 2, 3].every((thread) => turns(thread) > 50), { timeout: 50_000 });
    stop();
    await Promise.all(threads);
  });

  it(
    'goes on after readers and writers have died',
    async () => {
      const { pool, lock, task, stop, turns } = scene();
      const survivors = [0, 1, 2].map((thread) => start<number>(task(thread)));
      await vi.waitUntil(() => [0, 1, 2].every((thread) => turns(thread) > 0), { timeout: 30_000 });
      await kill(task(3), rounds(500, 10), (owner) => {
        recover(pool, [lock], owner);
        expect(recover(pool, [lock], owner)).toEqual([]);
      });
      const before = [0, 1, 2].map(turns);
      await vi.waitUntil(() => before.every((had, thread) => turns(thread) > had), { timeout: 30_000 });
      stop();
      await Promise.all(survivors.map(({ answer }) => answer));
      expect(lock.tryWrite()?.exclusive).toBe(true);
    },
    rounds(900_000, 60_000),
  );
});
