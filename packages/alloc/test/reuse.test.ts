import { type Address, type Handle, Pool, type ReusePolicy, SegmentError, Segments, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, test } from 'vitest';
import { counted, EpochReuse, ring, ringSize, StaticStorage } from '../src/index.ts';

const ENTRIES = 6;
const BYTES = 64;

function lay(owners = 8, entries = ENTRIES) {
  const pool = Pool.create({ words: 2 ** 15, owners, segments: entries });
  const base = pool.reserve(StaticStorage.size(entries, BYTES));
  const storage = new StaticStorage({ base, blocks: entries, blockBytes: BYTES });
  const join = (reuse: ReusePolicy, own: Pool = Pool.attach(pool.handle)) => new Segments(own, { storage, reuse });
  return { pool, storage, join };
}

function publish(segments: Segments, value = 1): Handle {
  const draft = segments.draft(BYTES);
  if (draft === undefined) throw new Error('no segment left');
  draft.fill(value);
  return draft.publish();
}

function faultOf(operation: () => unknown): string | undefined {
  try {
    operation();
  } catch (error) {
    if (error instanceof SegmentError) return error.fault;
    throw error;
  }
  return undefined;
}

describe('counted', () => {
  test('owners whose bits stand in different words wait for each other', () => {
    const { pool, join } = lay(80);
    const reuse = () => counted({ owners: 80 });
    const first = join(reuse(), pool);
    const others = Array.from({ length: 70 }, () => Pool.attach(pool.handle));
    const readers = [0, 31, 32, 69].map((index) => join(reuse(), others[index] as Pool));
    const handle = publish(first);
    const views = readers.map((reader) => reader.acquire(handle));
    first.retire(handle);
    for (const view of views) {
      expect([...first.list()]).toHaveLength(1);
      expect(view.getUint8(3)).toBe(1);
      view.release();
    }
    expect([...first.list()]).toHaveLength(0);
  });

  test.each([0, 40])('an acquisition that a reuse comes between leaves no mark on the next segment: owner %i', (id) => {
    let reused = 0;
    for (let step = 0; ; step++) {
      const { pool, join } = lay(64, 1);
      const others = Array.from({ length: 41 }, () => Pool.attach(pool.handle));
      const writer = join(counted(), pool);
      const first = publish(writer);
      let next: Handle | undefined;
      let count = 0;
      const { words } = record(others[id] as Pool, {
        before() {
          if (count++ !== step) return;
          writer.retire(first);
          if ([...writer.list()].length === 0) next = publish(writer); // else the reader was faster
        },
      });
      const reader = new Segments(others[id] as Pool, { storage: unusedStorage, reuse: counted(), words });
      const view = acquireOrNot(reader, first);
      if (count <= step) break;
      view?.release();
      if (next === undefined) continue;
      reused += 1;
      writer.retire(next);
      expect([...writer.list()], `at step ${step}`).toHaveLength(0);
    }
    expect(reused).toBeGreaterThan(2);
  });

  test.each([0, 40])('an acquisition at any step of a retirement is refused or kept: owner %i', (id) => {
    for (let step = 0; ; step++) {
      const { pool, join } = lay(64);
      const others = Array.from({ length: 41 }, () => Pool.attach(pool.handle));
      const own = id === 0 ? (others[0] as Pool) : (others[id] as Pool);
      const reader = join(counted(), own);
      let view: ReturnType<Segments['acquire']> | undefined;
      let count = 0;
      const { words } = record(pool, {
        before() {
          if (count++ === step) view = acquireOrNot(reader, handle);
        },
      });
      const handle = publish(join(counted(), pool));
      const retirer = new Segments(pool, { storage: unusedStorage, reuse: counted(), words });
      retirer.retire(handle);
      if (view) {
        expect(view.getUint8(0)).toBe(1);
        expect([...reader.list()]).toHaveLength(1);
        view.release();
      }
      expect([...reader.list()]).toHaveLength(0);
      if (count <= step) break;
    }
  });

  test('an owner beyond what it was made for is refused, and so are sizes that cannot be', () => {
    const { pool, join } = lay();
    const second = join(counted({ owners: 1 }));
    const handle = publish(join(counted({ owners: 1 }), pool));
    expect(() => second.acquire(handle)).toThrow(ValueError);
    for (const owners of [0, 257, 1.5]) expect(() => counted({ owners })).toThrow(ValueError);
  });
});

const unusedStorage = { name: 'none', largest: 0, allocate: () => undefined, free: () => {} };

function acquireOrNot(segments: Segments, handle: Handle): ReturnType<Segments['acquire']> | undefined {
  try {
    return segments.acquire(handle);
  } catch (error) {
    if (error instanceof SegmentError && ['stale', 'state'].includes(error.fault)) return undefined;
    throw error;
  }
}

describe('ring', () => {
  test('a publication that is overtaken by a whole lap ends itself, at whatever step', () => {
    for (let step = 0; ; step++) {
      const { pool, storage, join } = lay();
      const base = pool.reserve(ringSize(2));
      const others = join(ring({ base, places: 2 }));
      let count = 0;
      const { words } = record(pool, {
        before() {
          if (count++ === step) for (let lap = 0; lap < 3; lap++) publish(others);
        },
      });
      publish(new Segments(pool, { storage, reuse: ring({ base, places: 2 }), words }));
      expect([...others.list()]).toHaveLength(step < count ? 2 : 1);
      if (count <= step) break;
    }
  });

  test('it refuses sizes and bases that cannot be', () => {
    for (const places of [0, -1, 1.5]) expect(() => ringSize(places)).toThrow(ValueError);
    expect(() => ring({ base: 8 as Address, places: 2 })).toThrow('multiple of 16');
  });
});

describe('epoch', () => {
  function open(limit?: number) {
    const { pool, join } = lay();
    const shape = { owners: 8, segments: ENTRIES };
    const base = pool.reserve(EpochReuse.size(shape));
    const options = { ...shape, base, ...(limit === undefined ? {} : { limit }) };
    const host = new EpochReuse(pool, options);
    const writer = join(host, pool);
    const reading = Pool.attach(pool.handle);
    const reader = join(new EpochReuse(reading, options), reading);
    return { pool, host, writer, reader, readerOwner: reading.owner };
  }

  test('a stuck reader keeps what is retired, until the host expires it; then it finds out', () => {
    const { host, writer, reader, readerOwner } = open();
    const handle = publish(writer);
    const view = reader.acquire(handle);
    writer.retire(handle);
    const kept: Handle[] = [];
    for (let draft = writer.draft(BYTES); draft !== undefined; draft = writer.draft(BYTES)) {
      draft.fill(2);
      kept.push(draft.publish());
    }
    expect(kept).toHaveLength(ENTRIES - 1); // one entry waits for the reader
    expect([view.getUint8(0), host.garbage]).toEqual([1, 1]);
    expect([host.expire(readerOwner), host.expire(readerOwner)]).toEqual([true, false]);
    publish(writer, 3); // the room serves again
    expect(host.garbage).toBe(0);
    expect(faultOf(() => view.getUint8(0))).toBe('stale');
    expect(faultOf(() => view.slice())).toBe('stale');
    view.release(); // there is nothing left to release
    const again = reader.acquire(kept[0] as Handle); // and the reader may read on
    expect(again.getUint8(0)).toBe(2);
    again.release();
  });

  test('an expired reader finds out at its release, if the bytes are there still', () => {
    const { host, writer, reader, readerOwner } = open();
    const handle = publish(writer);
    const view = reader.acquire(handle);
    host.expire(readerOwner);
    expect(view.getUint8(0)).toBe(1); // nobody has written there
    expect(faultOf(() => view.release())).toBe('stale');
    const again = reader.acquire(handle);
    again.release();
  });

  test('above its limit it expires those who keep the garbage, and so there is room', () => {
    const { pool, writer, reader, host } = open(2);
    const view = reader.acquire(publish(writer));
    for (let lap = 0; lap < 200; lap++) {
      const latest = publish(writer); // there is room for it every time
      const quick = reader.acquire(latest);
      writer.retire(latest);
      expect(quick.getUint8(0)).toBe(1);
      try {
        quick.release();
      } catch (error) {
        expect(error).toMatchObject({ fault: 'stale' }); // the pin is one for all that the reader has
      }
    }
    expect(host.garbage).toBeLessThan(ENTRIES);
    expect(faultOf(() => view.release())).toBe('stale');
    for (const limit of [0, -1, 1.5, Number.NaN])
      expect(() => new EpochReuse(pool, { base: 0 as Address, limit })).toThrow(ValueError);
  });

  test('every segment of the pool has a place to wait', () => {
    const { pool } = lay();
    const shape = { owners: 8, segments: ENTRIES - 1 };
    const base = pool.reserve(EpochReuse.size(shape));
    expect(() => new EpochReuse(pool, { ...shape, base })).toThrow(new RegExp(`${ENTRIES} segments`));
  });

  test('a reader that pins at any step of a retirement reads whole bytes or is refused', () => {
    for (let step = 0; ; step++) {
      const { pool, host, writer, reader } = open();
      const handle = publish(writer);
      let view: ReturnType<Segments['acquire']> | undefined;
      let count = 0;
      const { words } = record(pool, {
        before() {
          if (count++ === step) view = acquireOrNot(reader, handle);
        },
      });
      new Segments(pool, { storage: unusedStorage, reuse: host, words }).retire(handle);
      for (let turn = 0; turn < 20; turn++) {
        const draft = writer.draft(BYTES);
        draft?.fill(9);
        if (draft) writer.retire(draft.publish());
      }
      if (view) {
        expect(view.slice().every((byte) => byte === 1)).toBe(true);
        view.release();
      }
      if (count <= step) break;
    }
  });
});
