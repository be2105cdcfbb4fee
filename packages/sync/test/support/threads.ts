import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Owner } from '@pool/core';
import type { LockTask } from '../tasks/task.ts';

/** The long campaigns are for `test:full`, which sets POOL_LONG. */
export function rounds(long: number, short: number): number {
  return process.env.POOL_LONG ? long : short;
}

export interface Running<Answer> {
  readonly worker: Worker;
  /** As whom the thread has attached. */
  readonly owner: Promise<Owner>;
  /** What its task gave back; rejects with its error. */
  readonly answer: Promise<Answer>;
}

type Message<Answer> = { readonly owner: Owner } | { readonly answer: Answer };

/** Starts a task on a thread of its own. */
export function start<Answer>(task: LockTask): Running<Answer> {
  const worker = new Worker(new URL('../workers/locks.ts', import.meta.url), { workerData: task });
  const owner = Promise.withResolvers<Owner>();
  const answer = Promise.withResolvers<Answer>();
  worker.on('message', (message: Message<Answer>) => {
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

export function run<Answer>(task: LockTask): Promise<Answer> {
  return start<Answer>(task).answer;
}

/**
 * Starts the task and terminates its thread at some moment, so many times; each time, once the thread is gone, `recover` is
 * called for its owner. The moments are spread over the first milliseconds of its work.
 */
export async function kill(task: LockTask, times: number, recover: (owner: Owner) => void): Promise<void> {
  for (let death = 0; death < times; death++) {
    const { worker, owner } = start(task);
    const gone = once(worker, 'exit'); // from the beginning: a short task may be done before its moment comes
    const victim = await owner;
    const moment = performance.now() + ((death * 7) % 31) / 10;
    while (performance.now() < moment) {} // finer than a timer
    await worker.terminate();
    await gone;
    recover(victim);
  }
}
