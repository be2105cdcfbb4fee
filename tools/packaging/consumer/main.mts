/** A use of the installed packages as a stranger would write it: two workers add to one word of a pool. */
import { Worker } from 'node:worker_threads';
import { Pool, type PoolHandle } from '@pool/core';

const ADDITIONS = 100_000;

const pool: Pool = Pool.create({ words: 16 });
const handle: PoolHandle = pool.handle;
const counter = pool.reserve(1);

const workers = [1, 2].map(
  () => new Worker(new URL('./worker.mts', import.meta.url), { workerData: { handle, counter, additions: ADDITIONS } }),
);
const codes = await Promise.all(
  workers.map((worker) => new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject))),
);
console.log(JSON.stringify({ codes, total: pool.loadNumber(counter), engine: pool.engine }));
