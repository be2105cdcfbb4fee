import type { OwnerId } from './brands.ts';

/**
 * Who holds a lock, a reservation or a draft: a row of the pool's owner table and the row's generation, so that a name
 * left behind by a dead thread is never taken for its successor's.
 */
export interface Owner {
  readonly id: OwnerId;
  /** Counts the row's claims, from 1; begins at 1 again after 2^32 - 1 claims of one row. */
  readonly generation: number;
}
