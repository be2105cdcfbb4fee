/** A thread that explores what `pool check` was given, or one part of it. Any message to it means: come to an end. */
import { parentPort, workerData } from 'node:worker_threads';
import { explorePart } from './check/explore-part.ts';
import type { PartData, PartMessage } from './check/explore-threads.ts';
import { problemsOf } from './check/refusal.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const data = workerData as PartData;
const tell = (message: PartMessage): void => port.postMessage(message);
let stopped = false;
port.on('message', () => {
  stopped = true;
});
try {
  await explorePart(data, tell, () => stopped);
} catch (error) {
  const problems = problemsOf(error, data.file);
  if (problems === undefined) throw error;
  tell({ kind: 'refused', problems });
}
port.close();
