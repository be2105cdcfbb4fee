/** Numbers out of range, callbacks that answer later, and codecs that are not there: the message says which argument, and what is allowed. */
import { AddressError, Pool, ValueError } from '@pool/core';
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

const NO_NUMBERS = [5n, Symbol('five'), '5', {}, null, undefined, -1, 0.5] as never[];

describe('where an object stands', () => {
  type Attach = (pool: Pool, base: never) => unknown;
  const classes = Object.entries<object>(sync as never).filter(
    ([, one]) => typeof one === 'function' && 'attach' in one,
  );
  const attaching = classes.map(([name, one]): [string, Attach] => [
    name,
    (pool, base) => (Reflect.get(one, 'attach') as Attach).call(one, pool, base),
  ]);
  const others: [string, Attach][] = [
    ['ArrayQueue.create', (pool, base) => sync.ArrayQueue.create(pool, base, { capacity: 4 })],
    ['Mutex.create', (pool, base) => sync.Mutex.create(pool, base)],
    ['channel', (pool, base) => sync.channel(pool, base, { capacity: 4 })],
    [
      'attachSender',
      (pool, base) =>
        sync.attachSender(pool, { kind: 'channel end', side: 'sender', base, carries: 'words', slot: 0, ticket: 0 }),
    ],
    ['EventCount', (pool, base) => new sync.EventCount(pool, base, 8 as never)],
    ['EventCount', (pool, base) => new sync.EventCount(pool, 8 as never, base)],
  ];

  it.each([...attaching, ...others])('%s is told where', (_name, attach) => {
    const { pool } = scene();
    for (const wrong of [...NO_NUMBERS, 1e9 as never]) expect(() => attach(pool, wrong)).toThrow(AddressError);
  });

  it('is asked of every class that stands in words', () => {
    expect(classes.length).toBeGreaterThan(17);
  });
});

describe('where counters begin', () => {
  const place = (pool: Pool) => pool.reserve(4096);
  const CREATE: [string, (pool: Pool, options: { start: bigint }) => unknown][] = [
    ['ArrayQueue', (pool, options) => sync.ArrayQueue.create(pool, place(pool), { capacity: 4, ...options })],
    ['SpscRing', (pool, options) => sync.SpscRing.create(pool, place(pool), { capacity: 4, ...options })],
    ['TreiberStack', (pool, options) => sync.TreiberStack.create(pool, place(pool), { capacity: 4, ...options })],
    ['Mailbox', (pool, options) => sync.Mailbox.create(pool, place(pool), options)],
    ['Broadcast', (pool, options) => sync.Broadcast.create(pool, place(pool), { capacity: 4, ...options })],
    ['RecordsRing', (pool, options) => sync.RecordsRing.create(pool, place(pool), { capacity: 256, ...options })],
    ['Semaphore', (pool, options) => sync.Semaphore.create(pool, place(pool), 1, options)],
    ['RwLock', (pool, options) => sync.RwLock.create(pool, place(pool), options)],
    ['WaitGroup', (pool, options) => sync.WaitGroup.create(pool, place(pool), options)],
    ['Latch', (pool, options) => sync.Latch.create(pool, place(pool), 1, options)],
    ['Barrier', (pool, options) => sync.Barrier.create(pool, place(pool), 2, options)],
    ['a channel', (pool, options) => sync.channel(pool, place(pool), { capacity: 4, ...options })],
    ['a rendezvous', (pool, options) => sync.channel(pool, place(pool), { capacity: 0, ...options })],
    ['an spsc channel', (pool, options) => sync.channel(pool, place(pool), { capacity: 4, kind: 'spsc', ...options })],
  ];

  it.each(CREATE)('in %s is a bigint', (_name, create) => {
    const { pool } = scene();
    for (const wrong of [3, -1, 'x', '4', {}, null, Symbol('3'), true] as never[]) {
      expect(() => create(pool, { start: wrong })).toThrow(ValueError);
      expect(() => create(pool, { start: wrong })).toThrow('`start` is a bigint');
    }
    create(pool, { start: -1n });
  });
});

describe('how large', () => {
  const SIZES: [string, (value: never) => number][] = [
    ['a ring of records', (value) => sync.RecordsRing.size(value)],
    ['a broadcast', (value) => sync.Broadcast.size(value)],
    ['messages of a broadcast', (value) => sync.Broadcast.size(8, value)],
    ['segments', (value) => sync.SegmentedQueue.size({ segments: value })],
    ['cells of a segment', (value) => sync.SegmentedQueue.size({ segmentCells: value })],
    ['options of a segmented queue', (value) => sync.SegmentedQueue.size(value)],
  ];

  it.each(SIZES)('%s', (name, size) => {
    for (const wrong of NO_NUMBERS) {
      const hasDefault = wrong === undefined && !/^a /.test(name);
      const isOptions = typeof wrong === 'object' && wrong !== null && name.startsWith('options');
      if (hasDefault || isOptions) expect(size(wrong)).toBeGreaterThan(0);
      else expect(() => size(wrong)).toThrow(ValueError);
    }
  });
});

describe('recovery at one object', () => {
  it('of what is no owner', () => {
    const { pool, queue, ends, records } = scene();
    const at = (words: number) => pool.reserve(words);
    const rows = pool.owners.rows;
    const objects = [
      queue,
      records,
      ...ends,
      sync.SpscRing.create(pool, at(sync.SpscRing.size({ capacity: 2 })), { capacity: 2 }),
      sync.Mutex.create(pool, at(sync.Mutex.size())),
      sync.Semaphore.create(pool, at(sync.Semaphore.size(rows)), 1),
      sync.RwLock.create(pool, at(sync.RwLock.size(rows))),
      sync.WaitGroup.create(pool, at(sync.WaitGroup.size(rows))),
      sync.Barrier.create(pool, at(sync.Barrier.size(2)), 2),
      sync.Once.create(pool, at(sync.Once.size())),
      sync.OneShot.create(pool, at(sync.OneShot.size())),
      sync.Mailbox.create(pool, at(sync.Mailbox.size())),
      sync.Broadcast.create(pool, at(sync.Broadcast.size(2)), { capacity: 2 }),
    ];
    for (const object of objects)
      for (const wrong of [undefined, null, 7, {}] as never[]) expect(() => object.recover(wrong)).toThrow(ValueError);
  });
});

describe('messages that are none', () => {
  it('in a ring of records', async () => {
    const { records } = scene();
    for (const wrong of [...NO_NUMBERS, [1], new ArrayBuffer(1)] as never[]) {
      expect(() => records.trySend(wrong)).toThrow(ValueError);
      expect(() => records.send(wrong)).toThrow(ValueError);
      await expect(records.sendAsync(wrong)).rejects.toThrow(ValueError);
    }
    for (const wrong of [
      ...NO_NUMBERS,
      {},
      { length: 1 },
      new Uint8Array(1),
      [1],
      [new Uint8Array(1), 'text'],
    ] as never[]) {
      expect(() => records.trySendMany(wrong)).toThrow(ValueError);
      expect(() => records.sendMany(wrong)).toThrow(ValueError);
      await expect(records.sendManyAsync(wrong)).rejects.toThrow(ValueError);
    }
    expect(() => records.trySendMany(new Uint8Array(2) as never)).toThrow('many records are sent from an array');
    expect(records.tryReceive()).toBe('empty');
  });
});

describe('where a receiver of a broadcast begins', () => {
  it.each([0n, 7n, 2n ** 48n - 2n])('is at no message that is to come (from %s on)', (start) => {
    const { pool } = scene();
    const options = { capacity: 4, start };
    const broadcast = sync.Broadcast.create(pool, pool.reserve(sync.Broadcast.size(4)), options);
    const first = broadcast.position;
    for (let sent = 0n; sent < 4n; sent++) {
      const { position } = broadcast;
      const next = (position + 1) % 2 ** 48;
      for (const later of [next, (position + 100) % 2 ** 48])
        expect(() => broadcast.receiver(later)).toThrow('a receiver begins at a position that a broadcast gave');
      expect(broadcast.receiver(position).tryReceive(new BigUint64Array(1))).toBe('empty');
      broadcast.trySend(BigUint64Array.of(sent));
    }
    expect(broadcast.receiver(first).tryReceive(new BigUint64Array(1))).toBe(1); // it passed over one
  });
});

describe('where many values begin', () => {
  const NOWHERE = [-1, 0.5, 4, Number.NaN, Number.POSITIVE_INFINITY, '1', null] as number[];
  const three = BigUint64Array.of(1n, 2n, 3n);

  it.each(['ring', 'queue', 'channel', 'ring of records'] as const)('at a %s', (kind) => {
    const { ring, queue, ends, records } = scene();
    const trySendMany = (from: number) => {
      if (kind === 'channel') return ends[0].trySendMany([...three], from);
      if (kind === 'ring of records')
        return records.trySendMany(
          [0, 1, 2].map((byte) => Uint8Array.of(byte)),
          from,
        );
      return { ring, queue }[kind].trySendMany(three, from);
    };
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
  for (const most of [0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY, '2', 2n, null, Symbol('2')] as number[]) {
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
  for (const most of [-1, 1.5, Number.NaN, Symbol('1')] as number[])
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
