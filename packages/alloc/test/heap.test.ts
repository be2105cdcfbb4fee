import {
  type Address,
  AddressError,
  AttachError,
  LINE_WORDS,
  type Owner,
  Pool,
  ValueError,
  type Words,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HEAP } from '../src/heap/heap-layout.ts';
import {
  ALL_BLOCKS,
  BLOCK_OFFSET,
  blockIndex,
  CLASS_OF,
  CLASS_WORDS,
  LARGEST_CLASS_WORDS,
  NO_CLASS,
  SLAB_BLOCKS,
  SLAB_WORDS,
} from '../src/heap/size-classes.ts';
import { Heap, type HeapOptions } from '../src/index.ts';
import { Thread } from './support/interleave.ts';

function lay(options: HeapOptions, poolOptions: { readonly maxWords?: number } = {}): { pool: Pool; heap: Heap } {
  const pool = Pool.create({ words: Heap.size(options) + 64, owners: 8, segments: 0, ...poolOptions });
  return { pool, heap: Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner) };
}

/** Another thread's way in, on this one. */
function join(pool: Pool, heap: Heap): Heap {
  const own = Pool.attach(pool.handle);
  return Heap.attach(own, heap.handle, own.owner);
}

describe('size classes', () => {
  it('serve every size with the smallest class that has it', () => {
    for (let words = 1; words <= LARGEST_CLASS_WORDS; words++) {
      const sizeClass = CLASS_OF[words] as number;
      expect(CLASS_WORDS[sizeClass]).toBeGreaterThanOrEqual(words);
      expect(CLASS_WORDS[sizeClass - 1] ?? 0).toBeLessThan(words);
    }
    expect(CLASS_OF[0]).toBe(NO_CLASS);
  });

  it('round up by a fifth at most from 64 words on', () => {
    for (let words = 65; words <= LARGEST_CLASS_WORDS; words++) {
      const served = CLASS_WORDS[CLASS_OF[words] as number] as number;
      expect((served - words) / served).toBeLessThanOrEqual(1 / 5);
    }
  });

  it.each([...CLASS_WORDS.entries()])(
    'class %i of %i words: its slab is cut into blocks that have lines as promised',
    (sizeClass, words) => {
      const blocks = SLAB_BLOCKS[sizeClass] as number;
      const slab = SLAB_WORDS[sizeClass] as number;
      expect(ALL_BLOCKS[sizeClass]).toBe(2 ** blocks - 1);
      const places = new Map<number, number>();
      let end = 1 + blocks;
      for (let index = 0; index < blocks; index++) {
        const offset = BLOCK_OFFSET[(sizeClass << 5) + index] as number;
        expect(offset).toBeGreaterThanOrEqual(end);
        end = offset + words;
        if (words >= LINE_WORDS) expect(offset % LINE_WORDS).toBe(0);
        else expect(Math.floor(offset / LINE_WORDS)).toBe(Math.floor((end - 1) / LINE_WORDS));
        places.set(offset, index);
      }
      expect(end).toBeLessThanOrEqual(slab);
      expect((blocks * words) / slab).toBeGreaterThanOrEqual(1 / 2);
      for (let offset = 0; offset < slab; offset++)
        expect(blockIndex(sizeClass, offset)).toBe(places.get(offset) ?? -1);
    },
  );
});

describe('a heap', () => {
  it('is one piece again when everything is free, whoever freed it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.nat(2), fc.nat(2)), { maxLength: 80 }),
        (steps) => {
          const { pool, heap } = lay({ words: 2 ** 15 });
          const heaps = [heap, join(pool, heap), join(pool, heap)] as const;
          const fresh = heap.stats();
          expect(fresh).toMatchObject({ capacity: 2 ** 15, used: 0, free: 2 ** 15, largestFree: 2 ** 15, live: 0 });
          const held: { at: Address; by: number }[] = [];
          for (const [words, taker, giver] of steps) {
            const at = (heaps[taker] as Heap).allocate(words);
            if (at !== undefined) held.push({ at, by: giver });
            if (held.length > 40) (heaps[giver] as Heap).free((held.shift() as { at: Address }).at);
          }
          for (const { at, by } of held) (heaps[by] as Heap).free(at);
          for (const each of heaps) each.release();
          expect(heap.stats()).toEqual(fresh);
          expect(heap.allocate(2 ** 15)).toBeDefined();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on after its magazines were given back', () => {
    const { heap } = lay({ words: 4096 });
    const at = heap.allocate(8) as Address;
    heap.release();
    heap.release();
    expect([...heap.blocks()].filter(({ state }) => state === 'cached')).toHaveLength(0);
    const again = heap.allocate(8) as Address;
    heap.free(at);
    heap.free(again);
    heap.dispose();
    expect(heap.stats().free).toBe(heap.stats().capacity);
  });

  it('lets a thread in need take over what others left partly free', () => {
    const { pool, heap } = lay({ words: 4096 });
    const other = join(pool, heap);
    const blocks: Address[] = [];
    for (let at = heap.allocate(16); at !== undefined; at = heap.allocate(16)) blocks.push(at);
    expect(other.allocate(16)).toBeUndefined();
    const [some] = blocks as [Address];
    other.free(some);
    expect(other.allocate(16)).toBe(some);
  });

  it('lets a thread in need take over a magazine that was given back', () => {
    const { pool, heap } = lay({ words: 4096 });
    const first = heap.allocate(100) as Address;
    heap.release();
    const second = join(pool, heap).allocate(100) as Address;
    expect(Math.abs(second - first)).toBeLessThan(2048);
    expect(second).not.toBe(first);
    expect(heap.stats().classes.filter(({ live }) => live > 0)).toMatchObject([{ words: 112, live: 2, free: 16 }]);
  });

  it('gives up magazines with nothing live before it finds nothing', () => {
    for (const words of [4096, 300]) {
      const { pool, heap } = lay({ words: 4096 });
      const blocks = [8, 100].map((size) => heap.allocate(size) as Address);
      join(pool, heap).free(blocks[0] as Address);
      heap.free(blocks[1] as Address);
      expect(heap.allocate(words)).toBeDefined();
      expect(heap.stats().live).toBe(1);
    }
    const { heap } = lay({ words: 4096 });
    const kept = heap.allocate(8) as Address;
    expect(heap.allocate(4096)).toBeUndefined();
    expect(heap.sizeOf(kept)).toBe(8);
  });

  it('serves small sizes with pages where no slab fits any more', () => {
    const { heap } = lay({ words: 4096 });
    const large = heap.allocate(2048) as Address;
    expect(heap.allocate(1024)).toBeDefined();
    expect(heap.allocate(512)).toBeDefined(); // its slab would have 4,096 words
    const last = heap.allocate(300) as Address;
    expect(heap.sizeOf(last)).toBe(512);
    expect(heap.sizeOf(large)).toBe(2048);
    expect(heap.allocate(1)).toBeUndefined();
  });

  it('grows by chunks up to its maximum, and every thread finds what another put there', () => {
    const options = { words: 4096, maxWords: 2 ** 17, growBy: 8192 };
    const { pool, heap } = lay(options, { maxWords: 2 ** 18 });
    const other = join(pool, heap);
    const before = pool.size;
    const blocks: Address[] = [];
    for (let at = heap.allocate(200); at !== undefined; at = heap.allocate(200)) blocks.push(at);
    expect(pool.size).toBeGreaterThan(before);
    expect(blocks.length * 200).toBeGreaterThan(2 ** 16);
    expect(heap.stats().capacity).toBeLessThanOrEqual(2 ** 18);
    for (const at of blocks) {
      expect(other.sizeOf(at)).toBeGreaterThanOrEqual(200);
      other.free(at);
    }
    expect(heap.stats().used).toBe(0);
    expect(other.stats()).toEqual({
      ...heap.stats(),
      largestFree: other.stats().largestFree,
      fragmentation: other.stats().fragmentation,
    });
  });

  it.each([
    { words: 4096, maxWords: 10_000 },
    { words: 4096, maxWords: 8191 },
    { words: 4096, maxWords: 4096 },
    { words: 100_000, maxWords: 120_000 },
    { words: 4096, maxWords: 100_000, growBy: 4096 },
    { words: 4096, maxWords: 1_000_000 },
  ])('has never more words than its maximum: %o', (options) => {
    for (const strategy of ['general', 'slabs', 'buddy'] as const) {
      const { heap } = lay({ ...options, strategy }, { maxWords: 2 ** 21 });
      const words = Math.min(heap.largest, 600);
      let used = 0;
      for (let at = heap.allocate(words); at !== undefined; at = heap.allocate(words)) used += heap.sizeOf(at);
      const { capacity } = heap.stats();
      expect(capacity).toBeLessThanOrEqual(options.maxWords);
      // The last chunk is as small as need be; what is left would be none.
      expect(options.maxWords - capacity).toBeLessThan(4096 + 128);
      expect(used).toBeLessThanOrEqual(capacity);
    }
  });

  it('has never more words than its maximum, whichever of two threads adds the last', () => {
    const options: HeapOptions = { words: 4096, maxWords: 12_288, growBy: 8192 };
    for (let heldUpAt = 0, ended = false; !ended; heldUpAt++) {
      const { pool, heap } = lay(options, { maxWords: 2 ** 17 });
      const [one, other] = [Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner];
      const growing = (owner: Owner) => (words: Words) =>
        Heap.attach(words, heap.handle, owner, (count) => (words as Pool).tryReserve(count)).allocate(4097);
      const thread = new Thread(pool, growing(one));
      for (let step = 0; step < heldUpAt && thread.pending !== undefined; step++) thread.step();
      ended = thread.pending === undefined;
      const got = [growing(other)(pool), thread.finish()];
      expect(got.filter((at) => at !== undefined)).toHaveLength(1);
      expect(heap.stats().capacity).toBe(12_288);
    }
  });

  it('finds room in what another thread adds, which had the last words there were', () => {
    const options: HeapOptions = { words: 4096, maxWords: 2 ** 20, growBy: 4096 };
    for (let heldUpAt = 0, ended = false; !ended; heldUpAt++) {
      const pool = Pool.create({ words: Heap.size(options) + 5000, owners: 8, segments: 0 });
      const heap = Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner);
      const [one, other] = [Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner];
      const growing = (owner: Owner) => (words: Words) =>
        Heap.attach(words, heap.handle, owner, (count) => (words as Pool).tryReserve(count)).allocate(1024);
      for (let count = 0; count < 4; count++) heap.allocate(1024);
      while (pool.unreserved >= 2 * 4128) pool.reserve(4128); // one more chunk, of four blocks
      const thread = new Thread(pool, growing(one));
      for (let step = 0; step < heldUpAt && thread.pending !== undefined; step++) thread.step();
      ended = thread.pending === undefined;
      const theirs = growing(other)(pool);
      expect(thread.finish(), `held up at step ${heldUpAt}`).toBeDefined();
      expect(theirs ?? growing(other)(pool)).toBeDefined(); // none while the words are that thread's, and not yet the heap's
    }
  });

  it('looks again when another thread gives back what it had claimed', () => {
    const options: HeapOptions = { words: 4096, maxWords: 16_384, growBy: 4096 };
    const pool = Pool.create({ words: 2 ** 14, owners: 4, segments: 0 });
    const base = pool.reserve(Heap.size(options));
    const { claimed } = HEAP.at(base);
    let looks = 0;
    let claims = false;
    const { words } = record(pool, {
      before(name, [at]) {
        if (!claims || at !== claimed || name !== 'loadNumber') return;
        looks += 1;
        if (looks === 2) pool.fetchSubNumber(claimed, 96);
      },
    });
    const heap = Heap.create(words, base, options, pool.owner, (count) => pool.tryReserve(count));
    for (let count = 0; count < 4; count++) expect(heap.allocate(1024)).toBeDefined();
    pool.fetchAddNumber(claimed, 96); // all the pages that may be added
    claims = true;
    expect(heap.allocate(1024)).toBeDefined();
    expect(looks).toBeGreaterThan(1);
  });

  it('says that it cannot have fewer words at most than it begins with', () => {
    expect(() => Heap.size({ words: 8192, maxWords: 4096 })).toThrow(ValueError);
    expect(() => Heap.size({ words: 100, maxWords: 100 })).toThrow(/100: .*4096 \(100, rounded up to pages of 128\)/);
  });

  it('grows by as much as one block needs', () => {
    const { heap } = lay({ words: 4096, maxWords: 2 ** 17, growBy: 4096 }, { maxWords: 2 ** 18 });
    expect(heap.sizeOf(heap.allocate(50_000) as Address)).toBe(2 ** 16);
    expect(heap.largest).toBeGreaterThanOrEqual(2 ** 16);
  });

  it('answers undefined when the words do not grow', () => {
    const options = { words: 4096, maxWords: 2 ** 17 };
    const { heap } = lay(options);
    expect(heap.allocate(4097)).toBeUndefined();
    expect(heap.allocate(4096)).toBeDefined();
    expect(heap.allocate(1)).toBeUndefined();
  });

  it('tells a stale address from the slab or the pages that are now where it was', () => {
    const { heap } = lay({ words: 8192 });
    const small = Array.from({ length: 40 }, () => heap.allocate(100) as Address);
    for (const at of small) heap.free(at);
    heap.release();
    const large = heap.allocate(8192) as Address;
    for (const at of small.filter((each) => each !== large)) {
      expect(() => heap.free(at)).toThrow(AddressError);
      expect(() => heap.sizeOf(at)).toThrow(new RegExp(`address ${at} `));
    }
    heap.free(large);
  });

  it('names who answers for each block', () => {
    const { pool, heap } = lay({ words: 4096 });
    const other = Pool.attach(pool.handle).owner;
    const blocks = [5, 1000].map((words) => heap.allocate(words) as Address);
    for (const at of blocks) heap.transfer(at, other);
    const live = [...heap.blocks()].filter(({ state }) => state === 'live');
    expect(live.map(({ owner }) => owner)).toEqual([other, other]);
    expect(new Set(live.map(({ at }) => at))).toEqual(new Set(blocks));
    pool.owners.markDead(other);
    expect(heap.recover(other)).toBe(2);
  });

  it('refuses what cannot be', () => {
    const pool = Pool.create({ words: 2 ** 14, segments: 0 });
    for (const words of [0, -1, 1.5, Number.NaN]) expect(() => Heap.size({ words })).toThrow(ValueError);
    expect(() => Heap.size({ words: 1, strategy: 'best' as 'slabs' })).toThrow(ValueError);
    const nothing = pool.reserve(64);
    expect(() => Heap.attach(pool, nothing, pool.owner)).toThrow(AttachError);
  });
});
