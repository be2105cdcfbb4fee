/** One of the threads of `alloc/scale`. */
import { parentPort, workerData } from 'node:worker_threads';
import { Heap } from '@pool/alloc';
import { Pool } from '@pool/core';
import { type AllocatingTask, Orders } from '../allocating-thread.ts';

const task = workerData as AllocatingTask;
const pool = Pool.attach(task.pool);
const heap = Heap.attach(pool, task.heap, pool.owner);
parentPort?.postMessage('ready');
new Orders(pool, task.order).serve(heap);
