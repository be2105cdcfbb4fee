/**
 * First come, first served, without a queue that a death could cut: each owner that waits has a ticket in its own row, and
 * who has the lowest is first. Leaving the line, for whatever reason, is clearing one's own ticket, which somebody else can do
 * for the dead. Finding out who is first reads every row; only those that wait do so.
 *
 * Lamport, "A New Solution of Dijkstra's Concurrent Programming Problem", CACM 1974 (the bakery).
 *
 *   tickets  the next ticket, modulo 2^64
 *   inLine   a hint for those who do not wait: at least how many tickets there are. Who dies on the way in or out leaves it one
 *            too high, and then the rows are read for nothing
 *   ticket   { ticket modulo 2^32: 32, waits: 1 } of the row; written by the owner, and after its death by recovery.
 *            Tickets are compared modulo 2^32: they wrap, as long as no two in line are 2^31 apart
 *
 * Tasks of one thread share its place, and have a line of their own (see ../waiting/turns.ts): each time the first of them has
 * been served, or gives up, the others get a new ticket.
 */
import type { Address, Owner, Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';

const TICKETS = 2 ** 32;

export interface LinePlace {
  readonly words: Words;
  readonly tickets: Address;
  readonly inLine: Address;
  readonly owners: number;
  readonly owner: Owner;
  /** Where the ticket of an owner stands. */
  readonly ticket: (id: number) => Address;
  readonly isOf: (owner: Owner) => boolean;
}

export class WaitingLine {
  readonly #place: LinePlace;
  /** How many tasks of this thread wait. */
  #waiting = 0;

  constructor(place: LinePlace) {
    this.#place = place;
  }

  /** Whether anybody waits, a moment ago. */
  get empty(): boolean {
    if (this.#place.words.load(this.#place.inLine) === 0n) return true; // pairs with fetchAdd(inLine) in enter()
    for (let id = 0; id < this.#place.owners; id++) if (this.#read(id) !== 0) return false;
    return true;
  }

  enter(): void {
    this.#waiting += 1;
    this.#place.words.fetchAdd(this.#place.inLine, 1n); // before the ticket: the hint is never too low
    if (this.#read(this.#place.owner.id) === 0) this.#draw();
  }

  /** Whether nobody in line came before this thread. */
  get first(): boolean {
    const { owner, owners } = this.#place;
    const mine = this.#read(owner.id);
    if (mine === 0) {
      this.#draw(); // another object of this thread has cleared it
      return false;
    }
    for (let id = 0; id < owners; id++) {
      const theirs = this.#read(id);
      if (id !== owner.id && theirs !== 0 && isBefore(theirs, mine)) return false;
    }
    return true;
  }

  /** @param first whether it was the first of this thread's; who leaves behind it, without having been served, does not cost it its place */
  leave(first: boolean): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) first && this.#draw();
    else this.#place.words.storeNumber(this.#place.ticket(this.#place.owner.id), 0);
    this.#place.words.fetchSub(this.#place.inLine, 1n);
  }

  /** Takes a dead owner out of the line. */
  recover(owner: Owner): boolean {
    const { words, ticket, isOf, owners } = this.#place;
    if (owner.id >= owners) return false;
    const seen = this.#read(owner.id);
    // Looked at after the ticket: a successor's ticket is not the one that was seen.
    if (!isOf(owner) || seen === 0 || !moveWord(words, ticket(owner.id), seen, 0)) return false;
    words.fetchSub(this.#place.inLine, 1n);
    return true;
  }

  #draw(): void {
    const { words, tickets, ticket, owner } = this.#place;
    const drawn = Number(BigInt.asUintN(32, words.fetchAdd(tickets, 1n)));
    words.storeNumber(ticket(owner.id), drawn * 2 + 1); // pairs with load(ticket) in first(): those behind see this one
  }

  #read(id: number): number {
    return this.#place.words.loadNumber(this.#place.ticket(id));
  }
}

function isBefore(ticket: number, other: number): boolean {
  const distance = (Math.floor(other / 2) - Math.floor(ticket / 2) + TICKETS) % TICKETS;
  return distance > 0 && distance < TICKETS / 2;
}
