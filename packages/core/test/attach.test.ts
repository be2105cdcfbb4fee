import { MessageChannel } from 'node:worker_threads';
import {
  type Address,
  AttachError,
  DetachedError,
  ExhaustedError,
  HOST_DOMAIN,
  LAYOUT_VERSION,
  Pool,
  type PoolHandle,
  Segments,
  type Slot,
  ValueError,
} from '@pool/core';
import { describe, expect, test, vi } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

const SMALL = { words: 64, owners: 2, segments: 2 } as const;
const MAGIC = 0x01_89_4c_4f_4f_50_4d_53n;

function memory(shared: boolean, pages = 1): PoolHandle {
  return { kind: 'shared-memory-pool', memory: new WebAssembly.Memory({ initial: pages, maximum: 4, shared }) };
}

test('a handle survives postMessage, and what one side stores the other loads', async () => {
  const pool = Pool.create(SMALL);
  const at = pool.reserve(1);
  pool.store(at, 42n);
  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise<PoolHandle>((resolve) => port2.once('message', resolve));
  port1.postMessage(pool.handle);
  const other = Pool.attach(await arrived);
  port1.close();
  expect(other.load(at)).toBe(42n);
  other.store(at, 43n);
  expect(pool.load(at)).toBe(43n);
  expect([pool.owner.id, other.owner.id]).toEqual([0, 1]);
});

test('a memory that another thread grows while this one attaches is seen in its new size', () => {
  const pool = Pool.create({ ...SMALL, maxWords: 5 * 8192 });
  const grown = new Set<number>();
  // A getter that lets the other thread in after each time that the buffer is asked for, and hands out what was true before.
  for (let asked = 1; asked <= 4; asked++) {
    let left = asked;
    Object.defineProperty(pool.memory, 'buffer', {
      configurable: true,
      get(this: WebAssembly.Memory) {
        const buffer = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer')?.get?.call(this);
        if (--left === 0) pool.reserve(8192);
        return buffer;
      },
    });
    const other = Pool.attach(pool.handle);
    const { size } = other;
    expect(size).toBe(other.memory.buffer.byteLength / 8);
    expect(other.load((size - 1) as Address)).toBe(0n);
    expect(other.loadNumber((size - 1) as Address)).toBe(0);
    grown.add(size);
    other.detach();
  }
  expect([...grown]).toEqual([2, 3, 4, 5].map((pages) => pages * 8192));
});

describe('attaching to something else is one clear error', () => {
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'no pool handle'],
    ['null', null, 'no pool handle'],
    ['a handle without a memory', { kind: 'shared-memory-pool' }, 'no pool handle'],
    ['a buffer in the place of a memory', { memory: new SharedArrayBuffer(65536) }, 'no pool handle'],
    ['a memory that is not shared', memory(false), 'not shared'],
    ['a memory of no words', memory(true, 0), 'too few'],
    ['a memory that nobody made a pool of', memory(true), 'begins with 0x0, a pool with 0x1894c4f4f504d53'],
  ])('%s', (_, handle, message) => {
    expect(() => Pool.attach(handle as PoolHandle)).toThrow(AttachError);
    expect(() => Pool.attach(handle as PoolHandle)).toThrow(message);
  });

  test('another layout version', () => {
    const pool = Pool.create(SMALL);
    pool.store(1 as Address, LAYOUT_VERSION + 1n);
    expect(() => Pool.attach(pool.handle)).toThrow(AttachError);
    expect(() => Pool.attach(pool.handle)).toThrow(/layout version 3, .* reads version 2/);
  });

  test('a header that is not finished', () => {
    const pool = Pool.create(SMALL);
    pool.store(0 as Address, 0n);
    expect(() => Pool.attach(pool.handle)).toThrow('not a pool');
    pool.store(0 as Address, MAGIC);
    expect(Pool.attach(pool.handle).owner.id).toBe(1);
  });

  const WORD = { maxWords: 2, checked: 3, owners: 4, ownerRows: 5, segments: 6, segmentEntries: 7, top: 16 } as const;
  test.each<[keyof typeof WORD, bigint]>([
    ['maxWords', 0n],
    ['maxWords', 2n ** 29n + 1n],
    ['owners', 0n],
    ['owners', 33n],
    ['owners', 2n ** 29n],
    ['owners', 2n ** 64n - 1n],
    ['ownerRows', 2n ** 17n],
    ['ownerRows', 2n ** 60n],
    ['ownerRows', 4n],
    ['segments', 16n],
    ['segments', 48n],
    ['segments', 2n ** 53n + 1n],
    ['segmentEntries', 3n],
    ['segmentEntries', 2n ** 24n],
    ['segmentEntries', 2n ** 63n],
    ['top', 0n],
    ['top', 113n],
    ['top', 8192n + 16n],
    ['top', 2n ** 64n - 16n],
    ['checked', 2n],
  ])('a damaged header: %s %s', (field, value) => {
    const pool = Pool.create(SMALL);
    pool.store(WORD[field] as number as Address, value);
    expect(() => Pool.attach(pool.handle)).toThrow(AttachError);
    expect(() => Pool.attach(pool.handle)).toThrow('damaged');
  });
});

test('the magic is written last, before the row of who made the pool: whoever sees it sees a whole one', () => {
  const names = ['store', 'exchange', 'compareExchange', 'add', 'sub', 'and', 'or', 'xor'] as const;
  const spies = names.map((name) => vi.spyOn(Atomics, name as 'store'));
  try {
    const pool = Pool.create({ ...SMALL, engine: 'plain' });
    const written = spies
      .flatMap(({ mock }) =>
        mock.calls.map(([, at], call) => ({ at, order: mock.invocationCallOrder[call] as number })),
      )
      .sort((one, other) => one.order - other.order)
      .map(({ at }) => at);
    const rows = pool.tables[1]?.at as number;
    expect(new Set(written).size).toBeGreaterThan(10);
    expect(written.slice(written.indexOf(0))).toEqual([0, rows, rows + 1]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});

test('a refused attach leaves no owner behind', () => {
  const pool = Pool.create(SMALL);
  pool.store(1 as Address, 9n);
  expect(() => Pool.attach(pool.handle)).toThrow(AttachError);
  expect(pool.owners.list().map(({ status }) => status)).toEqual(['live', 'free']);
});

test('every size that cannot be is refused by name', () => {
  for (const [options, name] of [
    [{ words: 0 }, 'words'],
    [{ words: 1.5 }, 'words'],
    [{ words: 2 ** 29 + 1 }, 'words'],
    [{ words: 2 ** 29 }, 'words'], // the tables need room too
    [{ words: 1, owners: 0 }, 'owners'],
    [{ words: 1, owners: 2 ** 16 + 1 }, 'owners'],
    [{ words: 1, segments: -1 }, 'segments'],
    [{ words: 1, segments: 2 ** 24 }, 'segments'],
    [{ words: 1, maxWords: 1 }, 'maxWords'],
    [{ words: 1, maxWords: 2 ** 29 + 1 }, 'maxWords'],
  ] as const) {
    expect(() => Pool.create(options)).toThrow(ValueError);
    expect(() => Pool.create(options)).toThrow(`\`${name}\``);
  }
});

test('where there is no shared memory, the error says what to do', () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  try {
    expect(() => Pool.create(SMALL)).toThrow(ExhaustedError);
    expect(() => Pool.create(SMALL)).toThrow('COOP and COEP');
  } finally {
    vi.unstubAllGlobals();
  }
});

test('whoever has detached gets DetachedError from everything, and leaves a free row', () => {
  const pool = Pool.create(SMALL);
  const other = Pool.attach(pool.handle);
  const at = pool.reserve(16);
  const segments = new Segments(other, { storage: new BlockStorage(at, 1, 8) });
  other.detach();
  other.dispose();
  expect(pool.owners.list().map(({ status }) => status)).toEqual(['live', 'free']);
  for (const use of [
    () => other.load(at),
    () => other.storeNumber(at, 1),
    () => other.size,
    () => other.reserve(1),
    () => other.tryGrow(1),
    () => other.fence(),
    () => other.notify(at),
    () => other.wait(at, 0n, { timeout: 0 }),
    () => other.copyIn(at, new Uint8Array(8)),
    () => other.copyOut(at, new Uint8Array(8)),
    () => other.fill(at, 1, 0n),
    () => other.maxWords,
    () => segments.draft(8, HOST_DOMAIN),
    () => segments.swap(at as number as Slot, 0n as never),
  ])
    expect(use).toThrow(DetachedError);
  pool.store(at, 1n); // the others do not notice
  expect(pool.load(at)).toBe(1n);
});

test('a detached pool refuses to wait asynchronously, too', async () => {
  const pool = Pool.create(SMALL);
  pool.detach();
  await expect(pool.waitAsync(0 as Address, 0n)).rejects.toThrow(DetachedError);
});

describe('reserve', () => {
  test('gives whole lines of zeros, one after the other, until there is no more', () => {
    const pool = Pool.create({ words: 64, owners: 1, segments: 0 });
    const first = pool.reserve(1);
    const second = pool.reserve(17);
    expect([first % 16, second - first]).toEqual([0, 16]);
    expect(pool.reserve(1) - second).toBe(32);
    const left = pool.unreserved;
    expect(() => pool.reserve(left + 1)).toThrow(ExhaustedError);
    expect(() => pool.reserve(left + 1)).toThrow(`${left + 1} words asked for, ${left} of the pool's 8192 are left`);
    const last = pool.reserve(left);
    expect(last + left).toBe(pool.size);
    expect(pool.unreserved).toBe(0);
    expect(() => pool.reserve(1)).toThrow(ExhaustedError);
    for (let word = last; word < pool.size; word++) expect(pool.load(word as Address)).toBe(0n);
  });

  test.each([0, -1, 0.5, Number.NaN])('refuses %s words', (words) => {
    expect(() => Pool.create(SMALL).reserve(words)).toThrow(ValueError);
  });

  test('grows the memory, which every attached side then reaches', () => {
    const pool = Pool.create({ words: 64, owners: 2, segments: 0, maxWords: 3 * 8192 });
    const other = Pool.attach(pool.handle);
    const at = pool.reserve(8192);
    expect(pool.size).toBe(2 * 8192);
    other.storeNumber((at + 8191) as Address, 7);
    expect(pool.load((at + 8191) as Address)).toBe(7n);
    expect(other.size).toBe(pool.size);
    expect([pool.tryGrow(8192), pool.tryGrow(1), pool.tryGrow(0)]).toEqual([true, false, true]);
    expect(() => pool.tryGrow(-1)).toThrow(ValueError);
  });

  test('an address behind a growth that this thread has not been told of is found', () => {
    // V8 tells other threads of a growth by an interrupt; until then `buffer` is the old one, unless the thread grows, if by nothing.
    const pool = Pool.create({ words: 64, owners: 1, segments: 0, maxWords: 2 * 8192 });
    const { memory } = pool;
    const { buffer: old } = memory;
    memory.grow(1);
    const { buffer: current } = memory;
    let told = false;
    Object.defineProperty(memory, 'buffer', { get: () => (told ? current : old) });
    Object.defineProperty(memory, 'grow', { value: () => (told = true) });
    pool.store(8192 as Address, 7n);
    expect(pool.load(8192 as Address)).toBe(7n);
    expect(new BigUint64Array(current)[8192]).toBe(7n);
  });

  test('is not refused room that is there because somebody else took the growth', () => {
    const pool = Pool.create({ words: 64, owners: 1, segments: 0, maxWords: 3 * 8192 });
    const grow = pool.memory.grow.bind(pool.memory);
    let raced = false;
    Object.defineProperty(pool.memory, 'grow', {
      value(pages: number) {
        if (pages > 0 && !raced) {
          raced = true;
          grow(1); // another thread was faster: what is left to grow is less than was asked for, and enough
        }
        return grow(pages);
      },
    });
    const at = pool.reserve(2 * 8192);
    expect(at + 2 * 8192).toBeLessThanOrEqual(pool.size);
    expect(raced).toBe(true);
  });
});
