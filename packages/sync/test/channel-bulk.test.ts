import { FreeList } from '@pool/alloc';
import { Pool, type Storage, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { type ChannelOptions, channel, channelSize, EndGoneError, SegmentedQueue } from '../src/index.ts';

const ROOM = [
  { kind: 'mpmc', capacity: 4 },
  { kind: 'spsc', capacity: 4 },
] as const;
const ALL = [...ROOM, { kind: 'mpmc', capacity: 0 }, { kind: 'spsc', capacity: 0 }] as const;

function open<C extends 'words' | 'json'>(options: ChannelOptions<C>) {
  const pool = Pool.create({ words: 8192, segments: 0 });
  return channel(pool, pool.reserve(channelSize(options)), options);
}

const up = (count: number): bigint[] => Array.from({ length: count }, (_, index) => BigInt(index));

describe.each(ROOM)('many at once through a channel, $kind', ({ kind, capacity }) => {
  it('go as far as there is room, and come as far as there are', () => {
    const [tx, rx] = open({ kind, capacity, carries: 'words' });
    expect([tx.trySendMany(up(3)), tx.trySendMany(up(3), 1), tx.trySendMany(up(3), 3)]).toEqual([3, 1, 0]);
    expect(rx.tryReceiveMany(2)).toEqual({ status: 'ok', value: [0n, 1n] });
    expect(rx.tryReceiveMany(Number.POSITIVE_INFINITY)).toEqual({ status: 'ok', value: [2n, 1n] });
    expect(rx.tryReceiveMany(1)).toEqual({ status: 'empty' });
    expect(rx.receiveMany(1, { timeout: 1 })).toEqual({ status: 'timed-out' });
    expect(tx.sendMany(up(6), { timeout: 1 })).toEqual({ sent: 4, result: 'timed-out' });
  });

  it('end when an end has gone', () => {
    const [tx, rx] = open({ kind, capacity, carries: 'words' });
    expect(tx.sendMany(up(2))).toEqual({ sent: 2, result: 'ok' });
    tx.close();
    expect(() => tx.trySendMany([])).toThrow(EndGoneError);
    expect(() => tx.sendMany([])).toThrow(EndGoneError);
    expect([rx.receiveMany(9), rx.receiveMany(9)]).toEqual([{ status: 'ok', value: up(2) }, { status: 'closed' }]);
    const [other, gone] = open({ kind, capacity, carries: 'words' });
    gone.close();
    expect([other.trySendMany(up(1)), other.sendMany(up(2))]).toEqual(['closed', { sent: 0, result: 'closed' }]);
  });

  it('are checked: a number of messages, and each message', async () => {
    const [tx, rx] = open({ kind, capacity, carries: 'words' });
    const bad = [1n, 2n, -1n];
    expect(() => tx.sendMany(bad)).toThrow(ValueError);
    await expect(tx.sendManyAsync(bad)).rejects.toThrow(ValueError);
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
    expect(tx.trySendMany(bad)).toBe(2);
    expect(() => tx.trySendMany(bad, 2)).toThrow(ValueError);
    for (const most of [0, -1, Number.NaN]) {
      expect(() => rx.tryReceiveMany(most)).toThrow(ValueError);
      expect(() => rx.receiveMany(most)).toThrow(ValueError);
      await expect(rx.receiveManyAsync(most)).rejects.toThrow(ValueError);
    }
    expect(rx.tryReceiveMany(9)).toEqual({ status: 'ok', value: [1n, 2n] });
  });
});

it.each(ALL)('many go from one event loop to another, $kind with room for $capacity', async ({ kind, capacity }) => {
  const [tx, rx] = open({ kind, capacity, carries: 'json', messageBytes: 32 });
  const all = Array.from({ length: 20 }, (_, index) => ({ index }));
  const sending = tx.sendManyAsync(all);
  const received: unknown[] = [];
  while (received.length < all.length) {
    const some = await rx.receiveManyAsync(3);
    if (some.status !== 'ok') throw new Error(some.status);
    expect(some.value.length).toBeLessThanOrEqual(3);
    received.push(...some.value);
  }
  expect([await sending, received]).toEqual([{ sent: 20, result: 'ok' }, all]);
  const aborted = tx.sendManyAsync([...all, ...all], { signal: AbortSignal.timeout(1) });
  await expect(aborted).rejects.toThrow('timeout');
});

it('many go through a channel without bound', () => {
  const pool = Pool.create({ words: 8192, segments: 0 });
  const shape = { segmentCells: 4, segments: 8 };
  const blocks = { blocks: 8, blockWords: SegmentedQueue.segmentSize(shape) };
  const storage: Storage = FreeList.create(pool, pool.reserve(FreeList.size(blocks)), blocks, pool.owner);
  const options = { capacity: Number.POSITIVE_INFINITY, ...shape, storage };
  const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
  expect(tx.trySendMany(up(20))).toBe(20);
  expect(rx.tryReceiveMany(50)).toEqual({ status: 'ok', value: up(20) });
});
