/** A thread that explores the parallel contest's program, all of it or what it takes of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { check } from '@pool/check';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { PARALLEL } from '../exploring.ts';

export interface ExploreTask {
  readonly pool: PoolHandle;
  /** The word that deals out parts. */
  readonly dealt: Address;
}

const port = parentPort as NonNullable<typeof parentPort>;
const task = workerData as ExploreTask;
const share = { dealt: { words: Pool.attach(task.pool), at: task.dealt } };
port.on('message', (shares: boolean) => port.postMessage(check(PARALLEL, shares ? { share } : {}).executions));
port.postMessage('ready');
