import { type Address, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { EventCount, type WaitStrategy } from '../src/index.ts';
import { LOOKS_PER_CLOCK, SPINS_BEFORE_PARKING } from '../src/tuning.ts';

function waiting() {
  const pool = Pool.create({ words: 64 });
  const base = pool.reserve(16);
  const recording = record(pool);
  return { pool, base, recording, count: new EventCount(recording.words, base, (base + 1) as Address) };
}

describe('a wait strategy', () => {
  it.each<{ strategy: WaitStrategy; pauses: boolean; parks: boolean }>([
    { strategy: 'spin', pauses: true, parks: false },
    { strategy: 'spin-then-park', pauses: true, parks: true },
    { strategy: 'park', pauses: false, parks: true },
  ])('$strategy: spins $pauses, parks $parks', ({ strategy, pauses, parks }) => {
    const { pool, base } = waiting();
    let parked = false;
    const { words, operations } = record(pool, {
      before(name, [, , options]) {
        if (name !== 'wait' || (options as { timeout?: number }).timeout === 0) return;
        parked = true;
        pool.fetchAdd(base, 1n); // so it does not sleep
      },
    });
    const count = new EventCount(words, base, (base + 1) as Address);
    let looks = 0;
    expect(count.wait(() => (parked || ++looks > 2 * SPINS_BEFORE_PARKING ? 'ended' : undefined), { strategy })).toBe(
      'ended',
    );
    expect(operations.some(({ name }) => name === 'pause')).toBe(pauses);
    expect(parked).toBe(parks);
  });

  it('spins for a moment only where blocking is forbidden', () => {
    const { pool, base } = waiting();
    const { words } = record(pool, {
      before(name) {
        if (name === 'wait') throw new Error('must not block');
      },
    });
    let looks = 0;
    const count = new EventCount(words, base, (base + 1) as Address);
    expect(() => count.wait(() => void looks++, { strategy: 'spin' })).toThrow('must not block');
    expect(looks).toBe(1 + LOOKS_PER_CLOCK);
  });
});

describe('an asynchronous wait', () => {
  it('uses a wake that arrives together with the abort', async () => {
    const { pool, base } = waiting();
    const [event, waiters, flag] = [base, base + 1, base + 2] as [Address, Address, Address];
    const controller = new AbortController();
    const { words } = record(pool, {
      before(name) {
        if (name === 'fetchSub') controller.abort(); // the wake is here, and the waiter has not looked yet
      },
    });
    const waiter = new EventCount(words, event, waiters);
    const answer = waiter.waitAsync(() => (pool.load(flag) === 1n ? 'seen' : undefined), { signal: controller.signal });
    pool.store(flag, 1n);
    new EventCount(pool, event, waiters).signal();
    await expect(answer).resolves.toBe('seen');
    expect(controller.signal.aborted).toBe(true);
    expect(pool.load(waiters)).toBe(0n);
  });

  it('rejects when it is aborted, and leaves nobody behind', async () => {
    const { pool, base, count } = waiting();
    const controller = new AbortController();
    const answer = count.waitAsync(() => undefined, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(pool.load((base + 1) as Address)).toBe(0n);
  });
});
