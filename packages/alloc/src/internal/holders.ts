/**
 * Who has a thing stands in one word of the thing's own, and having it is one compare-exchange on that word. So whoever dies is
 * named by all that it had, and by what it was about to give back.
 *
 *   holder     { detail: 51, status: 2 }, and 0 is a thing that nobody ever had
 *     HELD     detail is the owner, { generation: 32, id: 16 }
 *     GIVING   detail is { turn: 35, id: 16 }: the owner in that row is giving it back
 *     FREE     detail is as it was while GIVING, so that each time that a thing is free is told from every other
 *   row        a line an owner, written by itself alone
 *     batches    of 2^20 turns that were begun
 *     generation of the owner who has the row now
 *
 * Turns wrap after 2^35 things that one row gave back (or 2^15 times that it attached) between two steps of one other operation.
 */
import { type Address, LINE_WORDS, type Owner, type OwnerId, ValueError, type Words } from '@pool/core';

export const NOBODY = 0;
export const HELD = 1;
export const GIVING = 2;
export const FREE = 3;
const STATUS_RADIX = 4;
const STATUS_MASK = STATUS_RADIX - 1;
const OWNER_RADIX = 2 ** 16;

/** References to things, 1 the first. */
export const REFERENCE_RADIX: number = 2 ** 24;

const BATCHES = 2 ** 15;
const BATCH_TURNS = 2 ** 20;
/** From the word of one turn to that of the next. */
const TURN_STEP = OWNER_RADIX * STATUS_RADIX;
const GENERATION = 1;

// Bits of numbers below 2^53 are taken by `&`, which works on the lowest 32: `%` of numbers that large is a call to fmod.

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

/** The row of whoever is giving a thing that is not HELD, or gave it. */
export function giverOf(holder: number): number {
  return Math.floor(holder / STATUS_RADIX) & (OWNER_RADIX - 1);
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
  readonly count: number;
  readonly owner: Owner;
  #next = 0;
  #turnsLeft = 0;

  /** @throws {ValueError} for an owner who has no row here */
  constructor(words: Words, base: Address, count: number, owner: Owner) {
    if (!(owner.id < count))
      throw new ValueError(owner.id, `an owner of 0..${count - 1}: it was laid for ${count} owners`);
    this.#words = words;
    this.#base = base;
    this.#mine = (base + owner.id * LINE_WORDS) as Address;
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

  /** What the holder's word is of a thing that this owner begins to give back: never the same twice. */
  giving(): number {
    if (this.#turnsLeft === 0) {
      const batch = this.#words.fetchAddNumber(this.#mine, 1) & (BATCHES - 1);
      this.#next = giving(this.owner.id, batch * BATCH_TURNS);
      this.#turnsLeft = BATCH_TURNS;
    }
    this.#turnsLeft--;
    const now = this.#next;
    this.#next = now + TURN_STEP;
    return now;
  }

  /** Whether a holder's word that was read before says that a thing is `GIVING` by this owner, and no later one in its row. */
  isGiving(owner: Owner, holder: number): boolean {
    return (
      statusOf(holder) === GIVING && giverOf(holder) === owner.id && this.generation(owner.id) === owner.generation
    );
  }

  generation(id: number): number {
    return this.#words.loadNumber((this.#base + id * LINE_WORDS + GENERATION) as Address);
  }
}
