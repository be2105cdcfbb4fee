/** A look at the segment table, for maps and reports: nothing is held still, so a segment may be gone by the time it is read about. */
import type { Address, Domain, Handle } from '../brands.ts';
import type { Owner } from '../owner.ts';
import { packHandle } from './handle.ts';
import {
  DRAFT,
  metaGeneration,
  metaState,
  PUBLISHED,
  SEGMENT_ENTRY,
  type SegmentTable,
  stampDomain,
  unpackOwner,
} from './table.ts';

export interface SegmentInfo {
  readonly handle: Handle;
  readonly index: number;
  readonly state: 'draft' | 'published';
  /** Where its bytes begin. */
  readonly at: Address;
  readonly byteLength: number;
  readonly domain: Domain;
  /** Who writes it, or wrote it. */
  readonly writer: Owner;
}

const { domain: DOMAIN, start: START, length: LENGTH, owner: OWNER } = SEGMENT_ENTRY.offsets;

/** Drafts and published segments, in the order of their entries. */
export function* listSegments(table: SegmentTable): Generator<SegmentInfo> {
  const { words } = table;
  for (let index = 0; index < table.entries; index++) {
    const entry = table.entry(index);
    const meta = words.loadNumber(table.meta(index)); // pairs with the exchanges of `meta`: the fields of a draft and more are there
    const state = metaState(meta);
    if (state !== DRAFT && state !== PUBLISHED) continue;
    const read = (offset: number): number => words.loadNumber((entry + offset) as Address);
    const info: SegmentInfo = {
      handle: packHandle(index, metaGeneration(meta)),
      index,
      state: state === DRAFT ? 'draft' : 'published',
      at: read(START) as Address,
      byteLength: read(LENGTH),
      domain: stampDomain(read(DOMAIN)),
      writer: unpackOwner(read(OWNER)),
    };
    // What was read belongs together only if the segment is still the same.
    if (words.loadNumber(table.meta(index)) === meta) yield info;
  }
}
