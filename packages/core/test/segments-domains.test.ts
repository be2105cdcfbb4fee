import {
  type Domain,
  domain,
  type Handle,
  HOST_DOMAIN,
  NO_HANDLE,
  Pool,
  type SegmentAccess,
  SegmentError,
  Segments,
  type Slot,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';
import { offset } from './support/variants.ts';

const RED = domain(1);
const BLUE = domain(2);
const ENTRIES = 8;
const SECRET = 0x5e;

function open(entries: number = ENTRIES) {
  const pool = Pool.create({ words: 4096, owners: 1, segments: entries });
  const storage = BlockStorage.reserve(pool, entries, 16);
  const segments = new Segments(pool, { storage });
  return { pool, storage, segments, slot: pool.reserve(16) as number as Slot };
}

function holding(segments: Segments, ...domains: Domain[]): SegmentAccess {
  return segments.access({ domains: new Set(domains) });
}

function refusal(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error instanceof SegmentError ? error.fault : error;
  }
  return undefined;
}

test('whoever does not hold the domain can do nothing with a handle', () => {
  const { segments, slot } = open();
  const red = holding(segments, RED);
  const blue = holding(segments, BLUE);
  const draft = red.draft(8, RED);
  for (const use of [
    () => blue.write(draft, 0, new Uint8Array(1)),
    () => blue.publish(draft),
    () => blue.discard(draft),
  ])
    expect(refusal(use)).toBe('foreign');
  red.publish(draft);
  for (const use of [
    () => blue.acquire(draft),
    () => blue.read(draft, 0, new Uint8Array(1)),
    () => blue.release(draft),
    () => blue.retire(draft),
    () => blue.swap(slot, draft, BLUE),
    () => blue.swap(slot, NO_HANDLE, RED),
    () => blue.draft(8, RED),
    () => red.swap(slot, draft, BLUE),
  ])
    expect(refusal(use)).toBe('foreign');
  expect(red.acquire(draft)).toBe(8);
});

test('a swap through a slot of both passes the segment on', () => {
  const { segments, slot } = open();
  const red = holding(segments, RED);
  const both = holding(segments, RED, BLUE);
  const blue = holding(segments, BLUE);
  const handle = red.draft(4, RED);
  red.write(handle, 0, new Uint8Array([1, 2, 3, 4]));
  both.swap(slot, handle, BLUE); // a draft of one's own is published by it
  expect(refusal(() => red.acquire(handle))).toBe('foreign');
  expect(blue.swap(slot, NO_HANDLE, BLUE)).toBe(handle);
  const bytes = new Uint8Array(4);
  blue.acquire(handle);
  blue.read(handle, 0, bytes);
  blue.release(handle);
  expect([...bytes]).toEqual([1, 2, 3, 4]);
  blue.retire(handle);
  expect(refusal(() => blue.acquire(handle))).toBe('stale');
});

test("another thread's draft is not one's own, whatever domain one holds", () => {
  const { pool, segments, slot } = open();
  const other = segments.access({ domains: 'all', owner: { ...pool.owner, generation: pool.owner.generation + 1 } });
  const draft = other.draft(8, RED);
  const red = holding(segments, RED);
  for (const use of [
    () => red.write(draft, 0, new Uint8Array(1)),
    () => red.publish(draft),
    () => red.discard(draft),
    () => red.swap(slot, draft, RED),
  ])
    expect(refusal(use)).toBe('foreign');
});

test("a restricted party's draft shows nothing of what its room held before", () => {
  const { segments } = open(1);
  const blue = holding(segments, BLUE);
  const secret = blue.draft(128, BLUE);
  blue.write(secret, 0, new Uint8Array(128).fill(SECRET));
  blue.publish(secret);
  blue.retire(secret);
  const red = holding(segments, RED);
  const draft = red.draft(125, RED);
  red.publish(draft);
  const bytes = new Uint8Array(125);
  red.read(draft, 0, bytes);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
});

test('a segment that is retired and drafted anew under a swap is not handed over', () => {
  const { pool, storage, segments, slot } = open(1);
  const red = holding(segments, RED);
  const stolen = red.draft(8, RED);
  red.publish(stolen);
  let successor: Handle = NO_HANDLE;
  const recording = record(pool, {
    before(name, operands) {
      // Between the swap's look at the entry and its stamp, the other side of RED retires the segment, and BLUE is given its entry.
      if (name !== 'compareExchangeNumber' || successor !== NO_HANDLE || operands.length !== 3) return;
      successor = (NO_HANDLE + 1n) as Handle;
      holding(segments, RED).retire(stolen);
      const blue = holding(segments, BLUE);
      successor = blue.draft(8, BLUE);
      blue.write(successor, 0, new Uint8Array(8).fill(SECRET));
      blue.publish(successor);
    },
  });
  const thief = holding(new Segments(pool, { storage, words: recording.words }), RED, domain(3));
  expect(refusal(() => thief.swap(slot, stolen, domain(3)))).toBe('stale');
  expect(successor).toBeGreaterThan(stolen);
  expect(refusal(() => thief.read(successor, 0, new Uint8Array(8)))).toBe('foreign');
  expect(pool.load(slot as never)).toBe(NO_HANDLE);
});

test('a reader whose segment is retired and reused under its copy gets an error, and not the bytes', () => {
  const { pool, storage, segments } = open(1);
  const red = holding(segments, RED);
  const handle = red.draft(8, RED);
  red.publish(handle);
  const recording = record(pool, {
    before(name) {
      if (name !== 'copyOut') return;
      red.retire(handle);
      const blue = holding(segments, BLUE);
      const secret = blue.draft(8, BLUE);
      blue.write(secret, 0, new Uint8Array(8).fill(SECRET));
    },
  });
  const bytes = new Uint8Array(8).fill(1);
  const reader = holding(new Segments(pool, { storage, words: recording.words }), RED);
  expect(refusal(() => reader.read(handle, 0, bytes))).toBe('stale');
  expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('no guessed handle leads to the bytes of a domain that is not held', () => {
  const { segments } = open();
  const blue = holding(segments, BLUE);
  const red = holding(segments, RED);
  const secrets: Handle[] = [];
  for (let index = 0; index < ENTRIES; index++) {
    for (let reuse = 0; reuse < index; reuse++) blue.discard(blue.draft(8, BLUE));
    const handle = blue.draft(8, BLUE);
    blue.write(handle, 0, new Uint8Array(8).fill(SECRET));
    if (index % 2) blue.publish(handle);
    secrets.push(handle);
  }
  const guess = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc
      .record({ generation: fc.bigInt({ min: 0n, max: 12n }), index: fc.bigInt({ min: 0n, max: 12n }) })
      .map(({ generation, index }) => (generation << 24n) | index),
    fc.constantFrom(...secrets),
  );
  const seen = new Set<unknown>();
  fc.assert(
    fc.property(guess, fc.nat(8), (value, length) => {
      const handle = value as Handle;
      const bytes = new Uint8Array(length);
      for (const use of [
        () => red.acquire(handle),
        () => red.read(handle, 0, bytes),
        () => red.write(handle, 0, bytes),
        () => red.publish(handle),
        () => red.release(handle),
        () => red.retire(handle),
        () => red.discard(handle),
      ]) {
        const fault = refusal(use);
        expect(['stale', 'foreign']).toContain(fault);
        seen.add(fault);
      }
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(seen).toEqual(new Set(['stale', 'foreign'])); // the guesses did hit
  const bytes = new Uint8Array(8);
  for (const [index, handle] of secrets.entries())
    if (index % 2) {
      blue.read(handle, 0, bytes);
      expect(bytes.every((byte) => byte === SECRET)).toBe(true);
    }
});

test('the host holds every domain', () => {
  const { segments } = open();
  const red = holding(segments, RED);
  const handle = red.draft(8, RED);
  red.publish(handle);
  expect(segments.acquire(handle).byteLength).toBe(8);
  expect(segments.draft(8, HOST_DOMAIN)).toBeDefined();
});

test('no draft is larger than the storage says it has, whatever the storage would give', () => {
  const pool = Pool.create({ words: 1024, segments: 4 });
  const base = pool.reserve(4 * 16);
  const behind = pool.reserve(64);
  // Believes what it is asked for, as storages of a few lines do.
  const trusting = {
    name: 'trusting',
    largest: 16,
    allocate: (_: number, entry = 0) => offset(base, entry * 16),
    free() {},
  };
  const segments = new Segments(pool, { storage: trusting });
  pool.fill(behind, 64, 7n);
  const program = holding(segments, RED);
  expect(program.draft(16 * 8 + 1, RED)).toBe(NO_HANDLE);
  expect(segments.draft(2 ** 40)).toBeUndefined();
  expect(program.draft(16 * 8, RED)).not.toBe(NO_HANDLE);
  for (let index = 0; index < 64; index++) expect(pool.load(offset(behind, index))).toBe(7n);
});

test("a party's domains are a set of them, or all", () => {
  const { segments } = open();
  for (const domains of [[RED], undefined, null, 'some', 7])
    expect(() => segments.access({ domains: domains as unknown as 'all' })).toThrow(ValueError);
});
