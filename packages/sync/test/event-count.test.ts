import { type Address, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { EventCount } from '../src/index.ts';

const EVENT = 0;
const WAITERS = 1;
const FLAG = 2;

function words() {
  const pool = Pool.create({ words: 64 });
  const base = pool.reserve(16);
  return { pool, at: (offset: number): Address => (base + offset) as Address };
}

describe('an event count', () => {
  it('does not touch the count when nobody waits', () => {
    const { pool, at } = words();
    new EventCount(pool, at(EVENT), at(WAITERS)).signal();
    expect(pool.load(at(EVENT))).toBe(0n);
  });

  it('loses no wake-up when the signal falls between the last look and the park', () => {
    const { pool, at } = words();
    const signaller = new EventCount(pool, at(EVENT), at(WAITERS));
    let parks = 0;
    const { words: paused } = record(pool, {
      before(name) {
        if (name !== 'wait') return;
        parks += 1;
        // The waiter has looked for the last time and is about to park: the worst moment.
        pool.store(at(FLAG), 1n);
        signaller.signal();
      },
    });
    const waiter = new EventCount(paused, at(EVENT), at(WAITERS));
    const answer = waiter.wait(() => (pool.load(at(FLAG)) === 1n ? 'seen' : undefined), { timeout: 60_000 });
    expect([answer, parks]).toEqual(['seen', 1]);
    expect(pool.load(at(EVENT))).toBe(1n);
    expect(pool.load(at(WAITERS))).toBe(0n);
  });

  it('counts no waiter that gave up by an error of its own', () => {
    const { pool, at } = words();
    const count = new EventCount(pool, at(EVENT), at(WAITERS));
    let looks = 0;
    const attempt = (): undefined => {
      looks += 1;
      if (looks > 3) throw new Error('no more');
    };
    expect(() => count.wait(attempt, { timeout: 0, spins: 0 })).not.toThrow();
    looks = 2; // the first look passes, and the one between announcing and parking throws
    expect(() => count.wait(attempt, { spins: 0 })).toThrow('no more');
    expect(pool.load(at(WAITERS))).toBe(0n);
  });

  it('looks once more after its time is up', () => {
    const { pool, at } = words();
    const count = new EventCount(pool, at(EVENT), at(WAITERS));
    const { words: late } = record(pool, { before: (name) => void (name === 'wait' && pool.store(at(FLAG), 1n)) });
    const waiter = new EventCount(late, at(EVENT), at(WAITERS));
    expect(waiter.wait(() => (pool.load(at(FLAG)) === 1n ? 'seen' : undefined), { timeout: 0 })).toBe('seen');
    expect(count.wait(() => undefined, { timeout: 0 })).toBeUndefined();
  });

  it('refuses what cannot be called, before it counts a waiter', async () => {
    const { pool, at } = words();
    const count = new EventCount(pool, at(EVENT), at(WAITERS));
    for (const wrong of [undefined, null, 'seen', 7, {}] as never[]) {
      expect(() => count.wait(wrong)).toThrow('`attempt` is a function');
      await expect(count.waitAsync(wrong)).rejects.toThrow('`attempt` is a function');
    }
    expect(pool.load(at(WAITERS))).toBe(0n);
  });
});
