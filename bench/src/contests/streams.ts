/** Streams from one thread to another, against what else there is for Node. */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import type { Contest, Contestants } from '../contest.ts';
import { createStream, firstOf, openStream, RECORD_BYTES, type StreamTask, sumOf } from '../streams.ts';
import { answer, start } from '../threads.ts';

type Run = Contestants['ours'];

/** This thread sends, another one receives. */
async function streaming(way: StreamTask['way'], chunk: number): Promise<{ run: Run; worker: Worker }> {
  const task = createStream(way, chunk);
  const worker = await start(task);
  if (way === 'post') return { run: (operations) => postRecords(worker, operations), worker };
  const stream = openStream(task, 'sender');
  const run: Run = (operations) => {
    const answered = answer(worker, operations);
    stream.send(operations);
    return answered;
  };
  return { run, worker };
}

/** As fast as it goes; what is not received yet waits in the port. */
async function postRecords(worker: Worker, operations: number): Promise<number> {
  const answered = once(worker, 'message');
  worker.postMessage(operations);
  for (let index = 0; index < operations; index++) {
    const record = new Uint8Array(RECORD_BYTES);
    record[0] = firstOf(index);
    worker.postMessage(record);
  }
  return (await answered)[0] as number;
}

async function streams(ours: StreamTask['way'], rival: StreamTask['way'], chunk: number): Promise<Contestants> {
  const [mine, theirs] = [await streaming(ours, chunk), await streaming(rival, chunk)];
  return {
    ours: mine.run,
    rival: theirs.run,
    expected: sumOf,
    async close() {
      await Promise.all([mine.worker.terminate(), theirs.worker.terminate()]);
    },
  };
}

/** @param together how many records go by one call of ours */
async function records(way: 'records' | 'gathered', together = 1): Promise<Contestants> {
  const { default: ThreadStream } = await import('thread-stream');
  const mine = await streaming(way, together);
  const counted = new SharedArrayBuffer(8);
  const bytes = new Float64Array(counted);
  const rival = new ThreadStream({
    filename: new URL('./workers/thread-stream.js', import.meta.url).pathname,
    workerData: { counted },
    bufferSize: 4 * 1024 * 1024, // as in its own benchmark
    sync: false,
  });
  const record = 'x'.repeat(RECORD_BYTES);
  return {
    async ours(operations) {
      return (await mine.run(operations)) === sumOf(operations) ? operations : 0;
    },
    async rival(operations) {
      const before = bytes[0] as number;
      for (let index = 0; index < operations; index++) if (!rival.write(record)) await once(rival, 'drain');
      await new Promise<void>((resolve, reject) => rival.flush((error) => (error ? reject(error) : resolve())));
      return ((bytes[0] as number) - before) / RECORD_BYTES;
    },
    expected: (operations) => operations,
    async close() {
      await mine.worker.terminate();
      rival.end();
    },
  };
}

const words = (count: number) => ({ amount: count / 1e6, unit: 'M words/s' });

export const STREAMS: readonly Contest[] = [
  {
    id: 'sync/spsc-1',
    title: 'a stream of words to another thread, one a send',
    rival: 'ringbuf.js, one word a push',
    bar: 4,
    longer: 3,
    rate: words(1),
    packages: ['ringbuf.js'],
    open: () => streams('ring', 'ringbuf', 1),
  },
  {
    id: 'sync/spsc-64',
    title: 'a stream of words to another thread, 64 a send',
    rival: 'ringbuf.js, 64 words a push',
    bar: 1.2,
    longer: 3,
    rate: words(64),
    packages: ['ringbuf.js'],
    open: () => streams('ring', 'ringbuf', 64),
  },
  {
    id: 'sync/spsc-1024',
    title: 'a stream of words to another thread, 1024 a send',
    rival: 'copying the same arrays through shared memory, two counters and nothing else',
    bar: 0.5,
    longer: 3,
    rate: words(1024),
    open: () => streams('ring', 'copy', 1024),
  },
  {
    id: 'sync/records',
    title: 'a stream of records of 64 bytes, one a send, which the sender gathers',
    rival: 'thread-stream, strings of 64 characters, which it gathers until it has a buffer full, 4 MiB',
    bar: 1.5,
    packages: ['thread-stream'],
    open: () => records('gathered'),
  },
  {
    id: 'sync/records-64',
    title: 'a stream of records of 64 bytes, 64 a send',
    rival: 'thread-stream as above, one a call: it has no other form',
    bar: 1.5,
    packages: ['thread-stream'],
    open: () => records('records', 64),
  },
  {
    id: 'sync/records-1',
    title: 'a stream of records of 64 bytes, one a send, each to be seen at once',
    rival: 'thread-stream as above, which gathers',
    packages: ['thread-stream'],
    open: () => records('records'),
  },
  {
    id: 'sync/records-post',
    title: 'a stream of records of 64 bytes',
    rival: 'postMessage of a Uint8Array of 64 bytes',
    bar: 20,
    open: () => streams('records', 'post', 1),
  },
];
