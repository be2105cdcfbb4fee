/**
 * Forces races on one thread: an operation is run again and again, and each time something else happens before another one of
 * its memory operations, until it has happened before each of them. What can go wrong between two steps does go wrong.
 */
import type { Words } from '@pool/core';
import { record } from '@pool/core/testing';

export interface Interrupted<W extends Words> {
  /** What the operation under test is to be written on. */
  readonly words: W;
  /** From here on operations count. */
  arm(meanwhile: () => void): void;
}

/**
 * @param scene builds all anew, arms, runs the operation and checks. At the latest it happens before the first park.
 * @returns how many moments there were
 */
export function betweenSteps<W extends Words>(base: () => W, scene: (interrupted: Interrupted<W>) => void): number {
  for (let moment = 0; ; moment++) {
    let passed = 0;
    let meanwhile: (() => void) | undefined;
    let inTime = false;
    const { words } = record(base(), {
      before(name) {
        if (meanwhile === undefined) return;
        inTime = passed === moment;
        if (!inTime && name !== 'wait') {
          passed += 1;
          return;
        }
        const act = meanwhile;
        meanwhile = undefined;
        act();
      },
    });
    scene({
      words: words as W,
      arm(act) {
        meanwhile = act;
      },
    });
    if (!inTime) return moment;
  }
}
