import type { Address, Pool } from '@pool/core';
import * as sync from '../../src/index.ts';
import { type Bounded, type Counter, eventOf, fillAndDrain, part, TIMES } from './counters.ts';
import { SEGMENTED, segmented, storageOf } from './counters-of-segments.ts';

const spscRing = (ack: sync.Acknowledgement): Counter => ({
  name: `spsc ring, positions (ack ${ack})`,
  bits: 50,
  open(pool, start) {
    const options = { capacity: 2, ack, start };
    const base = pool.reserve(sync.SpscRing.size(options));
    const ring = sync.SpscRing.create(pool, base, options);
    const [sender, receiver] = [ring.sender(), ring.receiver()];
    const queue: Bounded = {
      get length() {
        return ring.length;
      },
      trySend: (value) => sender.trySend(value),
      tryReceive: () => receiver.tryReceive(),
      sendAsync: (value, options) => sender.sendAsync(value, options),
      receiveAsync: (options) => receiver.receiveAsync(options),
    };
    const { read } = part(pool, sync.SPSC_RING.at(base).tail, 50, 4n);
    return { read, act: () => fillAndDrain(queue, 2) };
  },
});

const arrayQueue: Counter = {
  name: 'array queue, laps',
  bits: 29,
  open(pool, start) {
    const options = { capacity: 2, start: start * 2n };
    const base = pool.reserve(sync.ArrayQueue.size(options));
    const queue = sync.ArrayQueue.create(pool, base, options);
    const { read } = part(pool, sync.ARRAY_QUEUE.at(base).cells, 29, 2n ** 24n);
    return { read, act: () => fillAndDrain(queue, 2) };
  },
};

const segmentedQueue = segmented(
  'segmented queue',
  (pool) => {
    const base = pool.reserve(sync.SegmentedQueue.size(SEGMENTED));
    const queue = sync.SegmentedQueue.create(pool, base, storageOf(pool), SEGMENTED);
    return { queue, at: sync.SEGMENTED_QUEUE.at(base).rest };
  },
  1,
);

const treiberStack: Counter = {
  name: 'treiber stack, tags',
  bits: 29,
  open(pool, start) {
    const options = { capacity: 2, start };
    const base = pool.reserve(sync.TreiberStack.size(options));
    const stack = sync.TreiberStack.create(pool, base, options);
    const { read } = part(pool, sync.TREIBER_STACK.at(base).top, 29, 2n ** 24n);
    const act = () => [
      TIMES.map((turn) => [stack.tryPush(BigInt(turn)), stack.tryPush(9n), stack.tryPush(9n), stack.tryPop()]),
      [stack.tryPop(), stack.tryPop(), stack.isEmpty, stack.repair()],
    ];
    return { read, act };
  },
};

export const WORD_QUEUE_POSITIONS = 2n ** 52n;

/** A word queue of two cells with its positions at `start`. */
export function wordQueueAt(pool: Pool, start: bigint): sync.WordQueue {
  const base = pool.reserve(sync.WordQueue.size(2));
  const queue = sync.WordQueue.create(pool, base, 2);
  const at = sync.WORD_QUEUE.at(base);
  pool.store(at.tail, start * 2n);
  pool.store(at.head, start);
  for (const position of [start, start + 1n]) pool.store((at.cells + Number(position % 2n) * 2) as Address, position);
  return queue;
}

const wordQueue: Counter = {
  name: 'word queue, positions',
  bits: 52,
  ends: true,
  open(pool, start) {
    const queue = wordQueueAt(pool, start);
    const { read } = part(pool, sync.WORD_QUEUE.at(queue.base).tail, 52, 2n);
    return { read, act: () => fillAndDrain(queue, 2) };
  },
};

const wordQueueEvent = (field: 'items' | 'room'): Counter =>
  eventOf(`word queue, ${field}`, (pool) => {
    const queue = wordQueueAt(pool, 0n);
    const event = sync.WORD_QUEUE.at(queue.base)[field];
    return { event, act: () => fillAndDrain(queue, 2) };
  });

export const OF_QUEUES: readonly Counter[] = [
  spscRing('each'),
  spscRing('batch'),
  arrayQueue,
  ...segmentedQueue,
  treiberStack,
  wordQueue,
  wordQueueEvent('items'),
  wordQueueEvent('room'),
];
