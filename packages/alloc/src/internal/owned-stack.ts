/**
 * A stack of free indices from which any thread takes one, with a counter behind it for those that were never used. It is
 * Treiber's stack (IBM RJ 5118, 1986) with a tagged head, and one thing more: a taker does not move the head to what is below,
 * it writes its own name beside what it takes, in one compare-exchange. From then on the index is its own, and the head is moved
 * on by whoever comes next. So a thread may die at any instruction: there is no moment at which an index is neither in the stack
 * nor in somebody's name. And who gives back what it took last strikes its name out again, in one more.
 *
 *   head     { tag, taker, top }; the tag counts up at every change, against ABA
 *              { 0, 0 }      nothing
 *              { 0, i + 1 }  the index i
 *              { r + 1, i + 1 }  what is below i; i itself was taken by the owner of row r
 *              { SETTLING + r + 1, i + 1 }  the same, and the name can no longer be struck out
 *   entry    two words an index
 *     holder  see holders.ts: the authority on all but what the head names. What is covered by another index is FREE; the top may
 *             be GIVING still. So GIVING and not on top means: not in the stack
 *     next    what was on top before it; written by the giver, before the index can be found
 *
 * The holder's word of what the head names is written behind, by whoever moves the head on: the taker itself, or another one that
 * made it SETTLING first. Until then it is what it was before the taking, a word that never comes back: so a compare-exchange
 * from it that comes too late fails. What the head names is given back or handed over by nobody before the head was moved on,
 * but for the taker that strikes its name out.
 *
 * Progress: take and give are lock-free; a thread goes round again only when another one got further.
 */
import type { Address, Owner, OwnerId, Words } from '@pool/core';
import type { HolderTable } from './holder-table.ts';
import { freed, GIVING, HELD, heldBy, type Rows, statusOf } from './holders.ts';
import { type HeadBits, OwnedHead } from './owned-head.ts';

/** Words an index: its holder's, and `next`. */
export const ENTRY_WORDS = 2;

export class OwnedStack {
  readonly #words: Words;
  readonly #head: Address;
  readonly #holders: HolderTable;
  readonly #rows: Rows;
  readonly #held: number;
  readonly #parts: OwnedHead;
  /** What this owner took last, unless it gave something back since, and the head that says so. */
  #taken = NONE;
  #takenHead = 0;

  /** `holders` has a word for `next` behind each holder's. */
  constructor(words: Words, head: Address, holders: HolderTable, rows: Rows, bits: HeadBits) {
    this.#words = words;
    this.#head = head;
    this.#holders = holders;
    this.#rows = rows;
    this.#held = heldBy(rows.owner);
    this.#parts = new OwnedHead(bits, rows.owner.id);
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
      if (!this.#isWritten(head)) continue;
      const after =
        this.#parts.takerOf(head) === 0 ? this.#parts.signed(head) : this.#parts.after(head, this.#parts.mine, top);
      // From here on the index is this owner's. Pairs with load(head) in #moveOn().
      if (words.compareExchangeNumber(this.#head, head, after) !== head) continue;
      this.#taken = top - 1;
      this.#takenHead = after;
      return top - 1;
    }
  }

  /** Gives an index back, whoever has it; returns whether somebody had. */
  give(index: number): boolean {
    return (index === this.#taken && this.#strikeOut()) || this.#giveHeld(index);
  }

  /** Whether somebody has an index. */
  isHeld(index: number): boolean {
    return this.#parts.names(this.#words.loadNumber(this.#head), index) || statusOf(this.#holders.load(index)) === HELD;
  }

  /** The holder's word of an index, once it is the authority. */
  holder(index: number): number {
    for (;;) {
      const head = this.#words.loadNumber(this.#head);
      if (!this.#parts.names(head, index)) return this.#holders.load(index);
      this.#moveOn(head);
    }
  }

  /** Moves the head on until it names no taker; returns it. */
  settle(): number {
    for (;;) {
      const head = this.#words.loadNumber(this.#head);
      if (this.#parts.takerOf(head) === 0) return head;
      this.#moveOn(head);
    }
  }

  /** Gives back what this owner took last by striking its name out; returns whether the head still said so. */
  #strikeOut(): boolean {
    const before = this.#takenHead;
    this.#taken = NONE;
    // pairs with load(head) in take(): whoever takes it next finds it as it was left
    return this.#words.compareExchangeNumber(this.#head, before, this.#parts.struckOut(before)) === before;
  }

  /** Gives back what somebody has as its holder's word says. */
  #giveHeld(index: number): boolean {
    const words = this.#words;
    this.#taken = NONE;
    let head = words.loadNumber(this.#head);
    while (this.#parts.names(head, index)) {
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

  /** Gives back, in this owner's name, all that stands in the name of one who is dead; returns how many. */
  recover(dead: Owner): number {
    const top = this.#parts.topOf(this.settle());
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
      const top = this.#first(before);
      if (top === MOVED || !this.#isWritten(before)) continue;
      if (top > 0 && this.#parts.takerOf(before) === 0) this.#writeDown(before, top - 1);
      words.storeNumber(next, top);
      // pairs with load(head) in take() and #moveOn(): publishes `next`
      if (words.compareExchangeNumber(this.#head, before, this.#parts.after(before, 0, index + 1)) === before) return;
    }
  }

  /** The reference that is first in the stack, 0 for none. `MOVED`: another owner took the top, and the head is moved on now. */
  #first(head: number): number {
    const taker = this.#parts.takerOf(head);
    if (taker === 0) return this.#parts.topOf(head);
    if (taker === this.#parts.mine)
      return this.#words.loadNumber((this.#holders.at(this.#parts.topOf(head) - 1) + 1) as Address);
    this.#moveOn(head);
    return MOVED;
  }

  /** Whether the holder's word of what the head names is written, by this owner if it took it; if not, look again. */
  #isWritten(head: number): boolean {
    if (this.#parts.takerOf(head) === 0) return true;
    const words = this.#words;
    const holder = this.#holders.at(this.#parts.topOf(head) - 1);
    const state = words.loadNumber(holder);
    if (words.loadNumber(this.#head) !== head) return false; // what was read does not belong together
    return statusOf(state) === HELD || words.compareExchangeNumber(holder, state, this.#held) === state;
  }

  /** Moves the head past what was taken, and writes down first that it was. Every part fails if it was done before. */
  #moveOn(named: number): void {
    const words = this.#words;
    const head = this.#settled(named);
    if (head === MOVED) return;
    const id = (this.#parts.takerOf(head) - this.#parts.settling - 1) as OwnerId;
    const holder = this.#holders.at(this.#parts.topOf(head) - 1);
    const state = words.loadNumber(holder);
    const next = words.loadNumber((holder + 1) as Address);
    const generation = this.#rows.generation(id);
    if (words.loadNumber(this.#head) !== head) return; // what was read does not belong together
    // It fails against one that writes the same, and against #writeDown() from before the taking: look again.
    if (statusOf(state) !== HELD && words.compareExchangeNumber(holder, state, heldBy({ id, generation })) !== state)
      return;
    words.compareExchangeNumber(this.#head, head, this.#parts.after(head, 0, next));
  }

  /** The head made SETTLING, so that the taker cannot strike its name out; `MOVED` if it was another by then. */
  #settled(head: number): number {
    const taker = this.#parts.takerOf(head);
    if (taker >= this.#parts.settling) return head;
    const after = this.#parts.after(head, this.#parts.settling + taker, this.#parts.topOf(head));
    return this.#words.compareExchangeNumber(this.#head, head, after) === head ? after : MOVED;
  }

  /** Makes what is GIVING on top of the stack FREE, so that it can be covered. */
  #writeDown(head: number, index: number): void {
    const holder = this.#holders.at(index);
    const state = this.#words.loadNumber(holder);
    // While the head stays the same the index is in the stack, and was when its state was read.
    if (statusOf(state) === GIVING && this.#words.loadNumber(this.#head) === head)
      this.#words.compareExchangeNumber(holder, state, freed(state));
  }
}

/** No reference and no head: look again. */
const MOVED = -1;
/** No index. */
const NONE = -1;
