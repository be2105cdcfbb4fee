/** Channels, whatever moves their messages: each is received once, in order, whole; ends that leave are noticed by who waits. */
import { StaticStorage } from '@pool/alloc';
import { type Address, LINE_WORDS, type Storage, WORD_BYTES } from '@pool/core';
import {
  attachReceiver,
  attachSender,
  CHANNEL,
  type ChannelKind,
  channel,
  channelSegmentSize,
  type EndHandle,
  utf8,
} from '@pool/sync';
import { describe } from 'vitest';
import type { FinalState, ModelProgram, ModelThread } from '../../src/index.ts';
import { Ends, PARK, type Part, played, receive, said, send, tryReceive, trySend } from './ends.ts';
import { model, owner, type Planted, SILENT, UNFENCED } from './model.ts';

const BASE = 0 as Address;
const BLOCKS = 4096 as Address;
/** Clones stand before the words of what moves the messages, a line for each end. */
const CLONES = 3;
const MOVES = CHANNEL.offsets.rest + 2 * LINE_WORDS;
const moves = (at: number): boolean => at >= MOVES;

const RELAXED: Planted = {
  name: 'what moves messages is relaxed',
  bug: { updates: moves },
  shows: 'data race',
  weak: true,
};
const TORN: Planted = {
  name: 'what moves messages is changed by load and store',
  bug: { torn: moves },
  shows: 'final condition',
};

/** What moves messages, and where its positions are about to begin anew. */
interface Shape {
  readonly kind: ChannelKind;
  readonly capacity: number;
  readonly start: bigint;
  readonly lanes: number;
}

const CELLS: Shape = { kind: 'mpmc', capacity: 2, start: BigInt(2 ** 30 - 1), lanes: 0 };
const CELLS_WITH_LANE: Shape = { ...CELLS, lanes: 1 };
const RING: Shape = { kind: 'spsc', capacity: 2, start: BigInt(2 ** 50 - 1), lanes: 0 };
const UNBOUNDED: Shape = { kind: 'mpmc', capacity: Number.POSITIVE_INFINITY, start: 0n, lanes: 0 };
const SEGMENTS = { segmentCells: 2, segments: 2 };

function storage(): Storage {
  const blockBytes = channelSegmentSize({ ...UNBOUNDED, ...SEGMENTS }) * WORD_BYTES;
  return new StaticStorage({ base: BLOCKS, blocks: 2, blockBytes });
}

interface Laid {
  readonly filled?: readonly bigint[];
  /** How many of them are received again. */
  readonly taken?: number;
  readonly senders?: number;
  readonly receivers?: number;
  /** What must be said of the messages that are left, which nobody has received. */
  readonly left?: (messages: string, end: FinalState) => void;
}

function program(
  { kind, capacity, start, lanes }: Shape,
  parts: Readonly<Record<string, Part>>,
  { filled = [], taken = 0, senders = 1, receivers = 1, left }: Laid = {},
): ModelProgram {
  const ends = new Ends(storage);
  const bounds = { ...SEGMENTS, storage: storage() };
  return {
    initial: (words) => {
      const [sender, receiver] = channel(words, BASE, {
        kind,
        capacity,
        start,
        lanes,
        clones: CLONES,
        owner: owner(0),
        ...(capacity === Number.POSITIVE_INFINITY && bounds),
      });
      for (const value of filled) sender.trySend(value);
      for (let count = 0; count < taken; count++) receiver.tryReceive();
      ends.handOver([sender, receiver], senders, receivers);
    },
    threads: played(parts, ends),
    ...(left && {
      final: (end: FinalState) => {
        const receiver = ends.receiver(end);
        const messages = [];
        for (let next = receiver.tryReceive(); next.status === 'ok'; next = receiver.tryReceive())
          messages.push(next.value);
        left(messages.join(), end);
      },
    }),
  };
}

/** Receives as often as that, each time what must be one of these, if anything. */
const tryReceiveOneOf =
  (sent: readonly bigint[], times = 1): Part =>
  (thread, ends) => {
    const receiver = ends.receiver(thread);
    const received = Array.from({ length: times }, () => receiver.tryReceive());
    for (const one of received)
      thread.assert(one.status !== 'ok' || sent.includes(one.value), `${said(one)} was never sent`);
    thread.observe(thread.name, received.map(said).join());
  };

const receiveTwo: Part = (thread, ends) => {
  const receiver = ends.receiver(thread);
  thread.observe(thread.name, [receiver.receive(PARK), receiver.receive(PARK)].map(said).join());
};
const closeSender =
  (index = 0): Part =>
  (thread, ends) =>
    ends.sender(thread, index).close();
const closeReceiver: Part = (thread, ends) => ends.receiver(thread).close();

describe.each([
  ['of cells', CELLS],
  ['of cells with a lane', CELLS_WITH_LANE],
  ['of a ring', RING],
  ['without bound', UNBOUNDED],
] as const)('a channel %s', (_, shape) => {
  model('publishes what is sent', program(shape, { sender: trySend(7n), receiver: tryReceiveOneOf([7n]) }), {
    outcomes: ['sender=ok receiver=7', 'sender=ok receiver=empty'],
    planted: [shape === RING ? RELAXED : { ...RELAXED, shows: 'assertion' }],
  });

  model('wakes a receiver that sleeps', program(shape, { sender: trySend(7n), receiver: receive() }), {
    outcomes: ['sender=ok receiver=7'],
    planted: [SILENT],
  });

  model(
    'gives all that was sent before its sender leaves',
    program(shape, { sender: closeSender(), receiver: receiveTwo }, { filled: [7n] }),
    { outcomes: ['receiver=7,closed'], planted: [SILENT] },
  );

  model(
    'refuses what is sent once its receiver has left',
    program(shape, { sender: trySend(7n), receiver: closeReceiver }),
    // A sender that finds a segment ended puts another after it; the last of them may be ended, too, before there is none.
    { outcomes: ['sender=ok', 'sender=closed', ...(shape === UNBOUNDED ? ['sender=full'] : [])] },
  );
});

describe.each([
  ['of cells', CELLS],
  ['of cells with a lane', CELLS_WITH_LANE],
  ['of a ring', RING],
] as const)('a channel %s', (_, shape) => {
  const filled = [1n, 2n];

  model(
    'has room again only once a message is read out',
    program(shape, { sender: trySend(3n), receiver: tryReceive() }, { filled }),
    // What is read out of a cell too early is thrown away: of a relaxed one, too.
    { outcomes: ['sender=full receiver=1', 'sender=ok receiver=1'], planted: shape === RING ? [RELAXED] : [] },
  );

  model('wakes a sender that sleeps', program(shape, { sender: send(3n), receiver: tryReceive() }, { filled }), {
    outcomes: ['sender=ok receiver=1'],
    planted: [SILENT],
  });

  model(
    'wakes a sender that sleeps when its receiver leaves',
    program(shape, { sender: send(3n), receiver: closeReceiver }, { filled }),
    { outcomes: ['sender=closed'], planted: [SILENT] },
  );
});

describe.each([
  ['of cells', CELLS],
  ['of cells with a lane', CELLS_WITH_LANE],
  ['without bound', UNBOUNDED],
] as const)('a channel %s', (_, shape) => {
  const both = (left: string, end: FinalState): void =>
    end.assert(left === '1,2' || left === '2,1', `${left} is in it`);
  model(
    'gives a cell to one of two senders',
    program(shape, { a: trySend(1n), b: trySend(2n, 1) }, { senders: 2, left: both }),
    { outcomes: ['a=ok b=ok'], planted: [TORN] },
  );

  model(
    'gives a message to one of two receivers',
    {
      ...program(shape, { a: tryReceive(), b: tryReceive(1) }, { filled: [5n], receivers: 2 }),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=5 b=empty', 'a=empty b=5'], planted: [TORN] },
  );
});

describe('a channel with clones', () => {
  model(
    'ends when the last of its senders leaves, whichever that is',
    program(CELLS, { a: closeSender(), b: closeSender(1), receiver: receive() }, { senders: 2 }),
    { outcomes: ['receiver=closed'], planted: [UNFENCED] },
  );

  model(
    'goes on while one of its senders is there',
    program(CELLS, { a: closeSender(), b: trySend(2n, 1), receiver: receive() }, { senders: 2 }),
    { outcomes: ['b=ok receiver=2'] },
  );
});

describe('an end that is handed over', () => {
  const TICKET = 512 as Address;
  const give = ({ words }: ModelThread, { ticket }: EndHandle): void => words.storeNumber(TICKET, ticket);
  /** The end with this ticket, once there is one. */
  const wait = (thread: ModelThread): number => {
    const ticket = thread.words.loadNumber(TICKET);
    thread.assume(ticket !== 0);
    return ticket;
  };

  model(
    'goes on sending where the giver was',
    program(RING, {
      giver: (thread, ends) => {
        const sender = ends.sender(thread);
        sender.trySend(1n);
        give(thread, sender.handOver());
      },
      taker: (thread, ends) => {
        const handle = { ...ends.senderHandle(), ticket: wait(thread) };
        attachSender(thread.words, handle, { owner: owner(2) }).trySend(2n);
      },
      receiver: receiveTwo,
    }),
    { outcomes: ['receiver=1,2'], planted: [SILENT] },
  );

  model(
    'goes on receiving where the giver was',
    program(
      RING,
      {
        giver: (thread, ends) => {
          const receiver = ends.receiver(thread);
          thread.observe('giver', said(receiver.tryReceive()));
          give(thread, receiver.handOver());
        },
        taker: (thread, ends) => {
          const handle = { ...ends.receiverHandle(), ticket: wait(thread) };
          thread.observe('taker', said(attachReceiver(thread.words, handle, { owner: owner(2) }).tryReceive()));
        },
        sender: send(3n),
      },
      { filled: [1n, 2n] },
    ),
    { outcomes: ['giver=1 taker=2 sender=ok'], planted: [SILENT] },
  );
});

describe('a message of several words', () => {
  const texts = { codec: utf8, owner: owner(1) };
  let handles: readonly [EndHandle, EndHandle];
  model(
    'is whole',
    {
      initial: (words) => {
        const [sender, receiver] = channel(words, BASE, { capacity: 2, carries: 'utf8', clones: 1, owner: owner(0) });
        handles = [sender.handOver(), receiver.handOver()];
      },
      threads: {
        sender: (thread) => void attachSender<string>(thread.words, handles[0], texts).trySend('two words it takes'),
        receiver: (thread) => {
          const received = attachReceiver<string>(thread.words, handles[1], texts).tryReceive();
          thread.observe('receiver', received.status === 'ok' ? received.value : received.status);
        },
      },
    },
    { outcomes: ['receiver=two words it takes', 'receiver=empty'], planted: [RELAXED] },
  );
});

describe('a channel without bound', () => {
  model(
    'goes on in another segment',
    program(UNBOUNDED, { sender: trySend(3n), receiver: tryReceiveOneOf([2n, 3n], 2) }, { filled: [1n, 2n], taken: 1 }),
    {
      outcomes: ['sender=ok receiver=2,3', 'sender=ok receiver=2,empty'],
      planted: [{ ...RELAXED, shows: 'assertion' }],
    },
  );
});
