/** Selects that have only each other to meet, over two rendezvous in both directions at once. */
import { type Address, Pool } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { channel, channelSize, type EndHandle, recover } from '../src/index.ts';
import { DEATHS, dismiss, launch, type Running, rounds, terminate } from './support/threads.ts';
import type { SelectTask } from './workers/selects.ts';

const THREADS = [0, 1, 2, 3];

afterEach(dismiss);

function stage(values: number) {
  const pool = Pool.create({ words: 2 ** 14 + 2 * values, owners: 1024, segments: 0 });
  const pairs = [0, 1].map(() => channel(pool, pool.reserve(channelSize({ capacity: 0 })), { capacity: 0 }));
  const [delivered, acknowledged] = [pool.reserve(values), pool.reserve(values)];

  function start(how: SelectTask['how'], first: number, count: number): Running<number> {
    const handles = (end: 0 | 1): EndHandle[] => pairs.map((pair) => pair[end].clone().handOver());
    const [senders, receivers] = [handles(0), handles(1)];
    const workerData: SelectTask = {
      pool: pool.handle,
      senders,
      receivers,
      first,
      count,
      delivered,
      acknowledged,
      how,
    };
    return launch<number>('selects.ts', workerData);
  }

  /** This thread's own ends are done with: what goes on ends with the last worker's. */
  function close(): void {
    for (const [tx, rx] of pairs) {
      tx.close();
      rx.close();
    }
  }
  const times = (value: number): number => pool.loadNumber((delivered + value) as Address);
  const isAcknowledged = (value: number): boolean => pool.loadNumber((acknowledged + value) as Address) === 1;
  return { pool, start, close, times, isAcknowledged, receivers: pairs.map(([, rx]) => rx) };
}

describe('four threads that only select', () => {
  it.each([
    ['blocked', ['spin-then-park', 'spin-then-park', 'spin-then-park', 'spin-then-park']],
    ['parked at once', ['park', 'park', 'park', 'park']],
    ['in their event loops', ['async', 'async', 'async', 'async']],
    ['one way or the other', ['async', 'park', 'async', 'spin-then-park']],
  ] as const)(
    'hand over each value once, and all end (%s)',
    async (_, hows) => {
      const count = rounds(100_000, 500);
      const { start, close, times } = stage(count * hows.length);
      const threads = hows.map((how, thread) => start(how, thread * count, count));
      await Promise.all(threads.map(({ owner }) => owner));
      close();
      const received = await Promise.all(threads.map(({ answer }) => answer));
      expect(received.reduce((sum, one) => sum + one)).toBe(count * hows.length);
      for (let value = 0; value < count * hows.length; value++) expect(times(value)).toBe(1);
    },
    rounds(1_800_000, 120_000),
  );
});

describe('threads that are terminated while they select', () => {
  it(
    'leave the others to meet; nothing arrives twice, and only what a dead one had in its hands is lost',
    async () => {
      const count = 2_000;
      const { pool, start, close, times, isAcknowledged, receivers } = stage(count * (DEATHS + 3));
      const survivors = THREADS.slice(1).map((thread) =>
        start(thread === 1 ? 'async' : 'spin-then-park', (DEATHS + thread - 1) * count, count),
      );
      for (let death = 0; death < DEATHS; death++) {
        const victim = start(death % 2 === 0 ? 'spin-then-park' : 'async', death * count, count);
        recover(pool, receivers, await terminate(victim, death));
      }
      close();
      await Promise.all(survivors.map(({ answer }) => answer));
      let lost = 0;
      for (let value = 0; value < count * (DEATHS + 3); value++) {
        expect(times(value)).toBeLessThanOrEqual(1);
        if (isAcknowledged(value) && times(value) === 0) lost += 1;
      }
      expect(lost).toBeLessThanOrEqual(DEATHS);
    },
    rounds(1_800_000, 120_000),
  );
});
