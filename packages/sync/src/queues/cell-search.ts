/**
 * Where the next cell of a ring is. Claims are contiguous: a thread claims position p only after it has seen all before it
 * claimed. So the tail is where the first unclaimed cell is, the head where the first cell is that nobody took, and no counter
 * is authority. The two shared counters are hints that lag behind; a search begins at one of them and goes on from cell to
 * cell, and those who come along help it forward once in a while.
 *
 *   sendHint, takeHint   positions, at most the tail and the head; helped forward by compare-exchange
 *
 * Helping is Herlihy's ("Wait-Free Synchronization", TOPLAS 1991).
 */
import { type Address, CorruptError, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { CLAIMED, FREE, LAPS, lapOf, stateOf, TAKEN } from './cell.ts';

/** What the words are called in errors. */
export const NAME = 'queue';

/** Where the words of a ring stand. */
export interface CellPlace {
  readonly sendHint: Address;
  readonly takeHint: Address;
  /** See cell-grid.ts. */
  readonly cells: Address;
}

export class CellSearch {
  /** How many positions there are before they begin anew. */
  readonly positions: number;
  readonly #words: Words;
  readonly #place: CellPlace;
  readonly #capacity: number;
  readonly #cellWords: number;
  readonly #isCurrent: () => boolean;
  /** The word of the cell that the last search came to. */
  seen = 0;
  /** By how many laps the search has jumped ahead. */
  #jumped = 0;

  constructor(words: Words, place: CellPlace, capacity: number, cellWords: number, isCurrent: () => boolean) {
    this.positions = LAPS * capacity;
    this.#words = words;
    this.#place = place;
    this.#capacity = capacity;
    this.#cellWords = cellWords;
    this.#isCurrent = isCurrent;
  }

  cellOf(position: number): Address {
    return (this.#place.cells + (position & (this.#capacity - 1)) * this.#cellWords) as Address;
  }

  /** How many positions lie between the two. */
  distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.positions;
  }

  readHint(at: Address): number {
    const position = this.#words.loadNumber(at);
    if (position >= this.positions)
      throw new CorruptError(`${NAME}: word ${at} holds ${position}, which is no position`);
    return position;
  }

  /** Moves the hint on to this position, unless it is further already. */
  help(hint: Address, position: number): void {
    for (;;) {
      const seen = this.readHint(hint);
      const distance = this.distance(seen, position);
      if (distance === 0 || distance > this.positions / 2) return;
      if (moveWord(this.#words, hint, seen, position)) return;
    }
  }

  /**
   * The first position that nobody claimed, with its cell's word in `seen`: free for it, or, when the queue is full, still in
   * use for the lap before.
   * @param known a position that is no further than that; better than the hint while it is not laps behind
   */
  findTail(known: number): number {
    let position = this.#begin(this.#place.sendHint, known);
    for (;;) {
      const seen = this.#words.loadNumber(this.cellOf(position));
      const ahead = this.#ahead(seen, position);
      if (ahead === 0 ? stateOf(seen) === FREE : ahead === -1 && stateOf(seen) !== FREE) {
        this.seen = seen;
        return position;
      }
      if (this.#isAstray(position, seen, ahead)) return this.#late();
      position = this.#next(position, ahead);
    }
  }

  /**
   * The first position that nobody took, with its cell's word in `seen`. Where everything is taken and receivers are still
   * reading, that may be a round further on, and the cell still taken for the lap before.
   * @param known as in `findTail`
   */
  findHead(known: number): number {
    let position = this.#begin(this.#place.takeHint, known);
    for (;;) {
      const seen = this.#words.loadNumber(this.cellOf(position));
      const ahead = this.#ahead(seen, position);
      if (ahead === 0 ? stateOf(seen) !== TAKEN : ahead === -1 && stateOf(seen) === TAKEN) {
        this.seen = seen;
        return position;
      }
      if (this.#isAstray(position, seen, ahead)) return this.#late();
      // A lap less than for the tail. Where a sender has died, its claim is skipped out of turn: then what was claimed last in this cell
      // is done with before what is between it and the claim of the lap before; only that one tells that all before it is taken.
      position = this.#next(position, Math.max(0, ahead - 1));
    }
  }

  /** The hint's line is everybody's; the cell where this thread was last is as good a place to begin, unless it has been away for laps. */
  #begin(hint: Address, known: number): number {
    this.#jumped = 0;
    const ahead = this.#ahead(this.#words.loadNumber(this.cellOf(known)), known);
    return ahead >= -1 && ahead <= 0 ? known : this.readHint(hint);
  }

  /** What a late thread is told: there is nothing for it here, neither a free cell nor a full one. */
  #late(): number {
    this.seen = CLAIMED;
    return 0;
  }

  /** The position after one that is done with; if its cell is laps further, the one after the latest that is known to be. */
  #next(position: number, ahead: number): number {
    const jump = Math.max(0, ahead - 1);
    this.#jumped += jump;
    const next = position + 1 + jump * this.#capacity;
    return next < this.positions ? next : next - this.positions;
  }

  /** By how many laps the cell is further than the position. */
  #ahead(seen: number, position: number): number {
    const ahead = lapOf(seen) - Math.floor(position / this.#capacity);
    return ahead < -1 ? ahead + LAPS : ahead === LAPS - 1 ? -1 : ahead;
  }

  /**
   * Whether a search has come to where no cell can be: a thread that is late sees cells that are being laid anew.
   * @throws {CorruptError} if it is not late; laps that lead round in a circle are nobody's either
   */
  #isAstray(position: number, seen: number, ahead: number): boolean {
    if (ahead >= 0 && ahead <= LAPS / 2 && this.#jumped <= LAPS / 2) return false;
    if (!this.#isCurrent()) return true;
    throw new CorruptError(`${NAME}: the cell of position ${position} holds ${seen}, which no thread leaves there`);
  }
}
