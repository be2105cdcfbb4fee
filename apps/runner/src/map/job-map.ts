/** A job's pool: its objects by name, and the blocks that its segments take their bytes from. */
import { type Block, StaticStorage, type StaticStorageOptions } from '@pool/alloc';
import type { Address, Segments } from '@pool/core';
import { addressOf, storageOptions } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import { own } from '../manifest/own.ts';
import type { ObjectSpec } from '../manifest/schema.ts';
import { counted, grouped } from '../report/text.ts';
import type { SharedState } from '../run/shared-state.ts';
import { type HeapMap, type MapRegion, mapPool, type PoolMap } from './pool-map.ts';

/** Looks at the pool of a job: as it is laid out, or as its programs left it. */
export function mapJob(
  { manifest, plan }: Pick<Job, 'manifest' | 'plan'>,
  { pool, base, segments }: SharedState,
): PoolMap {
  const regions = Object.entries(plan.regions.regions).map(([name, { words }]): MapRegion => {
    const at = addressOf(plan, base, name);
    const object = own(manifest.objects, name);
    return object ? { name, what: objectText(object), at, words } : { name: SEGMENTS, what: 'heap', at, words };
  });
  const storage = storageOptions(plan, base);
  const heaps = storage && segments ? [mapStaticBlocks(storage, segments)] : [];
  return mapPool(pool, { title: manifest.job, regions, heaps });
}

const SEGMENTS = 'segments';

/** A static storage has no state of its own: the segments that stand in its blocks say which of them are live. */
function mapStaticBlocks(options: StaticStorageOptions, segments: Segments): HeapMap {
  const { largest: words } = new StaticStorage(options);
  const writers = new Map([...segments.list()].map(({ at, writer }) => [at, writer]));
  const blocks = Array.from({ length: options.blocks }, (_, index): Block => {
    const at = (options.base + index * words) as Address;
    const owner = writers.get(at);
    return owner ? { at, words, class: words, state: 'live', owner } : { at, words, class: words, state: 'free' };
  });
  const live = blocks.filter(({ state }) => state === 'live').length;
  const free = options.blocks - live;
  return {
    name: SEGMENTS,
    strategy: 'static',
    stats: {
      capacity: options.blocks * words,
      used: live * words,
      free: free * words,
      largestFree: free > 0 ? words : 0,
      fragmentation: 0,
      live,
      classes: [{ words, live, free }],
    },
    blocks,
  };
}

function objectText({ queue, words, records, counters, slots }: ObjectSpec): string {
  if (queue !== undefined) return `queue of ${grouped(queue)}`;
  if (records !== undefined) return records;
  if (counters !== undefined) return `counters ${counters.join(', ')}`;
  return slots === undefined ? counted(words ?? 0, 'word') : counted(slots, 'slot');
}
