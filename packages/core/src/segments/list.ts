/** What is in the segment table, for those who look after a pool. */
import type { Address, Domain, Handle } from '../brands.ts';
import type { Owner } from '../owner.ts';
import { packHandle } from './handle.ts';
import {
  DRAFT,
  metaGeneration,
  metaState,
  PUBLISHED,
  SEGMENT_ENTRY,
  type SegmentState,
  type SegmentTable,
  stampDomain,
  stateName,
  unpackOwner,
} from './table.ts';

/** One entry that is in use, as it was a moment ago. */
export interface SegmentRow {
  readonly handle: Handle;
  readonly state: Extract<SegmentState, 'draft' | 'published'>;
  /** Who writes it, or wrote it. */
  readonly writer: Owner;
  readonly domain: Domain;
  /** Where the bytes begin. */
  readonly start: Address;
  readonly byteLength: number;
}

const { meta: META, domain: DOMAIN, start: START, length: LENGTH, owner: OWNER } = SEGMENT_ENTRY.offsets;

/** The drafts and the published segments. Entries that a thread has claimed on their way in or out have nothing to show yet. */
export function listSegments(table: SegmentTable): SegmentRow[] {
  const rows: SegmentRow[] = [];
  for (let index = 0; index < table.entries; index++) {
    const entry = table.entry(index);
    const read = (field: number): number => table.words.loadNumber((entry + field) as Address);
    for (let meta = read(META); metaState(meta) === DRAFT || metaState(meta) === PUBLISHED; ) {
      const row: SegmentRow = {
        handle: packHandle(index, metaGeneration(meta)),
        state: stateName(metaState(meta)) as SegmentRow['state'],
        writer: unpackOwner(read(OWNER)),
        domain: stampDomain(read(DOMAIN)),
        start: read(START) as Address,
        byteLength: read(LENGTH),
      };
      const again = read(META); // as in #find(): what was read between two equal looks belongs together
      if (again === meta) rows.push(row);
      if (again === meta) break;
      meta = again;
    }
  }
  return rows;
}
