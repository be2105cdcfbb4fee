/** The other thread of the hand-off contest. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from '@pool/core';
import { type HandoffTask, RawEnd, sumBytes, sumView } from '../handoff.ts';
import { HandoffEnd } from '../handoff-pool.ts';

const task = workerData as HandoffTask;
const port = parentPort as NonNullable<typeof parentPort>;
const pool = Pool.attach(task.pool);
if (task.mode === 'pool') {
  const end = new HandoffEnd(pool, task, 'worker');
  port.postMessage('ready');
  for (;;) {
    end.readAndReturn((view) => {
      pool.fetchAddNumber(task.total, sumView(view));
    });
  }
} else if (task.mode === 'raw') {
  const end = new RawEnd(task.raw);
  port.postMessage('ready');
  for (;;) {
    end.serve((bytes) => {
      pool.fetchAddNumber(task.total, sumBytes(bytes));
    });
  }
} else {
  port.on('message', (buffer: ArrayBuffer) => {
    pool.fetchAddNumber(task.total, sumBytes(new Uint8Array(buffer)));
    port.postMessage(buffer, task.mode === 'transfer' ? [buffer] : []);
  });
  port.postMessage('ready');
}
