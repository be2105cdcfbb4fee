import { FreeList } from '@pool/alloc';
import {
  type Address,
  AttachError,
  CorruptError,
  ExhaustedError,
  type Owner,
  type OwnerId,
  Pool,
  type Storage,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachReceiver,
  attachSender,
  bytes,
  CHANNEL,
  type ChannelOptions,
  type Codec,
  channel,
  channelSegmentSize,
  channelSize,
  EndGoneError,
  json,
  recover,
  select,
} from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';

const PARK = { strategy: 'park', timeout: 5_000 } as const;
const DEAD: Owner = { id: 9 as OwnerId, generation: 7 };
const newPool = (): Pool => Pool.create({ words: 8192, segments: 0 });

function open(options: ChannelOptions<'words'>, pool: Pool = newPool()) {
  const base = pool.reserve(channelSize(options));
  const [tx, rx] = channel(pool, base, options);
  return { pool, base, tx, rx };
}

const KINDS = [
  { kind: 'mpmc', capacity: 4 },
  { kind: 'mpsc', capacity: 4 },
  { kind: 'spsc', capacity: 4 },
] as const;
const ALL = [...KINDS, { kind: 'mpmc', capacity: 0 }, { kind: 'spsc', capacity: 0 }] as const;

describe.each(KINDS)('a channel, $kind', ({ kind, capacity }) => {
  it.each([0n, 2n ** 31n - 2n, 2n ** 32n - 2n, 2n ** 53n - 2n, 2n ** 64n - 2n])(
    'delivers in order wherever its positions begin (%s)',
    (start) => {
      const { tx, rx } = open({ kind, capacity, start });
      for (let round = 0n; round < 20n; round++) {
        for (let value = 0n; value < 4n; value++) expect(tx.trySend(round * 4n + value)).toBe('ok');
        expect([tx.trySend(99n), rx.length]).toEqual(['full', 4]);
        for (let value = 0n; value < 4n; value++)
          expect(rx.tryReceive()).toEqual({ status: 'ok', value: round * 4n + value });
        expect(rx.tryReceive()).toEqual({ status: 'empty' });
      }
    },
  );

  it('drains, then ends, when the last sender has gone', async () => {
    const { tx, rx } = open({ kind, capacity });
    tx.send(1n);
    tx.send(2n);
    tx.close();
    tx.close();
    expect(() => tx.trySend(3n)).toThrow(EndGoneError);
    expect([...rx]).toEqual([1n, 2n]);
    expect(rx.tryReceive()).toEqual({ status: 'closed' });
    expect(await rx.receiveAsync()).toEqual({ status: 'closed' });
  });

  it('refuses when the last receiver has gone, be it full or not', async () => {
    for (const fill of [1, 4]) {
      const { tx, rx } = open({ kind, capacity });
      for (let value = 0; value < fill; value++) tx.send(1n);
      const waiting = fill === 4 ? tx.sendAsync(2n) : Promise.resolve('closed');
      rx.close();
      expect([await waiting, tx.trySend(3n), tx.send(3n), await tx.sendAsync(3n)]).toEqual(Array(4).fill('closed'));
    }
  });

  it('gives up after the time it was given', async () => {
    const { tx, rx } = open({ kind, capacity });
    expect([rx.receive({ timeout: 1 }), await rx.receiveAsync({ timeout: 1 })]).toEqual(
      Array(2).fill({ status: 'timed-out' }),
    );
    while (tx.trySend(1n) === 'ok');
    expect([tx.send(1n, { timeout: 1 }), await tx.sendAsync(1n, { timeout: 1 })]).toEqual(['timed-out', 'timed-out']);
  });

  it('is an asynchronous iterable', async () => {
    const { tx, rx } = open({ kind, capacity });
    const sent = (async () => {
      for (let value = 0n; value < 20n; value++) await tx.sendAsync(value);
      tx.close();
    })();
    const got: bigint[] = [];
    for await (const value of rx) got.push(value);
    await sent;
    expect(got).toEqual(Array.from({ length: 20 }, (_, value) => BigInt(value)));
  });
});

describe.each(ALL)('between any two steps, $kind with room for $capacity', ({ kind, capacity }) => {
  it('no receiver is left parked when the sender goes', () => {
    betweenSteps(newPool, ({ words, arm }) => {
      const { tx, rx } = open({ kind, capacity }, words);
      arm(() => tx.close());
      expect(rx.receive(PARK)).toEqual({ status: 'closed' });
    });
  });

  it('no sender is left parked when the receiver goes', () => {
    betweenSteps(newPool, ({ words, arm }) => {
      const { tx, rx } = open({ kind, capacity }, words);
      for (let fill = 0; fill < capacity; fill++) tx.send(1n);
      arm(() => rx.close());
      expect(tx.send(3n, PARK)).toBe('closed');
    });
  });
});

describe('a rendezvous', () => {
  it('takes nothing without a receiver, and gives nothing without a sender', () => {
    const { tx, rx } = open({ capacity: 0 });
    expect([tx.trySend(1n), tx.send(1n, { timeout: 1 }), rx.tryReceive()]).toEqual([
      'full',
      'timed-out',
      { status: 'empty' },
    ]);
    expect(rx.receive({ timeout: 1 })).toEqual({ status: 'timed-out' });
    expect(tx.trySend(1n)).toBe('full');
  });

  it('hands over, whoever comes first', async () => {
    const { tx, rx } = open({ capacity: 0 });
    const received = rx.receiveAsync();
    expect(tx.trySend(5n)).toBe('ok');
    expect(await received).toEqual({ status: 'ok', value: 5n });
    const sent = tx.sendAsync(6n);
    expect(rx.tryReceive()).toEqual({ status: 'ok', value: 6n });
    expect(await sent).toBe('ok');
  });

  it('serves several in turn', async () => {
    const { tx, rx } = open({ capacity: 0 });
    const sent = [1n, 2n, 3n].map((value) => tx.sendAsync(value));
    const got = [await rx.receiveAsync(), await rx.receiveAsync(), await rx.receiveAsync()];
    expect(await Promise.all(sent)).toEqual(['ok', 'ok', 'ok']);
    expect(new Set(got.map((one) => one.status === 'ok' && one.value))).toEqual(new Set([1n, 2n, 3n]));
    const wanted = [rx.receiveAsync(), rx.receiveAsync()];
    await tx.sendAsync(4n);
    await tx.sendAsync(5n);
    expect(new Set((await Promise.all(wanted)).map((one) => one.status === 'ok' && one.value))).toEqual(
      new Set([4n, 5n]),
    );
  });

  it('between any two steps, neither side is left parked and nothing is handed over twice', () => {
    betweenSteps(newPool, ({ words, arm }) => {
      const { tx, rx } = open({ capacity: 0 }, words);
      let tried: unknown;
      arm(() => {
        tried = rx.tryReceive();
      });
      const sent = tx.send(5n, { strategy: 'park', timeout: 1 });
      const received = typeof tried === 'object' && (tried as { status: string }).status === 'ok';
      expect(sent).toBe(received ? 'ok' : 'timed-out');
      expect(rx.tryReceive()).toEqual({ status: 'empty' });
    });
    betweenSteps(newPool, ({ words, arm }) => {
      const { tx, rx } = open({ capacity: 0 }, words);
      let tried: unknown;
      arm(() => {
        tried = tx.trySend(5n);
      });
      const received = rx.receive({ strategy: 'park', timeout: 1 });
      expect(received).toEqual(tried === 'ok' ? { status: 'ok', value: 5n } : { status: 'timed-out' });
      expect(rx.tryReceive()).toEqual({ status: 'empty' });
    });
  });

  it('an offer that is aborted is withdrawn', async () => {
    const { tx, rx } = open({ capacity: 0 });
    const controller = new AbortController();
    const sent = tx.sendAsync(5n, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
  });

  it('the offer of a dead sender and the wish of a dead receiver are no more', async () => {
    const { pool, tx, rx } = open({ capacity: 0 });
    const victim = attachSender(pool, tx.clone().handOver(), { owner: DEAD });
    const wishing = attachReceiver(pool, rx.clone().handOver(), { owner: DEAD });
    void victim.sendAsync(1n, { keepAlive: false });
    expect(rx.recover(DEAD).map(({ found }) => found)).toEqual([
      'sends that are skipped',
      'sender clones',
      'receiver clones',
    ]);
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
    void wishing;
    const received = rx.receiveAsync();
    expect(tx.trySend(2n)).toBe('ok');
    expect(await received).toEqual({ status: 'ok', value: 2n });
  });

  it('a wake that died with who was to give it is given by recovery', async () => {
    for (let moment = 0, died = true; died; moment++) {
      const { pool, tx, rx } = open({ capacity: 0 });
      let operations = Number.NEGATIVE_INFINITY;
      const { words } = record(pool, {
        before() {
          if (operations++ >= moment) throw new Error('this thread is dead');
        },
      });
      const victim = attachReceiver(words as Pool, rx.clone().handOver(), { owner: DEAD });
      const sent = tx.sendAsync(1n);
      await Promise.resolve();
      operations = 0;
      try {
        victim.tryReceive();
        died = false;
      } catch {}
      rx.recover(DEAD);
      rx.tryReceive(); // for an offer that stands as before
      expect(await sent).toBe('ok');
    }
  });

  it('a receiver whose time is up does not wait for one that takes its message, and may be dead', () => {
    const { pool, tx, rx } = open({ capacity: 0 });
    let dead = false;
    const { words: mortal } = record(pool, {
      before(name) {
        dead ||= name === 'loadPlain';
        if (dead) throw new Error('this thread is dead');
      },
    });
    const victim = attachReceiver(mortal as Pool, rx.clone().handOver(), { owner: DEAD });
    let looks = 0;
    const { words } = record(pool, {
      before(name) {
        if (dead && ++looks > 100) throw new Error('it goes round and round');
        if (name !== 'wait' || dead) return;
        expect(tx.trySend(5n)).toBe('ok');
        expect(() => victim.tryReceive()).toThrow('this thread is dead');
      },
    });
    const wishing = attachReceiver(words as Pool, rx.clone().handOver());
    expect(wishing.receive({ strategy: 'park', timeout: 1 })).toEqual({ status: 'timed-out' });
    expect(rx.recover(DEAD).map(({ found }) => found)).toContain('messages that reached nobody');
  });
});

describe.each([
  { kind: 'spsc', capacity: 4 },
  { kind: 'mpmc', capacity: 4 },
  { kind: 'mpmc', capacity: 0 },
] as const)('a sender that died before it woke its receiver, $kind $capacity', ({ kind, capacity }) => {
  it('leaves it to recovery', async () => {
    const { pool, tx, rx } = open({ kind, capacity });
    const { words } = record(pool, {
      before(name) {
        if (name === 'notify') throw new Error('this thread is dead');
      },
    });
    const victim = attachSender(words as Pool, tx.handOver(), { owner: DEAD });
    const received = rx.receiveAsync();
    expect(() => victim.trySend(1n)).toThrow('this thread is dead');
    rx.recover(DEAD);
    expect(await received).toEqual({ status: 'ok', value: 1n });
  }, 5_000);
});

describe('a sender that waits for a segment in which a receiver has died', () => {
  it.each(['send', 'select'] as const)('gives way to whoever recovers it (%s)', (way) => {
    const pool = newPool();
    const list = { blocks: 2, blockWords: 64 };
    const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
    const options = { capacity: Number.POSITIVE_INFINITY, segmentCells: 2, segments: 2, carries: 'utf8' } as const;
    const given = { ...options, messageBytes: 8, storage };
    const [tx, rx] = channel(pool, pool.reserve(channelSize(given)), given);
    for (const text of ['a', 'b', 'c', 'd']) expect(tx.trySend(text)).toBe('ok');
    let dead = false;
    const { words: mortal } = record(pool, {
      before(name) {
        dead ||= name === 'copyOut' || name === 'loadPlain';
        if (dead) throw new Error('this thread is dead');
      },
    });
    const victim = attachReceiver(mortal as Pool, rx.clone().handOver(), { storage, owner: DEAD });
    expect(() => victim.tryReceive()).toThrow('this thread is dead');
    expect([rx.tryReceive(), rx.tryReceive()]).toEqual(['b', 'c'].map((value) => ({ status: 'ok', value })));
    expect([tx.trySend('e'), tx.trySend('f')]).toEqual(['ok', 'full']); // the first segment is free, but for the cell that is still being read
    let looks = 0;
    const { words } = record(pool, {
      before(name) {
        if (name === 'wait') rx.recover(DEAD);
        else if (++looks > 100_000) throw new Error('it goes round and round');
      },
    });
    const sender = attachSender<string>(words as Pool, tx.clone().handOver(), { storage });
    if (way === 'send') expect(sender.send('f', { strategy: 'park' })).toBe('ok');
    else expect(select([sender.sending('f')], { strategy: 'park' })).toEqual({ index: 0, result: 'ok' });
  });
});

describe('what a channel carries', () => {
  const carry = <T>(options: ChannelOptions<never>, values: readonly T[]): T[] => {
    const pool = newPool();
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options) as unknown as [
      { trySend(value: T): string },
      { tryReceive(): { value: T } },
    ];
    return values.map((value) => {
      expect(tx.trySend(value)).toBe('ok');
      return rx.tryReceive().value;
    });
  };

  it.each(['spsc', 'mpmc'] as const)('any number, bit for bit (%s)', (kind) => {
    const numbers = [0, -0, 0.1, -1e308, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53];
    expect(carry({ carries: 'numbers' as never, capacity: 2, kind }, numbers)).toEqual(numbers);
  });

  it.each(['spsc', 'mpmc'] as const)('bytes, text and JSON of any length that fits (%s)', (kind) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (content) => {
        expect(carry({ carries: 'bytes' as never, capacity: 2, kind, messageBytes: 64 }, [content])).toEqual([content]);
      }),
      { numRuns: 30 },
    );
    expect(carry({ carries: 'utf8' as never, capacity: 2, kind }, ['', 'é😀\u0000\ufeff'])).toEqual([
      '',
      'é😀\u0000\ufeff',
    ]);
    const values = [null, 1.5, 'x', [1, { a: [] }], { __proto__: null, b: true }];
    expect(carry({ carries: 'json' as never, capacity: 2, kind }, values)).toEqual(values);
  });

  it('whatever a codec of one’s own can say, which the other side brings along too', () => {
    const dates: Codec<Date> = {
      name: 'dates',
      encode: (date) => json.encode(date.getTime()),
      decode: (encoded) => new Date(json.decode(encoded) as number),
    };
    const pool = newPool();
    const options = { carries: dates, capacity: 2 } as const;
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
    tx.trySend(new Date(5));
    const handle = rx.handOver();
    expect(() => attachReceiver(pool, handle)).toThrow('attach with `{ codec }`');
    expect(attachReceiver(pool, handle, { codec: dates }).tryReceive()).toEqual({ status: 'ok', value: new Date(5) });
  });

  it('refuses what does not fit before anything is claimed', () => {
    const pool = newPool();
    const options = { carries: bytes, capacity: 2, messageBytes: 8 } as const;
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
    expect(() => tx.trySend(new Uint8Array(9))).toThrow('messageBytes');
    expect(() => open({ capacity: 2 }).tx.trySend(-1n)).toThrow(ValueError);
    expect(() => json.encode(undefined)).toThrow(ValueError);
    expect(rx.length).toBe(0);
  });

  it('a message of impossible length is Corrupt, and holds up nobody', () => {
    const pool = newPool();
    const options = { carries: 'bytes', capacity: 2, messageBytes: 8, clones: 16 } as const;
    const base = pool.reserve(channelSize(options));
    const [tx, rx] = channel(pool, base, options);
    tx.trySend(Uint8Array.of(1));
    // After the header, the clones of two ends, and two hints: the first cell's word, then its length.
    pool.store((CHANNEL.at(base).rest + 16 + 16 + 32 + 1) as Address, 9n);
    expect(() => rx.tryReceive()).toThrow(CorruptError);
    tx.trySend(Uint8Array.of(2));
    expect(rx.tryReceive()).toEqual({ status: 'ok', value: Uint8Array.of(2) });
  });
});

describe('a channel without bound', () => {
  const storageOf = (pool: Pool): Storage => ({
    name: 'test',
    largest: 4096,
    allocate: (words) => pool.tryReserve(words),
    free() {},
  });

  it.each(['spsc', 'mpsc', 'mpmc'] as const)('takes all that the storage has room for, and drains it (%s)', (kind) => {
    const pool = newPool();
    const storage = storageOf(pool);
    const options = {
      kind,
      capacity: Number.POSITIVE_INFINITY,
      segmentCells: 4,
      segments: 16,
      storage,
      carries: 'utf8',
    } as const;
    const [tx, rx] = channel(pool, pool.reserve(channelSize({ ...options, messageBytes: 16 })), {
      ...options,
      messageBytes: 16,
    });
    const there = attachSender<string>(pool, tx.handOver(), { owner: DEAD, storage });
    let sent = 0;
    while (there.trySend(`text ${sent}`) === 'ok') sent += 1;
    expect(sent).toBe(64);
    expect(there.send('more', { timeout: 1 })).toBe('timed-out');
    there.close();
    expect([...rx]).toEqual(Array.from({ length: 64 }, (_, index) => `text ${index}`));
  });

  it('is not to be had without a storage', () => {
    const pool = newPool();
    const options = { capacity: Number.POSITIVE_INFINITY, segments: 4, segmentCells: 4 } as const;
    const base = pool.reserve(channelSize(options));
    expect(() => channel(pool, base, options)).toThrow('storage');
    const [, rx] = channel(pool, base, { ...options, storage: storageOf(pool) });
    expect(() => attachReceiver(pool, rx.handOver())).toThrow('storage');
  });
});

describe('the ends of a channel', () => {
  it('are counted: the channel ends with the last clone', () => {
    const { tx, rx } = open({ capacity: 4 });
    const other = tx.clone();
    tx.close();
    expect(other.trySend(1n)).toBe('ok');
    expect(rx.tryReceive()).toEqual({ status: 'ok', value: 1n });
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
    const third = other.clone();
    other.close();
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
    third.close();
    expect(rx.tryReceive()).toEqual({ status: 'closed' });
  });

  it.each([
    ['capacity', { capacity: 4n }],
    ['messageBytes', { capacity: 4, carries: 'json', messageBytes: 0 }],
  ])('are not made with a %s that cannot be', (name, options) => {
    const size = (): number => channelSize(options as never);
    expect(size).toThrow(ValueError);
    expect(size).toThrow(name);
  });

  it('are as many as the kind allows', () => {
    const mpsc = open({ capacity: 2, kind: 'mpsc', clones: 2 });
    mpsc.tx.clone();
    expect(() => mpsc.tx.clone()).toThrow(ExhaustedError);
    expect(() => mpsc.tx.clone()).toThrow('more `clones`');
    expect(() => mpsc.rx.clone()).toThrow('one receiver');
    expect(() => open({ capacity: 2, kind: 'spsc' }).tx.clone()).toThrow('one sender');
  });

  it.each(ALL)('go to another thread once ($kind, $capacity)', ({ kind, capacity }) => {
    const { pool, tx, rx } = open({ kind, capacity });
    const handle = structuredClone(tx.handOver());
    expect(() => tx.trySend(1n)).toThrow(EndGoneError);
    expect(rx.tryReceive()).toEqual({ status: 'empty' }); // the end is on its way, not gone
    const there = attachSender(pool, handle, { owner: DEAD });
    expect(() => attachSender(pool, handle)).toThrow(AttachError);
    expect(() => attachReceiver(pool, handle)).toThrow(AttachError);
    if (capacity > 0) expect(there.trySend(1n)).toBe('ok');
    there.close();
    expect([...rx]).toEqual(capacity > 0 ? [1n] : []);
  });

  it('is not to be had by the handle of one that has gone, though its place is used again', () => {
    const { pool, tx, rx } = open({ capacity: 2, clones: 2 });
    const stale = tx.clone().handOver();
    attachSender(pool, stale).close();
    const handle = tx.clone().handOver(); // in the place that is free again
    expect(() => attachSender(pool, stale)).toThrow(AttachError);
    attachSender(pool, handle).close();
    tx.close();
    expect(rx.tryReceive()).toEqual({ status: 'closed' });
  });

  it.each(KINDS)('die with their threads, and so may the channel ($kind)', ({ kind, capacity }) => {
    const { pool, tx, rx } = open({ kind, capacity });
    const victim = attachSender(pool, tx.handOver(), { owner: DEAD });
    victim.trySend(1n);
    expect(rx.recover(DEAD)).toMatchObject([{ kind: 'channel', found: 'sender clones', count: 1 }]);
    expect(rx.recover(DEAD)).toEqual([]);
    expect([...rx]).toEqual([1n]);
  });

  it('die on their way with whoever handed them over', () => {
    const { pool, tx, rx } = open({ capacity: 2 });
    const handle = attachSender(pool, tx.handOver(), { owner: DEAD }).handOver();
    rx.recover(DEAD);
    expect(() => attachSender(pool, handle)).toThrow('has died');
    expect(rx.tryReceive()).toEqual({ status: 'closed' });
  });

  it('come back to whoever handed them over by the same handle, if nobody has attached', () => {
    const { pool, tx, rx } = open({ capacity: 2 });
    tx.send(1n);
    const handle = tx.handOver();
    expect(recover(pool, [rx], DEAD)).toEqual([]); // the thread that it was for: it never had it
    expect([rx.tryReceive(), rx.tryReceive()]).toEqual([{ status: 'ok', value: 1n }, { status: 'empty' }]);
    attachSender(pool, handle).close();
    expect(rx.tryReceive()).toEqual({ status: 'closed' });
  });

  it('are recovered by the registry with everything else', () => {
    const { pool, tx, rx } = open({ capacity: 2 });
    const thread = Pool.attach(pool.handle);
    attachReceiver(thread, rx.handOver());
    expect(recover(pool, [tx], thread.owner)).toMatchObject([{ found: 'receiver clones' }]);
    expect(tx.trySend(1n)).toBe('closed');
    expect(recover(pool, [tx], thread.owner)).toEqual([]);
  });

  it('are not found where there is no channel', () => {
    const { pool, tx } = open({ capacity: 2 });
    const handle = tx.handOver();
    expect(() => attachSender(pool, { ...handle, base: 0 })).toThrow(AttachError);
    expect(() => attachSender(pool, { ...handle, slot: 1e9 })).toThrow(AttachError);
    pool.store(CHANNEL.at(handle.base as Address).capacity, 3n);
    expect(() => attachSender(pool, handle)).toThrow('what cannot be');
    for (const bad of [
      { capacity: 3 },
      { capacity: 2, clones: 0 },
      { capacity: Number.POSITIVE_INFINITY, segments: 1 },
      { capacity: 2, kind: 'x' as 'spsc' },
    ])
      expect(() => channelSize(bad)).toThrow(ValueError);
    expect(() => channelSize({ capacity: 2, carries: 'text' as 'utf8' })).toThrow(ValueError);
  });

  it('are not attached to as what they do not carry', () => {
    const { pool, tx } = open({ capacity: 2 });
    const [texts] = channel(pool, pool.reserve(channelSize({ capacity: 2, carries: 'utf8' })), {
      capacity: 2,
      carries: 'utf8',
    });
    for (const [end, carries] of [
      [tx, 'utf8'],
      [texts, 'words'],
      [texts, 'numbers'],
    ] as const) {
      const handle = end.clone().handOver();
      expect(() => attachSender(pool, { ...handle, carries })).toThrow(AttachError);
      expect(attachSender(pool, handle).trySend(end === tx ? 1n : ('a' as never))).toBe('ok');
    }
  });
});

describe('the lanes of a channel', () => {
  const SHAPES = [
    { capacity: 4 },
    { capacity: 0 },
    { capacity: 4, kind: 'spsc' },
    { capacity: 4, carries: 'json' },
    { capacity: Number.POSITIVE_INFINITY },
  ] as const;
  it.each(SHAPES)('are 0..15, used or not: %o', (shape) => {
    for (const lanes of [-1, 16, 1.5, 'x', null, Number.NaN] as never[])
      expect(() => channelSize({ ...shape, lanes } as ChannelOptions<'words'>)).toThrow('there are 0..15 `lanes`');
    const sizes = [0, 1, 15].map((lanes) => channelSize({ ...shape, lanes } as ChannelOptions<'words'>));
    expect(new Set(sizes).size).toBe(shape === SHAPES[0] ? 3 : 1); // without bound, what grows is the segments
  });

  it('are a part of a segment, which only a channel without bound has', () => {
    const unbounded = { capacity: Number.POSITIVE_INFINITY, segmentCells: 16 };
    expect([0, 1, 2].map((lanes) => channelSegmentSize({ ...unbounded, lanes }))).toEqual([96, 128, 160]);
    expect(channelSegmentSize({ ...unbounded, carries: 'bytes', messageBytes: 8 })).toBe(32 + 16 * 3);
    for (const capacity of [0, 4]) expect(() => channelSegmentSize({ capacity })).toThrow('has no segments');
    for (const segmentCells of [0, 3])
      expect(() => channelSegmentSize({ ...unbounded, segmentCells })).toThrow('`segmentCells`');
  });
});
