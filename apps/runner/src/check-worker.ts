/** A thread that explores one part of what `pool check` was given. Any message to it means: come to an end. */
import { parentPort, workerData } from 'node:worker_threads';
import { ModelError } from '@pool/check';
import { explorePart } from './check/explore-part.ts';
import type { PartData, PartMessage } from './check/explore-threads.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const { subject, options } = workerData as PartData;
const tell = (message: PartMessage): void => port.postMessage(message);
let stopped = false;
port.on('message', () => {
  stopped = true;
});
try {
  const judged = await explorePart(subject, options, (progress) => {
    tell({ kind: 'progress', progress });
    return !stopped;
  });
  tell({ kind: 'done', judged });
} catch (error) {
  if (!(error instanceof ModelError)) throw error;
  tell({ kind: 'refused', message: error.message });
}
port.close();
