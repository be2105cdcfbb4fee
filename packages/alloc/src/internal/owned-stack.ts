/**
 * A stack of free indices from which any thread takes one, with a counter behind it for those that were never used. It is
 * Treiber's stack (IBM RJ 5118, 1986) with a tagged head, and one thing more: a taker does not move the head to what is below,
 * it writes its own name beside what it takes, in one compare-exchange. From then on the index is its own, and the head is moved
 * on by whoever comes next. So a thread may die at any instruction: there is no moment at which an index is neither in the stack
 * nor in somebody's name.
 *
 *   head     { tag, taker, top }; the tag counts up at every change, against ABA
 *              { 0, 0 }      nothing
 *              { 0, i + 1 }  the index i
 *              { r + 1, i + 1 }  what is below i; i itself was taken by the owner of row r
 *   entry    two words an index
 *     holder  see holders.ts: the authority. What is covered by another index is FREE; the top may be GIVING still. So
 *             GIVING and not on top means: not in the stack
 *     next    what was on top before it; written by the giver, before the index can be found
 *
 * Only an owner itself gives back what the head says that it took; every other one moves the head on first. So as long as the
 * head names a taker, a holder's word that is neither HELD nor GIVING by the taker is what it was before the taking.
 *
 * Progress: take and give are lock-free; a thread goes round again only when another one got further.
 */
import type { Address, Owner, OwnerId, Words } from '@pool/core';
import type { HolderTable } from './holder-table.ts';
import { freed, GIVING, giverOf, HELD, heldBy, type Rows, statusOf } from './holders.ts';

/** Words an index: its holder's, and `next`. */
export const ENTRY_WORDS = 2;

/** How many bits of a head each part has. */
export interface HeadBits {
  readonly tag: number;
  readonly taker: number;
  readonly top: number;
}

export class OwnedStack {
  readonly #words: Words;
  readonly #head: Address;
  readonly #holders: HolderTable;
  readonly #rows: Rows;
  readonly #held: number;
  /** This owner as a taker. */
  readonly #me: number;
  readonly #topMask: number;
  readonly #takerMask: number;
  readonly #tagMask: number;
  readonly #takerUnit: number;
  readonly #tagUnit: number;
  /** 1 / unit, exactly: a product costs a quarter of a quotient. */
  readonly #perTaker: number;
  readonly #perTag: number;

  /** `holders` has a word for `next` behind each holder's. */
  constructor(words: Words, head: Address, holders: HolderTable, rows: Rows, bits: HeadBits) {
    this.#words = words;
    this.#head = head;
    this.#holders = holders;
    this.#rows = rows;
    this.#held = heldBy(rows.owner);
    this.#me = rows.owner.id + 1;
    this.#topMask = 2 ** bits.top - 1;
    this.#takerMask = 2 ** bits.taker - 1;
    this.#tagMask = 2 ** bits.tag - 1;
    this.#takerUnit = 2 ** bits.top;
    this.#tagUnit = 2 ** (bits.top + bits.taker);
    this.#perTaker = 1 / this.#takerUnit;
    this.#perTag = 1 / this.#tagUnit;
  }

  /** Takes an index in this owner's name, or -1. */
  take(): number {
    const words = this.#words;
    for (let spent = false; ; ) {
      const head = words.loadNumber(this.#head); // pairs with the compare-exchanges below: what was pushed is written
      const top = this.#first(head);
      if (top === MOVED) continue;
      if (top === 0) {
        if (spent) return -1; // no fresh one was left, and after that the stack was empty
        const index = this.#holders.takeFresh(this.#held);
        if (index >= 0) return index;
        spent = true;
        continue;
      }
      // From here on the index is this owner's. Pairs with load(head) in #moveOn().
      if (words.compareExchangeNumber(this.#head, head, this.#after(head, this.#me, top)) !== head) continue;
      words.storeNumber(this.#holders.at(top - 1), this.#held); // a store will do: whoever else writes it writes the same
      return top - 1;
    }
  }

  /** Gives an index back, whoever has it; returns whether somebody had. */
  give(index: number): boolean {
    const words = this.#words;
    let head = words.loadNumber(this.#head);
    // What another owner took is not given back under a head that says so: see above.
    while (this.#takerOf(head) !== 0 && this.#takerOf(head) !== this.#me) {
      this.#moveOn(head);
      head = words.loadNumber(this.#head);
    }
    const mine = this.#rows.giving();
    const holder = this.#holders.at(index);
    // Exclusive: of several that give one index, one does.
    const seen = words.compareExchangeNumber(holder, this.#held, mine);
    if (seen !== this.#held) {
      if (statusOf(seen) !== HELD || words.compareExchangeNumber(holder, seen, mine) !== seen) return false;
    }
    this.#push(index, head);
    return true;
  }

  /** Moves the head on until it names no taker; returns it. */
  settle(): number {
    for (;;) {
      const head = this.#words.loadNumber(this.#head);
      if (this.#takerOf(head) === 0) return head;
      this.#moveOn(head);
    }
  }

  /** Gives back, in this owner's name, all that stands in the name of one who is dead; returns how many. */
  recover(dead: Owner): number {
    const top = this.#topOf(this.settle());
    const held = heldBy(dead);
    let recovered = 0;
    for (let index = 0, used = this.#holders.used(); index < used; index++) {
      const seen = this.#holders.load(index);
      // On top it is in the stack. Elsewhere, and GIVING, it was not, and whoever is dead has not put it there since.
      const lost = index + 1 !== top && this.#rows.isGiving(dead, seen);
      if ((lost || seen === held) && this.#takeOver(index, seen)) recovered++;
    }
    return recovered;
  }

  /** Gives an index back in the place of a dead owner, if its holder's word is still `seen`; returns whether it was. */
  #takeOver(index: number, seen: number): boolean {
    const head = this.settle();
    const mine = this.#rows.giving();
    if (this.#words.compareExchangeNumber(this.#holders.at(index), seen, mine) !== seen) return false; // another one recovers
    this.#push(index, head);
    return true;
  }

  /** Puts what this owner is GIVING on top of `head`, or of what the head is by then. */
  #push(index: number, head: number): void {
    const words = this.#words;
    const next = (this.#holders.at(index) + 1) as Address;
    for (let before = head; ; before = words.loadNumber(this.#head)) {
      // Straight back onto what it was taken from, it has its `next` already.
      if (this.#takerOf(before) === 0 || this.#topOf(before) !== index + 1) {
        const top = this.#first(before);
        if (top === MOVED) continue;
        if (top > 0 && this.#takerOf(before) === 0) this.#writeDown(before, top - 1);
        words.storeNumber(next, top);
      }
      // pairs with load(head) in take() and #moveOn(): publishes `next`
      if (words.compareExchangeNumber(this.#head, before, this.#after(before, 0, index + 1)) === before) return;
    }
  }

  /** The reference that is first in the stack, 0 for none. `MOVED`: another owner took the top, and the head is moved on now. */
  #first(head: number): number {
    const taker = this.#takerOf(head);
    if (taker === 0) return this.#topOf(head);
    if (taker === this.#me) return this.#words.loadNumber((this.#holders.at(this.#topOf(head) - 1) + 1) as Address);
    this.#moveOn(head);
    return MOVED;
  }

  /** Moves the head past what was taken, and writes down first that it was. Every part fails if it was done before. */
  #moveOn(head: number): void {
    const words = this.#words;
    const id = (this.#takerOf(head) - 1) as OwnerId;
    const holder = this.#holders.at(this.#topOf(head) - 1);
    const state = words.loadNumber(holder);
    const next = words.loadNumber((holder + 1) as Address);
    const generation = this.#rows.generation(id);
    if (words.loadNumber(this.#head) !== head) return; // what was read does not belong together
    // Of what the taker itself is giving, or gave last, the name is there already: recovery finds it.
    const named = statusOf(state) === HELD || (statusOf(state) === GIVING && giverOf(state) === id);
    if (!named) words.compareExchangeNumber(holder, state, heldBy({ id, generation }));
    words.compareExchangeNumber(this.#head, head, this.#after(head, 0, next));
  }

  /** Makes what is GIVING on top of the stack FREE, so that it can be covered. */
  #writeDown(head: number, index: number): void {
    const holder = this.#holders.at(index);
    const state = this.#words.loadNumber(holder);
    // While the head stays the same the index is in the stack, and was when its state was read.
    if (statusOf(state) === GIVING && this.#words.loadNumber(this.#head) === head)
      this.#words.compareExchangeNumber(holder, state, freed(state));
  }

  // Bits of numbers below 2^53 are taken by `&`, which works on the lowest 32: `%` of numbers that large is a call to fmod.

  #topOf(head: number): number {
    return head & this.#topMask;
  }

  #takerOf(head: number): number {
    return (head * this.#perTaker) & this.#takerMask;
  }

  /** The head that follows one, with its tag counted up. */
  #after(head: number, taker: number, top: number): number {
    return ((head * this.#perTag + 1) & this.#tagMask) * this.#tagUnit + taker * this.#takerUnit + top;
  }
}

/** No reference: look again. */
const MOVED = -1;
