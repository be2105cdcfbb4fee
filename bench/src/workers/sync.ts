/** The other threads of the contests of streams, crowds and echoes. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pool } from '@pool/core';
import { BareWords } from '../bare-words.ts';
import { type CrowdTask, echo, echoAsync, receiver, sender } from '../crowds.ts';
import { openStream, type StreamTask } from '../streams.ts';

const port = parentPort as NonNullable<typeof parentPort>;
const task = workerData as
  | StreamTask
  | CrowdTask
  | { readonly role: 'post' }
  | { readonly role: 'bare'; readonly words: Int32Array };

if ('way' in task && task.way === 'post') {
  // Records by `postMessage`: a round is told by its length, which comes before it.
  let [left, sum] = [0, 0];
  port.on('message', (message: number | Uint8Array) => {
    if (typeof message === 'number') [left, sum] = [message, 0];
    else {
      sum += message[0] as number;
      left -= 1;
      if (left === 0) port.postMessage(sum);
    }
  });
} else if ('way' in task) {
  const stream = openStream(task, 'receiver');
  port.on('message', (chunks: number) => port.postMessage(stream.receive(chunks)));
} else if (task.role === 'post') {
  port.on('message', (value: number) => port.postMessage(value));
} else if (task.role === 'bare') {
  const exchange = new BareWords(task.words, BareWords.back, BareWords.there);
  setImmediate(() => {
    for (;;) exchange.send(exchange.receive());
  });
} else {
  const pool = Pool.attach(task.pool);
  if (task.role === 'sender' || task.role === 'receiver') {
    const round = task.role === 'sender' ? sender(pool, task) : receiver(pool, task);
    port.on('message', (count: number) => port.postMessage(round(count)));
  } else port.once('message', () => (task.role === 'echo' ? echo(pool, task) : echoAsync(pool, task)));
}
port.postMessage('ready');
