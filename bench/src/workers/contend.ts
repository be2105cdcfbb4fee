/** The other thread of the contended mutex contest. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from '@pool/core';
import { Mutex as RivalMutex } from 'multithreading';
import { type Contended, contender, type Round } from '../contending.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const contended = workerData as Contended;
const count = contender(Pool.attach(contended.pool), contended, RivalMutex);
port.on('message', (round: Round) => port.postMessage(count(round)));
port.postMessage('ready');
