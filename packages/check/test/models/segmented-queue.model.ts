/** The queue without bound: what is sent is received once, also where one segment ends and another begins or comes again. */
import { StaticStorage } from '@pool/alloc';
import { type Address, LINE_WORDS, type Storage, WORD_BYTES } from '@pool/core';
import { SEGMENTED_QUEUE, SegmentedQueue } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted, SILENT, UNFENCED } from './model.ts';
import { PARK, queueParts } from './queue-parts.ts';

const BASE = 0 as Address;
const BLOCKS = 4096 as Address;
const SHAPE = { segmentCells: 2, segments: 2 };
/** As many segments as a storage has room for, unless said otherwise. */
const MOST = 4;
const LAST = SEGMENTED_QUEUE.offsets.rest;
const FIRST = LAST + LINE_WORDS;
const NAMES = { last: LAST, first: FIRST };
const isCell = (at: number): boolean => at >= BLOCKS;
const isList = (at: number): boolean => at < BLOCKS;

const TORN: Planted = {
  name: 'cells are changed by load and store',
  bug: { torn: isCell },
  shows: 'final condition',
};

interface Laid {
  readonly filled?: readonly bigint[];
  /** How many of them are received again. */
  readonly taken?: number;
  readonly segments?: number;
  /** How many of the segments the storage has room for. */
  readonly blocks?: number;
  readonly lanes?: number;
}

function storage(blocks: number): Storage {
  return new StaticStorage({ base: BLOCKS, blocks, blockBytes: SegmentedQueue.segmentSize(SHAPE) * WORD_BYTES });
}

function queue({ words }: Pick<ModelThread, 'words'>, id: number, blocks = MOST): SegmentedQueue {
  return SegmentedQueue.attach(words, BASE, storage(blocks), { owner: owner(id) });
}

function program(
  threads: ModelProgram['threads'],
  { filled = [], taken = 0, segments = SHAPE.segments, blocks = MOST, lanes }: Laid = {},
): ModelProgram {
  return {
    names: NAMES,
    initial: (words) => {
      const shape = { ...SHAPE, segments, ...(lanes !== undefined && { lanes }) };
      const laid = SegmentedQueue.create(words, BASE, storage(blocks), { ...shape, owner: owner(0) });
      for (const value of filled) laid.trySend(value);
      for (let count = 0; count < taken; count++) laid.tryReceive();
    },
    threads,
  };
}

const { trySend, tryReceive, receive, rest } = queueParts(queue);

/** A send that waits once: one that looked again for as long as there was a reason to would have no end of executions. */
const sendOnce =
  (id: number, value: bigint) =>
  (thread: ModelThread): void => {
    const own = queue(thread, id);
    const sent = own.trySend(value);
    const spot = sent === 'full' ? own.parkSender() : undefined;
    if (spot === undefined) thread.observe(thread.name, sent === 'full' ? 'looks again' : sent);
    else if (thread.words.wait(spot.at, BigInt(spot.expected)) !== 'ok') thread.observe(thread.name, 'looks again');
    else thread.observe(thread.name, own.trySend(value));
  };

describe('a segmented queue', () => {
  model(
    'publishes what is sent',
    program({
      sender: trySend(1, 7n),
      receiver: (thread) => {
        const received = queue(thread, 2).tryReceive();
        thread.assert(received === 7n || received === 'empty', `${received} was never sent`);
        thread.observe('receiver', received);
      },
    }),
    {
      outcomes: ['sender=ok receiver=7', 'sender=ok receiver=empty'],
      planted: [{ name: 'cells are relaxed', bug: { updates: isCell }, shows: 'assertion', weak: true }],
    },
  );

  model(
    'goes on in one segment, whichever of two senders brings it',
    {
      ...program({ a: trySend(1, 3n), b: trySend(2, 4n) }, { filled: [1n, 2n], segments: 3 }),
      final: (end) => {
        const left = rest(end);
        end.assert(left === '1,2,3,4' || left === '1,2,4,3', `${left} is in the queue`);
      },
    },
    {
      outcomes: ['a=ok b=ok'],
      planted: [{ name: 'the list is changed by load and store', bug: { torn: isList }, shows: 'final condition' }],
    },
  );

  model(
    'goes on in the next segment with each of two receivers',
    {
      ...program({ a: tryReceive(1), b: tryReceive(2) }, { filled: [1n, 2n, 3n], taken: 2 }),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=3 b=empty', 'a=empty b=3'], planted: [TORN] },
  );

  model(
    'wakes a receiver that sleeps where a segment ends',
    program({ sender: trySend(1, 3n), receiver: receive(2) }, { filled: [1n, 2n], taken: 2 }),
    { outcomes: ['sender=ok receiver=3'], planted: [SILENT] },
  );

  model(
    'is sent to before it is closed, or not at all',
    {
      ...program({ sender: trySend(1, 3n), closer: (thread) => queue(thread, 2).close() }, { filled: [1n, 2n] }),
      final: (end) => {
        const left = rest(end);
        end.assert(left === (end.observed('sender') === 'ok' ? '1,2,3' : '1,2'), `${left} is in the queue`);
        end.assert(queue(end, 8).tryReceive() === 'closed', 'it has ended');
      },
    },
    { outcomes: ['sender=ok', 'sender=closed', 'sender=full'] },
  );

  model(
    'ends what waits when it is closed',
    program({ closer: (thread) => queue(thread, 1).close(), receiver: receive(2) }),
    { outcomes: ['receiver=closed'], planted: [SILENT] },
  );

  model(
    'gives a late receiver nothing of what was there before a segment came again',
    {
      ...program(
        {
          late: tryReceive(1),
          quick: (thread) => {
            const own = queue(thread, 2);
            thread.observe('quick', [own.tryReceive(), own.trySend(5n), own.trySend(6n)].join());
          },
        },
        { filled: [1n, 2n, 3n, 4n], taken: 2 },
      ),
      final: (end) => {
        const all = `${end.observed('late')},${end.observed('quick')},${rest(end)}`.match(/\d+/g) ?? [];
        const sent = String(end.observed('quick')).endsWith('full') ? '3,4,5' : '3,4,5,6';
        end.assert(all.sort().join() === sent, `${all} were received of ${sent}`);
      },
    },
    {
      // Full is what there is no segment for: the late one may be about to say that the first is free.
      outcomes: ['late=3 quick=4,ok,ok', 'late=4 quick=3,ok,ok', 'late=4 quick=3,ok,full'],
      planted: [TORN],
    },
  );

  model(
    'wakes a sender that waits for a segment',
    program(
      {
        sender: sendOnce(1, 5n),
        receiver: tryReceive(2),
      },
      { filled: [1n, 2n, 3n, 4n], taken: 2 },
    ),
    {
      outcomes: ['sender=ok receiver=3', 'sender=looks again receiver=3'],
      planted: [SILENT],
    },
  );

  const send =
    (id: number, value: bigint) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, queue(thread, id, 1).send(value, PARK));
  model(
    'wakes a sender that waits for a cell, since there is no other segment',
    program({ sender: send(1, 3n), receiver: tryReceive(2) }, { filled: [1n, 2n], blocks: 1 }),
    { outcomes: ['sender=ok receiver=1'], planted: [SILENT] },
  );

  model(
    'wakes a sender whose mark goes when the cell that it waits for is published',
    program(
      {
        a: (thread) => thread.assume(queue(thread, 1, 1).trySend(1n) === 'ok'),
        b: (thread) => {
          const own = queue(thread, 2, 1);
          thread.assume(own.trySend(2n) === 'ok');
          thread.observe(thread.name, own.send(3n, PARK));
        },
        receiver: (thread) => thread.assume(queue(thread, 3, 1).tryReceive() !== 'empty'),
      },
      { blocks: 1, lanes: 0 }, // so that a cell is claimed before it is full
    ),
    { outcomes: ['b=ok'], planted: [SILENT], models: ['sc'] }, // under rc11 it holds as well, in five times as long
  );

  model(
    'wakes a sender that waits while another brings the last segment',
    program({ a: trySend(1, 3n), b: sendOnce(2, 4n) }, { filled: [1n, 2n] }),
    {
      // `b` is woken, too, when `a` ends the ring in which it has marked a cell, and finds nothing yet: it would park once more.
      outcomes: ['a=ok b=ok', 'a=ok b=looks again', 'a=ok b=full', 'a=full b=ok'],
      planted: [SILENT, UNFENCED],
    },
  );
});
