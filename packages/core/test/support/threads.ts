import { Worker } from 'node:worker_threads';
import type { Task } from '../workers/task-worker.ts';

/** The long campaigns are for `test:full`, which sets POOL_LONG. */
export function rounds(long: number, short: number): number {
  return process.env.POOL_LONG ? long : short;
}

/** Runs a task on a thread of its own; resolves with its answer once the thread is gone, and rejects with its error. */
export function run<Answer>(task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answer: Answer;
    const worker = new Worker(new URL('../workers/task-worker.ts', import.meta.url), { workerData: task });
    worker.once('message', (message: Answer) => {
      answer = message;
    });
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve(answer) : reject(new Error(`the worker ended with ${code}`))));
  });
}
