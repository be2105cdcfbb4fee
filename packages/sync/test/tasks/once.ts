import type { Address } from '@pool/core';
import { Once } from '@pool/sync';
import { type Do, FIRST, GATE, TURNS } from './task.ts';

/** How many steps a call takes, so that there is a middle of it to die in. */
const STEPS = 200;

/** Calls one object after the other; of two words each behind them, one counts its runs and one shows what it gave back. */
export const once: Do = (pool, { at, count, thread }, word) => {
  const runs = at + count * Once.size();
  for (let index = pool.loadNumber(word(FIRST)); index < count; index++) {
    while (index >= pool.loadNumber(word(GATE))) pool.pause();
    const one = Once.attach(pool, (at + index * Once.size()) as Address);
    one.call(() => {
      for (let step = 0; step < STEPS; step++) pool.pause();
      return pool.fetchAdd((runs + index * 2) as Address, 1n) + BigInt(index);
    });
    const { value } = one;
    if (value === undefined) throw new Error(`call ${index} is not done`);
    const seen = pool.compareExchange((runs + index * 2 + 1) as Address, 0n, value + 1n);
    if (seen !== 0n && seen !== value + 1n) throw new Error(`call ${index} gave ${seen - 1n}, and then ${value}`);
    pool.storeNumber(word(TURNS + thread), index + 1);
  }
};
