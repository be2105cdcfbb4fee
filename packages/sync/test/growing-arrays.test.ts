/** Arrays of a buffer that another thread makes longer, at any moment of a call: what was checked is what is copied, by core and here. */
import {
  type Address,
  type Domain,
  Pool,
  SegmentError,
  Segments,
  type Slot,
  type Storage,
  ValueError,
  WindowWords,
} from '@pool/core';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';

const BYTES = 64;
const LONGER = 4096;
const SECRET = 0x5e;
/** Words behind those that an object has. */
const BEHIND = LONGER / 8;

type Grown = 'length' | 'byteLength';

/** An array whose buffer is grown just after it has told its length for the n-th time. */
function growing(
  asked: number,
  View: typeof Uint8Array | typeof BigUint64Array = Uint8Array,
  bytes = BYTES,
): Uint8Array {
  const buffer = new SharedArrayBuffer(bytes, { maxByteLength: LONGER });
  new Uint8Array(buffer).fill(7);
  const array = new (View as typeof Uint8Array)(buffer);
  let left = asked;
  for (const name of ['length', 'byteLength'] as const satisfies Grown[])
    Object.defineProperty(array, name, {
      get(this: Uint8Array) {
        const length: unknown = Reflect.get(Object.getPrototypeOf(View.prototype) as object, name, this);
        left -= 1;
        if (left === 0) buffer.grow(LONGER);
        return length;
      },
    });
  return array as Uint8Array;
}

function windowAt(pool: Pool, base: Address): WindowWords {
  return new WindowWords(pool, {
    name: 'w',
    base,
    words: 8,
    slotBase: base as number as Slot,
    slots: 0,
    domain: 0 as Domain,
  });
}

function segmentsAt(pool: Pool, at: Address): Segments {
  const storage: Storage = { name: 'one', largest: 8, allocate: () => at, free() {} };
  return new Segments(pool, { storage });
}

const bytesChannel = { capacity: 2, carries: 'bytes', messageBytes: BYTES } as const;
const fresh = (): Uint8Array => new Uint8Array(1);

/** What writes behind `size` words from `at` on, if it copies more than it has checked; the object's last room is what is written. */
const COPIES_IN: Record<
  string,
  { size: number; View?: typeof BigUint64Array; copy(pool: Pool, at: Address, array: Uint8Array): unknown }
> = {
  'into a window': { size: 8, copy: (pool, at, array) => windowAt(pool, at).copyIn(0 as Address, array) },
  'into a draft': { size: 8, copy: (pool, at, array) => segmentsAt(pool, at).draft(BYTES)?.set(array) },
  'into a draft, by its handle': {
    size: 8,
    copy(pool, at, array) {
      const access = segmentsAt(pool, at).access({ domains: 'all' });
      access.write(access.draft(BYTES, 0 as Domain), 0, array);
    },
  },
  'into a ring between two': {
    size: sync.SpscRing.size({ capacity: 8 }),
    View: BigUint64Array,
    copy: (pool, at, array) =>
      sync.SpscRing.create(pool, at, { capacity: 8 })
        .sender()
        .trySendMany(array as unknown as BigUint64Array),
  },
  'into a channel': {
    size: sync.channelSize(bytesChannel),
    copy(pool, at, array) {
      const [tx] = sync.channel(pool, at, bytesChannel);
      tx.trySend(fresh());
      tx.trySend(array);
    },
  },
  'into a ring of records': {
    size: sync.RecordsRing.size(256),
    copy(pool, at, array) {
      const ring = sync.RecordsRing.create(pool, at, { capacity: 256 });
      ring.trySendMany([fresh(), fresh()]);
      ring.trySend(array);
    },
  },
  'into a ring of records, as one of many': {
    size: sync.RecordsRing.size(256),
    copy(pool, at, array) {
      const ring = sync.RecordsRing.create(pool, at, { capacity: 256 });
      ring.trySendMany([fresh(), fresh()]);
      ring.trySendMany([array]);
    },
  },
  'into what a sender gathers': {
    size: sync.RecordsRing.size(256),
    copy(pool, at, array) {
      const buffered = sync.RecordsRing.create(pool, at, { capacity: 256 }).bufferedSender({ bytes: BYTES });
      buffered.trySend(array);
      buffered.tryFlush();
    },
  },
};

/** What gives out more bytes than it has checked. */
const COPIES_OUT: Record<string, (pool: Pool, at: Address, array: Uint8Array) => unknown> = {
  'out of a window': (pool, at, array) => windowAt(pool, at).copyOut(0 as Address, array),
  'out of a view': (pool, at, array) => {
    const segments = segmentsAt(pool, at);
    const draft = segments.draft(BYTES);
    if (draft !== undefined) segments.acquire(draft.publish()).copyTo(array);
  },
  'out of a segment, by its handle': (pool, at, array) => {
    const segments = segmentsAt(pool, at);
    const draft = segments.draft(BYTES);
    if (draft !== undefined) segments.access({ domains: 'all' }).read(draft.publish(), 0, array);
  },
};

/** It is done with the length that was checked, or refused. */
function done(operation: () => unknown): void {
  try {
    operation();
  } catch (error) {
    if (!(error instanceof ValueError || error instanceof SegmentError)) throw error;
  }
}

const MOMENTS = [1, 2, 3, 4, 5, 6, 7, 8];

describe('bytes that become more while they are copied', () => {
  it.each(Object.entries(COPIES_IN))('%s: none goes where it has no room', (_, { size, View, copy }) => {
    for (const asked of MOMENTS) {
      const pool = Pool.create({ words: size + 2 * BEHIND, segments: 4 });
      const at = pool.reserve(size + BEHIND);
      pool.fill((at + size) as Address, BEHIND, 5n);
      done(() => copy(pool, at, growing(asked, View)));
      for (let word = at + size; word < at + size + BEHIND; word++)
        expect(pool.load(word as Address), `grown after ${asked}, word ${word - at}`).toBe(5n);
    }
  });

  it.each(Object.entries(COPIES_OUT))('%s: none comes from where it may not', (_, copy) => {
    for (const asked of MOMENTS) {
      const pool = Pool.create({ words: 4 * BEHIND, segments: 4 });
      const at = pool.reserve(2 * BEHIND);
      new Uint8Array(pool.memory.buffer).fill(SECRET, (at + 8) * 8, (at + 8 + BEHIND) * 8);
      const array = growing(asked);
      done(() => copy(pool, at, array));
      expect(new Uint8Array(array.buffer).includes(SECRET), `grown after ${asked}`).toBe(false);
    }
  });
});

describe('bytes that are gone', () => {
  const gone = (): Uint8Array => {
    const array = new Uint8Array(8);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    return array;
  };
  const cut = (): Uint8Array => {
    const buffer = new ArrayBuffer(16, { maxByteLength: 16 });
    const array = new Uint8Array(buffer, 8, 8);
    buffer.resize(4);
    return array;
  };

  it.each([
    ['transferred', gone],
    ['cut off', cut],
  ])('are refused before anything is claimed for them: %s', async (_, lost) => {
    const pool = Pool.create({ words: 4096 });
    const ring = sync.RecordsRing.create(pool, pool.reserve(sync.RecordsRing.size(512)), { capacity: 512 });
    const [tx, rx] = sync.channel(pool, pool.reserve(sync.channelSize(bytesChannel)), bytesChannel);
    for (const send of [
      () => ring.trySend(lost()),
      () => ring.trySendMany([lost()]),
      () => ring.trySendMany([fresh(), lost()]),
      () => ring.bufferedSender().trySend(lost()),
      () => ring.bufferedSender({ bytes: BYTES }).send(lost()),
      () => tx.trySend(lost()),
    ]) {
      expect(send).toThrow(ValueError);
      expect(send).toThrow('has lost its buffer');
    }
    await expect(ring.sendAsync(lost())).rejects.toThrow('has lost its buffer');
    await expect(tx.sendAsync(lost())).rejects.toThrow('has lost its buffer');
    expect([ring.used, ring.trySend(fresh()), ring.tryReceive()]).toEqual([0, 'ok', fresh()]);
    expect([tx.trySend(fresh()), rx.tryReceive()]).toEqual(['ok', { status: 'ok', value: fresh() }]);
  });

  it('while they wait for room: a record is refused, a message was copied', async () => {
    const pool = Pool.create({ words: 4096 });
    const ring = sync.RecordsRing.create(pool, pool.reserve(sync.RecordsRing.size(256)), { capacity: 256 });
    expect(ring.trySendMany([fresh(), fresh(), fresh()])).toBe(3);
    const record = fresh();
    const sending = ring.sendAsync(record);
    structuredClone(record.buffer, { transfer: [record.buffer] });
    expect(ring.tryReceive()).toEqual(fresh());
    await expect(sending).rejects.toThrow('has lost its buffer');
    expect([ring.trySend(Uint8Array.of(9)), ring.tryDrain(() => {})]).toEqual(['ok', 3]);
    const [tx, rx] = sync.channel(pool, pool.reserve(sync.channelSize(bytesChannel)), bytesChannel);
    expect(tx.trySendMany([fresh(), fresh()])).toBe(2);
    const message = Uint8Array.of(1, 2, 3);
    const sent = tx.sendAsync(message);
    structuredClone(message.buffer, { transfer: [message.buffer] });
    rx.tryReceive();
    expect(await sent).toBe('ok');
    rx.tryReceive();
    expect(rx.tryReceive()).toEqual({ status: 'ok', value: Uint8Array.of(1, 2, 3) });
  });

  it('a text that waits outlives the buffer in which it was encoded beside others', async () => {
    const pool = Pool.create({ words: 4096 });
    const texts = { capacity: 2, carries: 'utf8', messageBytes: BYTES } as const;
    const [tx, rx] = sync.channel(pool, pool.reserve(sync.channelSize(texts)), texts);
    expect(tx.trySendMany(['a', 'b'])).toBe(2);
    const sent = tx.sendAsync('waits');
    const beside = sync.utf8.encode('beside');
    structuredClone(beside.buffer, { transfer: [beside.buffer as ArrayBuffer] });
    const received = [rx.tryReceive()];
    expect(await sent).toBe('ok');
    received.push(rx.tryReceive(), rx.tryReceive());
    expect(received).toEqual(['a', 'b', 'waits'].map((value) => ({ status: 'ok', value })));
    expect([tx.trySend('after'), rx.tryReceive()]).toEqual(['ok', { status: 'ok', value: 'after' }]);
  });
});
