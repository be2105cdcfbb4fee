/**
 * Who has an end of a channel. Each clone has a word of its own that names its owner, so a dead thread's clones can be told and
 * dropped; the number of clones is the number of words in use. An end that was handed over and not attached yet stays in
 * the giver's name.
 *
 *   clone   { turn: 3, owner: 48, state: 2 }; free -> held by compare-exchange; held -> in transit -> held by another; -> free.
 *           The turn counts uses of the word, modulo 8, so that a handle is good once
 *
 * That the last of them is gone is decided by whoever gives one up and then finds none: a fence stands between, so of two that
 * leave at once at least one sees that both are gone.
 */
import { type Address, type Owner, packOwner, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';

const STATES = 4;
const FREE = 0;
const HELD = 1;
const TRANSIT = 2;
const TURN = 2 ** 50;
const TURNS = 8;

/** A clone: its word, and what it holds while it is this one. */
export interface Clone {
  readonly slot: number;
  readonly ticket: number;
}

export class CloneTable {
  readonly #words: Words;
  readonly #base: Address;
  readonly #slots: number;

  constructor(words: Words, base: Address, slots: number) {
    this.#words = words;
    this.#base = base;
    this.#slots = slots;
  }

  init(): void {
    this.#words.fill(this.#base, this.#slots, 0n);
  }

  /** Takes a free word in the owner's name; `undefined` if every word is in use. */
  add(owner: number): Clone | undefined {
    for (let slot = 0; slot < this.#slots; slot++) {
      const seen = this.#words.loadNumber(this.#at(slot));
      if (stateOf(seen) !== FREE) continue;
      const ticket = turnOf(seen) + owner * STATES + HELD;
      if (moveWord(this.#words, this.#at(slot), seen, ticket)) return { slot, ticket };
    }
    return undefined;
  }

  /** Makes a clone ready to be taken by whoever has its handle. */
  send(clone: Clone): Clone {
    const ticket = clone.ticket - HELD + TRANSIT;
    moveWord(this.#words, this.#at(clone.slot), clone.ticket, ticket);
    return { slot: clone.slot, ticket };
  }

  /** Takes a clone that was handed over; `undefined` if somebody has taken it, or its giver died. */
  take(clone: Clone, owner: number): Clone | undefined {
    const ticket = turnOf(clone.ticket) + owner * STATES + HELD;
    const known = Number.isInteger(clone.slot) && clone.slot >= 0 && clone.slot < this.#slots;
    if (!known || stateOf(clone.ticket) !== TRANSIT) return undefined;
    if (!moveWord(this.#words, this.#at(clone.slot), clone.ticket, ticket)) return undefined;
    return { slot: clone.slot, ticket };
  }

  /** Gives a clone up; whether it was still there. */
  drop(clone: Clone): boolean {
    const turn = turnOf(clone.ticket) + TURN;
    return moveWord(this.#words, this.#at(clone.slot), clone.ticket, turn < TURNS * TURN ? turn : 0);
  }

  /** Whether the last clone is gone. Ask after having given one up. */
  isEmpty(): boolean {
    this.#words.fence(); // between the caller's own leaving and the look at the others
    return this.count() === 0;
  }

  /** How many clones there are. */
  count(): number {
    let count = 0;
    for (let slot = 0; slot < this.#slots; slot++)
      if (stateOf(this.#words.loadNumber(this.#at(slot))) !== FREE) count += 1;
    return count;
  }

  /** Gives up the clones of a dead owner; how many. Of several callers, one finds each. */
  recover(owner: Owner): number {
    let dropped = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const ticket = this.#words.loadNumber(this.#at(slot));
      if (stateOf(ticket) !== FREE && ownerOf(ticket) === packOwner(owner) && this.drop({ slot, ticket })) dropped += 1;
    }
    return dropped;
  }

  #at(slot: number): Address {
    return (this.#base + slot) as Address;
  }
}

function stateOf(clone: number): number {
  return clone & (STATES - 1);
}

function turnOf(clone: number): number {
  return Math.floor(clone / TURN) * TURN;
}

function ownerOf(clone: number): number {
  return Math.floor((clone - turnOf(clone)) / STATES);
}
