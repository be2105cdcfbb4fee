import { type Address, AddressError, LINE_WORDS, Pool, Segments, ValueError } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeRegions, planRegions, regionConstants, StaticStorage } from '../src/index.ts';

describe('a plan of regions', () => {
  it('gives every region whole lines of its own, in order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 500 })), (sizes) => {
        const plan = planRegions(sizes);
        let end = 0;
        for (const [name, words] of Object.entries(sizes)) {
          expect(plan.regions[name]).toEqual({ offset: end, words });
          end += Math.ceil(words / LINE_WORDS) * LINE_WORDS;
        }
        expect(plan.size).toBe(end);
      }),
    );
  });

  it('places regions at constant distances from its base', () => {
    const plan = planRegions({ totals: 3, queue: 100 });
    expect(placeRegions(plan, 160 as Address)).toEqual({ totals: 160, queue: 176 });
    for (const nowhere of [161, -16, 2 ** 40, 2 ** 29, Number.NaN])
      expect(() => placeRegions(plan, nowhere as Address)).toThrow(AddressError);
  });

  it('is the same numbers in assembly', () => {
    expect(regionConstants(planRegions({ totals: 3, workQueue: 100 }))).toEqual({
      TOTALS_OFFSET: 0n,
      TOTALS_WORDS: 3n,
      WORK_QUEUE_OFFSET: 16n,
      WORK_QUEUE_WORDS: 100n,
    });
  });

  it('says which constant two names would become', () => {
    expect(() => regionConstants(planRegions({ aB: 1, a_b: 3 }))).toThrow(/A_B_OFFSET.*aB, a_b/);
    expect(() => regionConstants(planRegions({ a: 1, A: 3 }))).toThrow(ValueError);
  });

  it('has a region of any name, but no constant of every name', () => {
    const plan = planRegions(JSON.parse('{ "__proto__": 1, "1st": 2 }') as Record<string, number>);
    expect(Object.keys(plan.regions)).toEqual(['__proto__', '1st']);
    expect(Object.keys(placeRegions(plan, 0 as Address))).toEqual(['__proto__', '1st']);
    expect(() => regionConstants(plan)).toThrow(/1ST_OFFSET/);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a region of %d words', (words) => {
    expect(() => planRegions({ bad: words })).toThrow(ValueError);
  });
});

describe('static storage', () => {
  const pool = Pool.create({ words: 10_000, segments: 8 });
  const options = { blocks: 4, blockBytes: 1000 };
  const storage = new StaticStorage({ ...options, base: pool.reserve(StaticStorage.size(4, 1000)) });

  it('gives each entry a block that no other has', () => {
    const blocks = [0, 1, 2, 3].map((entry) => storage.allocate(storage.largest, entry) as number);
    for (const [entry, block] of blocks.entries()) {
      expect(block % LINE_WORDS).toBe(0);
      if (entry > 0) expect(block - (blocks[entry - 1] as number)).toBe(storage.largest);
    }
    expect(storage.largest * 8).toBeGreaterThanOrEqual(1000);
  });

  it('has nothing for an entry past its blocks, or for more than a block', () => {
    expect(storage.allocate(1, 4)).toBeUndefined();
    expect(storage.allocate(storage.largest + 1, 0)).toBeUndefined();
  });

  it.each([-1, 1.5, Number.NaN, 4])('has nothing for entry %d, and takes nothing as its block', (entry) => {
    expect(storage.allocate(1, entry)).toBeUndefined();
    const block = storage.allocate(1, 0) as Address;
    expect(() => storage.free((block + entry * storage.largest) as Address, entry)).toThrow(AddressError);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d words', (words) => {
    expect(() => storage.allocate(words, 0)).toThrow(ValueError);
  });

  it('names an address that is not the block of the entry', () => {
    const block = storage.allocate(1, 1) as Address;
    expect(() => storage.free(block, 1)).not.toThrow();
    expect(() => storage.free(block, 2)).toThrow(new RegExp(`address ${block} `));
    expect(() => storage.free((block + 1) as Address, 1)).toThrow(AddressError);
  });

  it('makes running out of segments an ordinary result', () => {
    const segments = new Segments(pool, { storage });
    const drafts = Array.from({ length: 8 }, () => segments.draft(100));
    expect(drafts.filter((draft) => draft !== undefined)).toHaveLength(4);
    for (const draft of drafts) draft?.discard();
    const again = segments.draft(1000);
    expect(again).toBeDefined();
    again?.discard();
    expect(segments.draft(storage.largest * 8 + 1)).toBeUndefined();
  });

  it('refuses sizes and bases that cannot be', () => {
    expect(() => new StaticStorage({ blocks: 0, blockBytes: 8, base: 0 as Address })).toThrow(ValueError);
    expect(() => new StaticStorage({ blocks: 1, blockBytes: 0, base: 0 as Address })).toThrow(ValueError);
    expect(() => new StaticStorage({ blocks: 1, blockBytes: 8, base: 8 as Address })).toThrow(AddressError);
  });
});
