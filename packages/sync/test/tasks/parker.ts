import type { Address, Pool } from '@pool/core';
import { Parker } from '@pool/sync';
import { type Do, STOP, TURNS } from './task.ts';

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

/**
 * One of two that take turns, of which the other may die: whose turn it is stands in the word, so a successor finds it out. It wakes
 * the other first, for that wake may have died with the one before.
 */
export function* turnsOf(pool: Pool, mine: Parker, theirs: Parker, pair: Address, odd: 0 | 1): Generator<number> {
  theirs.unpark();
  for (let turn = 1; ; turn++) {
    let seen = pool.loadNumber(pair);
    for (; seen % 2 !== odd; seen = pool.loadNumber(pair))
      if (mine.park({ timeout: 120_000 }) !== 'ok') throw new Error(`nobody woke ${odd} for its turn ${turn}`);
    pool.storeNumber(pair, seen + 1);
    theirs.unpark();
    yield turn;
  }
}

export const parkerTurns: Do = (pool, { at, thread }, word) => {
  const [mine, theirs] = [thread, thread ^ 1].map((one) => Parker.attach(pool, (at + one * Parker.size()) as Address));
  for (const turn of turnsOf(pool, mine as Parker, theirs as Parker, word(0), thread === 0 ? 0 : 1)) {
    pool.storeNumber(word(TURNS + thread), turn);
    if (pool.loadNumber(word(STOP)) === 1) return turn;
  }
  return 0;
};
