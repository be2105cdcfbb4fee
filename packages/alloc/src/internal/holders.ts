/**
 * Who has a thing stands in one word of the thing's own, and having it is one compare-exchange on that word. So whoever dies is
 * named by all that it had, and by what it was about to give back.
 *
 *   holder     { detail: 48, status: 2 }, and 0 is a thing that nobody ever had
 *     HELD     detail is the owner, { generation: 32, id: 16 }
 *     GIVING   detail is { turn: 29, id: 16 }: the owner in that row is giving it back
 *     FREE     detail is as it was while GIVING, so that each time that a thing is free is told from every other
 *   row        a line an owner, which it alone writes:
 *     giving     { turn: 29, reference: 24 }: what the owner gives back, or gave back last; the turn counts up each time
 *     generation of the owner who has the row now
 *     taking     the reference of what the owner takes, or took last
 *
 * What a dead owner gave back last, and is GIVING at that very turn, may be where nobody can find it; its holder's word is how
 * recovery takes it over, exactly once. Turns wrap after 2^29 operations of one row between two steps of one other operation.
 */
import { type Address, LINE_WORDS, type Owner, type OwnerId, ValueError, type Words } from '@pool/core';

export const NOBODY = 0;
export const HELD = 1;
export const GIVING = 2;
export const FREE = 3;
const STATUS_RADIX = 4;
const STATUS_MASK = STATUS_RADIX - 1;
const OWNER_RADIX = 2 ** 16;

/** References to things, 1 the first, and room for what is not a thing. */
export const REFERENCE_RADIX: number = 2 ** 24;
/** Bits of a turn, and of a head's tag: with a reference, all that a number form carries. */
export const TURN_BITS = 29;

const GENERATION = 1;
const TAKING = 2;
const REFERENCE_MASK = REFERENCE_RADIX - 1;

// Bits of numbers below 2^53 are taken by `&`, which works on the lowest 32: `%` of numbers that large is a call to fmod.

/** The low part of `{ count: 29, reference: 24 }`. */
export function referenceOf(counted: number): number {
  return counted & REFERENCE_MASK;
}

/** The high part, one further; `mask` is 2^bits - 1. */
export function countFurther(counted: number, mask: number): number {
  return (counted / REFERENCE_RADIX + 1) & mask;
}

export function statusOf(holder: number): number {
  return holder & STATUS_MASK;
}

export function heldBy(owner: Owner): number {
  return (owner.generation * OWNER_RADIX + owner.id) * STATUS_RADIX + HELD;
}

/** Who has a thing that is `HELD`. */
export function ownerOf(holder: number): Owner {
  const detail = Math.floor(holder / STATUS_RADIX);
  return { id: (detail % OWNER_RADIX) as OwnerId, generation: Math.floor(detail / OWNER_RADIX) };
}

function giving(id: OwnerId, turn: number): number {
  return (turn * OWNER_RADIX + id) * STATUS_RADIX + GIVING;
}

/** The word of a thing that was `GIVING`, once it is known that others can find it. */
export function freed(holder: number): number {
  return holder + FREE - GIVING;
}

/** One owner's row, and the rows of the others to look at. */
export class Rows {
  readonly #words: Words;
  readonly #base: Address;
  readonly #mine: Address;
  readonly #turnMask: number;
  readonly count: number;
  readonly owner: Owner;

  /** @throws {ValueError} for an owner who has no row here */
  constructor(words: Words, base: Address, count: number, owner: Owner, turnBits: number) {
    if (!(owner.id < count))
      throw new ValueError(owner.id, `an owner of 0..${count - 1}: it was laid for ${count} owners`);
    this.#words = words;
    this.#base = base;
    this.#mine = (base + owner.id * LINE_WORDS) as Address;
    this.#turnMask = 2 ** turnBits - 1;
    this.count = count;
    this.owner = owner;
  }

  static size(owners: number): number {
    return owners * LINE_WORDS;
  }

  /** Takes this owner's row over from whoever had it before, all of whose steps have been seen to their end. */
  enter(): void {
    this.#words.storeNumber((this.#mine + GENERATION) as Address, this.owner.generation);
  }

  /** Says what this owner is about to give back; returns what its holder's word is then. */
  announceGiving(reference: number): number {
    const turn = countFurther(this.#words.loadNumber(this.#mine), this.#turnMask);
    // pairs with the load in givenLast(): it stands before the thing is GIVING
    this.#words.storeNumber(this.#mine, turn * REFERENCE_RADIX + reference);
    return giving(this.owner.id, turn);
  }

  /** Says what this owner is about to take. */
  announceTaking(reference: number): void {
    // pairs with the load in taking(): it stands before anybody is asked to finish it
    this.#words.storeNumber((this.#mine + TAKING) as Address, reference);
  }

  /** What an owner gave back last, and the word that its holder's was then; `undefined` if another owner has the row by now. */
  givenLast(owner: Owner): { readonly reference: number; readonly holder: number } | undefined {
    const seen = this.#words.loadNumber(this.#row(owner.id));
    // In this order: a later owner signs in before it gives anything back, and at other turns.
    if (this.generation(owner.id) !== owner.generation || referenceOf(seen) === 0) return undefined;
    return { reference: referenceOf(seen), holder: giving(owner.id, Math.floor(seen / REFERENCE_RADIX)) };
  }

  /** What the owner in row `id` is taking, if it is. */
  taking(id: number): number {
    return this.#words.loadNumber((this.#row(id) + TAKING) as Address);
  }

  generation(id: number): number {
    return this.#words.loadNumber((this.#row(id) + GENERATION) as Address);
  }

  #row(id: number): Address {
    return (this.#base + id * LINE_WORDS) as Address;
  }
}
