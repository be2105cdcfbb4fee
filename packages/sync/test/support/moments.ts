import type { Pool } from '@pool/core';
import { record } from '@pool/core/testing';

/** How long a thread waits for a wake before a test says that it was lost, in milliseconds. */
export const PATIENCE = 5_000;

/**
 * Lets something happen before each operation of a waiting thread in turn, up to the moment at which it parks: the wake-ups
 * that get lost are lost there.
 * @param run called once a moment; what `interrupt` gives is the pool as the waiting thread sees it
 * @returns how many moments there were
 */
export function everyMoment(run: (interrupt: (pool: Pool, happen: () => void) => Pool) => void): number {
  let parked = false;
  for (let moment = 0; ; moment++) {
    let happened = false;
    run((pool, happen) => {
      let operations = 0;
      const { words } = record(pool, {
        before(name) {
          if (operations++ !== moment) return;
          happened = true;
          parked = name === 'wait';
          happen();
        },
      });
      return words as Pool;
    });
    if (!happened) throw new Error(`there is no moment ${moment}`);
    if (parked) return moment + 1;
  }
}
