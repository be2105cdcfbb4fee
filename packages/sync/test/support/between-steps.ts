/**
 * Forces races on one thread: an operation is run again and again, and each time something else happens before another one of
 * its memory operations, until it has happened before each of them. What can go wrong between two steps does go wrong.
 */
import type { WaitOptions, Words } from '@pool/core';
import { type Operation, record } from '@pool/core/testing';

/** A wait that may be as short as that, in milliseconds, is to look again, whether or not somebody wakes it. */
const MOMENT = 100;

export interface Interrupted<W extends Words> {
  /** What the operation under test is to be written on. */
  readonly words: W;
  /** From here on operations count. */
  arm(meanwhile: () => void): void;
}

/**
 * All happens on one thread, so a long park whose time runs out is one that nobody would ever have ended: its wake was lost, although
 * the operation looks once more after it and goes on.
 * @param scene builds all anew, arms, runs the operation and checks. At the latest it happens before the first park.
 * @returns how many moments there were
 * @throws {Error} if a wake was lost
 */
export function betweenSteps<W extends Words>(base: () => W, scene: (interrupted: Interrupted<W>) => void): number {
  for (let moment = 0; ; moment++) {
    let passed = 0;
    let meanwhile: (() => void) | undefined;
    let inTime = false;
    const { words, operations, sequence } = record(base(), {
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
    if (operations.some(isLost))
      throw new Error(`the wake was lost that came before operation ${moment} of\n${sequence().join('\n')}`);
    if (!inTime) return moment;
  }
}

function isLost({ name, operands, result }: Operation): boolean {
  const { timeout = Number.POSITIVE_INFINITY } = (operands[2] ?? {}) as WaitOptions;
  return name === 'wait' && result === 'timed-out' && timeout > MOMENT;
}
