import { type Address, type Handle, Pool, type ReuseContext, type ReusePolicy, Segments } from '@pool/core';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

/** Header word 6 says where the segment table is; its head stands alone, and then come the entries. */
const TABLE = 6 as Address;

function open(reuse?: ReusePolicy, checked = false) {
  const pool = Pool.create({ words: 1024, owners: 1, segments: 2, checked });
  const storage = BlockStorage.reserve(pool, 2, 16);
  const segments = new Segments(pool, { storage, ...(reuse ? { reuse } : {}) });
  const free = pool.loadNumber(TABLE) as Address;
  const publish = (): Handle => {
    const draft = segments.draft(8);
    if (draft === undefined) throw new Error('no segment left');
    draft.fill(1);
    return draft.publish();
  };
  return { pool, storage, segments, publish, free, meta: (free + 16) as Address };
}

test('a policy sees who acquires, releases and retires, and a word of its own that begins at 0', () => {
  const events: string[] = [];
  const note =
    (event: string, answer: boolean) =>
    ({ words, policyWord, owner }: ReuseContext): boolean => {
      events.push(`${event} by ${owner.id} after ${words.fetchAddNumber(policyWord, 1)}`);
      return answer;
    };
  const { storage, segments, publish } = open({
    name: 'noting',
    acquired: note('acquired', true),
    released: note('released', false),
    retired: note('retired', true),
  });
  const handle = publish();
  segments.acquire(handle).release();
  segments.retire(handle);
  publish();
  segments.acquire(publish());
  expect(events).toEqual([
    'acquired by 0 after 0',
    'released by 0 after 1',
    'retired by 0 after 2',
    'acquired by 0 after 0',
  ]);
  expect(storage.taken.size).toBe(2);
});

test('a policy may keep a retired segment, refuse readers, and let the last release end it', () => {
  let inUse = true;
  const { storage, segments, publish } = open({
    name: 'late',
    acquired: () => inUse,
    released: () => !inUse,
    retired: () => (inUse = false),
  });
  const handle = publish();
  const view = segments.acquire(handle);
  segments.retire(handle);
  expect(storage.taken.size).toBe(1); // the reader is still at it
  expect(view.getUint8(0)).toBe(1);
  expect(() => segments.acquire(handle)).toThrow('on its way out');
  view.release();
  expect(storage.taken.size).toBe(0);
  expect(() => segments.acquire(handle)).toThrow('is no more');
});

test('a reference is given back even if the bytes were tampered with', () => {
  const { pool, storage, segments, publish } = open(
    { name: 'once', acquired: () => true, released: () => true, retired: () => false },
    true,
  );
  const view = segments.acquire(publish());
  pool.storePlain(storage.base, 0n);
  expect(() => view.release()).toThrow(expect.objectContaining({ fault: 'tampered' }));
  expect(storage.taken.size).toBe(0);
});

test('the tag of the free stack wraps, and nothing is lost', () => {
  const { pool, segments, publish, free } = open();
  const head = pool.load(free);
  pool.store(free, ((2n ** 29n - 1n) << 24n) | head);
  const handles = [publish(), publish()];
  expect(segments.draft(8)).toBeUndefined();
  for (const handle of handles) segments.retire(handle);
  expect(pool.load(free) >> 24n).toBe(3n); // 2^29 - 1, and four steps
  expect([publish(), publish()]).toHaveLength(2);
});

test("an entry's generation goes from its largest to 1: a handle is never NO_HANDLE", () => {
  const { pool, segments, publish, meta } = open();
  pool.store(meta, (2n ** 40n - 1n) << 3n);
  const last = publish();
  expect(last).toBe((2n ** 40n - 1n) << 24n);
  expect(segments.acquire(last).byteLength).toBe(8);
  segments.retire(last);
  expect(publish()).toBe(1n << 24n);
  expect(() => segments.acquire(last)).toThrow(expect.objectContaining({ fault: 'stale' }));
});

test('a damaged stack of free segments is told, not followed', () => {
  const { pool, segments, free } = open();
  pool.store(free, 3n);
  expect(() => segments.draft(8)).toThrow(expect.objectContaining({ fault: 'corrupt' }));
});
