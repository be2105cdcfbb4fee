/** Threads of the stress tests, and how they die: whatever a test kills, it is killed here. */
import { Worker } from 'node:worker_threads';
import type { Owner } from '@pool/core';
import type { LockTask } from '../tasks/task.ts';

/** The long campaigns are for `test:full`, which sets POOL_LONG. */
export function rounds(long: number, short: number): number {
  return process.env.POOL_LONG ? long : short;
}

/** How many threads die at each object. */
export const DEATHS: number = rounds(500, 10);
/** How long so many deaths may take, in milliseconds. */
export const PATIENCE: number = rounds(900_000, 60_000);
/** How long a thread may take to go on after another one's death, in milliseconds. */
export const GOES_ON: { readonly timeout: number; readonly interval: number } = {
  timeout: rounds(120_000, 30_000),
  interval: 1,
};

export interface Running<Answer> {
  readonly worker: Worker;
  /** As whom the thread has attached. */
  readonly owner: Promise<Owner>;
  /** What its task gave back; rejects with its error. */
  readonly answer: Promise<Answer>;
  /** Resolves once it runs no more. Kept from the start: one that is done at once may say so and be gone in the same turn. */
  readonly gone: Promise<void>;
}

type Message<Answer> = { readonly owner: Owner } | { readonly answer: Answer };

const running = new Set<Worker>();

/** Ends all threads that are still at work: one that fails leaves the others waiting for it. */
export async function dismiss(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.terminate()));
}

/** Starts a file of `workers` on a thread of its own. */
export function launch<Answer>(file: string, workerData: unknown): Running<Answer> {
  const worker = new Worker(new URL(`../workers/${file}`, import.meta.url), { workerData });
  running.add(worker);
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  gone.then(() => running.delete(worker));
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
  return { worker, owner: owner.promise, answer: answer.promise, gone };
}

/** Rejects when the thread fails; never resolves. */
export async function failure({ answer }: Running<unknown>): Promise<never> {
  await answer;
  return new Promise(() => {});
}

/** Starts a lock's task on a thread of its own. */
export function start<Answer>(task: LockTask): Running<Answer> {
  return launch('locks.ts', task);
}

export function run<Answer>(task: LockTask): Promise<Answer> {
  return start<Answer>(task).answer;
}

/**
 * Terminates a thread at a moment within the first milliseconds of its work, another one each death.
 * @returns as whom it had attached, once it is gone
 */
export async function terminate({ worker, owner, gone }: Running<unknown>, death: number): Promise<Owner> {
  const victim = await owner;
  const moment = performance.now() + ((death * 7) % 31) / 10;
  while (performance.now() < moment) {} // finer than a timer
  await worker.terminate();
  await gone;
  return victim;
}
