/** A thread that explores parts of the parallel contest's program. */
import { parentPort } from 'node:worker_threads';
import { check } from '@pool/check';
import { PARALLEL, type Part } from '../exploring.ts';

const port = parentPort as NonNullable<typeof parentPort>;
port.on('message', (share: Part) => port.postMessage(check(PARALLEL, { share }).executions));
port.postMessage('ready');
