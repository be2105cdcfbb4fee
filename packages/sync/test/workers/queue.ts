/** A sender or a receiver of a word queue on a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { WordQueue } from '@pool/sync';

export interface QueueTask {
  readonly pool: PoolHandle;
  readonly base: Address;
  readonly role: 'sender' | 'receiver';
  /** The values a sender sends, in order: `first`, `first + 1`, ... */
  readonly first: number;
  readonly count: number;
}

const task = workerData as QueueTask;
const pool = Pool.attach(task.pool);
const queue = WordQueue.attach(pool, task.base);
const received: number[] = [];
if (task.role === 'sender') {
  for (let value = task.first; value < task.first + task.count; value++) {
    if (queue.send(BigInt(value)) !== 'ok') throw new Error(`the queue was closed at ${value}`);
  }
} else {
  for (let value = queue.receive(); typeof value === 'bigint'; value = queue.receive()) received.push(Number(value));
}
pool.detach();
parentPort?.postMessage(received);
