/**
 * A window is what a program is granted: a named range of words and a named range of slots, both with addresses that
 * begin at 0, and the domain that segments passed through its slots belong to. Words and slots never overlap, so a program
 * cannot forge a slot by storing to it. A grant is plain data; it can be posted to a worker.
 */
import type { Address, Domain, Slot } from './brands.ts';
import { AddressError, ValueError } from './errors.ts';

export interface WindowGrant {
  readonly name: string;
  /** The pool address of the window's word 0. */
  readonly base: Address;
  /** How many words. */
  readonly words: number;
  /** The pool address of the window's slot 0. */
  readonly slotBase: Slot;
  /** How many slots. */
  readonly slots: number;
  readonly domain: Domain;
}

/** Checks that a grant lies inside a pool of `size` words and that its words and slots do not overlap. @throws {AddressError | ValueError} */
export function checkGrant(grant: WindowGrant, size: number): void {
  for (const [base, count, what] of [
    [grant.base, grant.words, 'words'],
    [grant.slotBase, grant.slots, 'slots'],
  ] as const) {
    if (!(Number.isInteger(count) && count >= 0))
      throw new ValueError(count, `window ${grant.name}: not a number of ${what}`);
    if (!(Number.isInteger(base) && base >= 0) || base + count > size)
      throw new AddressError(base + count - 1, size, `the pool (window ${grant.name}, ${what})`);
  }
  if (
    grant.words > 0 &&
    grant.slots > 0 &&
    grant.base < grant.slotBase + grant.slots &&
    grant.slotBase < grant.base + grant.words
  )
    throw new ValueError(grant.slotBase, `window ${grant.name}: its slots lie inside its words`);
}
