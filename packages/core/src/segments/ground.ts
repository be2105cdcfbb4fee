import type { ReusePolicy } from '../reuse-policy.ts';
import type { Storage } from '../storage.ts';
import type { SegmentTable } from './table.ts';

/** What all parties of one thread's `Segments` share. */
export interface Ground {
  readonly table: SegmentTable;
  readonly storage: Storage;
  readonly reuse: ReusePolicy;
  readonly checked: boolean;
}
