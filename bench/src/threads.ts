/** Threads that the contests of @pool/sync start, and queues that they share. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Address, Pool } from '@pool/core';
import { ArrayQueue, channel, channelSize, type Receiver, type Sender, type WaitStrategy } from '@pool/sync';
import { type CrowdTask, QUEUE_CAPACITY } from './crowds.ts';

export async function start(workerData: unknown): Promise<Worker> {
  const worker = new Worker(new URL('./workers/sync.js', import.meta.url), { workerData });
  await once(worker, 'message');
  return worker;
}

/** What a worker gives back for a round. */
export async function answer(worker: Worker, operations: number): Promise<number> {
  const answered = once(worker, 'message');
  worker.postMessage(operations);
  return (await answered)[0] as number;
}

/** Queues of numbers in a pool of their own, and threads that hold them. */
export class Crowd {
  readonly #pool: Pool = Pool.create({ words: 2 ** 16, segments: 0 });
  readonly workers: Worker[] = [];

  /** @param lanes how many senders it is for. Default: the queue's own */
  queue(lanes?: number): ArrayQueue {
    const options = { capacity: QUEUE_CAPACITY, ...(lanes !== undefined && { lanes }) };
    return ArrayQueue.create(this.#pool, this.#pool.reserve(ArrayQueue.size(options)), options);
  }

  /** A channel of numbers; each thread gets a clone of one of its ends. */
  channel(): [Sender<number>, Receiver<number>] {
    const options = { capacity: QUEUE_CAPACITY, carries: 'numbers' } as const;
    return channel(this.#pool, this.#pool.reserve(channelSize(options)), options);
  }

  async startAtEnd(end: Sender<number> | Receiver<number>): Promise<Worker> {
    const handle = end.clone().handOver();
    const none = 0 as Address;
    const rest = { pool: this.#pool.handle, at: none, back: none, strategy: undefined, end: handle };
    return this.#started({ role: handle.side, ...rest });
  }

  async start(
    role: CrowdTask['role'],
    queue: ArrayQueue,
    back: ArrayQueue = queue,
    strategy?: WaitStrategy,
  ): Promise<Worker> {
    const task: CrowdTask = { role, pool: this.#pool.handle, at: queue.base, back: back.base, strategy };
    return this.#started(task);
  }

  async #started(task: CrowdTask): Promise<Worker> {
    const worker = await start(task);
    this.workers.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
