/** Claiming: of several threads that want a thing, the one whose compare-exchange succeeds has it. */
import type { Address } from '@pool/core';
import type { ModelProgram, ModelThread } from '../src/index.ts';

const [OWNER, THING] = [0, 1] as Address[] as [Address, Address];
const FREE = 0n;

const claim =
  (own: bigint) =>
  ({ words }: ModelThread): void => {
    // Not load, then store: another thread could come between.
    if (words.compareExchange(OWNER, FREE, own) !== FREE) return;
    words.storePlain(THING, words.loadPlain(THING) + 1n);
    words.store(OWNER, FREE); // pairs with the compare-exchange of whoever is next: gives the thing away, as it is now
  };

export const claiming: ModelProgram = {
  names: { owner: OWNER, thing: THING },
  threads: { a: claim(1n), b: claim(2n), c: claim(3n) },
};
