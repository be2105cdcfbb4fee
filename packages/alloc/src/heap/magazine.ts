import type { Address, Words } from '@pool/core';
import { RECOVERING } from './descriptor.ts';
import { ALL_LIVE } from './size-classes.ts';

/**
 * The slab of one class that a thread allocates from: nobody else sets bits in its `live` word, so what this thread has seen free
 * stays free, and it need not look again until it has used that up. In shared memory the slab's descriptor names the thread.
 */
export class Magazine {
  readonly sizeClass: number;
  /** The slab's first word, which is its `live` word; -1 without a slab. */
  start = -1;
  page = -1;
  /** Blocks that this thread knows to be free, a bit each. */
  free = 0;
  /** Blocks that could not be signed because a recovering thread has a hand on them. */
  refused = 0;

  constructor(sizeClass: number) {
    this.sizeClass = sizeClass;
  }

  /** Begins with a slab that this thread owns. */
  load(words: Words, page: number, start: Address): void {
    this.page = page;
    this.start = start;
    this.refused = 0;
    this.reload(words);
  }

  /** Looks which blocks other threads have freed; whether there are any. */
  reload(words: Words): boolean {
    if (this.start < 0) return false;
    const live = words.loadNumber(this.start as Address); // pairs with fetchAnd(live) in free(): the last owner is done with the block
    this.free = ~live & (ALL_LIVE[this.sizeClass] as number) & ~this.refused;
    return this.free !== 0;
  }

  /** Puts this thread's name on a block that bears another; false while a recovering thread has a hand on it. */
  sign(words: Words, owner: Address, index: number, name: number): boolean {
    const seen = words.loadNumber(owner);
    // Compare-exchange, not store: recovery marks the word and then clears the block's bit, which must not be set in between.
    if (seen < RECOVERING && words.compareExchangeNumber(owner, seen, name) === seen) return true;
    this.refused |= 1 << index;
    return false;
  }

  empty(): void {
    this.start = -1;
    this.page = -1;
    this.free = 0;
  }
}
