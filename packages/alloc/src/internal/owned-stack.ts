/**
 * A stack of free indices from which any thread takes one, with a counter behind it for those that were never used. It is
 * Treiber's stack (IBM RJ 5118, 1986) with a tagged head, and one thing more: a thread that takes an index first puts *itself*
 * on top, in one compare-exchange, and what it takes stands in its row. Everybody who finds it there finishes the step in its
 * name. And whoever covers the top with another index first writes down that the covered one is free. So a thread may die at any
 * instruction: there is no moment at which an index is neither in the stack nor in somebody's name.
 *
 *   head     { tag: 29, top: 24 }; the tag counts up at every change, against ABA. top is
 *              0          nothing
 *              1..n       index + 1
 *              n + 1 + r  the owner of row r is taking the index that it announced
 *   entry    two words an index
 *     holder  see holders.ts: the authority. GIVING on top of the stack is as good as FREE; below the top there is no GIVING,
 *             so GIVING and not on top means: not in the stack yet
 *     next    what was on top before it; written by the giver, before the index can be found
 *
 * Progress: take and give are lock-free; a thread goes round again only when another one got further.
 */
import type { Address, Owner, OwnerId, Words } from '@pool/core';
import type { HolderTable } from './holder-table.ts';
import {
  countFurther,
  freed,
  GIVING,
  HELD,
  heldBy,
  REFERENCE_RADIX,
  type Rows,
  referenceOf,
  statusOf,
} from './holders.ts';

/** Words an index: its holder's, and `next`. */
export const ENTRY_WORDS = 2;

export class OwnedStack {
  readonly #words: Words;
  readonly #head: Address;
  readonly #holders: HolderTable;
  readonly #count: number;
  readonly #rows: Rows;
  readonly #tagMask: number;
  readonly #held: number;
  readonly #taking: number;

  /** `holders` has a word for `next` behind each holder's. */
  constructor(words: Words, head: Address, holders: HolderTable, rows: Rows, tagBits: number) {
    this.#words = words;
    this.#head = head;
    this.#holders = holders;
    this.#count = holders.count;
    this.#rows = rows;
    this.#tagMask = 2 ** tagBits - 1;
    this.#held = heldBy(rows.owner);
    this.#taking = holders.count + 1 + rows.owner.id;
  }

  /** Takes an index in this owner's name, or -1. */
  take(): number {
    const words = this.#words;
    const head = this.#head;
    for (let spent = false; ; ) {
      const seen = words.loadNumber(head); // pairs with the compare-exchanges below: what was pushed is written
      const top = referenceOf(seen);
      if (top === 0) {
        if (spent) return -1; // no fresh one was left, and after that the stack was empty
        const index = this.#holders.takeFresh(this.#held);
        if (index >= 0) return index;
        spent = true;
        continue;
      }
      if (top > this.#count) {
        this.#finish(seen);
        continue;
      }
      this.#rows.announceTaking(top);
      const claim = this.#onTop(seen, this.#taking);
      // From here on the index is this owner's, whoever writes it down. Pairs with load(head) in #finish().
      if (words.compareExchangeNumber(head, seen, claim) !== seen) continue;
      const holder = this.#holders.at(top - 1);
      const next = words.loadNumber((holder + 1) as Address);
      words.storeNumber(holder, this.#held); // a store will do: whoever else writes it writes the same
      words.compareExchangeNumber(head, claim, this.#onTop(claim, next)); // fails if somebody finished it
      return top - 1;
    }
  }

  /** Gives an index back, whoever has it; returns whether somebody had. */
  give(index: number): boolean {
    const mine = this.#rows.announceGiving(index + 1);
    const holder = this.#holders.at(index);
    // Exclusive: of several that give one index, one does. The announcement came before, so that a death after this is seen.
    const seen = this.#words.compareExchangeNumber(holder, this.#held, mine);
    if (seen !== this.#held) {
      if (statusOf(seen) !== HELD || this.#words.compareExchangeNumber(holder, seen, mine) !== seen) return false;
    }
    this.#push(index);
    return true;
  }

  /** Sees to its end whatever step somebody has begun; returns the head after it. */
  settle(): number {
    for (;;) {
      const seen = this.#words.loadNumber(this.#head);
      if (referenceOf(seen) <= this.#count) return seen;
      this.#finish(seen);
    }
  }

  /** Gives back, in this owner's name, all that stands in the name of one who is dead; returns how many. */
  recover(dead: Owner): number {
    const head = this.settle();
    let recovered = 0;
    const last = this.#rows.givenLast(dead);
    // On top it is in the stack. Elsewhere, and GIVING, it is not: and whoever is dead will not put it there.
    if (last !== undefined && referenceOf(head) !== last.reference && this.#takeOver(last.reference - 1, last.holder))
      recovered++;
    const held = heldBy(dead);
    for (let index = 0, used = this.#holders.used(); index < used; index++)
      if (this.#holders.load(index) === held && this.#takeOver(index, held)) recovered++;
    return recovered;
  }

  /** Gives an index back in the place of a dead owner, if its holder's word is still `seen`; returns whether it was. */
  #takeOver(index: number, seen: number): boolean {
    const mine = this.#rows.announceGiving(index + 1);
    if (this.#words.compareExchangeNumber(this.#holders.at(index), seen, mine) !== seen) return false; // another one recovers
    this.#push(index);
    return true;
  }

  /** Puts what this owner is GIVING on top. */
  #push(index: number): void {
    const words = this.#words;
    const head = this.#head;
    const next = (this.#holders.at(index) + 1) as Address;
    for (;;) {
      const before = words.loadNumber(head);
      const top = referenceOf(before);
      if (top > this.#count) {
        this.#finish(before);
        continue;
      }
      if (top > 0) this.#writeDown(before, top - 1);
      // It often comes back onto what it was taken from, and a load is cheaper than a store.
      if (words.loadNumber(next) !== top) words.storeNumber(next, top);
      // pairs with load(head) in take() and #finish(): publishes `next`
      if (words.compareExchangeNumber(head, before, this.#onTop(before, index + 1)) === before) return;
    }
  }

  /** Finishes the step of the owner that `seen`, a head, names. Every part fails if it was done before. */
  #finish(seen: number): void {
    const words = this.#words;
    const head = this.#head;
    const id = (referenceOf(seen) - this.#count - 1) as OwnerId;
    const holder = this.#holders.at(this.#rows.taking(id) - 1);
    const free = words.loadNumber(holder);
    const next = words.loadNumber((holder + 1) as Address);
    const generation = this.#rows.generation(id);
    // While the head stays the same its owner waits for nothing but this step, so all that was read belongs together.
    if (words.loadNumber(head) !== seen) return;
    if (statusOf(free) !== HELD) words.compareExchangeNumber(holder, free, heldBy({ id, generation }));
    words.compareExchangeNumber(head, seen, this.#onTop(seen, next));
  }

  /** Makes what is GIVING on top of the stack FREE, so that it can be covered. */
  #writeDown(seen: number, index: number): void {
    const holder = this.#holders.at(index);
    const state = this.#words.loadNumber(holder);
    // While the head stays the same the index is in the stack, and was when its state was read.
    if (statusOf(state) === GIVING && this.#words.loadNumber(this.#head) === seen)
      this.#words.compareExchangeNumber(holder, state, freed(state));
  }

  #onTop(head: number, top: number): number {
    return countFurther(head, this.#tagMask) * REFERENCE_RADIX + top;
  }
}
