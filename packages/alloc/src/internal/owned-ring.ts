/**
 * A queue of free indices, first in, first out, with a counter behind it for those that were never used: "get an index from the
 * queue, or use that one". A ring of cells as in Vyukov's bounded queue (2010), but claims are made on the cell's own word and
 * on the index's, and the positions are only helped on: so a thread may die at any instruction, and nobody waits for it.
 *
 *   head, tail   positions, which only grow; where the next index is taken from, and put. May lag behind the cells
 *   cell         { lap: 29, reference: 24 }, where a reference is index + 1. Position p uses the cell p modulo the ring.
 *                  { lap of p, 0 }          nothing was put at p yet
 *                  { lap of p, reference }  was put, and is there until
 *                  { next lap, 0 }          it was taken
 *   holder       see holders.ts: the authority. What is in a cell and HELD was taken, and the cell may be emptied by anybody.
 *                Before the tail goes past a cell its index is FREE: so GIVING, and not where the tail is, means: in no cell
 *
 * The ring has at least as many cells as there are indices, and an index is in one cell at most, so it is never full. Laps
 * wrap after 2^29 rounds between two steps of one operation.
 *
 * Progress: take and give are lock-free; a thread goes round again only when another one got further.
 */
import type { Address, Owner, Words } from '@pool/core';
import type { HolderTable } from './holder-table.ts';
import { freed, GIVING, HELD, heldBy, REFERENCE_RADIX, type Rows, statusOf } from './holders.ts';

const REFERENCE_MASK = REFERENCE_RADIX - 1;
const LAP_MASK = 2 ** 29 - 1;

export interface OwnedRingPlace {
  readonly head: Address;
  readonly tail: Address;
  readonly cells: Address;
  /** How many cells, a power of two. */
  readonly ring: number;
}

export class OwnedRing {
  readonly #words: Words;
  readonly #place: OwnedRingPlace;
  readonly #holders: HolderTable;
  readonly #rows: Rows;
  readonly #held: number;

  constructor(words: Words, place: OwnedRingPlace, holders: HolderTable, rows: Rows) {
    this.#words = words;
    this.#place = place;
    this.#holders = holders;
    this.#rows = rows;
    this.#held = heldBy(rows.owner);
  }

  /** Takes the index that was given back longest ago, or else one that nobody had, in this owner's name; or -1. */
  take(): number {
    for (let spent = false; ; ) {
      const position = this.#words.loadNumber(this.#place.head);
      const cell = this.#cell(position);
      const seen = this.#words.loadNumber(cell); // pairs with the compare-exchange in give()
      if (seen === this.#empty(position)) {
        if (spent) return -1; // none was left that nobody had, and after that the queue was empty
        const index = this.#holders.takeFresh(this.#held);
        if (index >= 0) return index;
        spent = true;
      } else if (this.#claim(position, cell, seen)) return referenceOf(seen) - 1;
    }
  }

  /** Gives an index back, whoever has it; returns whether somebody had. */
  give(index: number): boolean {
    const mine = this.#rows.giving();
    const holder = this.#holders.at(index);
    // Exclusive: of several that give one index, one does.
    const seen = this.#words.compareExchangeNumber(holder, this.#held, mine);
    if (seen !== this.#held) {
      if (statusOf(seen) !== HELD || this.#words.compareExchangeNumber(holder, seen, mine) !== seen) return false;
    }
    this.#put(index);
    return true;
  }

  /** Gives back, in this owner's name, all that stands in the name of one who is dead; returns how many. */
  recover(dead: Owner): number {
    // What the dead one had claimed may still be in the cell at the head, and what it had put in the cell at the tail.
    const [head, tail] = [this.#words.loadNumber(this.#place.head), this.#words.loadNumber(this.#place.tail)];
    const first = this.#words.loadNumber(this.#cell(head));
    if (first !== this.#empty(head)) this.#helpOut(head, this.#cell(head), first);
    const last = this.#words.loadNumber(this.#cell(tail));
    if (last !== this.#empty(tail)) this.#passTail(tail, this.#cell(tail), last);
    let recovered = 0;
    const held = heldBy(dead);
    for (let index = 0, used = this.#holders.used(); index < used; index++) {
      const seen = this.#holders.load(index);
      if ((seen === held || this.#rows.isGiving(dead, seen)) && this.#takeOver(index, seen)) recovered++;
    }
    return recovered;
  }

  /** Gives an index back in the place of a dead owner, if its holder's word is still `seen`; returns whether it was. */
  #takeOver(index: number, seen: number): boolean {
    const mine = this.#rows.giving();
    if (this.#words.compareExchangeNumber(this.#holders.at(index), seen, mine) !== seen) return false; // another one recovers
    this.#put(index);
    return true;
  }

  /** Puts what this owner is GIVING at the tail. */
  #put(index: number): void {
    for (;;) {
      const position = this.#words.loadNumber(this.#place.tail);
      const cell = this.#cell(position);
      const empty = this.#empty(position);
      const full = empty + index + 1;
      // pairs with load(cell) in take(): whoever finds the index there may claim it
      const before = this.#words.compareExchangeNumber(cell, empty, full);
      this.#passTail(position, cell, before === empty ? full : before);
      if (before === empty) return;
    }
  }

  /** Takes the index that a cell holds, if nobody has; else helps the head on. Returns whether it is this owner's. */
  #claim(position: number, cell: Address, seen: number): boolean {
    const free = this.#helpOut(position, cell, seen);
    if (free === undefined) return false;
    // Exclusive: no two times that an index is free have the same word.
    if (this.#words.compareExchangeNumber(this.#holders.at(referenceOf(seen) - 1), free, this.#held) !== free)
      return false;
    this.#passHead(position, cell, seen);
    return true;
  }

  /** The holder's word of the free index in a cell that is not empty; `undefined` if it was taken, and the head is past it now. */
  #helpOut(position: number, cell: Address, seen: number): number | undefined {
    const reference = referenceOf(seen);
    if (reference === 0 || seen - reference !== this.#empty(position)) {
      this.#words.compareExchangeNumber(this.#place.head, position, position + 1); // the cell is in a later lap already
      return undefined;
    }
    const holder = this.#holders.load(reference - 1);
    if (this.#words.loadNumber(cell) !== seen) return undefined; // what was read of the holder belongs to a later time
    if (statusOf(holder) !== HELD) return holder;
    this.#passHead(position, cell, seen);
    return undefined;
  }

  #passHead(position: number, cell: Address, seen: number): void {
    this.#words.compareExchangeNumber(cell, seen, this.#empty(position + this.#place.ring));
    this.#words.compareExchangeNumber(this.#place.head, position, position + 1);
  }

  /** Helps the tail past a cell that is not empty in its lap, and writes down first that its index is free. */
  #passTail(position: number, cell: Address, seen: number): void {
    const reference = referenceOf(seen);
    if (reference > 0) {
      const at = this.#holders.at(reference - 1);
      const holder = this.#words.loadNumber(at);
      if (statusOf(holder) === GIVING && this.#words.loadNumber(cell) === seen)
        this.#words.compareExchangeNumber(at, holder, freed(holder));
    }
    this.#words.compareExchangeNumber(this.#place.tail, position, position + 1);
  }

  #cell(position: number): Address {
    return (this.#place.cells + (position & (this.#place.ring - 1))) as Address;
  }

  /** What the cell of a position holds before something is put there. */
  #empty(position: number): number {
    return ((position / this.#place.ring) & LAP_MASK) * REFERENCE_RADIX;
  }
}

/** The reference in a cell, 0 for none: `&` takes the lowest 32 bits, and `%` of numbers this large is a call to fmod. */
function referenceOf(cell: number): number {
  return cell & REFERENCE_MASK;
}
