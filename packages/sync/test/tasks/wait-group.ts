import { WaitGroup } from '@pool/sync';
import { type Do, STOP, TURNS } from './task.ts';

/** Begins and ends tasks, a few at a time. */
export const waitGroup: Do = (pool, { at, count, thread }, word) => {
  const group = WaitGroup.attach(pool, at);
  for (let turn = 0; turn < count && pool.loadNumber(word(STOP)) === 0; turn++) {
    const tasks = 1 + ((turn + thread) % 5);
    group.add(tasks);
    group.done();
    if (tasks > 1) group.done(tasks - 1);
    pool.storeNumber(word(TURNS + thread), turn + 1);
  }
};
