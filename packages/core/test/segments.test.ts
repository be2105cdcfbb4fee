import {
  AddressError,
  type Domain,
  type Handle,
  HOST_DOMAIN,
  NO_HANDLE,
  Pool,
  SegmentError,
  type SegmentFault,
  Segments,
  type Slot,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

function open(
  options: { segments?: number; blocks?: number; blockWords?: number; checked?: boolean; recorded?: boolean } = {},
) {
  const { segments: entries = 4, blocks = entries, blockWords = 16, checked = false, recorded = false } = options;
  const pool = Pool.create({ words: 4096, owners: 2, segments: entries, checked });
  const storage = BlockStorage.reserve(pool, Math.max(1, blocks), blockWords);
  const words = recorded ? record(pool).words : pool;
  const segments = new Segments(pool, { storage, words });
  return { pool, storage, segments, slot: pool.reserve(16) as number as Slot };
}

function faultOf(operation: () => unknown): SegmentFault | undefined {
  try {
    operation();
  } catch (error) {
    if (error instanceof SegmentError) return error.fault;
    throw error;
  }
  return undefined;
}

function drafted(segments: Segments, byteLength: number, domain?: Domain) {
  const draft = segments.draft(byteLength, domain);
  if (draft === undefined) throw new Error('no segment left');
  return draft;
}

/** In place on real memory; by copies through words that have no bytes of their own. */
describe.each([false, true])('a segment, through a recorder: %s', (recorded) => {
  test('lives: drafted, written, swapped in, taken out, read, retired', () => {
    const { segments, storage, slot } = open({ recorded });
    const draft = drafted(segments, 64);
    draft.fill(0);
    draft.set(new TextEncoder().encode('hello'), 1);
    draft.setUint8(8, 0xff);
    draft.setUint16(10, 0x1234);
    draft.setUint32(12, 0x89ab_cdef);
    draft.setInt32(16, -2);
    draft.setBigUint64(24, 2n ** 64n - 1n);
    draft.setFloat64(33, Math.PI); // unaligned on purpose
    expect(draft.publishTo(slot)).toBe(NO_HANDLE);

    const handle = segments.swap(slot, NO_HANDLE);
    expect(handle).not.toBe(NO_HANDLE);
    const view = segments.acquire(handle);
    expect(view.byteLength).toBe(64);
    expect(new TextDecoder().decode(view.slice(1, 6))).toBe('hello');
    expect([view.getUint8(8), view.getUint16(10), view.getUint32(12), view.getInt32(16)]).toEqual([
      0xff, 0x1234, 0x89ab_cdef, -2,
    ]);
    expect(view.getBigUint64(24)).toBe(2n ** 64n - 1n);
    expect(view.getFloat64(33)).toBe(Math.PI);
    const copy = new Uint8Array(4);
    view.copyTo(copy, 10);
    expect([...copy]).toEqual([0x34, 0x12, 0xef, 0xcd]);
    view.release();
    view.release();
    segments.retire(handle);
    expect(storage.taken.size).toBe(0);
  });

  test('is shortened as it is published', () => {
    const { segments } = open({ recorded });
    const draft = drafted(segments, 40);
    draft.fill(9);
    const view = segments.acquire(draft.publish(3));
    expect([...view.slice()]).toEqual([9, 9, 9]);
    expect(faultOf(() => view.getUint8(3))).toBe('range');
  });

  test('may be empty', () => {
    const { segments } = open({ recorded });
    const view = segments.acquire(drafted(segments, 0).publish());
    expect(view.byteLength).toBe(0);
    expect([...view.slice()]).toEqual([]);
    expect(faultOf(() => view.getUint8(0))).toBe('range');
  });

  test('a published draft is consumed', () => {
    const { segments, slot } = open({ recorded });
    const draft = drafted(segments, 8);
    const handle = draft.publish();
    for (const use of [
      () => draft.set(new Uint8Array(1)),
      () => draft.setUint8(0, 1),
      () => draft.setUint16(0, 1),
      () => draft.setUint32(0, 1),
      () => draft.setInt32(0, 1),
      () => draft.setBigUint64(0, 1n),
      () => draft.setFloat64(0, 1),
      () => draft.fill(0),
      () => draft.publish(),
      () => draft.publishTo(slot),
    ])
      expect(faultOf(use)).toBe('released');
    draft.discard(); // says nothing: there is nothing left to give back
    expect(segments.acquire(handle).byteLength).toBe(8);
  });

  test('a released view shows nothing any more', () => {
    const { segments } = open({ recorded });
    const view = segments.acquire(drafted(segments, 16).publish());
    view.dispose();
    for (const use of [
      () => view.getUint8(0),
      () => view.getUint16(0),
      () => view.getUint32(0),
      () => view.getInt32(0),
      () => view.getBigUint64(0),
      () => view.getFloat64(0),
      () => view.copyTo(new Uint8Array(0)),
      () => view.slice(0, 0),
    ])
      expect(faultOf(use)).toBe('released');
  });
});

test('a draft and a view refuse every byte outside', () => {
  const { segments } = open();
  const draft = drafted(segments, 9);
  for (const use of [
    () => draft.setUint8(9, 0),
    () => draft.setUint16(8, 0),
    () => draft.setUint32(6, 0),
    () => draft.setBigUint64(2, 0n),
    () => draft.set(new Uint8Array(2), 8),
    () => draft.fill(0, 0, 10),
    () => draft.setUint8(-1, 0),
    () => draft.publish(10),
  ])
    expect(faultOf(use)).toBe('range');
  for (const length of [0.5, Number.NaN]) expect(() => draft.publish(length)).toThrow(ValueError);
  const view = segments.acquire(draft.publish()); // all those refusals left it a draft
  for (const use of [
    () => view.getUint8(9),
    () => view.getUint8(-1),
    () => view.getUint8(0.5),
    () => view.getUint16(8),
    () => view.getUint32(6),
    () => view.getFloat64(2),
    () => view.copyTo(new Uint8Array(1), 9),
    () => view.slice(0, 10),
    () => view.slice(5, 4),
  ])
    expect(faultOf(use)).toBe('range');
});

test('a handle goes stale when its segment is retired, and stays so when the entry serves again', () => {
  const { segments } = open({ segments: 1 });
  const stale = drafted(segments, 8).publish();
  const reader = segments.acquire(stale);
  segments.retire(stale);
  const successor = drafted(segments, 8);
  expect(faultOf(() => segments.acquire(stale))).toBe('stale');
  const handle = successor.publish();
  expect(handle & 0xff_ffffn).toBe(stale & 0xff_ffffn); // the same entry,
  expect(handle).not.toBe(stale); // in its next generation
  for (const use of [
    () => segments.acquire(stale),
    () => segments.retire(stale),
    () => segments.swap(0 as Slot, stale),
    () => reader.release(),
  ])
    expect(faultOf(use)).toBe('stale');
  expect(segments.acquire(handle).byteLength).toBe(8);
});

test('a segment is retired once', () => {
  const { segments } = open();
  const handle = drafted(segments, 8).publish();
  segments.retire(handle);
  expect(faultOf(() => segments.retire(handle))).toBe('stale');
});

test('a draft is not for readers, and no segment is no segment', () => {
  const { segments } = open();
  const access = segments.access({ domains: 'all' });
  const draft = access.draft(8, HOST_DOMAIN);
  expect(faultOf(() => segments.acquire(draft))).toBe('state');
  expect(faultOf(() => segments.retire(draft))).toBe('state');
  expect(faultOf(() => segments.acquire(NO_HANDLE))).toBe('stale');
  expect(() => segments.acquire(NO_HANDLE)).toThrow('NO_HANDLE');
  for (const nonsense of [-1n, 2n ** 64n, 3, undefined, '1'])
    expect(() => segments.acquire(nonsense as unknown as Handle)).toThrow(ValueError);
});

test('a discarded draft returns its room, and its handle never works', () => {
  const { segments, storage } = open({ segments: 1 });
  for (let round = 0; round < 5; round++) drafted(segments, 8).discard();
  expect(storage.taken.size).toBe(0);
});

test('running out of entries, of room, or of luck with the size is an ordinary result', () => {
  const { segments, storage } = open({ segments: 3, blocks: 2 });
  const first = drafted(segments, 8);
  const second = drafted(segments, 8);
  expect(segments.draft(8)).toBeUndefined(); // an entry is left, but no room
  expect(segments.draft(1e15)).toBeUndefined();
  second.discard();
  first.discard();
  expect(storage.taken.size).toBe(0);
  const none = open({ segments: 0 }).segments;
  expect(none.capacity).toBe(0);
  expect(none.draft(8)).toBeUndefined();
  expect(faultOf(() => none.acquire(1n as Handle))).toBe('stale');
});

test('a failed draft leaves entry and room as they were', () => {
  const { segments, storage } = open({ segments: 1 });
  for (const length of [-1, 0.5, Number.NaN, 2 ** 60]) expect(() => segments.draft(length)).toThrow(ValueError);
  for (const domain of [-1, 0.5, 2 ** 32]) expect(() => segments.draft(8, domain as Domain)).toThrow(ValueError);
  expect(storage.taken.size).toBe(0);
  expect(segments.draft(8)).toBeDefined();
});

test('all entries come back, in whatever order they are retired', () => {
  const { segments } = open({ segments: 4 });
  for (let round = 0; round < 20; round++) {
    const handles = Array.from({ length: 4 }, () => drafted(segments, 8).publish());
    expect(segments.draft(8)).toBeUndefined();
    expect(new Set(handles).size).toBe(4);
    for (const index of round % 2 ? [0, 2, 1, 3] : [3, 1, 0, 2]) segments.retire(handles[index] as Handle);
  }
});

test('a swap that fails has done nothing', () => {
  const { pool, segments, slot } = open();
  const draft = drafted(segments, 8);
  for (const nowhere of [pool.size, 2 ** 29, -1, 0.5]) {
    expect(() => draft.publishTo(nowhere as Slot)).toThrow(AddressError);
    expect(() => draft.publishTo(slot, -1 as Domain)).toThrow(ValueError);
  }
  draft.setUint8(0, 5); // still a draft
  draft.publishTo(slot);
  expect(segments.acquire(segments.swap(slot, NO_HANDLE)).getUint8(0)).toBe(5);
});
