/** Selects that have only each other to meet, over two rendezvous in both directions at once. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Address, type Owner, Pool } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { channel, channelSize, type EndHandle, recover } from '../src/index.ts';
import { rounds } from './support/threads.ts';
import type { SelectTask } from './workers/selects.ts';

const THREADS = [0, 1, 2, 3];
const running = new Set<Worker>();

afterEach(async () => {
  await Promise.all([...running].map((worker) => worker.terminate()));
});

function stage(values: number) {
  const pool = Pool.create({ words: 2 ** 14 + 2 * values, owners: 1024, segments: 0 });
  const pairs = [0, 1].map(() => channel(pool, pool.reserve(channelSize({ capacity: 0 })), { capacity: 0 }));
  const [delivered, acknowledged] = [pool.reserve(values), pool.reserve(values)];

  function start(how: SelectTask['how'], first: number, count: number) {
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
    const worker = new Worker(new URL('./workers/selects.ts', import.meta.url), { workerData });
    running.add(worker);
    worker.once('exit', () => running.delete(worker));
    const owner = Promise.withResolvers<Owner>();
    const received = Promise.withResolvers<number>();
    worker.on('message', (message: { owner: Owner } | { received: number }) => {
      if ('owner' in message) owner.resolve(message.owner);
      else received.resolve(message.received);
    });
    for (const promise of [owner, received]) {
      worker.on('error', promise.reject);
      promise.promise.catch(() => {}); // a victim's answer is nobody's
    }
    return { worker, owner: owner.promise, received: received.promise };
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
      const received = await Promise.all(threads.map((thread) => thread.received));
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
      const deaths = rounds(500, 10);
      const count = 2_000;
      const { pool, start, close, times, isAcknowledged, receivers } = stage(count * (deaths + 3));
      const survivors = THREADS.slice(1).map((thread) =>
        start(thread === 1 ? 'async' : 'spin-then-park', (deaths + thread - 1) * count, count),
      );
      for (let death = 0; death < deaths; death++) {
        const { worker, owner } = start(death % 2 === 0 ? 'spin-then-park' : 'async', death * count, count);
        const gone = once(worker, 'exit');
        const victim = await owner;
        const moment = performance.now() + ((death * 7) % 31) / 10;
        while (performance.now() < moment) {} // finer than a timer
        await worker.terminate();
        await gone;
        recover(pool, receivers, victim);
      }
      close();
      await Promise.all(survivors.map(({ received }) => received));
      let lost = 0;
      for (let value = 0; value < count * (deaths + 3); value++) {
        expect(times(value)).toBeLessThanOrEqual(1);
        if (isAcknowledged(value) && times(value) === 0) lost += 1;
      }
      expect(lost).toBeLessThanOrEqual(deaths);
    },
    rounds(1_800_000, 120_000),
  );
});
