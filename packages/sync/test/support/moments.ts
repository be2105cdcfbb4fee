import type { Pool } from '@pool/core';
import { record } from '@pool/core/testing';

/** How long an asynchronous wait may take before a test says that its wake was lost, in milliseconds. */
export const PATIENCE = 5_000;

/**
 * How the waiting thread of `everyMoment` waits. All happens on one thread: a park ends at once, because the word has changed,
 * or nobody is left to end it and a wake was lost.
 */
export const PARKING = { timeout: 20, strategy: 'park' } as const;

/**
 * Lets something happen before each operation of a waiting thread in turn, up to the moment at which it parks: the wake-ups
 * that get lost are lost there.
 * @param run called once a moment; what `interrupt` gives is the pool as the waiting thread sees it. `happen` may answer `false`
 * if there was nothing to wake anybody for
 * @returns how many moments there were
 */
export function everyMoment(run: (interrupt: (pool: Pool, happen: () => unknown) => Pool) => void): number {
  for (let moment = 0; ; moment++) {
    let happened = false;
    let parks = false;
    let owed = false;
    let recorded = record({} as Pool);
    run((pool, happen) => {
      let operations = 0;
      recorded = record(pool, {
        before(name) {
          if (operations++ !== moment) return;
          happened = true;
          parks = name === 'wait';
          owed = happen() !== false;
        },
      });
      return recorded.words as Pool;
    });
    if (!happened) throw new Error(`there is no moment ${moment}`);
    const lost = recorded.operations.some(({ name, result }) => name === 'wait' && result === 'timed-out');
    if (lost && owed)
      throw new Error(`the wake was lost that came before operation ${moment} of\n${recorded.sequence().join('\n')}`);
    if (parks) return moment + 1;
  }
}
