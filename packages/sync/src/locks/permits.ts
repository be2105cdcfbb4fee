/**
 * A number of permits, and how many of them each owner holds. Taking is one compare-exchange, and it must do two things: lower
 * what is available and note who has it, in another word. So it takes in two steps that a death cannot tear. The owner first
 * writes into its own row what it is about to hold, under a new tag; then the compare-exchange on `state` lowers what is
 * available *and names the row and the tag*. From that moment the intent in the row is a fact; whoever comes next settles it
 * before replacing the name. So at every moment the rows and `state` together say who holds what.
 *
 * The scheme is the usual one of lock-free algorithms with helping (Herlihy, "Wait-Free Synchronization", TOPLAS 1991): the
 * operation is described first, and one step makes it so.
 *
 *   state       { available: 16, owner id: 16, tag: 21 }; the last operation, and what it left           own line
 *   row, one an owner:
 *   generation  of the owner whose row this is; written by it before its first operation
 *   credit      { tag: 21, held: 16, next: 16 }: holds `held`; if `state` names the row and the tag, `next`. Settled: held = next.
 *               Written by the owner, by those who settle (held := next), and after its death by recovery
 *   ticket      the owner's place in line, see waiting-line.ts
 *
 * Tags wrap after 2^21 operations of one owner: a thread that sleeps between reading `state` and replacing it, while exactly a
 * multiple of so many take place and all else is as before, would be fooled.
 *
 * Without rows (`owners` = 0) permits belong to nobody and survive everybody.
 */
import { type Address, CorruptError, type Owner, ValueError, type Words } from '@pool/core';
import { NotHeldError } from '../errors.ts';
import { moveWord } from '../internal/standing.ts';

/** The most permits that there can be. */
export const MAX_PERMITS: number = 2 ** 16 - 1;
export const ROW_WORDS = 4;
const GENERATION = 0;
const CREDIT = 1;
const TICKET = 2;

const FIELD = 2 ** 16;
const TAGS = 2 ** 21;
const AVAILABLE_UNIT = FIELD * TAGS;
const TAG_UNIT = FIELD * FIELD;

export interface PermitsPlace {
  /** What the object is called in messages. */
  readonly name: string;
  readonly words: Words;
  readonly state: Address;
  readonly rows: Address;
  /** How many permits there are in all. */
  readonly total: number;
  /** How many rows. */
  readonly owners: number;
  readonly owner: Owner;
}

export class Permits {
  readonly #place: PermitsPlace;
  #enrolled = false;

  constructor(place: PermitsPlace) {
    this.#place = place;
    const { owner, owners, name } = place;
    if (owners > 0 && owner.id >= owners)
      throw new ValueError(
        owner.id,
        `this ${name} has rows for the owners 0..${owners - 1}: create it with more \`owners\``,
      );
  }

  /** Lays all permits as available. `start`: the tag to begin after. */
  static lay({ words, state, rows, total, owners }: PermitsPlace, start: bigint): void {
    const tag = Number(start % BigInt(TAGS));
    for (let index = 0; index < owners * ROW_WORDS; index++) words.storeNumber((rows + index) as Address, 0);
    for (let id = 0; id < owners; id++) words.storeNumber((rows + id * ROW_WORDS + CREDIT) as Address, tag * TAG_UNIT);
    words.storeNumber(state, total * AVAILABLE_UNIT + tag);
  }

  /** How many permits there are to take, a moment ago. */
  get available(): number {
    return availableOf(this.#read(this.#place.state));
  }

  /** How many this owner holds; only its own thread asks. */
  get held(): number {
    this.enrol();
    this.#settle(this.#read(this.#place.state));
    return heldOf(this.#read(this.#row(this.#place.owner.id, CREDIT)));
  }

  /** Takes so many if they are available. Progress: lock-free. */
  tryTake(count: number): boolean {
    const { state: at, owner, owners } = this.#place;
    for (;;) {
      const state = this.#read(at); // pairs with the compare-exchange in give(): what was done under the permits is there
      if (availableOf(state) < count) return false;
      if (owners === 0) {
        if (this.#move(at, state, state - count * AVAILABLE_UNIT)) return true;
        continue;
      }
      this.enrol();
      this.#settle(state);
      const held = heldOf(this.#read(this.#row(owner.id, CREDIT)));
      const tag = this.#intend(held, held + count);
      if (this.#move(at, state, (availableOf(state) - count) * AVAILABLE_UNIT + owner.id * TAGS + tag)) return true;
    }
  }

  /** Gives so many back. Progress: lock-free. @throws {NotHeldError} if this owner holds fewer */
  give(count: number): void {
    const { state: at, owner, owners, name, total } = this.#place;
    for (;;) {
      const state = this.#read(at);
      const available = availableOf(state) + count;
      if (owners === 0) {
        if (available > MAX_PERMITS) throw new ValueError(count, `a ${name} has at most ${MAX_PERMITS} permits`);
        if (this.#move(at, state, state + count * AVAILABLE_UNIT)) return;
        continue;
      }
      this.enrol();
      this.#settle(state);
      const held = heldOf(this.#read(this.#row(owner.id, CREDIT)));
      if (held < count) throw new NotHeldError(`${name}: ${count} to be given back, and this owner holds ${held}`);
      if (available > total) this.#corrupt(at, state);
      const tag = this.#intend(held, held - count);
      // pairs with load(state) in tryTake(): publishes what was done under the permits
      if (this.#move(at, state, available * AVAILABLE_UNIT + owner.id * TAGS + tag)) return;
    }
  }

  /**
   * Gives back what a dead owner holds, and how many that was.
   * @param found called with the number before they become available; perhaps by several callers, of which one succeeds
   */
  recover(owner: Owner, found?: (held: number) => void): number {
    const { state: at, owners, total } = this.#place;
    if (owner.id >= owners) return 0;
    const row = this.#row(owner.id, CREDIT);
    for (;;) {
      const state = this.#read(at);
      this.#settle(state);
      const credit = this.#read(row);
      // Looked at after `state`: once a successor has enrolled, its first operation changes `state` before it holds anything.
      if (this.#read(this.#row(owner.id, GENERATION)) !== owner.generation) return 0;
      const held = heldOf(credit);
      if (held === 0) return 0;
      if (availableOf(state) + held > total) this.#corrupt(at, state);
      found?.(held);
      // An intent to hold nothing may stand already: by another caller, or by the dead one. It is the same operation.
      const intent = nextOf(credit) === 0 ? credit : creditOf((tagOf(credit) + 1) & (TAGS - 1), held, 0);
      if (intent !== credit && !this.#move(row, credit, intent)) continue;
      const after = (availableOf(state) + held) * AVAILABLE_UNIT + owner.id * TAGS + tagOf(intent);
      if (!this.#move(at, state, after)) continue;
      this.#settle(after);
      return held;
    }
  }

  /** Where an owner's place in line stands. */
  ticket(id: number): Address {
    return this.#row(id, TICKET);
  }

  /** Whether the row is still this owner's, not its successor's. */
  isOf(owner: Owner): boolean {
    return owner.id < this.#place.owners && this.#read(this.#row(owner.id, GENERATION)) === owner.generation;
  }

  /** Takes over this owner's row, and gives back what a predecessor may have left there that nobody recovered. */
  enrol(): void {
    if (this.#enrolled || this.#place.owners === 0) return;
    const { owner, words } = this.#place;
    const at = this.#row(owner.id, GENERATION);
    const generation = this.#read(at);
    if (generation !== owner.generation) {
      this.recover({ id: owner.id, generation });
      words.storeNumber(this.#row(owner.id, TICKET), 0);
      words.storeNumber(at, owner.generation); // pairs with load(generation) in recover(): late callers find a successor
    }
    this.#enrolled = true;
  }

  /** Makes the intent that `state` names a fact in its row; does nothing if somebody has. */
  #settle(state: number): void {
    const id = ownerIdOf(state);
    if (this.#place.owners === 0) return;
    if (id >= this.#place.owners) this.#corrupt(this.#place.state, state);
    const row = this.#row(id, CREDIT);
    const credit = this.#read(row); // pairs with store(credit) in intend(): written before `state` named it
    if (tagOf(credit) !== tagOfState(state) || heldOf(credit) === nextOf(credit)) return;
    // Compare-exchange, not store: the owner may be at its next operation by now.
    this.#move(row, credit, creditOf(tagOf(credit), nextOf(credit), nextOf(credit)));
  }

  /** Describes this owner's next operation in its row; the tag to commit it with. */
  #intend(held: number, next: number): number {
    const row = this.#row(this.#place.owner.id, CREDIT);
    const tag = (tagOf(this.#read(row)) + 1) & (TAGS - 1);
    this.#place.words.storeNumber(row, creditOf(tag, held, next)); // pairs with load(credit) in settle()
    return tag;
  }

  #row(id: number, word: number): Address {
    return (this.#place.rows + id * ROW_WORDS + word) as Address;
  }

  #read(at: Address): number {
    return this.#place.words.loadNumber(at);
  }

  #move(at: Address, from: number, to: number): boolean {
    return moveWord(this.#place.words, at, from, to);
  }

  #corrupt(at: Address, state: number): never {
    throw new CorruptError(`${this.#place.name}: word ${at} holds ${state}, which no operation leaves there`);
  }
}

// `&` and `>>>` take the low 32 bits of any whole number below 2^53; `%` of numbers above 2^31 is a call into C.

function availableOf(state: number): number {
  return Math.floor(state / AVAILABLE_UNIT);
}
function ownerIdOf(state: number): number {
  return Math.floor(state / TAGS) & (FIELD - 1);
}
function tagOfState(state: number): number {
  return state & (TAGS - 1);
}
function creditOf(tag: number, held: number, next: number): number {
  return tag * TAG_UNIT + held * FIELD + next;
}
function tagOf(credit: number): number {
  return Math.floor(credit / TAG_UNIT);
}
function heldOf(credit: number): number {
  return (credit >>> 16) & (FIELD - 1);
}
function nextOf(credit: number): number {
  return credit & (FIELD - 1);
}
