/**
 * A thread may die between changing a word and waking who sleeps on it, or between giving its end up and telling so. Recovery makes
 * up for both: each victim dies before each of its operations in turn, and afterwards nobody sleeps through what it waits for.
 */
import { FreeList } from '@pool/alloc';
import { type Address, AttachError, Pool, type WaitAsyncOptions } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import {
  ArrayQueue,
  attachReceiver,
  attachSender,
  type ChannelOptions,
  channel,
  channelSegmentSize,
  channelSize,
  type EndHandle,
  EndTakenError,
  type Recoverable,
  recover,
  SegmentedQueue,
  type SpscReceiver,
  SpscRing,
  type SpscSender,
} from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { PATIENCE } from './support/moments.ts';

interface Ends {
  send(): unknown;
  receive(): unknown;
  /** Ends the stream from either side. */
  closeSender(): void;
  closeReceiver(): void;
}

/** A stream, as the survivor has it. */
interface Stream {
  readonly objects: readonly Recoverable[];
  victim(pool: Pool): Ends;
  /** Fills the room, where there is any. */
  fill(): void;
  receiving(options: WaitAsyncOptions): Promise<unknown>;
  sending(options: WaitAsyncOptions): Promise<unknown>;
  /** Whether it is told something, if it tries now. */
  canReceive(): boolean;
  canSend(): boolean;
  /** Whether the victim's side has ended, and takes nobody any more. */
  isOver(side: 'sender' | 'receiver'): boolean;
}

const CAPACITY = 2;
const SEGMENTS = { segmentCells: 2, segments: 2 } as const;
const POOL_WORDS = 8192;
const TIMED_OUT = { status: 'timed-out' };

function throws(kind: typeof AttachError | typeof EndTakenError, take: () => unknown): boolean {
  try {
    take();
    return false;
  } catch (error) {
    if (error instanceof kind) return true;
    throw error;
  }
}

function storageIn(pool: Pool, blockWords: number): FreeList {
  const list = { blocks: SEGMENTS.segments, blockWords };
  return FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
}

function ofQueue(queue: ArrayQueue | SegmentedQueue, again: (pool: Pool) => ArrayQueue | SegmentedQueue): Stream {
  return {
    objects: [queue],
    victim(pool) {
      const theirs = again(pool);
      const close = (): void => theirs.close();
      return {
        send: () => theirs.trySend(2n),
        receive: () => theirs.tryReceive(),
        closeSender: close,
        closeReceiver: close,
      };
    },
    fill() {
      while (queue.trySend(1n) === 'ok') {}
    },
    receiving: (options) => queue.receiveAsync(options),
    sending: (options) => queue.sendAsync(3n, options),
    canReceive: () => queue.tryReceive() !== 'empty',
    canSend: () => queue.trySend(3n) !== 'full',
    isOver: () => queue.closed,
  };
}

function ofRing(pool: Pool, ack: 'each' | 'batch'): Stream {
  const base = pool.reserve(SpscRing.size({ capacity: CAPACITY }));
  const ring = SpscRing.create(pool, base, { capacity: CAPACITY, ack });
  let [tx, rx]: [SpscSender?, SpscReceiver?] = [];
  const sender = (): SpscSender => {
    tx ??= ring.sender();
    return tx;
  };
  const receiver = (): SpscReceiver => {
    rx ??= ring.receiver();
    return rx;
  };
  return {
    objects: [ring],
    victim(theirPool) {
      const theirs = SpscRing.attach(theirPool, base);
      return {
        send: () => theirs.sender().trySend(2n),
        receive: () => theirs.receiver().tryReceive(),
        closeSender: () => theirs.sender().close(),
        closeReceiver: () => theirs.receiver().close(),
      };
    },
    fill() {
      while (sender().trySend(1n) === 'ok') {}
    },
    receiving: (options) => receiver().receiveAsync(options),
    sending: (options) => sender().sendAsync(3n, options),
    canReceive: () => receiver().tryReceive() !== 'empty',
    canSend: () => sender().trySend(3n) !== 'full',
    isOver: (side) => throws(EndTakenError, () => ring[side]()),
  };
}

function ofChannel(pool: Pool, given: ChannelOptions<'words'>): Stream {
  const storage = storageIn(pool, channelSegmentSize({ capacity: Number.POSITIVE_INFINITY, ...SEGMENTS }));
  const options = { ...given, clones: 2, storage };
  const base = pool.reserve(channelSize(options));
  const [tx, rx] = channel(pool, base, options);
  const handles = { sender: () => tx.handOver(), receiver: () => rx.handOver() };
  let handle: EndHandle | undefined;
  return {
    objects: [tx],
    victim(theirPool) {
      const theirs = { storage: FreeList.attach(theirPool, storage.handle, theirPool.owner) };
      const take = (side: 'sender' | 'receiver') => {
        handle = handles[side]();
        return handle;
      };
      const sender = () => attachSender(theirPool, take('sender'), theirs);
      const receiver = () => attachReceiver(theirPool, take('receiver'), theirs);
      return {
        send: () => sender().trySend(2n),
        receive: () => receiver().tryReceive(),
        closeSender: () => sender().close(),
        closeReceiver: () => receiver().close(),
      };
    },
    fill() {
      while (given.capacity > 0 && tx.trySend(1n) === 'ok') {}
    },
    receiving: (options) => rx.receiveAsync(options),
    sending: (options) => tx.sendAsync(3n, options),
    canReceive: () => rx.tryReceive().status !== 'empty',
    canSend: () => tx.trySend(3n) !== 'full',
    isOver(side) {
      if (handle === undefined) return false;
      const [attach, taken] = [side === 'sender' ? attachSender : attachReceiver, handle];
      return throws(AttachError, () => attach(pool, taken, { storage }));
    },
  };
}

const STREAMS: readonly { readonly name: string; open(pool: Pool): Stream }[] = [
  {
    name: 'an array queue',
    open(pool) {
      const queue = ArrayQueue.create(pool, pool.reserve(ArrayQueue.size({ capacity: CAPACITY })), {
        capacity: CAPACITY,
      });
      return ofQueue(queue, (theirs) => ArrayQueue.attach(theirs, queue.base));
    },
  },
  {
    name: 'a segmented queue',
    open(pool) {
      const storage = storageIn(pool, SegmentedQueue.segmentSize(SEGMENTS));
      const queue = SegmentedQueue.create(pool, pool.reserve(SegmentedQueue.size(SEGMENTS)), storage, SEGMENTS);
      return ofQueue(queue, (theirs) =>
        SegmentedQueue.attach(theirs, queue.base, FreeList.attach(theirs, storage.handle, theirs.owner)),
      );
    },
  },
  { name: 'a ring (ack each)', open: (pool) => ofRing(pool, 'each') },
  { name: 'a ring (ack batch)', open: (pool) => ofRing(pool, 'batch') },
  { name: 'a channel, mpmc', open: (pool) => ofChannel(pool, { capacity: CAPACITY }) },
  { name: 'a channel, spsc', open: (pool) => ofChannel(pool, { capacity: CAPACITY, kind: 'spsc' }) },
  { name: 'a channel from hand to hand', open: (pool) => ofChannel(pool, { capacity: 0 }) },
  {
    name: 'a channel without bound',
    open: (pool) => ofChannel(pool, { capacity: Number.POSITIVE_INFINITY, ...SEGMENTS }),
  },
];

describe.each(STREAMS)('$name', ({ open }) => {
  it.each([
    { waiting: 'receiving', act: 'send', side: 'sender' },
    { waiting: 'receiving', act: 'closeSender', side: 'sender' },
    { waiting: 'sending', act: 'receive', side: 'receiver' },
    { waiting: 'sending', act: 'closeReceiver', side: 'receiver' },
  ] as const)('nobody sleeps $waiting when a thread dies at `$act`', async ({ waiting, act, side }) => {
    const ended: Promise<unknown>[] = [];
    const deaths = everyDeath((pool) => {
      const mine = Pool.attach(pool.handle); // it goes on when the scene is over
      const seen = record(mine);
      const stream = open(seen.words as Pool);
      const controller = new AbortController();
      if (waiting === 'sending') stream.fill();
      const answer = stream[waiting]({ signal: controller.signal, timeout: PATIENCE });
      answer.catch(() => {}); // aborted below
      const parked = seen.operations.findLast(({ name }) => name === 'waitAsync');
      return {
        act: (theirs) => stream.victim(theirs)[act](),
        check(victim) {
          recover(mine, stream.objects, victim.owner);
          const sleeps = mine.notify(parked?.operands[0] as Address) > 0;
          const isOver = stream.isOver(side);
          const isTold = waiting === 'receiving' ? stream.canReceive() : stream.canSend();
          expect(sleeps && (isOver || isTold)).toBe(false);
          if (isOver) ended.push(answer);
          else controller.abort();
        },
      };
    }, POOL_WORDS);
    expect(deaths).toBeGreaterThan(3);
    for (const answer of await Promise.all(ended)) expect([answer, { status: answer }]).not.toContainEqual(TIMED_OUT);
  });
});

it('nobody sleeps for a segment that a dead thread had from a storage which is recovered last', () => {
  let parks = 0;
  const deaths = everyDeath((pool) => {
    const mine = Pool.attach(pool.handle);
    const seen = record(mine);
    const storage = storageIn(mine, SegmentedQueue.segmentSize(SEGMENTS));
    const base = mine.reserve(SegmentedQueue.size(SEGMENTS));
    const queue = SegmentedQueue.create(seen.words as Pool, base, storage, SEGMENTS);
    for (let value = 0; value < SEGMENTS.segmentCells; value++) queue.trySend(BigInt(value));
    return {
      act(theirs) {
        const theirStorage = FreeList.attach(theirs, storage.handle, theirs.owner);
        SegmentedQueue.attach(theirs, base, theirStorage).trySend(2n);
      },
      check(victim) {
        let sends = false;
        const between = {
          recover() {
            if (sends) return;
            sends = true;
            queue.sendAsync(3n, { keepAlive: false }).catch(() => {}); // the storage may have no room for it yet
          },
        };
        recover(mine, [queue, between, storage], victim.owner);
        const parked = seen.operations.findLast(({ name }) => name === 'waitAsync');
        if (parked === undefined) return;
        parks += 1;
        expect(mine.notify(parked.operands[0] as Address), 'who sleeps still').toBe(0);
      },
    };
  }, POOL_WORDS);
  expect(deaths).toBeGreaterThan(10);
  expect(parks).toBeGreaterThan(0);
});
