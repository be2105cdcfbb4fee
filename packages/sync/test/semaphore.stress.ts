import { describe, expect, it } from 'vitest';
import { Semaphore } from '../src/index.ts';
import { assertLinearizable, type Completed } from './support/linearizability.ts';
import { LockScene, OWNERS } from './support/lock-scene.ts';
import { semaphoreModel } from './support/models.ts';
import { PATIENCE, rounds, run } from './support/threads.ts';

const PERMITS = 3;

function scene(fair: boolean) {
  const stage = new LockScene(Semaphore.size(OWNERS));
  stage.pool.storeNumber(stage.word(1), PERMITS);
  return { stage, semaphore: Semaphore.create(stage.pool, stage.at, PERMITS, { fair }) };
}

describe.each([{ fair: false }, { fair: true }])('a semaphore between threads (fair: $fair)', ({ fair }) => {
  it('never has more inside than permits, and all of them at the end', async () => {
    const { stage, semaphore } = scene(fair);
    const count = rounds(100_000, fair ? 500 : 5_000);
    const threads = [0, 1, 2, 3].map((thread) => run<number>(stage.task('semaphoreCount', thread, count)));
    expect(await Promise.all(threads)).toEqual([count, count, count, count]);
    expect(semaphore.available).toBe(PERMITS);
  });

  it(
    'has all its permits again, and none twice, however many die',
    async () => {
      const { stage, semaphore } = scene(fair);
      await stage.outlive({ name: 'semaphoreCount', victim: 'semaphoreVictim', objects: [semaphore] });
      expect(semaphore.available).toBe(PERMITS);
    },
    PATIENCE,
  );
});

describe('a semaphore that is not fair', () => {
  it('is linearizable', async () => {
    for (let round = 0; round < rounds(40, 4); round++) {
      const { stage } = scene(false);
      const parts = await Promise.all(
        [0, 1, 2, 3].map((thread) => run<Completed[]>(stage.task('semaphoreHistory', thread, 300))),
      );
      assertLinearizable(parts.flat(), semaphoreModel(PERMITS));
    }
  });
});
