import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Address, type Owner, Pool } from '@pool/core';
import type { MessageTask } from '../workers/messages.ts';

const NOTES = 256;

/** A pool, and threads that do things to an object in it. */
export class Scene {
  readonly pool: Pool = Pool.create({ words: 65_536, segments: 0, owners: 1024 });
  readonly notes: Address = this.pool.reserve(NOTES);
  readonly at: Address;

  /** @param size of the object, in words */
  constructor(size: number) {
    this.at = this.pool.reserve(size);
  }

  /** What a thread has noted. */
  note(index: number): number {
    return this.pool.loadNumber((this.notes + index) as Address);
  }

  /** Starts a task on a thread of its own; `owner` is whom it attached as, `answer` what it gave back. */
  start<Answer>(name: MessageTask['name'], count = 0, thread = 0, notes = 0) {
    const workerData: MessageTask = {
      name,
      pool: this.pool.handle,
      at: this.at,
      notes: (this.notes + notes) as Address,
      thread,
      count,
    };
    const worker = new Worker(new URL('../workers/messages.ts', import.meta.url), { workerData });
    const owner = Promise.withResolvers<Owner>();
    const answer = Promise.withResolvers<Answer>();
    worker.on('message', (message: { readonly owner: Owner } | { readonly answer: Answer }) => {
      if ('owner' in message) owner.resolve(message.owner);
      else answer.resolve(message.answer);
    });
    worker.on('error', (error) => {
      owner.reject(error);
      answer.reject(error);
    });
    answer.promise.catch(() => {}); // a victim's answer is nobody's
    return { worker, owner: owner.promise, answer: answer.promise };
  }

  /**
   * Starts a task and terminates its thread at a moment within its first milliseconds, another one each time.
   * @returns whom it had attached as, once it is gone
   */
  async kill(death: number, ...task: Parameters<Scene['start']>): Promise<Owner> {
    const { worker, owner } = this.start(...task);
    const gone = once(worker, 'exit'); // from here on: it may be done before it is terminated
    const victim = await owner;
    const moment = performance.now() + ((death * 7) % 31) / 10;
    while (performance.now() < moment) {} // finer than a timer
    await worker.terminate();
    await gone;
    return victim;
  }
}
