import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Address, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { WordQueue } from '../src/index.ts';
import type { QueueTask } from './workers/queue.ts';

const PER_SENDER = process.env.POOL_LONG ? 1_000_000 : 20_000;

function start(task: QueueTask): { worker: Worker; received: Promise<number[]> } {
  const worker = new Worker(new URL('./workers/queue.ts', import.meta.url), { workerData: task });
  return { worker, received: once(worker, 'message').then(([values]) => values as number[]) };
}

describe.each([
  { name: 'spsc', senders: 1, receivers: 1, capacity: 64 },
  { name: 'mpsc', senders: 3, receivers: 1, capacity: 8 },
  { name: 'spmc', senders: 1, receivers: 3, capacity: 8 },
  { name: 'mpmc', senders: 2, receivers: 2, capacity: 1024 },
  { name: 'stampede', senders: 2, receivers: 2, capacity: 2 },
])('$name: $senders senders, $receivers receivers, $capacity cells', ({ senders, receivers, capacity }) => {
  it('delivers everything once, each sender in order, and then ends', async () => {
    const pool = Pool.create({ words: WordQueue.size(capacity) });
    const base: Address = pool.reserve(WordQueue.size(capacity));
    const queue = WordQueue.create(pool, base, capacity);
    const common = { pool: pool.handle, base, count: PER_SENDER };
    const sending = Array.from({ length: senders }, (_, index) =>
      start({ ...common, role: 'sender', first: index * PER_SENDER }),
    );
    const receiving = Array.from({ length: receivers }, () => start({ ...common, role: 'receiver', first: 0 }));
    await Promise.all(sending.map((sender) => sender.received));
    queue.close();
    const parts = await Promise.all(receiving.map((receiver) => receiver.received));

    const all = parts.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: senders * PER_SENDER }, (_, value) => value));
    for (const part of parts) {
      const last = new Map<number, number>();
      for (const value of part) {
        const sender = Math.floor(value / PER_SENDER);
        expect(value).toBeGreaterThan(last.get(sender) ?? -1);
        last.set(sender, value);
      }
    }
    expect(queue.length).toBe(0);
  });
});
