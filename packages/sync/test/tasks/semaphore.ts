import { Semaphore } from '@pool/sync';
import { type Do, Notes, STOP, TURNS } from './task.ts';

/** Counts who is inside, a few permits at a time, until told to stop or `count` times; nobody may see more inside than there are permits. */
export const semaphoreCount: Do = (pool, { at, count, thread }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    const weight = 1 + ((turns + thread) % permits);
    semaphore.acquire(weight);
    const inside = pool.fetchAddNumber(word(0), weight) + weight;
    if (inside > permits) throw new Error(`${inside} are inside, and there are ${permits} permits`);
    pool.fetchSubNumber(word(0), weight);
    semaphore.release(weight);
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return turns;
};

/** The same without looking who is inside, for a death leaves that wrong. */
export const semaphoreVictim: Do = (pool, { at, thread, count }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  for (let turn = 0; turn < count && pool.loadNumber(word(STOP)) === 0; turn++) {
    const weight = 1 + ((turn + thread) % permits);
    semaphore.acquire(weight);
    semaphore.release(weight);
    pool.storeNumber(word(TURNS + thread), turn + 1);
  }
};

/** Acquires with and without waiting, and notes when and with what result. */
export const semaphoreHistory: Do = (pool, { at, count, thread }, word) => {
  const semaphore = Semaphore.attach(pool, at);
  const permits = pool.loadNumber(word(1));
  const notes = new Notes(pool, word(0), thread);
  for (let turn = 0; turn < count; turn++) {
    const argument = 1 + ((turn * 7 + thread) % permits);
    const patient = (turn + thread) % 3 > 0;
    const acquired = patient
      ? notes.note({ name: 'acquire', argument }, () => semaphore.acquire(argument) === 'ok')
      : notes.note(
          { name: 'tryAcquire', argument },
          () => semaphore.tryAcquire(argument),
          (result) => result,
        );
    if (acquired) notes.note({ name: 'release', argument }, () => semaphore.release(argument));
  }
  return notes.history;
};
