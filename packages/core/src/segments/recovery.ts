/**
 * What a dead thread left in the segment table: entries that it had to itself stand in its name in `meta`, references stand in the
 * reuse policy's words, and hints to free entries may be missing. All of it is found by looking, so recovering twice is
 * recovering once, and of two that recover at once each entry goes to one.
 */

import type { Owner } from '../owner.ts';
import type { OwnerTable } from '../pool/owner-table.ts';
import { Context, publishedSegments } from './context.ts';
import { endSegment } from './ending.ts';
import type { Ground } from './ground.ts';
import { CLAIMED, DRAFT, FREE, metaOwner, metaState } from './table.ts';

/** Returns how many segments ended and references came back. `by` is the thread that recovers, which may die at it in turn. */
export function recoverSegments(ground: Ground, owners: OwnerTable, dead: Owner, by: Owner): number {
  const { table, reuse, storage } = ground;
  let recovered = 0;
  for (let index = 0; index < table.entries; index++) {
    const meta = table.words.loadNumber(table.meta(index));
    const state = metaState(meta);
    if (state === FREE) {
      // It may have died between freeing the entry and saying so, or after taking the hint. One hint too many does no harm.
      if (!table.free.has(index)) table.free.add(index);
    } else if ((state === CLAIMED || state === DRAFT) && metaOwner(meta) === dead.id) {
      // `meta` has the row's number only. Had the row a new owner before `meta` was read, its generation would show it now.
      if (owners.read(dead.id).generation === dead.generation && endSegment(ground, index, meta, by)) recovered++;
    }
  }
  table.free.repair();
  if (reuse.recover && owners.read(dead.id).generation === dead.generation) {
    const context = new Context(ground, by);
    const published = { [Symbol.iterator]: () => publishedSegments(context, table.entries) };
    recovered += reuse.recover(dead, context, published);
  }
  storage.recover?.(dead); // at last: until here entries named room that may be in the dead owner's name
  return recovered;
}
