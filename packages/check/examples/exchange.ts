/** Handing over: an exchange gives one's own thing and takes what was there, so each thing has one owner all the time. */
import type { Address } from '@pool/core';
import type { ModelProgram, ModelThread } from '../src/index.ts';

const SLOT = 0 as Address;
const contents = (thing: bigint): Address => Number(thing) as Address;

const swap =
  (own: bigint) =>
  (thread: ModelThread): void => {
    const { words } = thread;
    words.storePlain(contents(own), own);
    const taken = words.exchange(SLOT, own); // acquires what the giver of `taken` wrote, publishes what is written above
    if (taken !== 0n) thread.assert(words.loadPlain(contents(taken)) === taken);
    if (taken !== 0n) words.storePlain(contents(taken), 99n); // it is this thread's now
  };

export const exchanging: ModelProgram = { names: { slot: SLOT }, threads: { a: swap(1n), b: swap(2n), c: swap(3n) } };
