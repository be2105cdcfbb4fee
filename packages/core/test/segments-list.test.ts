import { expect, it } from 'vitest';
import { domain, NO_HANDLE, Pool, Segments, type Slot } from '../src/index.ts';
import { BlockStorage } from './support/block-storage.ts';

it('segments are listed while they are drafts or published, with where they stand and whose they are', () => {
  const pool = Pool.create({ words: 4_000, segments: 8 });
  const storage = BlockStorage.reserve(pool, 8, 64);
  const segments = new Segments(pool, { storage });
  const slot = pool.reserve(1) as number as Slot;
  expect([...segments.list()]).toEqual([]);
  const draft = segments.draft(100, domain(3));
  const other = segments.draft(17);
  expect([...segments.list()]).toMatchObject([
    { state: 'draft', byteLength: 100, domain: 3, writer: pool.owner },
    { state: 'draft', byteLength: 17, domain: 0, writer: pool.owner },
  ]);
  other?.discard();
  draft?.publishTo(slot);
  const [published, ...rest] = segments.list();
  expect(rest).toEqual([]);
  expect(published).toMatchObject({ state: 'published', byteLength: 100, writer: pool.owner });
  expect(storage.taken.has(published?.index ?? -1)).toBe(true);
  expect(published?.at).toBe(storage.base + (published?.index ?? 0) * storage.largest);
  const handle = segments.swap(slot, NO_HANDLE, domain(3));
  expect(handle).toBe(published?.handle);
  segments.retire(handle);
  expect([...segments.list()]).toEqual([]);
});
