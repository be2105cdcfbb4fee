/** Streams, queues and wakes of @pool/sync, against what else there is for Node. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FreeList } from '@pool/alloc';
import { Pool } from '@pool/core';
import { ArrayQueue, SegmentedQueue, type WaitStrategy } from '@pool/sync';
import { BareWords } from '../bare-words.ts';
import type { Contest, Contestants } from '../contest.ts';
import { type CrowdTask, END, QUEUE_CAPACITY } from '../crowds.ts';
import { createStream, firstOf, openStream, RECORD_BYTES, type StreamTask, sumOf } from '../streams.ts';

type Run = Contestants['ours'];

async function start(workerData: unknown): Promise<Worker> {
  const worker = new Worker(new URL('./workers/sync.js', import.meta.url), { workerData });
  await once(worker, 'message');
  return worker;
}

/** What a worker gives back for a round. */
async function answer(worker: Worker, operations: number): Promise<number> {
  const answered = once(worker, 'message');
  worker.postMessage(operations);
  return (await answered)[0] as number;
}

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
async function records(together: number): Promise<Contestants> {
  const { default: ThreadStream } = await import('thread-stream');
  const mine = await streaming('records', together);
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

/** Queues of numbers in a pool of their own, and threads that hold them. */
class Crowd {
  readonly #pool: Pool = Pool.create({ words: 2 ** 16, segments: 0 });
  readonly workers: Worker[] = [];

  /** @param lanes how many senders it is for. Default: the queue's own */
  queue(lanes?: number): ArrayQueue {
    const options = { capacity: QUEUE_CAPACITY, ...(lanes !== undefined && { lanes }) };
    return ArrayQueue.create(this.#pool, this.#pool.reserve(ArrayQueue.size(options)), options);
  }

  async start(role: CrowdTask['role'], queue: ArrayQueue, back = queue, strategy?: WaitStrategy): Promise<Worker> {
    const task: CrowdTask = { role, pool: this.#pool.handle, at: queue.base, back: back.base, strategy };
    const worker = await start(task);
    this.workers.push(worker);
    return worker;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}

/** `senders` threads send and `receivers` receive; an operation is a word from one of the first to one of the others. */
async function crowd(senders: number, receivers: number): Promise<{ run: Run; close(): Promise<void> }> {
  const group = new Crowd();
  const queue = group.queue(senders);
  const from = await Promise.all(Array.from({ length: senders }, () => group.start('sender', queue)));
  const to = await Promise.all(Array.from({ length: receivers }, () => group.start('receiver', queue)));
  return {
    async run(operations) {
      const rounds = operations * senders * receivers;
      const sums = [
        ...to.map((worker) => answer(worker, rounds / receivers)),
        ...from.map((worker) => answer(worker, rounds / senders)),
      ];
      const sum = (await Promise.all(sums)).reduce((total, part) => total + part, 0);
      const each = rounds / senders;
      return sum === (senders * each * (each - 1)) / 2 ? operations : -1;
    },
    close: () => group.close(),
  };
}

async function mpmc(): Promise<Contestants> {
  const { channel, initRuntime, move, shutdown, spawn } = await import('multithreading');
  initRuntime({ maxWorkers: 4 });
  const ours = await crowd(2, 2);
  return {
    ours: ours.run,
    async rival(operations) {
      const [sender, receiver] = channel<number>(QUEUE_CAPACITY);
      const handles = [
        spawn(move(sender.clone(), operations * 2), (to, count) => {
          for (let value = 0; value < count; value++) to.blockingSend(value);
          return 0;
        }),
        spawn(move(sender.clone(), operations * 2), (to, count) => {
          for (let value = 0; value < count; value++) to.blockingSend(value);
          return 0;
        }),
        spawn(move(receiver.clone(), operations * 2), receiveSome),
        spawn(move(receiver.clone(), operations * 2), receiveSome),
      ];
      const results = await Promise.all(handles.map((handle) => handle.join()));
      const sum = results.reduce((total, result) => total + (result.ok ? (result.value as number) : Number.NaN), 0);
      const each = operations * 2;
      return sum === each * (each - 1) ? operations : -1;
    },
    expected: (operations) => operations,
    async close() {
      shutdown();
      await ours.close();
    },
  };
}

interface BlockingReceiver {
  blockingRecv(): { readonly ok: true; readonly value: number } | { readonly ok: false };
}

function receiveSome(from: BlockingReceiver, count: number): number {
  let sum = 0;
  for (let received = 0; received < count; received++) {
    const result = from.blockingRecv();
    if (result.ok) sum += result.value;
  }
  return sum;
}

interface Rival {
  readonly run: Run;
  close(): Promise<unknown>;
}

/** A message to another thread's event loop and back. */
async function posting(): Promise<Rival> {
  const poster = await start({ role: 'post' });
  let arrived: (value: number) => void = () => {};
  poster.on('message', (value: number) => arrived(value));
  const post = (value: number): Promise<number> =>
    new Promise((resolve) => {
      arrived = resolve;
      poster.postMessage(value);
    });
  return {
    async run(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) sum += await post(firstOf(lap));
      return sum;
    },
    close: () => poster.terminate(),
  };
}

/** The least that two threads can do that park: a word each, and the engine's own wait and notify. */
async function bare(): Promise<Rival> {
  const words = new Int32Array(new SharedArrayBuffer(BareWords.bytes));
  const worker = await start({ role: 'bare', words });
  const exchange = new BareWords(words, BareWords.there, BareWords.back);
  return {
    run(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) {
        exchange.send(firstOf(lap));
        sum += exchange.receive();
      }
      return sum;
    },
    close: () => worker.terminate(),
  };
}

/** A word to a thread that waits for it and back. */
async function wake(
  role: 'echo' | 'echo-async',
  strategy?: WaitStrategy,
  against: () => Promise<Rival> = posting,
): Promise<Contestants> {
  const group = new Crowd();
  const [there, back] = [group.queue(), group.queue()];
  const worker = await group.start(role, there, back, strategy);
  worker.postMessage('begin');
  const rival = await against();
  const options = strategy === undefined ? {} : { strategy };
  return {
    async ours(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) {
        if (role === 'echo') {
          there.send(BigInt(firstOf(lap)));
          sum += Number(back.receive(options));
        } else {
          await there.sendAsync(BigInt(firstOf(lap)));
          sum += Number(await back.receiveAsync());
        }
      }
      return sum;
    },
    rival: rival.run,
    expected: sumOf,
    async close() {
      there.send(END);
      await Promise.all([group.close(), rival.close()]);
    },
  };
}

interface NumberQueue {
  trySendNumber(value: number): string;
  tryReceiveNumber(): number | string;
}

function segmented(): NumberQueue {
  const pool = Pool.create({ words: 2 ** 17, segments: 0 });
  const shape = { segmentCells: QUEUE_CAPACITY, segments: 16 };
  const blocks = { blocks: shape.segments, blockWords: SegmentedQueue.segmentSize(shape) };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(blocks)), blocks, pool.owner);
  return SegmentedQueue.create(pool, pool.reserve(SegmentedQueue.size(shape)), storage, shape);
}

/** A queue that one thread fills and empties, beside what plain JavaScript has for that. */
function alone(queue: NumberQueue, plain?: NumberQueue): Contestants {
  const through = (one: NumberQueue) => (operations: number) => {
    let sum = 0;
    for (let index = 0; index < operations; index++) {
      one.trySendNumber(firstOf(index));
      sum += one.tryReceiveNumber() as number;
    }
    return sum;
  };
  return { ours: through(queue), ...(plain && { rival: through(plain) }), expected: sumOf, close() {} };
}

/** A bounded ring of numbers that is one thread's. */
class PlainRing implements NumberQueue {
  readonly #slots = new Float64Array(QUEUE_CAPACITY);
  #head = 0;
  #tail = 0;

  trySendNumber(value: number): string {
    if (this.#tail - this.#head === QUEUE_CAPACITY) return 'full';
    this.#slots[this.#tail++ % QUEUE_CAPACITY] = value;
    return 'ok';
  }
  tryReceiveNumber(): number | string {
    return this.#head === this.#tail ? 'empty' : (this.#slots[this.#head++ % QUEUE_CAPACITY] as number);
  }
}

/** An array of numbers, which grows. */
class PlainArray implements NumberQueue {
  readonly #values: number[] = [];

  trySendNumber(value: number): string {
    this.#values.push(value);
    return 'ok';
  }
  tryReceiveNumber(): number | string {
    return this.#values.shift() ?? 'empty';
  }
}

/** Eight senders to one receiver, against two: how much contention costs. */
async function scale(): Promise<Contestants> {
  const counts = [1, 2, 4, 8];
  const groups = await Promise.all(counts.map((senders) => crowd(senders, 1)));
  const figures = new Map<number, number[]>();
  // Every operation is eight words, whatever the number of senders.
  const run = async (index: number, operations: number): Promise<number> => {
    const senders = counts[index] as number;
    const begin = performance.now();
    const done = await (groups[index] as { run: Run }).run((operations * 8) / senders);
    const rates = figures.get(senders) ?? [];
    rates.push((operations * 8) / (performance.now() - begin) / 1e3);
    figures.set(senders, rates);
    return (done * senders) / 8;
  };
  return {
    ours: (operations) => run(3, operations),
    rival: (operations) => run(1, operations),
    async prepare(operations) {
      await run(0, operations);
      await run(2, operations);
    },
    notes: () =>
      Object.fromEntries(
        counts.map((senders) => {
          const rates = (figures.get(senders) ?? []).toSorted((a, b) => a - b);
          return [`${senders} senders`, `${(rates[rates.length >> 1] ?? 0).toFixed(1)} M words/s`];
        }),
      ),
    expected: (operations) => operations,
    async close() {
      await Promise.all(groups.map((group) => group.close()));
    },
  };
}

const words = (count: number) => ({ amount: count / 1e6, unit: 'M words/s' });

export const SYNC: readonly Contest[] = [
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
    id: 'sync/mpmc',
    title: 'a queue of words, two senders and two receivers',
    rival: 'the channel of multithreading, blocking',
    bar: 50,
    longer: 3,
    packages: ['multithreading'],
    open: mpmc,
  },
  {
    id: 'sync/records',
    title: 'a stream of records of 64 bytes',
    rival: 'thread-stream, strings of 64 characters, 4 MiB of buffer',
    bar: 1.5,
    packages: ['thread-stream'],
    open: () => records(1),
  },
  {
    id: 'sync/records-64',
    title: 'a stream of records of 64 bytes, 64 a send',
    rival: 'thread-stream, strings of 64 characters, 4 MiB of buffer',
    packages: ['thread-stream'],
    open: () => records(64),
  },
  {
    id: 'sync/records-post',
    title: 'a stream of records of 64 bytes',
    rival: 'postMessage of a Uint8Array of 64 bytes',
    bar: 20,
    open: () => streams('records', 'post', 1),
  },
  {
    id: 'sync/array-queue',
    title: 'a word into a bounded queue and out again, on one thread (30 ns are 33.3 M/s)',
    rate: words(1),
    floor: 33.3,
    open: () => alone(new Crowd().queue()),
  },
  {
    id: 'sync/array-queue-plain',
    title: 'a word into a bounded queue and out again, on one thread',
    rival: 'a ring in plain JavaScript',
    open: () => alone(new Crowd().queue(), new PlainRing()),
  },
  {
    id: 'sync/seg-queue',
    title: 'a word into an unbounded queue and out again, on one thread (60 ns are 16.7 M/s)',
    rate: words(1),
    floor: 16.7,
    open: () => alone(segmented()),
  },
  {
    id: 'sync/seg-queue-plain',
    title: 'a word into an unbounded queue and out again, on one thread',
    rival: 'push and shift of an array in plain JavaScript',
    open: () => alone(segmented(), new PlainArray()),
  },
  {
    id: 'sync/wake',
    title: 'a word to a waiting thread and back, default wait strategy',
    rival: 'postMessage and back',
    bar: 5,
    longer: 3,
    open: () => wake('echo'),
  },
  {
    id: 'sync/wake-parked',
    title: 'a word to a parked thread and back',
    rival: 'postMessage and back',
    bar: 1.6,
    longer: 3,
    open: () => wake('echo', 'park'),
  },
  {
    id: 'sync/wake-bare',
    title: 'a word to a parked thread and back',
    rival: 'Atomics.wait and Atomics.notify on two bare words: what parking costs here at least',
    longer: 3,
    open: () => wake('echo', 'park', bare),
  },
  {
    id: 'sync/async-wake',
    title: 'a word to another event loop and back',
    rival: 'postMessage and back',
    open: () => wake('echo-async'),
  },
  {
    id: 'sync/scale',
    title: 'eight senders to one receiver, a lane for each',
    rival: 'two senders to one receiver',
    bar: 0.5,
    longer: 3,
    open: scale,
  },
];
