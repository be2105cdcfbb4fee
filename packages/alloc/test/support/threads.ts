import { Worker } from 'node:worker_threads';

/** The long campaigns are for `test:full`, which sets POOL_LONG. */
export function rounds(long: number, short: number): number {
  return process.env.POOL_LONG ? long : short;
}

/** A worker of `test/workers`: what it says last, once it is gone, and the way to end it at once. */
export class Party<Answer> {
  readonly #worker: Worker;
  readonly #gone: Promise<Answer>;
  /** Whether it has ended, well or not. */
  ended = false;

  constructor(file: string, workerData: unknown) {
    this.#worker = new Worker(new URL(`../workers/${file}`, import.meta.url), { workerData });
    let answer: Answer;
    this.#worker.on('message', (message: Answer) => {
      answer = message;
    });
    this.#gone = new Promise((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => resolve(answer));
    });
    const end = () => {
      this.ended = true;
    };
    this.#gone.then(end, end);
  }

  /** Rejects with the error that the worker threw. */
  get gone(): Promise<Answer> {
    return this.#gone;
  }

  /** Ends it wherever it is; resolves once it runs no more. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
    await this.#gone;
  }
}
