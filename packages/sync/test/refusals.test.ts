/** What a newcomer passes by mistake is refused, rather than taken for something else. */
import { type Address, AddressError, Pool, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';

function scene() {
  const pool = Pool.create({ words: 8192, segments: 0 });
  const at = (words: number): Address => pool.reserve(words);
  return { pool, at };
}

const NO_WORDS = [Uint8Array.of(1, 2), Uint32Array.of(1, 2), [1n, 2n], 5, 'ab', { length: 3 }, null, undefined];

it.each(['ring', 'queue'])('many words in what has other elements, at a %s', (kind) => {
  const { pool, at } = scene();
  const options = { capacity: 16 };
  const ring = sync.SpscRing.create(pool, at(sync.SpscRing.size(options)), options);
  const queue = sync.ArrayQueue.create(pool, at(sync.ArrayQueue.size(options)), options);
  const [to, from] = kind === 'ring' ? [ring.sender(), ring.receiver()] : [queue, queue];
  to.sendMany(BigUint64Array.of(1n));
  for (const none of NO_WORDS as unknown as BigUint64Array[]) {
    expect(() => to.trySendMany(none)).toThrow(ValueError);
    expect(() => to.sendMany(none)).toThrow(ValueError);
    expect(() => from.tryReceiveMany(none)).toThrow(ValueError);
    expect(() => from.receiveMany(none)).toThrow(ValueError);
  }
  expect(from.receiveMany(new BigUint64Array(4))).toBe(1);
});

describe('recovery', () => {
  it('of what is no list, though it can be gone through, and of what cannot be recovered', () => {
    const { pool, at } = scene();
    const owner = Pool.attach(pool.handle).owner;
    const mutex = sync.Mutex.create(pool, at(sync.Mutex.size()));
    const [, rx] = sync.channel(pool, at(sync.channelSize({ capacity: 2 })), { capacity: 2 });
    for (const wrong of [mutex, rx, undefined, null, 5, [5], [mutex, undefined]])
      expect(() => sync.recover(pool, wrong as never, owner)).toThrow(ValueError);
    expect(Pool.attach(pool.handle).owner.id).not.toBe(owner.id); // its row is not free
  });

  it('of the caller itself', () => {
    const { pool, at } = scene();
    const mutex = sync.Mutex.create(pool, at(sync.Mutex.size()));
    mutex.lock();
    expect(() => sync.recover(pool, [mutex], pool.owner)).toThrow(ValueError);
    expect(mutex.tryLock()).toBeUndefined();
  });
});

it('times that are no numbers', () => {
  for (const wrong of ['100', null, 5n, undefined] as unknown as number[]) {
    expect(() => sync.after(wrong)).toThrow(ValueError);
    expect(() => sync.tick(wrong)).toThrow(ValueError);
  }
});

it('an address that is none', () => {
  const { pool } = scene();
  for (const wrong of [null, undefined, Number.NaN, 1.5, '64', -16] as unknown as Address[]) {
    expect(() => sync.Mutex.create(pool, wrong)).toThrow(AddressError);
    expect(() => sync.channel(pool, wrong, { capacity: 4 })).toThrow(AddressError);
  }
});

it('an event that does not say how it is reset', () => {
  const { pool, at } = scene();
  for (const wrong of [{}, { auto: true }, 'auto', undefined])
    expect(() => sync.ResetEvent.create(pool, at(sync.ResetEvent.size()), wrong as never)).toThrow(ValueError);
});

it('a call that gives back no word: it is run again', async () => {
  const { pool, at } = scene();
  const once = sync.Once.create(pool, at(sync.Once.size()));
  expect(() => once.call(() => 5 as never)).toThrow(ValueError);
  await expect(once.callAsync(async () => undefined as never)).rejects.toThrow(ValueError);
  expect([once.call(() => 5n), once.value]).toEqual(['ran', 5n]);
});

it('a mailbox read into what does not fit, though there is nothing yet', () => {
  const { pool, at } = scene();
  const box = sync.Mailbox.create(pool, at(sync.Mailbox.size(2)), { width: 2 });
  expect(() => box.read(new BigUint64Array(3))).toThrow(ValueError);
  expect(() => box.tryRead(undefined as never)).toThrow(ValueError);
});

it('a select of nothing', async () => {
  expect(() => sync.select([])).toThrow(ValueError);
  await expect(sync.selectAsync([])).rejects.toThrow(ValueError);
});

it('an end handed over while a receive of it is under way', async () => {
  const { pool, at } = scene();
  const [tx, rx] = sync.channel(pool, at(sync.channelSize({ capacity: 2 })), { capacity: 2 });
  const received = rx.receiveAsync();
  expect(() => rx.handOver()).toThrow(ValueError);
  tx.trySend(7n);
  expect(await received).toEqual({ status: 'ok', value: 7n });
  const there = sync.attachReceiver(pool, rx.handOver());
  tx.trySend(8n);
  expect(there.tryReceive()).toEqual({ status: 'ok', value: 8n });
});
