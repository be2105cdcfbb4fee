import { type Address, AttachError, CorruptError, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { EndTakenError, Parker, recover } from '../src/index.ts';
import { everyMoment, PARKING } from './support/moments.ts';

function scene() {
  const pool = Pool.create({ words: 64, segments: 0 });
  const base = pool.reserve(Parker.size());
  return { pool, base, state: (base + 1) as Address, parker: Parker.create(pool, base) };
}

describe('a parker', () => {
  it('keeps one wake', () => {
    const { parker } = scene();
    parker.unpark();
    parker.unpark();
    expect([parker.park(), parker.park({ timeout: 2 })]).toEqual(['ok', 'timed-out']);
    parker.unpark();
    expect(parker.park({ timeout: 0 })).toBe('ok');
  });

  it('is woken while it sleeps', async () => {
    const { pool, base, state, parker } = scene();
    const sleeping = parker.parkAsync();
    expect(pool.load(state)).toBe(2n);
    Parker.attach(pool, base).unpark();
    expect(await sleeping).toBe('ok');
    expect(pool.load(state)).toBe(0n);
  });

  it.each(['park', 'spin', 'spin-then-park'] as const)('sleeps no longer than it is to (%s)', (strategy) => {
    const { pool, state, parker } = scene();
    expect(parker.park({ timeout: 3, strategy })).toBe('timed-out');
    expect(pool.load(state)).toBe(0n);
  });

  it('keeps a wake that comes with the abort', async () => {
    const { parker } = scene();
    const controller = new AbortController();
    const sleeping = parker.parkAsync({ signal: controller.signal });
    parker.unpark();
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(parker.park({ timeout: 0, spins: 0 })).toBe('ok');
  });

  it('has one sleeper at a time', async () => {
    const { state, pool, parker } = scene();
    const first = parker.parkAsync();
    await expect(parker.parkAsync()).rejects.toThrow(EndTakenError);
    expect(() => parker.park({ timeout: 1 })).toThrow(EndTakenError);
    expect(pool.load(state)).toBe(2n);
    parker.unpark();
    expect(await first).toBe('ok');
  });

  it.each([
    ['was aborted', { signal: AbortSignal.timeout(1) }],
    ['was aborted before', { signal: AbortSignal.abort() }],
    ['timed out', { timeout: 1 }],
    ['had options that cannot be', { timeout: Number.NaN }],
  ])('wakes one that sleeps after one that %s', async (_, options) => {
    const { parker } = scene();
    await parker.parkAsync(options).catch(() => {});
    expect(parker.park({ timeout: 1 })).toBe('timed-out');
    const sleeping = parker.parkAsync({ timeout: 1000 });
    parker.unpark();
    expect(await sleeping).toBe('ok');
  });

  it('wakes whoever is in the queue of the word, since the first may have been aborted while its thread blocks', () => {
    const { pool, base } = scene();
    const counts: unknown[] = [];
    const { words } = record(pool, {
      before: (name, operands) => void (name === 'notify' && counts.push(operands[1])),
    });
    const waker = Parker.attach(words, base);
    const sleeping = Parker.attach(pool, base).parkAsync();
    waker.unpark();
    expect(counts).toEqual([undefined]);
    return sleeping;
  });

  it('uses a wake that comes when time is up', () => {
    const { pool, base, parker } = scene();
    const { words } = record(pool, {
      // The sleeper has looked for the last time, and takes back that it sleeps.
      before: (name, operands) => void (name === 'compareExchangeNumber' && operands[1] === 2 && parker.unpark()),
    });
    expect(Parker.attach(words, base).park({ timeout: 1, strategy: 'park' })).toBe('ok');
  });

  it('loses no wake-up, wherever it falls', () => {
    everyMoment((interrupt) => {
      const { pool, base, parker } = scene();
      const sleeper = Parker.attach(
        interrupt(pool, () => parker.unpark()),
        base,
      );
      expect(sleeper.park(PARKING)).toBe('ok');
    });
  });

  it('wakes its sleeper when it is recovered, for a wake that died with who was to give it', async () => {
    const { pool, base, parker } = scene();
    const asleep = parker.parkAsync(); // without an end: one by time would find the wake after all
    const theirs = Pool.attach(pool.handle);
    const { words } = record(theirs, {
      before(name) {
        if (name === 'notify') throw new Error('dies here');
      },
    });
    expect(() => Parker.attach(words, base).unpark()).toThrow('dies here');
    expect(recover(pool, [parker], theirs.owner)).toEqual([]);
    expect(await asleep).toBe('ok');
    const asleepAgain = parker.parkAsync({ timeout: 30 });
    parker.recover(pool.owner); // who looks, and has not been woken, goes on sleeping
    expect(await asleepAgain).toBe('timed-out');
  });

  it('is Corrupt when its word is no state', () => {
    const { pool, base, state, parker } = scene();
    for (const word of [3n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store(state, word);
      expect(() => parker.park({ timeout: 0, spins: 0 })).toThrow(CorruptError);
    }
    expect(() => Parker.attach(pool, (base + 16) as Address)).toThrow(AttachError);
  });
});
