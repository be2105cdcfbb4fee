import type { Address } from '@pool/core';
import { Latch } from '@pool/sync';
import type { Do } from './task.ts';

/** Writes, counts down and waits, one latch after the other; beyond each stands what all have written. */
export const latch: Do = (pool, { at, count }, word) => {
  for (let index = 0; index < count; index++) {
    const one = Latch.attach(pool, (at + index * Latch.size()) as Address);
    const parties = pool.loadNumber(word(1));
    pool.fetchAddNumber(word(0), 1);
    one.countDown();
    const result = one.wait();
    const written = pool.loadNumber(word(0));
    if (result !== 'ok' || written < parties * (index + 1))
      throw new Error(`latch ${index}: ${result}, ${written} written`);
  }
};
