import { type Allocator, type Block, Heap } from '@pool/alloc';
import { type Address, domain, type OwnerId, Pool } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, extentOf } from '../src/map/cells.ts';
import { mapJob } from '../src/map/job-map.ts';
import { mapSvg } from '../src/map/map-svg.ts';
import { mapText } from '../src/map/map-text.ts';
import { type MapRegion, mapHeap, mapPool, type PoolMap } from '../src/map/pool-map.ts';
import { createSharedState } from '../src/run/shared-state.ts';
import { plannedSegments } from './support/planned-segments.ts';
import { elementsOf, parseXml } from './support/xml.ts';

const OWNER = { id: 3 as OwnerId, generation: 2 };

function block(at: number, words: number, state: Block['state'], size?: number): Block {
  return { at: at as Address, words, state, ...(size === undefined ? {} : { class: size, owner: OWNER }) };
}

/** 64 blocks of 8 words, of which the first quarter is live and the next cached; 8 words of nobody; a large live one; the rest is free. */
function blocksFrom(base: number): Block[] {
  const small = Array.from({ length: 64 }, (_, index) =>
    block(base + index * 8, 8, index < 16 ? 'live' : index < 32 ? 'cached' : 'free', 8),
  );
  return [...small, block(base + 520, 1016, 'live'), block(base + 1536, 512, 'free')];
}

const MAP: PoolMap = {
  title: 'an example',
  words: 8192,
  maxWords: 16_384,
  reserved: 3072,
  regions: [
    { name: '', what: 'header', at: 0, words: 32 },
    { name: 'chunks', what: 'queue of 16', at: 32, words: 992 },
    { name: 'records', what: 'heap', at: 1024, words: 2048 },
    { name: '', what: 'not reserved', at: 3072, words: 5120 },
  ],
  heaps: [
    {
      name: 'records',
      strategy: 'general',
      stats: { capacity: 2048, used: 1144, free: 904, largestFree: 512, fragmentation: 0.44, live: 17, classes: [] },
      blocks: blocksFrom(1024),
    },
  ],
};

describe('a map of a pool', () => {
  it('names every word once: tables, objects, heaps, what is reserved and what is not', () => {
    const pool = Pool.create({ words: 6_000, owners: 2, segments: 5 });
    pool.reserve(10);
    const queueAt = pool.reserve(50);
    const heapAt = pool.reserve(2048);
    const map = mapPool(pool, {
      regions: [{ name: 'chunks', what: 'queue of 16', at: queueAt, words: 50 }],
      heaps: [mapHeap('records', blocksOnly(blocksFrom(heapAt)))],
    });
    expect(map.regions.map(({ name, what }) => `${name}: ${what}`)).toEqual([
      ': header',
      ': owner table, 2 rows',
      ': segment table, 5 rows',
      ': reserved',
      'chunks: queue of 16',
      'records: heap',
      ': not reserved',
    ]);
    expect(map.regions[5]).toMatchObject({ at: heapAt, words: 2048 });
    expectWhole(map);
  });

  it('has every block of a real heap once, whatever its threads are about', () => {
    const options = { words: 20_000 };
    const pool = Pool.create({ words: Heap.size(options), owners: 2, segments: 0 });
    const heap = Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner);
    const blocks = Array.from({ length: 300 }, (_, index) => heap.allocate(1 + ((index * 37) % 90)) as Address);
    for (const [index, at] of blocks.entries()) if (index % 3 === 0) heap.free(at);
    const map = mapPool(pool, { heaps: [mapHeap('records', heap)] });
    expectWhole(map);
    const shown = map.heaps[0]?.blocks.filter(({ state }) => state === 'live').map(({ at }) => at) ?? [];
    expect(shown).toEqual(blocks.filter((_, index) => index % 3 !== 0).toSorted((a, b) => a - b));
    expect(mapText(map)).toMatch(/^heap records \(general\): [\d,]+ of [\d,]+ words in use, .* in 200 blocks;/m);
    parseXml(mapSvg(map));
  });

  it('has no gaps and no overlaps, whatever was reserved', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean()), { maxLength: 20 }), (sizes) => {
        const pool = Pool.create({ words: 8_000, owners: 1, segments: 3 });
        const regions: MapRegion[] = [];
        for (const [words, isNamed] of sizes) {
          const at = pool.reserve(words);
          if (isNamed) regions.push({ name: `r${regions.length}`, what: 'words', at, words });
        }
        expectWhole(mapPool(pool, { regions }));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a map of the pool of a job', () => {
  /** Four segments, of which one is published. */
  function mapOf(storage: string): PoolMap {
    const job = plannedSegments(`count: 4, bytes: 128, storage: ${storage}`);
    const state = createSharedState(job);
    state.segments?.draft(128, domain(0))?.publish();
    const map = mapJob(job, state);
    state.pool.detach();
    return map;
  }

  it('says how much of what is free no block can be had of, also where every segment has its own', () => {
    const stats = mapOf('static').heaps[0]?.stats;
    expect(stats).toMatchObject({ live: 1, free: 48, largestFree: 16 });
    expect(stats?.fragmentation).toBeCloseTo(2 / 3);
  });

  it('names the segment table as the owner of what is published', () => {
    const titles = elementsOf(parseXml(mapSvg(mapOf('general')))).map(({ text }) => text);
    expect(titles).toContainEqual(expect.stringMatching(/: live, class 16, of the segment table$/));
  });
});

describe('cells', () => {
  it('count every word of every block once, and fit', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 500 })), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 600 }), (list, most) => {
        let at = 77;
        const blocks = list.map(([words, gap], index) => {
          at += words + gap;
          return block(at - words, words, (['live', 'cached', 'free'] as const)[index % 3] as Block['state']);
        });
        const extent = extentOf(blocks, most);
        const cells = cellsOf(blocks, extent);
        expect(cells.length).toBeLessThanOrEqual(most);
        for (const state of ['live', 'cached', 'free'] as const)
          expect(cells.reduce((sum, cell) => sum + cell[state], 0)).toBe(
            blocks.reduce((sum, one) => sum + (one.state === state ? one.words : 0), 0),
          );
        for (const { live, cached, free } of cells) expect(live + cached + free).toBeLessThanOrEqual(extent.cellWords);
      }),
    );
  });
});

describe('as text', () => {
  it('shows what stands where, what is live, and every class', () => {
    expect(mapText(MAP)).toBe(`an example: 8,192 words (64 KiB), 3,072 reserved, can grow to 16,384

     at  words     size
      0     32    256 B  ▏           header
     32    992  7.8 KiB  ██          chunks, queue of 16
  1,024  2,048   16 KiB  ████        records, heap
  3,072  5,120   40 KiB  ██████████  not reserved

heap records (general): 1,144 of 2,048 words in use, 55.9 %, in 17 blocks; largest free 512, fragmentation 44.0 %

  1,024  ████████████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
  1,280  ································································
  1,536    ██████████████████████████████████████████████████████████████
  1,792  ████████████████████████████████████████████████████████████████
  2,048  ████████████████████████████████████████████████████████████████
  2,304  ████████████████████████████████████████████████████████████████
  2,560  ································································
  2,816  ································································
  one character is 4 words: █ all live … ▁ some, ░ cached, · free, blank: no block

     class  live  cached  free  live words  where
         8    16      16    32         128  ██░░····
  any size     1       0     1       1,016          ▇███████████████········`);
  });

  it('lets no name move the cursor, and shows a heap that has no blocks', () => {
    const [heap] = MAP.heaps;
    if (heap === undefined) throw new Error('the example has a heap');
    const text = mapText({ ...MAP, title: '\x1b[2Jx', heaps: [{ ...heap, name: 'a\nb', blocks: [] }] });
    expect(text).toContain('\\u{1b}[2Jx: 8,192 words');
    expect(text.split('\n').at(-1)).toMatch(/^heap a\\u\{a\}b \(general\): 1,144 of 2,048 words/);
  });
});

describe('as a picture', () => {
  it('is a well-formed document that says on every shape what it is', () => {
    const svg = parseXml(mapSvg(MAP));
    expect(svg).toMatchObject({ name: 'svg', attributes: { xmlns: 'http://www.w3.org/2000/svg', role: 'img' } });
    const all = elementsOf(svg);
    expect(all.filter(({ name }) => name === 'title')[0]?.text).toBe('an example');
    const titles = all
      .filter(({ name }) => name === 'rect')
      .flatMap(({ children }) => children.map(({ text }) => text));
    expect(titles).toContain('chunks, queue of 16: words 32 to 1,023 (992)');
    expect(titles).toContain('words 1,024 to 1,031 (8): live, class 8, owner 3 in generation 2');
    expect(titles).toContain('words 2,560 to 3,071 (512): free, class any size');
    expect(all.filter(({ name }) => ['script', 'image', 'use', 'a', 'foreignObject'].includes(name))).toEqual([]);
  });

  it('keeps every shape on the page, and the shapes of a heap as large as its blocks', () => {
    const svg = parseXml(mapSvg(MAP));
    const [width, height] = [Number(svg.attributes.width), Number(svg.attributes.height)];
    const area = new Map<string, number>();
    for (const { name, attributes, children } of elementsOf(svg)) {
      if (name !== 'rect' || attributes.class === 'paper') continue;
      const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((key) => Number(attributes[key])) as [
        number,
        number,
        number,
        number,
      ];
      expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height, JSON.stringify(attributes)).toBe(true);
      const [, state] = (attributes.class ?? '').split(' ');
      if (children.some(({ text }) => text.includes('class ')) && state)
        area.set(state, (area.get(state) ?? 0) + w * h);
    }
    const of = (state: string): number => area.get(state) ?? 0;
    expect(of('live') / of('cached')).toBeCloseTo(1144 / 128, 1);
    expect(of('free') / of('cached')).toBeCloseTo((256 + 512) / 128, 1);
  });

  it('stays small for a heap of very many blocks', () => {
    const blocks = Array.from({ length: 100_000 }, (_, index) =>
      block(4096 + index * 8, 8, index % 3 ? 'live' : 'free', 8),
    );
    const [heap] = MAP.heaps;
    const map = { ...MAP, heaps: heap ? [{ ...heap, blocks }] : [] };
    const document = mapSvg(map);
    expect(document.length).toBeLessThan(2 ** 20);
    expect(elementsOf(parseXml(document)).length).toBeGreaterThan(1_000);
    expect(mapText(map).length).toBeLessThan(4_000);
  });

  it('is well formed whatever things are called', () => {
    const any = fc.string({ unit: 'binary', maxLength: 20 });
    const awkward = fc.constantFrom(
      '</title>',
      ']]>',
      '&lt;',
      '"onload="x',
      '\0\x1b\u202e',
      '\ud800',
      '\uffff',
      '<!--',
    );
    fc.assert(
      fc.property(fc.oneof(any, awkward), (name) => {
        const regions = MAP.regions.map((region) => ({ ...region, name, what: name }));
        const heaps = MAP.heaps.map((heap) => ({ ...heap, name, strategy: name }));
        parseXml(mapSvg({ ...MAP, title: name, regions, heaps }));
      }),
    );
  });
});

/** An allocator that has these blocks, and is looked at only. */
function blocksOnly(blocks: readonly Block[]): Allocator {
  const no = (): never => {
    throw new Error('this allocator is only looked at');
  };
  const stats = { capacity: 0, used: 0, free: 0, largestFree: 0, fragmentation: 0, live: 0, classes: [] };
  return {
    name: 'model',
    family: 'allocator',
    largest: 0,
    allocate: no,
    free: no,
    sizeOf: no,
    transfer: no,
    recover: no,
    blocks: () => blocks,
    stats: () => stats,
  };
}

/** Each region begins where the one before ends, but for the rest of a line. */
function expectWhole({ regions, words }: PoolMap): void {
  let end = 0;
  for (const region of regions) {
    expect(region.at - end).toBeGreaterThanOrEqual(0);
    expect(region.at - end).toBeLessThan(16);
    end = region.at + region.words;
  }
  expect(end).toBe(words);
}
