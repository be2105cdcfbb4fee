import type { Address } from '@pool/core';
import { Parker } from '@pool/sync';
import type { Do } from './task.ts';

/** Two threads wake each other in turns; each pair has two parkers. */
export const parker: Do = (pool, { at, count, thread, strategy }, word) => {
  const mine = Parker.attach(pool, (at + thread * Parker.size()) as Address);
  const theirs = Parker.attach(pool, (at + (thread ^ 1) * Parker.size()) as Address);
  const first = thread % 2 === 0;
  const pair = word(thread >> 1);
  for (let turn = 0; turn < count; turn++) {
    if (!first) mine.park(strategy ? { strategy } : {});
    const seen = pool.loadPlainNumber(pair);
    if (seen !== turn * 2 + (first ? 0 : 1)) throw new Error(`turn ${turn} of thread ${thread} saw ${seen}`);
    pool.storePlainNumber(pair, seen + 1);
    theirs.unpark();
    if (first) mine.park(strategy ? { strategy } : {});
  }
};
