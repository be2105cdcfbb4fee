/** A pool with one granted window in it and room for segments, all words around what is granted filled with canaries. */
import { StaticStorage } from '@pool/alloc';
import {
  type Address,
  type Domain,
  domain,
  manual,
  Pool,
  type ReusePolicy,
  type SegmentAccess,
  Segments,
  type Slot,
  type WindowGrant,
} from '@pool/core';

export const CANARY = 0xcafe_f00d_dead_beefn;
const BLOCK_BYTES = 4096;
const MARGIN = 512;

export interface Granted {
  readonly pool: Pool;
  readonly segments: Segments;
  readonly grant: WindowGrant;
  /** What a program with this window is given: its own domain only. */
  readonly access: SegmentAccess;
  /** Words outside the window that do not hold a canary any more. */
  damaged(): Address[];
}

/** A window `job` of so many words and slots in domain 7; segments are reused as `reuse` says, or by agreement. */
export function granted(
  words = 64,
  slots = 8,
  checked = false,
  reuse: (pool: Pool) => ReusePolicy = () => manual(),
): Granted {
  const pool = Pool.create({ words: 16_384, segments: 16, checked });
  const storage = { base: pool.reserve(StaticStorage.size(16, BLOCK_BYTES)), blocks: 16, blockBytes: BLOCK_BYTES };
  const segments = new Segments(pool, { storage: new StaticStorage(storage), reuse: reuse(pool) });
  const length = 3 * MARGIN + words + slots;
  const start = pool.reserve(length);
  pool.fill(start, length, CANARY);
  const own: Domain = domain(7);
  const base = (start + MARGIN) as Address;
  const slotBase = (base + words + MARGIN) as number as Slot;
  const now = new BigUint64Array(length);
  pool.fill(base, words, 0n);
  pool.fill(slotBase as number as Address, slots, 0n);
  return {
    pool,
    segments,
    grant: { name: 'job', base, words, slotBase, slots, domain: own },
    access: segments.access({ domains: new Set([own]) }),
    damaged() {
      pool.copyOut(start, now);
      const within = (at: number, first: number, count: number) => at >= first - start && at < first - start + count;
      const found: Address[] = [];
      for (let at = 0; at < length; at++) {
        if (now[at] === CANARY || within(at, base, words) || within(at, slotBase, slots)) continue;
        found.push((start + at) as Address);
      }
      return found;
    },
  };
}
