/** The bounded queue that survives deaths: what is sent is received once, in order, whole; nobody sleeps through it. */
import type { Address, Words } from '@pool/core';
import { ARRAY_QUEUE, ArrayQueue } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { dyingAt, model, owner, type Planted, SILENT } from './model.ts';
import { PARK, queueParts } from './queue-parts.ts';

const BASE = 0 as Address;
const CAPACITY = 2;
/** The last position before positions begin anew: everything here goes round the end of the ring, and of its laps. */
const START = BigInt(2 ** 29 * CAPACITY - 1);
const { cells, owners } = ARRAY_QUEUE.offsets;
const isCell = (at: number): boolean => at >= cells && at < cells + CAPACITY;
const NAMES = { first: cells, second: cells + 1 };
const TORN: Planted = {
  name: 'cells are changed by load and store',
  bug: { torn: isCell },
  shows: 'final condition',
};
const SHARED_LANE: Planted = {
  name: 'lanes are taken by load and store',
  bug: { torn: (at) => at >= owners && at < owners + 15 },
  shows: 'final condition',
};

interface Laid {
  readonly lanes?: number;
  readonly filled?: readonly bigint[];
  readonly start?: bigint;
  readonly capacity?: number;
}

function queue({ words }: Pick<ModelThread, 'words'>, id: number): ArrayQueue {
  return ArrayQueue.attach(words, BASE, { owner: owner(id) });
}

function lay(words: Words, { filled = [], start = START, capacity = CAPACITY, lanes = 0 }: Laid): void {
  const laid = ArrayQueue.create(words, BASE, { capacity, start, lanes, owner: owner(9) });
  for (const value of filled) laid.trySend(value);
}

function laidProgram(threads: ModelProgram['threads'], laid: Laid): ModelProgram {
  return { names: NAMES, initial: (words) => lay(words, laid), threads };
}

const { trySend, tryReceive, receive, rest } = queueParts(queue);

describe.each([
  ['an array queue without lanes', 0],
  ['an array queue with lanes', 2],
])('%s', (_, lanes) => {
  const program = (threads: ModelProgram['threads'], laid: Laid = {}): ModelProgram =>
    laidProgram(threads, { lanes, ...laid });

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
    'gives a cell to one of two senders',
    {
      ...program({ a: trySend(1, 1n), b: trySend(2, 2n) }),
      final: (end) => {
        const left = rest(end);
        end.assert(left === '1,2' || left === '2,1', `${left} is in the queue`);
      },
    },
    { outcomes: ['a=ok b=ok'], planted: [TORN] },
  );

  model(
    'gives a value to one of two receivers',
    {
      ...program({ a: tryReceive(1), b: tryReceive(2) }, { filled: [5n] }),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=5 b=empty', 'a=empty b=5'], planted: [TORN] },
  );

  model(
    'has room again only once a value is taken',
    {
      ...program({ sender: trySend(1, 3n), receiver: tryReceive(2) }, { filled: [1n, 2n] }),
      final: (end) => {
        const left = rest(end);
        end.assert(left === (end.observed('sender') === 'ok' ? '2,3' : '2'), `${left} is in the queue`);
      },
    },
    { outcomes: ['sender=full receiver=1', 'sender=ok receiver=1'] },
  );

  model('wakes a receiver that sleeps', program({ sender: trySend(1, 7n), receiver: receive(2) }), {
    outcomes: ['sender=ok receiver=7'],
    planted: [SILENT, { name: 'cells are marked by load and store', bug: { torn: isCell }, shows: 'lost wake-up' }],
  });

  model(
    'wakes a sender that sleeps',
    program(
      {
        sender: (thread) => thread.observe('sender', queue(thread, 1).send(3n, PARK)),
        receiver: tryReceive(2),
      },
      { filled: [1n, 2n] },
    ),
    { outcomes: ['sender=ok receiver=1'], planted: [SILENT] },
  );

  model(
    'keeps the order in which one sends',
    program({
      sender: (thread) => {
        const own = queue(thread, 1);
        for (const value of [1n, 2n]) own.trySend(value);
      },
      receiver: (thread) => {
        const own = queue(thread, 2);
        thread.observe('received', [own.receive(PARK), own.receive(PARK)].join());
      },
    }),
    { outcomes: ['received=1,2'], planted: [SILENT] },
  );

  model(
    'has what one of two sends for a receiver that sleeps',
    {
      ...program({ a: trySend(1, 1n), b: trySend(2, 2n), receiver: receive(3) }),
      final: (end) => {
        const [received, left] = [String(end.observed('receiver')), rest(end)];
        end.assert(`${received},${left}` === '1,2' || `${received},${left}` === '2,1', `${received}, then ${left}`);
      },
    },
    { outcomes: ['a=ok b=ok receiver=1', 'a=ok b=ok receiver=2'], planted: [SILENT] },
  );

  model(
    'is sent to before it is closed, or not at all',
    {
      ...program({ sender: trySend(1, 7n), closer: (thread) => queue(thread, 2).close() }),
      final: (end) => {
        const left = rest(end);
        end.assert(left === (end.observed('sender') === 'ok' ? '7' : ''), `${left} is in the queue`);
        end.assert(queue(end, 8).tryReceive() === 'closed', 'it has ended');
      },
    },
    { outcomes: ['sender=ok', 'sender=closed'], planted: [TORN] },
  );

  model(
    'ends what waits when it is closed',
    program({ closer: (thread) => queue(thread, 1).close(), receiver: receive(2) }),
    { outcomes: ['receiver=closed'], planted: [SILENT] },
  );

  let spot: ReturnType<ArrayQueue['parkReceiver']>;
  model(
    'wakes a receiver that sleeps though the queue ends while it is answered',
    {
      ...program({
        a: trySend(1, 1n),
        b: (thread) => {
          const own = queue(thread, 2);
          thread.observe('b', own.trySend(2n));
          own.close(); // where the queue is full: on the cell that `a` may have claimed and not published
        },
        receiver: ({ words }) => void words.wait(spot?.at as Address, BigInt(spot?.expected as number)),
      }),
      initial: (words) => {
        lay(words, { lanes });
        spot = queue({ words }, 3).parkReceiver();
      },
      final: (end) => {
        const left = rest(end);
        end.assert(['2', '1,2', '2,1'].includes(left) && (left !== '2') === (end.observed('a') === 'ok'), left);
      },
    },
    { outcomes: ['a=ok b=ok', 'a=closed b=ok'], planted: [SILENT] },
  );

  model(
    'is drained before it is said to be closed',
    program({
      sender: trySend(1, 7n),
      closer: (thread) => queue(thread, 2).close(),
      receiver: receive(3),
    }),
    { outcomes: ['sender=ok receiver=7', 'sender=closed receiver=closed'] },
  );

  const most = Array.from({ length: 16 }, (_, index) => BigInt(index));
  model(
    'wakes a sender that waits for a batch of room, or, out of patience, for any',
    program(
      {
        sender: (thread) => thread.observe('sender', queue(thread, 1).send(16n, PARK)),
        receiver: (thread) => {
          const own = queue(thread, 2);
          thread.observe('received', [own.tryReceive(), own.tryReceive()].join());
        },
      },
      { filled: most, start: 0n, capacity: 16 },
    ),
    { outcomes: ['sender=ok received=0,1'], planted: [SILENT] },
  );
});

describe('an array queue with a lane for one sender', () => {
  const lanes = 1;

  model(
    'gives a cell to one of two senders, of whom one has the lane',
    {
      ...laidProgram({ a: trySend(1, 1n), b: trySend(2, 2n), receiver: tryReceive(3) }, { lanes }),
      final: (end) => {
        const all = [end.observed('receiver'), rest(end)].filter((part) => part !== 'empty' && part !== '').join();
        end.assert(all === '1,2' || all === '2,1', `${all} was received`);
      },
    },
    { planted: [SHARED_LANE] },
  );

  model(
    'leaves what a dead sender has sent when another one gets its lane',
    {
      names: NAMES,
      initial: (words) => {
        lay(words, { lanes });
        for (const value of [1n, 2n]) queue({ words }, 4).trySend(value);
      },
      threads: {
        heir: (thread) => {
          const own = queue(thread, 1);
          own.recover(owner(4));
          thread.observe('heir', own.trySend(3n));
        },
        receiver: tryReceive(2),
        other: (thread) => {
          const own = queue(thread, 3);
          own.recover(owner(4));
          thread.observe('other', own.trySend(4n));
        },
      },
      final: (end) => {
        const sent = ['heir', 'other'].flatMap((name, index) => (end.observed(name) === 'ok' ? [3 + index] : []));
        const left = rest(end);
        end.assert(end.observed('receiver') === 1n && left === ['2', ...sent].join(), `${left} is in the queue`);
      },
    },
    { outcomes: ['heir=full receiver=1 other=full', 'heir=full receiver=1 other=ok', 'heir=ok receiver=1 other=full'] },
  );
});

describe('an array queue in which a sender died', () => {
  const program = (threads: ModelProgram['threads']): ModelProgram => laidProgram(threads, {});
  const DEAD = 4;
  const recover =
    (id: number) =>
    (thread: ModelThread): void => {
      const recovered = queue(thread, id).recover(owner(DEAD));
      thread.observe(thread.name, recovered?.count ?? 0);
    };
  const dead: ModelProgram['initial'] = (words) => {
    lay(words, {});
    dyingAt('store', words, (mortal) => void queue({ words: mortal }, DEAD).trySend(1n)); // a cell is claimed then
  };

  model(
    'goes on past a sender that died',
    {
      ...program({
        heir: (thread) => {
          const own = queue(thread, 1);
          own.recover(owner(DEAD));
          thread.observe('heir', own.trySend(2n));
        },
        receiver: receive(2),
      }),
      initial: dead,
    },
    { outcomes: ['heir=ok receiver=2'], planted: [SILENT] },
  );

  model(
    'finds what a dead sender left once, whoever looks',
    {
      ...program({ a: recover(1), b: recover(2) }),
      initial: dead,
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has found it'),
    },
    { outcomes: ['a=1 b=0', 'a=0 b=1'], planted: [TORN] },
  );
});
