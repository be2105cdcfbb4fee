import { describe, expect, it, vi } from 'vitest';
import { RwLock } from '../src/index.ts';
import { LockScene, OWNERS } from './support/lock-scene.ts';
import { DEATHS, PATIENCE, rounds, run } from './support/threads.ts';
import { isWriting } from './tasks/rw-lock.ts';

function scene() {
  const stage = new LockScene(RwLock.size(OWNERS));
  return { stage, lock: RwLock.create(stage.pool, stage.at) };
}

/** How many of a thread's turns were the writer's. */
function writes(thread: number, turns: number): number {
  let count = 0;
  for (let turn = 0; turn < turns; turn++) if (isWriting(thread, turn)) count += 1;
  return count;
}

describe('a read-write lock between threads', () => {
  it('shows no reader half of what a writer does', async () => {
    const { stage, lock } = scene();
    const count = rounds(50_000, 1_000);
    const threads = [0, 1, 2, 3].map((thread) => run<number>(stage.task('rwLock', thread, count)));
    expect(await Promise.all(threads)).toEqual(Array.from({ length: 4 }, () => count));
    expect(lock.tryWrite()?.ownerDied).toBe(false);
  });

  it('no starvation: a writer among readers, and readers beside a writer, have their turns', async () => {
    const { stage } = scene();
    const threads = [0, 1, 2, 3].map((thread) => run<number>(stage.task('rwLock', thread)));
    await vi.waitUntil(() => [0, 1, 2, 3].every((thread) => stage.turns(thread) > 50), { timeout: 50_000 });
    stage.stop();
    await Promise.all(threads);
  });

  it(
    'goes on after readers and writers have died, and no turn is lost',
    async () => {
      const { stage, lock } = scene();
      const { lives, answers } = await stage.outlive<number>({ name: 'rwLock', objects: [lock] });
      expect(lock.tryWrite()?.exclusive).toBe(true);
      const all = [...lives, ...answers.map((turns, thread) => ({ thread, turns }))];
      const noted = all.reduce((sum, { thread, turns }) => sum + writes(thread, turns), 0);
      const written = stage.pool.loadNumber(stage.word(0));
      expect(written).toBeGreaterThanOrEqual(noted);
      expect(written).toBeLessThanOrEqual(noted + DEATHS); // a turn that was over, and not noted yet
    },
    PATIENCE,
  );
});
