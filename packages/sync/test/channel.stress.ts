import { FreeList } from '@pool/alloc';
import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { type ChannelOptions, channel, channelSegmentSize, channelSize } from '../src/index.ts';
import { bereave, massacre, play, type Stage } from './support/streams.ts';
import { PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(200_000, 5_000);

function stage(options: ChannelOptions<'words'>): Stage {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const base = pool.reserve(channelSize(options));
  const unbounded = options.capacity === Number.POSITIVE_INFINITY;
  const list = { blocks: unbounded ? 64 : 1, blockWords: unbounded ? channelSegmentSize(options) : 16 };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
  const [tx, rx] = channel(pool, base, { ...options, storage });
  const single = { sender: options.kind === 'spsc', receiver: options.kind !== 'mpmc' };
  return {
    pool,
    base,
    ...(unbounded && { storage: storage.handle }),
    handle: (role) =>
      (role === 'sender' ? (single.sender ? tx : tx.clone()) : single.receiver ? rx : rx.clone()).handOver(),
    close: () => tx.close(),
    recover(owner) {
      const found = tx.recover(owner);
      storage.recover(owner);
      return found;
    },
  };
}

describe.each([
  { kind: 'spsc', senders: 1, receivers: 1, capacity: 64 },
  { kind: 'spsc', senders: 1, receivers: 1, capacity: 0 },
  { kind: 'mpsc', senders: 4, receivers: 1, capacity: 8 },
  { kind: 'mpmc', senders: 3, receivers: 3, capacity: 2, park: true },
  { kind: 'mpmc', senders: 2, receivers: 2, capacity: 1024, start: 2n ** 31n - 9n },
  { kind: 'mpmc', senders: 3, receivers: 3, capacity: 0 },
  { kind: 'mpmc', senders: 2, receivers: 2, capacity: Number.POSITIVE_INFINITY, segmentCells: 16, segments: 64 },
] as const)('$kind, $senders to $receivers, room for $capacity', ({ senders, receivers, ...rest }) => {
  const { park, ...options }: ChannelOptions<'words'> & { readonly park?: boolean } = rest;
  it('delivers everything once, and ends when the last sender has gone', async () => {
    const perSender = options.capacity === 0 ? PER_SENDER / 10 : PER_SENDER;
    const troupe = { kind: 'channel', senders, receivers, perSender } as const;
    await play(stage(options), { ...troupe, ...(park && { park }) });
  });
});

describe('threads that are terminated at random moments', () => {
  it.each([{ capacity: 64 }, { capacity: 0 }, { capacity: Number.POSITIVE_INFINITY, segmentCells: 16, segments: 64 }])(
    'lose nothing that was acknowledged, and hold up nobody (room for $capacity)',
    async (options) => {
      await massacre(stage({ kind: 'mpmc', ...options }), 'channel');
    },
    PATIENCE,
  );

  it.each([64, 0])(
    'end a channel between two for the other, after all that was acknowledged (room for %s)',
    async (capacity) => {
      await bereave(() => stage({ kind: 'spsc', capacity }), 'channel');
    },
    PATIENCE,
  );
});
