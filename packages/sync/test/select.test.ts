import { spawnSync } from 'node:child_process';
import { Pool, ValueError } from '@pool/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { after, channel, channelSize, never, select, selectAsync, tick, trySelect } from '../src/index.ts';

function pair(capacity = 4, pool: Pool = Pool.create({ words: 4096, segments: 0 })) {
  return channel(pool, pool.reserve(channelSize({ capacity })), { capacity });
}

describe('select', () => {
  it('does one operation, and no other', () => {
    const [[tx1, rx1], [tx2, rx2], [tx3, rx3]] = [pair(), pair(), pair()];
    tx2.send(2n);
    expect(trySelect([rx1.receiving(), rx2.receiving()])).toEqual({ index: 1, result: { status: 'ok', value: 2n } });
    expect(trySelect([rx1.receiving(), rx2.receiving()])).toBeUndefined();
    expect(select([rx1.receiving(), tx3.sending(3n)])).toEqual({ index: 1, result: 'ok' });
    expect([rx3.length, tx1.length]).toEqual([1, 0]);
  });

  it('takes a closed channel for ready', () => {
    const [[tx1, rx1], [, rx2]] = [pair(), pair()];
    tx1.close();
    expect(select([rx1.receiving(), rx2.receiving()])).toEqual({ index: 0, result: { status: 'closed' } });
  });

  it('is fair: what is always ready keeps nothing from its turn', () => {
    const [[tx1, rx1], [tx2, rx2]] = [pair(), pair()];
    const counts = [0, 0];
    for (let round = 0; round < 2_000; round++) {
      if (rx1.length === 0) tx1.send(1n);
      if (rx2.length === 0) tx2.send(2n);
      const { index } = trySelect([rx1.receiving(), rx2.receiving()]) as { index: 0 | 1 };
      counts[index] = (counts[index] as number) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(600); // of 2,000; that this fails by chance is beyond 15 sigma
  });

  it('is biased on request', () => {
    const [[tx1, rx1], [tx2, rx2]] = [pair(64), pair(64)];
    for (let round = 0; round < 50; round++) {
      tx1.send(1n);
      tx2.send(2n);
    }
    for (let round = 0; round < 50; round++)
      expect(trySelect([rx1.receiving(), rx2.receiving()], { biased: true })).toMatchObject({ index: 0 });
  });

  it('blocks until the time it was given, or a timer is due', () => {
    const [[, rx1], [, rx2]] = [pair(), pair()];
    const cases = [rx1.receiving(), rx2.receiving()] as const;
    expect(select(cases, { timeout: 3 })).toBe('timed-out');
    expect(select(cases, { timeout: 3, strategy: 'spin' })).toBe('timed-out');
    expect(select([...cases, after(3)])).toMatchObject({ index: 2 });
    expect(select([rx1.receiving(), never()], { timeout: 3, strategy: 'park' })).toBe('timed-out');
    expect(() => select([after(1e6)])).toThrow(ValueError);
  });

  it('waits in the event loop for whichever comes first', async () => {
    const [[tx1, rx1], [tx2, rx2]] = [pair(2), pair(2)];
    const first = selectAsync([rx1.receiving(), rx2.receiving()]);
    tx2.send(2n);
    expect(await first).toEqual({ index: 1, result: { status: 'ok', value: 2n } });
    while (tx1.trySend(1n) === 'ok');
    const second = selectAsync([tx1.sending(9n), rx2.receiving()]);
    rx1.tryReceive();
    expect(await second).toEqual({ index: 0, result: 'ok' });
    expect(await selectAsync([rx2.receiving(), after(1)])).toMatchObject({ index: 1 });
    expect(await selectAsync([rx2.receiving()], { timeout: 1 })).toBe('timed-out');
    expect(await selectAsync([after(1), never()])).toMatchObject({ index: 0 });
  });

  it('rejects when aborted, and then nothing has taken place', async () => {
    const [[tx1, rx1], [, rx2]] = [pair(), pair()];
    const controller = new AbortController();
    const selecting = selectAsync([rx1.receiving(), rx2.receiving()], { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(selecting).rejects.toThrow('enough');
    tx1.send(1n);
    expect(rx1.length).toBe(1);
    // What it has left marked eats no wake of another.
    const waiting = rx2.receiveAsync();
    expect(rx1.tryReceive()).toEqual({ status: 'ok', value: 1n });
    const again = selectAsync([rx1.receiving()]);
    tx1.send(2n);
    expect(await again).toMatchObject({ index: 0 });
    expect(await Promise.race([waiting, Promise.resolve('still')])).toBe('still');
    rx2.close();
  });
});

describe('moments', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('after comes once', () => {
    const timer = after(10);
    expect(timer.attempt()).toBeUndefined();
    vi.advanceTimersByTime(10);
    expect(timer.attempt()).toBe(10);
    vi.advanceTimersByTime(1_000);
    expect(timer.attempt()).toBeUndefined();
  });

  it('tick does not drift when it is taken late, and missed ones come as one', () => {
    const ticker = tick(10);
    const taken: unknown[] = [];
    for (const later of [10, 3, 7, 9, 35, 0, 6]) {
      vi.advanceTimersByTime(later);
      taken.push(ticker.attempt());
    }
    // At 10, 13, 20, 29, 64, 64 and 70.
    expect(taken).toEqual([10, undefined, 20, undefined, 30, undefined, 70]);
    expect(ticker.due).toBe(80);
  });

  it('never does not come, and times are checked', () => {
    const timer = never();
    vi.advanceTimersByTime(1e9);
    expect([timer.attempt(), timer.due]).toEqual([undefined, Number.POSITIVE_INFINITY]);
    expect(() => tick(0)).toThrow(ValueError);
    expect(() => after(Number.NaN)).toThrow(ValueError);
  });
});

describe('Node stays alive for a select in the event loop', () => {
  /** What a program prints, and its exit code: 13 says that it awaits what nothing can bring about any more. */
  function run(cases: string, options = ''): [string, number | null] {
    const program = `import { Pool } from '@pool/core';
      import { after, channel, channelSize, never, selectAsync } from '@pool/sync';
      const pool = Pool.create({ words: 4096, owners: 2, segments: 0 });
      const [tx, rx] = channel(pool, pool.reserve(channelSize({ capacity: 2 })), { capacity: 2 });
      const print = (chosen) => console.log(chosen.index ?? chosen.name ?? chosen);
      await selectAsync(${cases}, ${options || '{}'}).then(print, print);`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
      timeout: 20_000, // a process that stays alive for ever has no exit code
    });
    return [stdout, status];
  }

  it.each([
    ['until a timer is due', '[rx.receiving(), never(), after(50)]', '', '2\n', 0],
    ['until time is up, even for what never comes', '[never()]', '{ timeout: 50 }', 'timed-out\n', 0],
    [
      'until it is aborted, even for what never comes',
      '[never()]',
      '{ signal: AbortSignal.timeout(50) }',
      'TimeoutError\n',
      0,
    ],
    ['but not for what never comes and nothing can end', '[never(), never()]', '', '', 13],
    ['nor where it is told not to', '[rx.receiving(), after(60_000)]', '{ keepAlive: false }', '', 13],
  ])('%s', (_name, cases, options, ...printed) => {
    expect(run(cases, options)).toEqual(printed);
  });
});
