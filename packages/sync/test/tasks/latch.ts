import type { Address } from '@pool/core';
import { Latch } from '@pool/sync';
import { type Do, FIRST, GATE, STOP, TURNS } from './task.ts';

/** How many threads count down each latch. */
export const PARTIES = 1;
/** From here on: up to which latch each thread has counted. */
export const COUNTED = 8;

/** Writes, counts down and waits, one latch after the other; beyond each stands what all have written. */
export const latch: Do = (pool, { at, count }, word) => {
  for (let index = 0; index < count; index++) {
    const one = Latch.attach(pool, (at + index * Latch.size()) as Address);
    const parties = pool.loadNumber(word(PARTIES));
    pool.fetchAddNumber(word(0), 1);
    one.countDown();
    const result = one.wait();
    const written = pool.loadNumber(word(0));
    if (result !== 'ok' || written < parties * (index + 1))
      throw new Error(`latch ${index}: ${result}, ${written} written`);
  }
};

/**
 * The same beside threads that die, which leave latches broken. Words tell up to which latch each thread has counted, before it
 * is told which it has passed.
 */
export const latchPassed: Do = (pool, { at, count, thread }, word) => {
  for (let index = pool.loadNumber(word(FIRST)); index < count; index++) {
    while (index >= pool.loadNumber(word(GATE)))
      if (pool.loadNumber(word(STOP)) === 1) return;
      else pool.pause();
    const one = Latch.attach(pool, (at + index * Latch.size()) as Address);
    one.countDown();
    pool.storeNumber(word(COUNTED + thread), index + 1);
    one.wait();
    pool.storeNumber(word(TURNS + thread), index + 1);
  }
};
