import { type Address, AttachError, CorruptError, Pool, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { Latch } from '../src/index.ts';
import { everyMoment, PARKING, PATIENCE } from './support/moments.ts';

const NOW = { timeout: 0, spins: 0 } as const;

function scene(count: number) {
  const pool = Pool.create({ words: 64, segments: 0 });
  const base = pool.reserve(Latch.size());
  return { pool, base, latch: Latch.create(pool, base, count) };
}

describe('a latch', () => {
  it('opens once it is counted down, and stays open', async () => {
    const { pool, base, latch } = scene(3);
    expect([latch.countDown(), latch.wait({ timeout: 2 })]).toEqual([false, 'timed-out']);
    const waiting = latch.waitAsync();
    expect([latch.countDown(2), latch.count]).toEqual([true, 0]);
    expect(await waiting).toBe('ok');
    expect(Latch.attach(pool, base).wait()).toBe('ok');
    expect(() => latch.countDown()).toThrow(ValueError);
    expect(scene(0).latch.wait()).toBe('ok');
  });

  it('ends every wait when it is broken, unless it is open', async () => {
    const { latch } = scene(2);
    const waiting = latch.waitAsync();
    latch.break();
    latch.break();
    expect([await waiting, latch.wait()]).toEqual(['broken', 'broken']);
    expect(latch.countDown(2)).toBe(true);
    const open = scene(0).latch;
    open.break();
    expect(open.wait()).toBe('ok');
  });

  it('counts a large number exactly, and none that cannot be', () => {
    const { latch } = scene(2 ** 32 - 1);
    expect([latch.countDown(2 ** 31), latch.count]).toEqual([false, 2 ** 31 - 1]);
    for (const count of [-1, 0.5, 2 ** 32]) expect(() => scene(count)).toThrow(ValueError);
  });

  it('loses no wake-up, wherever the last count falls', () => {
    everyMoment((interrupt) => {
      const { pool, base, latch } = scene(1);
      const waiter = Latch.attach(
        interrupt(pool, () => void latch.countDown()),
        base,
      );
      expect(waiter.wait(PARKING)).toBe('ok');
    });
  });

  it('is woken by a recovery, should the last count have died before its wake', async () => {
    const { pool, base, latch } = scene(1);
    const waiting = latch.waitAsync({ timeout: PATIENCE });
    pool.store((base + 1) as Address, 0n);
    latch.recover(pool.owner);
    expect(await waiting).toBe('ok');
  });

  it('is Corrupt when its word is no count', () => {
    const { pool, base, latch } = scene(1);
    for (const word of [2n ** 33n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store((base + 1) as Address, word);
      expect(() => latch.wait(NOW)).toThrow(CorruptError);
      expect(() => latch.countDown()).toThrow(CorruptError);
    }
    expect(() => Latch.attach(pool, (base + 16) as Address)).toThrow(AttachError);
  });
});
