import type { Address } from '@pool/core';
import { Once } from '@pool/sync';
import { type Do, TURNS } from './task.ts';

/** Calls one object after the other; a word behind them counts how often each ran to its end. */
export const once: Do = (pool, { at, count, thread }, word) => {
  const counts = at + count * Once.size();
  for (let index = 0; index < count; index++) {
    const one = Once.attach(pool, (at + index * Once.size()) as Address);
    one.call(() => pool.fetchAdd((counts + index) as Address, 1n) + BigInt(index));
    if (one.value === undefined) throw new Error(`call ${index} is not done`);
    pool.storeNumber(word(TURNS + thread), index + 1);
  }
};
