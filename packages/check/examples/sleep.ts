/** Sleeping: say that you wait, fence, look once more; or say that it is there, fence, look who waits. One sees the other. */
import type { Address } from '@pool/core';
import type { ModelProgram } from '../src/index.ts';

const [CONDITION, SLEEPERS, BELL] = [0, 1, 2] as Address[] as [Address, Address, Address];

export const sleeping: ModelProgram = {
  names: { condition: CONDITION, sleepers: SLEEPERS, bell: BELL },
  threads: {
    sleeper: ({ words }) => {
      while (words.load(CONDITION) === 0n) {
        words.fetchAdd(SLEEPERS, 1n);
        const heard = words.load(BELL);
        words.fence(); // between the write of `sleepers` and the look at `condition`
        if (words.load(CONDITION) === 0n) words.wait(BELL, heard); // compares as it parks: a bell since then ends it at once
        words.fetchSub(SLEEPERS, 1n);
      }
    },
    waker: ({ words }) => {
      words.store(CONDITION, 1n);
      words.fence(); // between the write of `condition` and the look at `sleepers`
      if (words.load(SLEEPERS) === 0n) return;
      words.fetchAdd(BELL, 1n);
      words.notify(BELL);
    },
  },
};
