/** One instance of an example on a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { StaticStorage, type StaticStorageOptions } from '@pool/alloc';
import { Pool, type PoolHandle, Segments, type WindowGrant } from '@pool/core';
import { instantiate, load } from '@pool/vm';

export interface ExampleTask {
  readonly pool: PoolHandle;
  readonly storage: StaticStorageOptions;
  readonly bytes: Uint8Array;
  readonly grant: WindowGrant;
  readonly entry: string;
  readonly given: readonly bigint[];
}

const task = workerData as ExampleTask;
const pool = Pool.attach(task.pool);
const segments = new Segments(pool, { storage: new StaticStorage(task.storage) });
const instance = instantiate(load(task.bytes), {
  words: pool,
  windows: [task.grant],
  segments: segments.access({ domains: new Set([task.grant.domain]) }),
});
const outcome = instance.run(task.entry, task.given);
pool.detach();
parentPort?.postMessage({ outcome, memory: instance.memory.slice(0, 8192) });
