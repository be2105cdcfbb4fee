import { type Address, AttachError, CorruptError, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { ResetEvent } from '../src/index.ts';
import { everyMoment, PARKING, PATIENCE } from './support/moments.ts';

const NOW = { timeout: 0, spins: 0 } as const;

function scene(reset: 'manual' | 'auto', start?: bigint) {
  const pool = Pool.create({ words: 64, segments: 0 });
  const base = pool.reserve(ResetEvent.size());
  const event = ResetEvent.create(pool, base, { reset, ...(start !== undefined && { start }) });
  return { pool, base, event };
}

describe('a manual-reset event', () => {
  it('lets everybody through until it is cleared', async () => {
    const { event, pool, base } = scene('manual');
    expect([event.isSet, event.wait({ timeout: 2 })]).toEqual([false, 'timed-out']);
    const waiting = [event.waitAsync(), event.waitAsync()];
    event.set();
    expect(await Promise.all(waiting)).toEqual(['ok', 'ok']);
    expect(ResetEvent.attach(pool, base).wait()).toBe('ok');
    expect([event.clear(), event.clear(), event.tryWait()]).toEqual([true, false, false]);
  });
});

describe('an auto-reset event', () => {
  it('lets one through each time it is set', async () => {
    const { event } = scene('auto');
    event.set();
    event.set();
    expect([event.tryWait(), event.tryWait()]).toEqual([true, false]);
    const waiting = [event.waitAsync({ timeout: PATIENCE }), event.waitAsync({ timeout: PATIENCE })];
    event.set();
    expect(await Promise.race(waiting)).toBe('ok');
    expect(event.isSet).toBe(false);
    event.set();
    expect(await Promise.all(waiting)).toEqual(['ok', 'ok']);
  });

  it('passes on what an aborted waiter did not use', async () => {
    const { event } = scene('auto');
    const controller = new AbortController();
    const aborted = event.waitAsync({ signal: controller.signal });
    const patient = event.waitAsync({ timeout: PATIENCE });
    event.set();
    controller.abort(new Error('enough'));
    const results = await Promise.allSettled([aborted, patient]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await patient).toBe('ok');
  });
});

describe.each(['manual', 'auto'] as const)('an event (%s reset)', (reset) => {
  it('loses no wake-up, wherever the setting falls', () => {
    everyMoment((interrupt) => {
      const { pool, base, event } = scene(reset);
      const waiter = ResetEvent.attach(
        interrupt(pool, () => event.set()),
        base,
      );
      expect(waiter.wait(PARKING)).toBe('ok');
    });
  });

  it('has the same answers wherever its counter begins', async () => {
    for (const start of [2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n].map((wrap) => wrap - 1n)) {
      const { event } = scene(reset, start);
      for (let turn = 0; turn < 3; turn++) {
        const waiting = event.waitAsync({ timeout: PATIENCE });
        event.set();
        expect(await waiting).toBe('ok');
        event.clear();
        expect(event.wait(NOW)).toBe('timed-out');
      }
    }
  });

  it('is Corrupt when its word is no state', () => {
    const { pool, base, event } = scene(reset);
    for (const word of [2n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store((base + 1) as Address, word);
      expect(() => event.wait(NOW)).toThrow(CorruptError);
    }
    expect(() => ResetEvent.attach(pool, (base + 16) as Address)).toThrow(AttachError);
  });

  it('is woken by a recovery, should the wake have died with whom it was for', async () => {
    const { pool, base, event } = scene(reset);
    const waiting = event.waitAsync({ timeout: PATIENCE });
    pool.store((base + 1) as Address, 1n); // set, and the setter died before it woke anybody
    event.recover(pool.owner);
    expect(await waiting).toBe('ok');
  });
});
