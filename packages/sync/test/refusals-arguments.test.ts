/** Numbers out of range, callbacks that answer later, and codecs that are not there: the message says which argument, and what is allowed. */
import { Pool, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';

function scene() {
  const pool = Pool.create({ words: 65_536, segments: 0 });
  const ringOptions = { capacity: 16 };
  const ring = sync.SpscRing.create(pool, pool.reserve(sync.SpscRing.size(ringOptions)), ringOptions);
  const records = { capacity: 1024 };
  return {
    pool,
    ring: ring.sender(),
    queue: sync.ArrayQueue.create(pool, pool.reserve(sync.ArrayQueue.size(ringOptions)), ringOptions),
    ends: sync.channel(pool, pool.reserve(sync.channelSize(ringOptions)), ringOptions),
    records: sync.RecordsRing.create(pool, pool.reserve(sync.RecordsRing.size(1024)), records),
  };
}

describe('where many values begin', () => {
  const NOWHERE = [-1, 0.5, 4, Number.NaN, Number.POSITIVE_INFINITY, '1', null] as number[];
  const three = BigUint64Array.of(1n, 2n, 3n);

  it.each(['ring', 'queue', 'channel'] as const)('at a %s', (kind) => {
    const { ring, queue, ends } = scene();
    const trySendMany = (from: number) =>
      kind === 'channel' ? ends[0].trySendMany([...three], from) : { ring, queue }[kind].trySendMany(three, from);
    for (const from of NOWHERE) {
      expect(() => trySendMany(from)).toThrow(ValueError);
      expect(() => trySendMany(from)).toThrow('`from` is an index of 0..3, where the values to send begin');
    }
    expect([0, 1, 2, 3].map(trySendMany)).toEqual([3, 2, 1, 0]);
  });
});

it('how many to receive at most', async () => {
  const { ends, records } = scene();
  const [tx, rx] = ends;
  const visit = (): void => {};
  for (const most of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '2', null] as number[]) {
    const message = '`most` is a whole number of 1 or more, or Infinity';
    for (const receive of [
      () => rx.tryReceiveMany(most),
      () => rx.receiveMany(most),
      () => records.drain(visit, { most }),
    ]) {
      expect(receive).toThrow(ValueError);
      expect(receive).toThrow(message);
    }
    await expect(rx.receiveManyAsync(most)).rejects.toThrow(message);
    await expect(records.drainAsync(visit, { most })).rejects.toThrow(message);
  }
  for (const most of [-1, 1.5, Number.NaN])
    expect(() => records.tryDrain(visit, most)).toThrow('`most` is a whole number of 0 or more, or Infinity');
  expect(records.tryDrain(visit, 0)).toBe(0);
  tx.trySendMany([1n, 2n]);
  expect(rx.tryReceiveMany(Number.POSITIVE_INFINITY)).toEqual({ status: 'ok', value: [1n, 2n] });
});

describe('a callback that answers later', () => {
  function locks() {
    const { pool } = scene();
    const mutex = sync.Mutex.create(pool, pool.reserve(sync.Mutex.size()));
    return {
      token: mutex.lock(),
      condition: sync.Condition.create(pool, pool.reserve(sync.Condition.size())),
      once: sync.Once.create(pool, pool.reserve(sync.Once.size())),
    };
  }

  it.each([true, false])('is no predicate: a promise would pass for a yes, though it says %s', async (says) => {
    const { condition, token } = locks();
    const holds = (async () => says) as unknown as () => boolean;
    const message = '`holds` answers at once: a promise is no answer';
    expect(() => condition.waitFor(token, holds, { timeout: 1 })).toThrow(ValueError);
    expect(() => condition.waitFor(token, holds, { timeout: 1 })).toThrow(message);
    await expect(condition.waitForAsync(token, holds, { timeout: 1 })).rejects.toThrow(message);
    expect(token.locked).toBe(true);
  });

  it('is none of a blocking call that is to be done once', async () => {
    const { once } = locks();
    const run = (async () => 5n) as unknown as () => bigint;
    expect(() => once.call(run)).toThrow(
      '`run` gives back a word, 0..2^64-1; one that takes its time is for `callAsync`',
    );
    expect(once.value).toBeUndefined();
    expect(await once.callAsync(run as never)).toBe('ran');
    expect(once.value).toBe(5n);
  });

  it('does not visit records, whose bytes are good until it returns', async () => {
    const { records } = scene();
    const visit = async (): Promise<void> => {};
    const message = '`visit` is done with a record when it returns: a promise comes too late';
    for (let record = 0; record < 3; record++) records.trySend(Uint8Array.of(record));
    expect(() => records.tryDrain(visit)).toThrow(message);
    expect(() => records.drain(visit)).toThrow(message);
    await expect(records.drainAsync(visit)).rejects.toThrow(message);
    expect(records.tryReceive()).toBe('empty');
  });
});

describe('the codec of an end that is attached', () => {
  const own: sync.Codec<Date> = {
    name: 'date',
    encode: (date) => Uint8Array.of(date.getDate()),
    decode: ([day]) => new Date(2026, 0, day),
  };

  it.each(['sender', 'receiver'] as const)('of a %s is asked for by name', (side) => {
    const { pool } = scene();
    const attach = side === 'sender' ? sync.attachSender<never> : sync.attachReceiver<never>;
    const handleOf = (carries: 'json' | sync.Codec<Date>) => {
      const options = { capacity: 2, carries: carries as sync.Codec<Date> };
      const [tx, rx] = sync.channel(pool, pool.reserve(sync.channelSize(options)), options);
      return (side === 'sender' ? tx : rx).handOver();
    };
    const handle = handleOf(own);
    const other = { ...own, name: 'other' } as sync.Codec<never>;
    const ask = 'attach with `{ codec }`, the codec of yours that is named date';
    expect(() => attach(pool, handle)).toThrow(ask);
    expect(() => attach(pool, handle, { codec: other })).toThrow(ask);
    expect(() => attach(pool, handle, { codec: null as never })).toThrow(ask);
    expect(() => attach(pool, handleOf('json'), { codec: other })).toThrow(
      'this channel carries json: attach without `codec`',
    );
    expect(attach(pool, handle, { codec: own as sync.Codec<never> }).capacity).toBe(2); // nothing was used up
  });
});
