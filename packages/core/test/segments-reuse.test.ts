import { type Address, type Handle, IndexSet, Pool, type ReuseContext, type ReusePolicy, Segments } from '@pool/core';
import { expect, test } from 'vitest';
import { BlockStorage } from './support/block-storage.ts';

/** Header word 6 says where the segment table is; the set of free entries has a line, and then come the entries. */
const TABLE = 6 as Address;

function open(reuse?: ReusePolicy, checked = false) {
  const pool = Pool.create({ words: 1024, owners: 1, segments: 2, checked });
  const storage = BlockStorage.reserve(pool, 2, 16);
  const segments = new Segments(pool, { storage, ...(reuse ? { reuse } : {}) });
  const meta = (pool.loadNumber(TABLE) + 16) as Address;
  const publish = (): Handle => {
    const draft = segments.draft(8);
    if (draft === undefined) throw new Error('no segment left');
    draft.fill(1);
    return draft.publish();
  };
  return { pool, storage, segments, publish, meta };
}

test('a policy sees what happens to a segment, and keeps words of its own that nobody else writes', () => {
  const events: string[] = [];
  const note =
    (event: string, answer: boolean) =>
    ({ words, policyWord, owner }: ReuseContext): boolean => {
      events.push(`${event} by ${owner.id} after ${words.fetchAddNumber(policyWord, 1)}`);
      return answer;
    };
  const { storage, segments, publish } = open({
    name: 'noting',
    stable: true,
    publishing: ({ words, policyWord, generation }) => words.storeNumber(policyWord, generation * 10),
    published: ({ index, generation }) => events.push(`published ${index}@${generation}`),
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
    'published 0@1',
    'acquired by 0 after 10',
    'released by 0 after 11',
    'retired by 0 after 12',
    'published 1@1',
    'published 0@2',
    'acquired by 0 after 20',
  ]);
  expect(storage.taken.size).toBe(2);
});

test('a policy may keep a retired segment, refuse readers, and let the last release end it', () => {
  let inUse = true;
  const { storage, segments, publish } = open({
    name: 'late',
    stable: true,
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
    { name: 'once', stable: true, acquired: () => true, released: () => true, retired: () => false },
    true,
  );
  const view = segments.acquire(publish());
  pool.storePlain(storage.base, 0n);
  expect(() => view.release()).toThrow(expect.objectContaining({ fault: 'tampered' }));
  expect(storage.taken.size).toBe(0);
});

test('a policy ends other segments, each once', () => {
  const published: Handle[] = [];
  const ended: boolean[] = [];
  const { storage, publish, segments } = open({
    name: 'latest',
    stable: false,
    acquired: () => true,
    released: () => false,
    retired: () => true,
    published(segment) {
      const last = published.at(-1);
      published.push(segment.handle);
      for (let turn = 0; last && turn < 2; turn++) ended.push(segment.end(last));
    },
  });
  const first = publish();
  const view = segments.acquire(first);
  const second = publish();
  expect(ended).toEqual([true, false]);
  expect(storage.taken).toEqual(new Set([1]));
  expect(() => view.getUint8(0)).toThrow(expect.objectContaining({ fault: 'stale' }));
  view.release(); // every read has told, so this need not
  expect(segments.acquire(second).getUint8(0)).toBe(1);
});

test("an entry's generation goes from its largest to 1: a handle is never NO_HANDLE", () => {
  const { pool, segments, publish, meta } = open();
  pool.storeNumber(meta, (2 ** 35 - 1) * 2 ** 18);
  const last = publish();
  expect(last).toBe((2n ** 35n - 1n) << 24n);
  expect(segments.acquire(last).byteLength).toBe(8);
  segments.retire(last);
  publish(); // the other entry has its turn
  expect(publish()).toBe(1n << 24n);
  expect(() => segments.acquire(last)).toThrow(expect.objectContaining({ fault: 'stale' }));
});

test('a hint to an entry that is not free is dropped, and no entry is lost by it', () => {
  const { pool, publish, segments } = open();
  const first = publish();
  new IndexSet(pool, pool.loadNumber(TABLE) as Address, 2).add(0);
  const second = publish();
  expect(segments.draft(8)).toBeUndefined();
  for (const handle of [first, second]) segments.retire(handle);
  expect([publish(), publish()]).toHaveLength(2);
});
