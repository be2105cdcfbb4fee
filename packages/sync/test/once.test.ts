import { type Address, AttachError, CorruptError, Pool } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { DeadlockError, Once, recover } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const NOW = { timeout: 0, spins: 0 } as const;
const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

function scene() {
  const pool = Pool.create({ words: 64, owners: 4, segments: 0 });
  const other = Pool.attach(pool.handle);
  pools.push(pool, other);
  const base = pool.reserve(Once.size());
  return { pool, other, base, mine: Once.create(pool, base), theirs: Once.attach(other, base) };
}

describe('a call that is made once', () => {
  it('is made by the first, and the others have its value', () => {
    const { mine, theirs } = scene();
    expect(theirs.value).toBeUndefined();
    expect(mine.call(() => 7n)).toBe('ran');
    expect(theirs.call(() => 8n)).toBe('done');
    expect([mine.value, theirs.value]).toEqual([7n, 7n]);
  });

  it('makes the others wait', async () => {
    const { mine, theirs } = scene();
    const { promise, resolve } = Promise.withResolvers<bigint>();
    const running = mine.callAsync(() => promise);
    expect(theirs.call(() => 8n, NOW)).toBe('timed-out');
    const waiting = theirs.callAsync(() => 8n);
    resolve(7n);
    expect(await Promise.all([running, waiting])).toEqual(['ran', 'done']);
    expect(theirs.value).toBe(7n);
  });

  it('is made again if it threw, and the next one is told', async () => {
    const { mine, theirs } = scene();
    const told: boolean[] = [];
    const attempt = (begunBefore: boolean): bigint => {
      told.push(begunBefore);
      if (told.length < 3) throw new Error('not yet');
      return 7n;
    };
    expect(() => mine.call(attempt)).toThrow('not yet');
    await expect(theirs.callAsync(attempt)).rejects.toThrow('not yet');
    expect(mine.call(attempt)).toBe('ran');
    expect(told).toEqual([false, true, true]);
  });

  it('does not wait for itself', () => {
    const { mine } = scene();
    expect(() => mine.call(() => BigInt(mine.call(() => 1n).length))).toThrow(DeadlockError);
  });

  it('loses no wake-up, wherever the end of the call falls', () => {
    everyMoment((interrupt) => {
      const { pool, other, base, theirs } = scene();
      const state = (base + 1) as Address;
      const running = BigInt((other.owner.generation * 2 ** 16 + other.owner.id) * 4 + 1);
      pool.store(state, running);
      const waiter = Once.attach(
        interrupt(pool, () => {
          pool.store(state, 0n);
          theirs.call(() => 7n);
        }),
        base,
      );
      expect(waiter.call(() => 8n, PARKING)).toBe('done');
    });
  });

  it('is made again when its maker dies, at whatever operation', () => {
    everyDeath((pool) => {
      const base = pool.reserve(Once.size());
      const survivor = Once.create(pool, base);
      return {
        act: (words) => void Once.attach(words, base).call(() => 7n),
        check(victim, died) {
          const found = recover(pool, [survivor], victim.owner)[0];
          const before = survivor.value;
          let told: boolean | undefined;
          const result = survivor.call((begunBefore) => {
            told = begunBefore;
            return 8n;
          }, NOW);
          if (!died) expect(before).toBe(7n);
          expect([result, survivor.value]).toEqual(before === undefined ? ['ran', 8n] : ['done', 7n]);
          expect(told).toBe(before === undefined ? found !== undefined : undefined);
        },
      };
    });
  });

  it('is Corrupt when its word is no state', () => {
    const { pool, base, mine } = scene();
    for (const word of [6n, 2n ** 50n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store((base + 1) as Address, word);
      expect(() => mine.call(() => 1n, NOW)).toThrow(CorruptError);
      expect(() => mine.value).toThrow(CorruptError);
    }
    expect(() => Once.attach(pool, (base + 16) as Address)).toThrow(AttachError);
  });
});
