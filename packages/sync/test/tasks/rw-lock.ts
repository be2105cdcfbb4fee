import { RwLock } from '@pool/sync';
import { type Do, STOP, step, TURNS } from './task.ts';

/** The first thread only writes, so that it can starve. */
export function isWriting(thread: number, turn: number): boolean {
  return thread === 0 || (turn + thread) % 8 === 0;
}

/** Writes two words that are always equal, every so often, and reads them in between; gives back how often it had its turn. */
export const rwLock: Do = (pool, { at, count, thread }, word) => {
  const lock = RwLock.attach(pool, at);
  let turns = 0;
  for (; turns < count && pool.loadNumber(word(STOP)) === 0; turns++) {
    if (isWriting(thread, turns)) {
      const token = lock.write();
      step(pool, word(0), word(1), token.ownerDied);
      if (turns % 2) token.downgrade();
      token.unlock();
    } else {
      const token = lock.read();
      const [a, b] = [pool.loadPlainNumber(word(0)), pool.loadPlainNumber(word(1))];
      if (a !== b && !token.ownerDied) throw new Error(`a reader saw a writer's half: ${a} and ${b}`);
      token.unlock();
    }
    pool.storeNumber(word(TURNS + thread), turns + 1);
  }
  return turns;
};
