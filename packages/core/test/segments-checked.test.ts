import { Pool, type SegmentError, Segments } from '@pool/core';
import { record } from '@pool/core/testing';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

function open(checked: boolean) {
  const pool = Pool.create({ words: 1024, owners: 2, segments: 2, checked });
  const storage = BlockStorage.reserve(pool, 2, 16);
  const recording = record(pool);
  return {
    pool,
    storage,
    recording,
    segments: new Segments(pool, { storage }),
    recorded: new Segments(pool, { storage, words: recording.words }),
  };
}

function published(segments: Segments) {
  const draft = segments.draft(100);
  if (draft === undefined) throw new Error('no segment left');
  draft.fill(3);
  return draft.publish();
}

test('checked mode finds a write through the raw memory and names the writer', () => {
  const { pool, storage, segments } = open(true);
  const handle = published(segments);
  const view = segments.acquire(handle);
  new Uint8Array(pool.memory.buffer)[storage.base * 8 + 99] = 4;
  let error: SegmentError | undefined;
  try {
    view.release();
  } catch (caught) {
    error = caught as SegmentError;
  }
  expect(error).toMatchObject({ name: 'SegmentError', fault: 'tampered' });
  expect(error?.message).toContain(`owner ${pool.owner.id} (generation ${pool.owner.generation})`);
});

test('checked mode is silent about what nobody wrote to, and about bytes past the end', () => {
  const { pool, storage, segments } = open(true);
  const view = segments.acquire(published(segments));
  new Uint8Array(pool.memory.buffer)[storage.base * 8 + 100] = 4;
  view.release();
});

test('in checked mode, a segment that was retired under its reader is stale and not tampered with', () => {
  const { pool, segments, storage } = open(true);
  const handle = published(segments);
  const { words } = record(pool, {
    before(name) {
      if (name !== 'copyOut') return;
      segments.retire(handle);
      for (let draft = segments.draft(100); draft !== undefined; draft = segments.draft(100)) draft.fill(9);
    },
  });
  const reader = new Segments(pool, { storage, words }).access({ domains: 'all' });
  expect(() => reader.release(handle)).toThrow(expect.objectContaining({ fault: 'stale' }));
});

test('every thread of a checked pool is checked', () => {
  const { pool } = open(true);
  expect([pool.checked, Pool.attach(pool.handle).checked]).toEqual([true, true]);
  expect(open(false).pool.checked).toBe(false);
});

test('without checked mode nobody reads the bytes again', () => {
  const { recorded, recording, pool, storage } = open(false);
  const access = recorded.access({ domains: 'all' });
  const handle = published(recorded);
  access.acquire(handle);
  new Uint8Array(pool.memory.buffer)[storage.base * 8] = 4;
  access.release(handle);
  expect(recording.operations.filter(({ name }) => name === 'copyOut')).toEqual([]);
});
