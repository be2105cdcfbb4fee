/**
 * The one word of a rendezvous, which says how far the hand-over that is under way has got, and the message beside it.
 *
 *   slot   { turn: 28, generation: 4, id: 16, state: 3, closed: 1, waiting: 1 }; written by compare-exchange only
 *
 *   idle --> offering (sender) --> offered (sender) --> taking (receiver) --> idle, next turn
 *     '----> wanted (receiver) --> filling (sender) --> filled -------------^
 *                                     '--> offering (the same sender): its receiver has gone, and the sender ends the turn
 *     '----> asked (a select's receiver, or several: no name) --> as from idle: an ask binds nobody
 *
 * An offer, a wish and an ask can be withdrawn, which ends the turn; so can a dead owner's be, by whoever recovers it. A wish
 * that is being filled cannot: its sender writes the message, and may be dead, so it can neither be overtaken nor waited for.
 * It is made an offer that nobody has seen yet, and the sender takes that back once it has written. A filled slot is taken by
 * whichever receiver comes: should the one that wished for it have died, the message has not.
 */
import { type Address, LINE_WORDS, type Owner, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { nameOf } from '../queues/cell.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { Format, Packed } from './format.ts';

const STATE_UNIT = 4;
const STATE_MASK: number = 7 * STATE_UNIT;
export const IDLE = 0;
export const OFFERING: number = STATE_UNIT;
export const OFFERED: number = 2 * STATE_UNIT;
export const TAKING: number = 3 * STATE_UNIT;
export const WANTED: number = 4 * STATE_UNIT;
export const FILLING: number = 5 * STATE_UNIT;
export const FILLED: number = 6 * STATE_UNIT;
export const ASKED: number = 7 * STATE_UNIT;
/** In whose name an ask stands that is of more than one. An owner of that very name, one in 2^20, asks as several would. */
export const SEVERAL = 0;
const CLOSED = 2;
const WAITING = 1;
const TURN: number = 2 ** 25;
const TURNS: number = 2 ** 28;

export class RendezvousSlot {
  readonly words: Words;
  readonly at: Address;
  readonly #message: Address;
  readonly #format: Format<never>;
  /** This thread's name, where it stands in the slot. */
  readonly #me: number;

  constructor(words: Words, at: Address, format: Format<never>, owner: Owner) {
    this.words = words;
    this.at = at;
    this.#message = (at + LINE_WORDS) as Address;
    this.#format = format;
    this.#me = nameInSlot(owner);
  }

  init(start: bigint): void {
    this.words.storeNumber(this.at, Number(BigInt.asUintN(64, start) % BigInt(TURNS)) * TURN + IDLE);
  }

  read(): number {
    return this.words.loadNumber(this.at);
  }

  /** The message, which whoever has claimed the slot reads and writes alone. */
  fetch(): Packed {
    return this.#format.fetch(this.words, this.#message);
  }

  store(packed: Packed): void {
    this.#format.store(this.words, this.#message, packed);
  }

  /** Moves the slot to another state of the same turn, in this thread's name; what it then holds, or `undefined` if it had changed. */
  claim(seen: number, state: number): number | undefined {
    return this.#change(seen, state, this.#me);
  }

  /** Makes somebody's ask that of several; what the slot then holds, or `undefined` if it had changed. */
  askToo(seen: number): number | undefined {
    return this.#change(seen, ASKED, SEVERAL);
  }

  /** Fulfils a wish; whoever is parked here is woken when that is done. `undefined` if the slot had changed. */
  fill(seen: number): number | undefined {
    const next = turnOf(seen) * TURN + this.#me + FILLING + (seen & (CLOSED | WAITING));
    // pairs with the compare-exchange in endTurn() of a receiver that gives up: the wish is fulfilled or withdrawn
    return moveWord(this.words, this.at, seen, next) ? next : undefined;
  }

  /** Leaves a slot that is being filled to its sender. `false` if it had changed. */
  disown(seen: number): boolean {
    return this.#change(seen, OFFERING, nameIn(seen)) !== undefined; // pairs with finish() in the sender, which fails
  }

  /** Ends the turn of what this thread was filling, if its receiver has left it. */
  takeBack(filling: number): void {
    this.finish(filling - FILLING + OFFERING, IDLE);
  }

  /** Makes an offer in a free slot; how it stands there, or `undefined` if the slot had changed. */
  offer(seen: number, packed: Packed): number | undefined {
    const claimed = this.claim(seen, OFFERING);
    if (claimed === undefined) return undefined;
    this.store(packed);
    return this.finish(claimed, OFFERED) ? standingOf(claimed) - OFFERING + OFFERED : undefined;
  }

  /** Moves on what this thread has to itself, whatever marks it has got meanwhile. `false` if it was taken for dead. */
  finish(claimed: number, state: number): boolean {
    for (;;) {
      const seen = this.read();
      if (standingOf(seen) !== standingOf(claimed)) return false;
      if (state === IDLE ? this.endTurn(seen) : this.#change(seen, state, nameIn(seen)) !== undefined) return true;
    }
  }

  endTurn(seen: number): boolean {
    const turn = turnOf(seen) + 1;
    return this.#move(seen, (turn < TURNS ? turn : 0) * TURN + IDLE + (seen & CLOSED));
  }

  close(): void {
    for (;;) {
      const seen = this.read();
      if (isClosed(seen)) return;
      if (this.#move(seen, seen - (seen & WAITING) + CLOSED)) return;
    }
  }

  /** Tells all who are parked here to look again. */
  wake(): void {
    this.words.notify(this.at);
  }

  /** Marks that somebody is parked here, if what the slot holds is worth waiting for a change. */
  park(isWorthWaiting: (seen: number) => boolean): ParkingSpot | undefined {
    const seen = this.read();
    if (!isWorthWaiting(seen)) return undefined;
    const expected = (seen & WAITING) === 0 ? seen + WAITING : seen;
    // pairs with #move() in whoever changes the slot: it sees the mark, or this fails
    if (expected !== seen && !moveWord(this.words, this.at, seen, expected)) return undefined;
    return { at: this.at, expected };
  }

  #change(seen: number, state: number, name: number): number | undefined {
    const next = turnOf(seen) * TURN + name + state + (seen & CLOSED);
    return this.#move(seen, next) ? next : undefined;
  }

  /** Changes the slot, and wakes whoever is parked on it. Pairs with read() in the other side: publishes the message, or that it was read. */
  #move(seen: number, next: number): boolean {
    if (!moveWord(this.words, this.at, seen, next)) return false;
    if ((seen & WAITING) !== 0) this.wake();
    return true;
  }
}

export function nameInSlot(owner: Owner): number {
  return nameOf(owner) * 2;
}

export function stateOf(slot: number): number {
  return slot & STATE_MASK;
}

export function turnOf(slot: number): number {
  return Math.floor(slot / TURN);
}

export function nameIn(slot: number): number {
  return slot & (TURN - 1) & ~(STATE_MASK | CLOSED | WAITING);
}

/** All but the marks. */
export function standingOf(slot: number): number {
  return slot - (slot & (CLOSED | WAITING));
}

export function isClosed(slot: number): boolean {
  return (slot & CLOSED) !== 0;
}

/** Whether an offer or a wish may be left there. */
export function isFree(slot: number): boolean {
  return stateOf(slot) === IDLE || stateOf(slot) === ASKED;
}

/** Whether a receiver finds nothing there now. An offer in a closed channel is about to be withdrawn. */
export function canBeAwaited(slot: number): boolean {
  return stateOf(slot) !== FILLED && (stateOf(slot) !== OFFERED || isClosed(slot));
}
