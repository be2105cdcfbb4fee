/** Publishing: what is written before a release store is there for whoever loads it. */
import type { Address } from '@pool/core';
import type { ModelProgram } from '../src/index.ts';

const [RECORD, READY] = [0, 2] as Address[] as [Address, Address];

export const publish: ModelProgram = {
  names: { first: RECORD, second: RECORD + 1, ready: READY },
  threads: {
    producer: ({ words }) => {
      words.storePlain(RECORD, 3n); // nobody else looks here before the word `ready` says so
      words.storePlain((RECORD + 1) as Address, 4n);
      words.store(READY, 1n); // pairs with the load below: publishes both
    },
    consumer: (thread) => {
      const { words } = thread;
      if (words.load(READY) === 0n) return;
      thread.assert(words.loadPlain(RECORD) + words.loadPlain((RECORD + 1) as Address) === 7n);
    },
  },
};
