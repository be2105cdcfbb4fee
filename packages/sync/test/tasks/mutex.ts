import { Mutex } from '@pool/sync';
import { type Do, Notes, STOP, step, TURNS } from './task.ts';

/** Counts under the lock `count` times, or until told to stop; gives back how often, and how many deaths it was told of. */
export const mutexCount: Do = (pool, { at, count, thread, strategy }, word) => {
  const mutex = Mutex.attach(pool, at);
  let deaths = 0;
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    const token = mutex.lock(strategy ? { strategy } : {});
    if (token.ownerDied) deaths += 1;
    step(pool, word(0), word(1), token.ownerDied);
    token.unlock();
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return { turns, deaths };
};

/** The same from an event loop, from several tasks at once. */
export const mutexCountAsync: Do = async (pool, { at, count }, word) => {
  const mutex = Mutex.attach(pool, at);
  const task = async (): Promise<void> => {
    for (let turn = 0; turn < count; turn++) {
      const token = await mutex.lockAsync();
      step(pool, word(0), word(1), false);
      token.unlock();
    }
  };
  await Promise.all([task(), task(), task()]);
};

/** Locks with and without waiting, and notes when and with what result. */
export const mutexHistory: Do = (pool, { at, count, thread }, word) => {
  const mutex = Mutex.attach(pool, at);
  const notes = new Notes(pool, word(0), thread);
  for (let turn = 0; turn < count; turn++) {
    const patient = (turn + thread) % 3 > 0;
    const token = patient
      ? notes.note({ name: 'lock' }, () => mutex.lock())
      : notes.note(
          { name: 'tryLock' },
          () => mutex.tryLock(),
          (taken) => taken !== undefined,
        );
    if (token) notes.note({ name: 'unlock' }, () => token.unlock());
  }
  return notes.history;
};
