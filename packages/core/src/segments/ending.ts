/**
 * How segments end, whoever ends them: a party, the reuse policy, or recovery. One compare-exchange on `meta` takes the entry out of
 * everybody's reach and into the ender's name; from there on every step may be the ender's last, and recovery goes on.
 */
import type { Address } from '../brands.ts';
import type { Owner } from '../owner.ts';
import type { Ground } from './ground.ts';
import { CLAIMED, following, metaGeneration, packMeta, SEGMENT_ENTRY } from './table.ts';

const { start: START } = SEGMENT_ENTRY.offsets;

/** Ends the segment whose `meta` word still holds `meta`; whether it was this call that did. */
export function endSegment(ground: Ground, index: number, meta: number, by: Owner): boolean {
  const { table } = ground;
  const generation = following(metaGeneration(meta));
  // Compare-exchange: of two that end one segment, one succeeds and the other is told. Acquire: the writer's and readers' uses come before.
  if (table.words.compareExchangeNumber(table.meta(index), meta, packMeta(generation, CLAIMED, by.id)) !== meta)
    return false;
  reclaim(ground, index, generation, by);
  return true;
}

/**
 * From claimed by `by` to free. The room is first the ender's, then nobody's but its name stands on it, then free: recovery finds
 * it in the entry up to the store, and in the storage after it, and never in both as different things.
 */
function reclaim({ table, storage }: Ground, index: number, generation: number, by: Owner): void {
  const at = (table.entry(index) + START) as Address;
  const start = table.words.loadNumber(at) as Address;
  if (start !== 0) {
    storage.transfer?.(start, by);
    table.words.storeNumber(at, 0);
    storage.free(start, index);
  }
  table.give(index, generation);
}
