import { describe, expect, it, vi } from 'vitest';
import { Mutex, type WaitStrategy } from '../src/index.ts';
import { assertLinearizable, type Completed } from './support/linearizability.ts';
import { LockScene } from './support/lock-scene.ts';
import { MUTEX_MODEL } from './support/models.ts';
import { DEATHS, PATIENCE, rounds, run } from './support/threads.ts';

interface Counted {
  readonly turns: number;
  readonly deaths: number;
}

function scene() {
  const stage = new LockScene(Mutex.size());
  return { stage, mutex: Mutex.create(stage.pool, stage.at), counted: () => stage.pool.loadNumber(stage.data) };
}

describe('a mutex between threads', () => {
  it.each<WaitStrategy | undefined>([undefined, 'park', 'spin'])(
    'lets in one of four at a time (%s)',
    async (strategy) => {
      const { stage, counted } = scene();
      const count = rounds(200_000, strategy === 'spin' ? 500 : 5_000);
      const threads = [0, 1, 2, 3].map((thread) => stage.task('mutexCount', thread, count));
      await Promise.all(threads.map((task) => run(strategy ? { ...task, strategy } : task)));
      expect(counted()).toBe(4 * count);
    },
  );

  it('lets in one at a time, be they threads or tasks', async () => {
    const { stage, counted } = scene();
    const count = rounds(20_000, 1_000);
    await Promise.all([
      run(stage.task('mutexCountAsync', 0, count)),
      run(stage.task('mutexCountAsync', 1, count)),
      run(stage.task('mutexCount', 2, count)),
      run(stage.task('mutexCount', 3, count)),
    ]);
    expect(counted()).toBe(8 * count);
  });

  it('no starvation: a thread that parks gets its turns beside three that never let go for long', async () => {
    const { stage } = scene();
    const greedy = [1, 2, 3].map((thread) => run<Counted>(stage.task('mutexCount', thread)));
    await vi.waitUntil(() => [1, 2, 3].every((thread) => stage.turns(thread) > 0), { timeout: 30_000 });
    const { turns } = await run<Counted>({ ...stage.task('mutexCount', 0, 200), strategy: 'park' });
    stage.stop();
    expect(turns).toBe(200);
    await Promise.all(greedy);
  });

  it('is linearizable', async () => {
    for (let round = 0; round < rounds(40, 4); round++) {
      const { stage } = scene();
      const parts = await Promise.all(
        [0, 1, 2, 3].map((thread) => run<Completed[]>(stage.task('mutexHistory', thread, 300))),
      );
      assertLinearizable(parts.flat(), MUTEX_MODEL);
    }
  });

  it(
    'outlives its holders: each death is told to one taker, nobody is left waiting, and no turn is lost',
    async () => {
      const { stage, mutex, counted } = scene();
      const { lives, found, answers } = await stage.outlive<Counted>({ name: 'mutexCount', objects: [mutex] });
      const last = mutex.lock();
      const told = answers.reduce((sum, { deaths }) => sum + deaths, 0);
      // A victim may have been told of the one before it.
      expect(told).toBeLessThanOrEqual(found);
      expect(last.ownerDied ? told + 1 : told).toBeGreaterThan(found > 0 ? 0 : -1);
      last.unlock();
      const noted = [...answers, ...lives].reduce((sum, { turns }) => sum + turns, 0);
      expect(counted()).toBeGreaterThanOrEqual(noted);
      expect(counted()).toBeLessThanOrEqual(noted + DEATHS); // a turn that was over, and not noted yet
    },
    PATIENCE,
  );
});
