/** A job's pool: its objects by name, and the blocks that its segments take their bytes from. */
import { type Allocator, type Block, StaticStorage } from '@pool/alloc';
import type { Address, Segments, Storage } from '@pool/core';
import { addressOf, laidSegments, SEGMENT_REUSE } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import type { LaidSegments } from '../job/segment-strategy.ts';
import { own } from '../manifest/own.ts';
import type { ObjectSpec } from '../manifest/schema.ts';
import { counted, grouped } from '../report/text.ts';
import type { SharedState } from '../run/shared-state.ts';
import { type HeapMap, type MapRegion, mapPool, type PoolMap } from './pool-map.ts';

/** Looks at the pool of a job: as it is laid out, or as its programs left it. */
export function mapJob(
  { manifest, plan }: Pick<Job, 'manifest' | 'plan'>,
  { pool, base, segments, storage }: SharedState,
): PoolMap {
  const regions = Object.entries(plan.regions.regions).map(([name, { words }]): MapRegion => {
    const at = addressOf(plan, base, name);
    const object = own(manifest.objects, name);
    if (object) return { name, what: objectText(object), at, words };
    return name === SEGMENT_REUSE
      ? { name: 'reuse', what: 'of segments', at, words }
      : { name: SEGMENTS, what: 'heap', at, words };
  });
  const laid = laidSegments(plan, base);
  const heaps = laid && segments && storage ? [mapBlocks(laid, segments, storage)] : [];
  return mapPool(pool, { title: manifest.job, regions, heaps });
}

const SEGMENTS = 'segments';

function mapBlocks(laid: LaidSegments, segments: Segments, storage: Storage): HeapMap {
  if (laid.storage.strategy === 'static') return mapStaticBlocks(laid, segments);
  const allocator = storage as Allocator;
  return {
    name: SEGMENTS,
    strategy: laid.storage.strategy,
    stats: allocator.stats(),
    blocks: [...allocator.blocks()],
  };
}

/** A static storage has no state of its own: the segments that stand in its blocks say which of them are live. */
function mapStaticBlocks({ storageAt: base, count, bytes }: LaidSegments, segments: Segments): HeapMap {
  const { largest: words } = new StaticStorage({ base, blocks: count, blockBytes: bytes });
  const writers = new Map([...segments.list()].map(({ at, writer }) => [at, writer]));
  const blocks = Array.from({ length: count }, (_, index): Block => {
    const at = (base + index * words) as Address;
    const owner = writers.get(at);
    return owner ? { at, words, class: words, state: 'live', owner } : { at, words, class: words, state: 'free' };
  });
  const live = blocks.filter(({ state }) => state === 'live').length;
  const free = count - live;
  const largestFree = free > 0 ? words : 0;
  return {
    name: SEGMENTS,
    strategy: 'static',
    stats: {
      capacity: count * words,
      used: live * words,
      free: free * words,
      largestFree,
      fragmentation: free > 0 ? 1 - largestFree / (free * words) : 0,
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
