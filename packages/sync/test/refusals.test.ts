/** What a newcomer passes by mistake is refused, rather than taken for something else. */
import { type Address, AddressError, AttachError, type Owner, Pool, ValueError } from '@pool/core';
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

describe('options of a wait', () => {
  /** A pool in which everybody who waits is found out, and everything there to wait for. */
  function waits() {
    const { pool, at } = scene();
    const found = (): never => {
      throw new Error('it waits');
    };
    Object.assign(pool, { wait: found, waitAsync: found });
    const lock = sync.Mutex.create(pool, at(sync.Mutex.size()));
    const rows = pool.owners.rows;
    const objects = {
      mutex: sync.Mutex.attach(pool, lock.base, { owner: { id: 1, generation: 1 } as Owner }),
      rwLock: sync.RwLock.create(pool, at(sync.RwLock.size(rows))),
      semaphore: sync.Semaphore.create(pool, at(sync.Semaphore.size(rows)), 0, { owners: 0 }),
      event: sync.ResetEvent.create(pool, at(sync.ResetEvent.size()), { reset: 'auto' }),
      barrier: sync.Barrier.create(pool, at(sync.Barrier.size(2)), 2),
      parker: sync.Parker.create(pool, at(sync.Parker.size())),
      condition: sync.Condition.create(pool, at(sync.Condition.size())),
      queue: sync.WordQueue.create(pool, at(sync.WordQueue.size(2)), 2),
      ring: sync.SpscRing.create(pool, at(sync.SpscRing.size({ capacity: 2 })), { capacity: 2 }).receiver(),
      mailbox: sync.Mailbox.create(pool, at(sync.Mailbox.size())),
      rendezvous: sync.channel(pool, at(sync.channelSize({ capacity: 0 })), { capacity: 0 }),
    };
    const token = lock.lock();
    return { ...objects, token };
  }
  type Waits = ReturnType<typeof waits>;

  const BLOCKING: [string, (waits: Waits, options: object) => unknown][] = [
    ['Mutex.lock', ({ mutex }, options) => mutex.lock(options)],
    ['Semaphore.acquire', ({ semaphore }, options) => semaphore.acquire(1, options)],
    ['ResetEvent.wait', ({ event }, options) => event.wait(options)],
    ['Barrier.wait', ({ barrier }, options) => barrier.wait(options)],
    ['Parker.park', ({ parker }, options) => parker.park(options)],
    ['Condition.wait', ({ condition, token }, options) => condition.wait(token, options)],
    ['Condition.waitFor', ({ condition, token }, options) => condition.waitFor(token, () => false, options)],
    ['WordQueue.receive', ({ queue }, options) => queue.receive(options)],
    ['SpscReceiver.receive', ({ ring }, options) => ring.receive(options)],
    ['Mailbox.read', ({ mailbox }, options) => mailbox.read(new BigUint64Array(1), options)],
    ['Sender.send', ({ rendezvous: [tx] }, options) => tx.send(1n, options)],
    ['Sender.sendMany', ({ rendezvous: [tx] }, options) => tx.sendMany([1n], options)],
    ['Receiver.receive', ({ rendezvous: [, rx] }, options) => rx.receive(options)],
    ['select', ({ rendezvous: [, rx] }, options) => sync.select([rx.receiving()], options)],
  ];
  const ASYNCHRONOUS: [string, (waits: Waits, options: object) => Promise<unknown>][] = [
    ['Mutex.lockAsync', ({ mutex }, options) => mutex.lockAsync(options)],
    ['Semaphore.acquireAsync', ({ semaphore }, options) => semaphore.acquireAsync(1, options)],
    ['ResetEvent.waitAsync', ({ event }, options) => event.waitAsync(options)],
    ['Barrier.waitAsync', ({ barrier }, options) => barrier.waitAsync(options)],
    ['Parker.parkAsync', ({ parker }, options) => parker.parkAsync(options)],
    ['Condition.waitAsync', ({ condition, token }, options) => condition.waitAsync(token, options)],
    ['WordQueue.receiveAsync', ({ queue }, options) => queue.receiveAsync(options)],
    ['Sender.sendAsync', ({ rendezvous: [tx] }, options) => tx.sendAsync(1n, options)],
    ['Receiver.receiveAsync', ({ rendezvous: [, rx] }, options) => rx.receiveAsync(options)],
    ['selectAsync', ({ rendezvous: [, rx] }, options) => sync.selectAsync([rx.receiving()], options)],
  ];
  const NO_OPTIONS = [100, '100', null, { timeout: '5' }, { timeout: Number.NaN }, { timeout: null }] as object[];
  const { signal } = new AbortController();

  /** Nothing of the wait is left for others to find. */
  function expectAsBefore({ rendezvous: [tx, rx], barrier, token, semaphore }: Waits): void {
    expect([tx.trySend(1n), rx.tryReceive().status]).toEqual(['full', 'empty']);
    expect([barrier.arrived, token.locked, semaphore.available]).toEqual([0, true, 0]);
  }

  it.each(BLOCKING)('%s with what is none', (_name, wait) => {
    const scene = waits();
    const noWay = [
      { strategy: 'sleep' },
      { spins: Number.NaN },
      { spins: -1 },
      { spins: 1.5 },
      { spins: '8' },
      { signal },
    ];
    for (const wrong of [...NO_OPTIONS, ...noWay]) expect(() => wait(scene, wrong)).toThrow(ValueError);
    expect(() => wait(scene, { timeout: 60_000, strategy: 'park' })).toThrow('it waits');
    expectAsBefore(scene);
  });

  it.each(ASYNCHRONOUS)('%s with what is none', async (_name, wait) => {
    const scene = waits();
    for (const wrong of [...NO_OPTIONS, { signal: 5 }, { signal: null }, { signal: new AbortController() }])
      await expect(wait(scene, wrong)).rejects.toThrow(ValueError);
    await expect(wait(scene, { signal, timeout: 60_000 })).rejects.toThrow('it waits');
    expectAsBefore(scene);
  });

  it('says what was given and what there is', () => {
    const { event } = waits();
    expect(() => event.wait({ strategy: 'sleep' as never })).toThrow(
      'value "sleep": `strategy` is spin, spin-then-park or park',
    );
    expect(() => event.wait({ timeout: '5' as never })).toThrow('value "5": `timeout` is a number of milliseconds');
  });

  it('are not looked at where nothing is waited for', () => {
    const { queue } = waits();
    queue.trySend(1n);
    expect(queue.receive({ strategy: 'sleep' as never })).toBe(1n);
  });
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

  it('of what is no owner', () => {
    const { pool, at } = scene();
    const mutex = sync.Mutex.create(pool, at(sync.Mutex.size()));
    for (const wrong of [undefined, null, 7, {}, { id: 1 }, Pool])
      expect(() => sync.recover(pool, [mutex], wrong as never)).toThrow(ValueError);
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

it('many values in what is no array', () => {
  const { pool, at } = scene();
  const [tx] = sync.channel(pool, at(sync.channelSize({ capacity: 4 })), { capacity: 4 });
  for (const wrong of [new Set([1n]), BigUint64Array.of(1n), { length: 1 }, 5n, undefined]) {
    expect(() => tx.trySendMany(wrong as never)).toThrow(ValueError);
    expect(() => tx.sendMany(wrong as never)).toThrow(ValueError);
  }
  expect(tx.length).toBe(0);
});

describe('what a channel carries', () => {
  const encode = (): Uint8Array => new Uint8Array(1);
  const decode = (): number => 1;

  it('by what is no codec', () => {
    for (const carries of [{}, null, { encode, decode }, { name: 'mine', encode }, { name: 'mine', decode }, 'text', 5])
      expect(() => sync.channelSize({ capacity: 4, carries: carries as never })).toThrow(ValueError);
  });

  it('by a codec that has the name of a built-in one, which whoever attaches would take it for', () => {
    for (const name of ['words', 'numbers', 'bytes', 'utf8', 'json'])
      expect(() => sync.channelSize({ capacity: 4, carries: { name, encode, decode } })).toThrow(ValueError);
    expect(sync.channelSize({ capacity: 4, carries: sync.json })).toBe(
      sync.channelSize({ capacity: 4, carries: 'json' }),
    );
  });

  it('by another codec than at the other end', () => {
    const { pool, at } = scene();
    const options = { capacity: 4, carries: { name: 'ones', encode, decode } };
    const [tx, rx] = sync.channel(pool, at(sync.channelSize(options)), options);
    const handle = rx.handOver();
    for (const codec of [{ name: 'twos', encode, decode }, sync.json, null, {}])
      expect(() => sync.attachReceiver(pool, handle, { codec: codec as never })).toThrow(ValueError);
    tx.trySend(1);
    const there = sync.attachReceiver(pool, handle, { codec: options.carries });
    expect(there.tryReceive()).toEqual({ status: 'ok', value: 1 });
  });

  it('in values that it cannot say', () => {
    const { pool, at } = scene();
    const text = { capacity: 4, carries: 'utf8' } as const;
    const [telling] = sync.channel(pool, at(sync.channelSize(text)), text);
    for (const wrong of [5, undefined, null, { a: 1 }, ['a']])
      expect(() => telling.trySend(wrong as never)).toThrow(ValueError);
    const any = { capacity: 4, carries: 'json' } as const;
    const [saying] = sync.channel(pool, at(sync.channelSize(any)), any);
    const round: { self?: unknown } = {};
    round.self = round;
    for (const wrong of [5n, { id: 5n }, round, undefined, () => 1])
      expect(() => saying.trySend(wrong)).toThrow(ValueError);
    const failing = {
      toJSON: (): never => {
        throw new RangeError('of my own');
      },
    };
    expect(() => saying.trySend(failing)).toThrow(RangeError);
    expect([telling.length, saying.length]).toEqual([0, 0]);
  });
});

it('a bulk send stops before a value that the codec refuses, in whatever way, and says how many it sent', () => {
  const { pool, at } = scene();
  const picky: sync.Codec<number> = {
    name: 'picky',
    encode(value) {
      if (value < 0) throw new RangeError('less than nothing');
      return Uint8Array.of(value);
    },
    decode: ([value]) => value as number,
  };
  const options = { capacity: 4, carries: picky };
  const [tx, rx] = sync.channel(pool, at(sync.channelSize(options)), options);
  expect(tx.trySendMany([1, 2, -1, 3])).toBe(2);
  expect(() => tx.trySendMany([1, 2, -1, 3], 2)).toThrow(RangeError);
  expect(rx.tryReceiveMany(8)).toEqual({ status: 'ok', value: [1, 2] });
});

it('options that are not there', () => {
  const { pool, at } = scene();
  const base = at(1024);
  const none = undefined as never;
  for (const make of [
    () => sync.channelSize(none),
    () => sync.channelSize(16 as never),
    () => sync.channel(pool, base, none),
    () => sync.ArrayQueue.size(none),
    () => sync.ArrayQueue.create(pool, base, none),
    () => sync.SpscRing.size(none),
    () => sync.SpscRing.create(pool, base, none),
    () => sync.SegmentedQueue.create(pool, base, none),
    () => sync.SegmentedQueue.create(pool, base, pool as never),
    () => sync.TreiberStack.size(none),
    () => sync.TreiberStack.create(pool, base, none),
    () => sync.Broadcast.create(pool, base, none),
    () => sync.RecordsRing.create(pool, base, none),
    () => sync.WordQueue.create(pool, base, none),
    () => sync.Semaphore.size(none),
    () => sync.RwLock.size(-1),
    () => sync.Semaphore.create(pool, base, none),
    () => sync.Barrier.create(pool, base, none),
    () => sync.Latch.create(pool, base, none),
  ])
    expect(make).toThrow(ValueError);
});

it('a handle in the place of its pool, and an owner that is none', () => {
  const { pool, at } = scene();
  const queue = sync.WordQueue.create(pool, at(sync.WordQueue.size(2)), 2);
  for (const words of [pool.handle, undefined, null, queue.base] as never[]) {
    const { base } = queue;
    for (const make of [
      () => sync.WordQueue.attach(words, base),
      () => sync.WordQueue.create(words, base, 2),
      () => sync.Mutex.create(words, base),
      () => sync.Latch.create(words, base, 1),
      () => sync.Parker.create(words, base),
      () => sync.TreiberStack.create(words, base, { capacity: 2 }),
      () => sync.SpscRing.create(words, base, { capacity: 2 }),
      () => sync.channel(words, base, { capacity: 2 }),
    ])
      expect(make).toThrow(ValueError);
  }
  for (const owner of [5, {}, { id: 1 }] as never[])
    expect(() => sync.Mutex.create(pool, queue.base, { owner })).toThrow(ValueError);
  expect(() => sync.Mutex.attach(pool, queue.base)).toThrow(AttachError);
});

it('records that are drained into nothing, or by none at a time', async () => {
  const { pool, at } = scene();
  const ring = sync.RecordsRing.create(pool, at(sync.RecordsRing.size(256)), { capacity: 256 });
  ring.trySend(Uint8Array.of(1));
  expect(() => ring.tryDrain(undefined as never)).toThrow(ValueError);
  expect(() => ring.drain({ most: 1 } as never)).toThrow(ValueError);
  for (const most of [0, Number.NaN, -1]) {
    expect(() => ring.drain(() => {}, { most, timeout: 1 })).toThrow(ValueError);
    await expect(ring.drainAsync(() => {}, { most, timeout: 1 })).rejects.toThrow(ValueError);
  }
  expect(ring.tryReceive()).toEqual(Uint8Array.of(1)); // none of them has taken it
});

it('what is to be called and is no function, before anything is taken for it', async () => {
  const { pool, at } = scene();
  const once = sync.Once.create(pool, at(sync.Once.size()));
  const condition = sync.Condition.create(pool, at(sync.Condition.size()));
  const token = sync.Mutex.create(pool, at(sync.Mutex.size())).lock();
  expect(() => once.call(5n as never)).toThrow('`run` is a function');
  await expect(once.callAsync(undefined as never)).rejects.toThrow(ValueError);
  expect(() => condition.waitFor(token, true as never)).toThrow(ValueError);
  await expect(condition.waitForAsync(token, { timeout: 1 } as never)).rejects.toThrow(ValueError);
  expect(token.locked).toBe(true);
  let begun: boolean | undefined;
  once.call((before) => {
    begun = before;
    return 1n;
  });
  expect(begun).toBe(false);
});

it('a condition waited for without the token of its mutex', async () => {
  const { pool, at } = scene();
  const condition = sync.Condition.create(pool, at(sync.Condition.size()));
  expect(() => condition.wait(undefined as never, { timeout: 1 })).toThrow(sync.NotHeldError);
  await expect(condition.waitAsync(undefined as never, { timeout: 1 })).rejects.toThrow(sync.NotHeldError);
});

it('a select of what are no cases', async () => {
  const { pool, at } = scene();
  const [tx, rx] = sync.channel(pool, at(sync.channelSize({ capacity: 2 })), { capacity: 2 });
  tx.trySend(1n);
  for (const wrong of [[rx], [tx, rx], rx, rx.receiving(), [rx.receiving(), undefined], undefined] as never[]) {
    expect(() => sync.trySelect(wrong, { biased: true })).toThrow(ValueError);
    expect(() => sync.select(wrong, { timeout: 1, biased: true })).toThrow(ValueError);
    await expect(sync.selectAsync(wrong, { timeout: 1, biased: true })).rejects.toThrow(ValueError);
  }
  expect(rx.length).toBe(1);
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
