/** Queues of words, of many threads and of one, against what else there is for Node. */
import type { Worker } from 'node:worker_threads';
import { FreeList } from '@pool/alloc';
import { Pool } from '@pool/core';
import { SegmentedQueue } from '@pool/sync';
import type { Contest, Contestants } from '../contest.ts';
import { QUEUE_CAPACITY } from '../crowds.ts';
import { firstOf, sumOf } from '../streams.ts';
import { answer, Crowd } from '../threads.ts';

type Run = Contestants['ours'];

/** `senders` threads send and `receivers` receive; an operation is a word from one of the first to one of the others. */
async function crowd(
  senders: number,
  receivers: number,
  through: 'queue' | 'channel' = 'queue',
): Promise<{ run: Run; close(): Promise<void> }> {
  const group = new Crowd();
  const [sender, receiver] = through === 'queue' ? startAtQueue(group, senders) : startAtChannel(group);
  const from = await Promise.all(Array.from({ length: senders }, sender));
  const to = await Promise.all(Array.from({ length: receivers }, receiver));
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

type Starting = () => Promise<Worker>;

function startAtQueue(group: Crowd, senders: number): [Starting, Starting] {
  const queue = group.queue(senders);
  return [() => group.start('sender', queue), () => group.start('receiver', queue)];
}

function startAtChannel(group: Crowd): [Starting, Starting] {
  const [tx, rx] = group.channel();
  return [() => group.startAtEnd(tx), () => group.startAtEnd(rx)];
}

async function mpmc(through: 'queue' | 'channel'): Promise<Contestants> {
  const { channel, initRuntime, move, shutdown, spawn } = await import('multithreading');
  initRuntime({ maxWorkers: 4 });
  const ours = await crowd(2, 2, through);
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

export const QUEUES: readonly Contest[] = [
  {
    id: 'sync/mpmc',
    title: 'a queue of words, two senders and two receivers',
    rival: 'the channel of multithreading, blocking',
    bar: 50,
    longer: 3,
    packages: ['multithreading'],
    open: () => mpmc('queue'),
  },
  {
    id: 'sync/mpmc-channel',
    title: 'a channel of numbers, blocking, two senders and two receivers',
    rival: 'the channel of multithreading, blocking',
    bar: 50,
    longer: 3,
    packages: ['multithreading'],
    open: () => mpmc('channel'),
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
    id: 'sync/scale',
    title: 'eight senders to one receiver, a lane for each',
    rival: 'two senders to one receiver',
    bar: 0.5,
    longer: 3,
    open: scale,
  },
];
