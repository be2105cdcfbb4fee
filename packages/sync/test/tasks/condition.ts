import type { Address } from '@pool/core';
import { Condition, Mutex } from '@pool/sync';
import { type Do, STOP, TURNS } from './task.ts';

const ROOM = 3;

/**
 * A store of at most three things, under a mutex, with a condition each for those who bring and those who fetch. Even threads
 * bring and odd ones fetch: the words count what is there, what was brought and what was fetched.
 */
export const condition: Do = (pool, { at, count, thread }, word) => {
  const mutex = Mutex.attach(pool, at);
  const room = Condition.attach(pool, (at + Mutex.size()) as Address);
  const goods = Condition.attach(pool, (at + Mutex.size() + Condition.size()) as Address);
  const there = (): number => pool.loadNumber(word(0));
  const stopped = (): boolean => pool.loadNumber(word(STOP)) === 1;
  for (let turn = 0; turn < count; turn++) {
    const token = mutex.lock();
    if (thread % 2 === 0) room.waitFor(token, () => there() < ROOM || stopped());
    else goods.waitFor(token, () => there() > 0 || stopped());
    if (stopped()) {
      token.unlock();
      return;
    }
    if (thread % 2 === 0) {
      pool.storeNumber(word(0), there() + 1);
      pool.fetchAddNumber(word(1), 1);
      goods.notify();
    } else {
      pool.storeNumber(word(0), there() - 1);
      pool.fetchAddNumber(word(2), 1);
      room.notify();
    }
    token.unlock();
    pool.storeNumber(word(TURNS + thread), turn + 1);
  }
};
