/**
 * The cells of a bounded queue. A cell is claimed by a compare-exchange on its own word (see cell.ts), and no counter is
 * authority (see cell-search.ts). Each thread keeps its own place besides the shared hints, and while that is right an
 * operation touches its cell and nothing else: the short paths below. Where it is not, a search finds the place anew.
 *
 * A message of one word is sent and received in the fewest steps there can be, see `CellSteps` in core: a sender that has a
 * lane writes it before the cell is its own, and moves the cell from free to full in one step; a receiver reads it before it is its
 * own, and moves the cell from full to free in one. A longer one is written between `claim` and `publish`, and read between
 * `take` and `release`.
 *
 * Nothing here stands in a `try`: V8 compiles a WebAssembly call inside one as a foreign call, at twice the cost of the
 * whole operation.
 *
 * The stamps are Vyukov's ("Bounded MPMC queue", 2010). That the end of the stream is a mark on its next cell is from Morrison
 * and Afek, "Fast Concurrent Queues for x86 Processors", PPoPP 2013: nothing can be sent after it, and all before it is received.
 */
import type { Address, Words } from '@pool/core';
import type { ParkingSpot } from '../waiting/parking.ts';
import { CLAIMED, FREE, LAP, LAPS, lapOf, standingOf, stateOf, TAKEN } from './cell.ts';
import { CellChanges } from './cell-changes.ts';
import type { CellGrid } from './cell-grid.ts';
import { parkSender, parkSenderForMore } from './cell-parking.ts';
import { CellReceiver } from './cell-receiver.ts';
import { type CellPlace, CellSearch } from './cell-search.ts';
import { CellSender } from './cell-sender.ts';
import type { LeftCells, WordCells } from './cells.ts';

/** What concerns a ring that is one of several. */
export interface RingList {
  /** Whether the cells are still what the ring was made for; asked between looking at a cell and claiming it. */
  readonly isCurrent: () => boolean;
  /** A cell that somebody has marked to wait for is another one now, and the mark is gone. */
  readonly onUnmarked: () => void;
}

const ALONE: RingList = { isCurrent: () => true, onUnmarked: () => {} };

export class CellRing implements WordCells {
  readonly capacity: number;
  readonly #words: Words;
  readonly #search: CellSearch;
  readonly #place: CellPlace;
  readonly #changes: CellChanges;
  readonly sender: CellSender;
  readonly receiver: CellReceiver;

  /**
   * Call `init` or `attach` next.
   * @param name who claims through this object, see `nameOf`
   * @param list what the list knows that the ring is in, if it is in one
   */
  constructor(
    words: Words,
    place: CellPlace,
    capacity: number,
    grid: CellGrid,
    name: number,
    { isCurrent, onUnmarked }: RingList = ALONE,
  ) {
    this.capacity = capacity;
    this.#words = words;
    this.#place = place;
    this.#search = new CellSearch(words, place, capacity, grid.stride, isCurrent);
    this.#changes = new CellChanges(words, onUnmarked);
    const parts = { words, place, capacity, grid, search: this.#search, changes: this.#changes, isCurrent, name };
    this.sender = new CellSender(place.sendHint, parts);
    this.receiver = new CellReceiver(place.takeHint, parts);
  }

  /** Lays empty cells whose first position is `start`. */
  init(start: bigint): void {
    const position = Number(BigInt.asUintN(64, start) % BigInt(this.#search.positions));
    for (let step = 0; step < this.capacity; step++) {
      const at = (position + step) % this.#search.positions;
      this.#words.storeNumber(this.#search.cellOf(at), Math.floor(at / this.capacity) * LAP + FREE);
    }
    this.#startAt(position);
  }

  /** Goes on where the hints say that others are. */
  attach(): void {
    this.sender.attach();
    this.receiver.attach();
  }

  /**
   * Makes a ring that has ended ready for another stream, in laps that no late thread has ever seen.
   * @returns `false` if a cell is still being read: the ring may then be half made ready, and stays ended
   */
  restart(): boolean {
    const cells = Array.from({ length: this.capacity }, (_, index) => this.#search.cellOf(index));
    const laps = cells.map((cell) => lapOf(this.#words.loadNumber(cell)));
    const first = laps[0] as number;
    const furthest = Math.max(...laps.map((lap) => ((((lap - first) % LAPS) + LAPS + LAPS / 2) % LAPS) - LAPS / 2));
    const lap = (first + furthest + 2 + LAPS) % LAPS;
    for (const cell of cells) {
      for (;;) {
        const seen = this.#words.loadNumber(cell);
        if (stateOf(seen) !== FREE) return false;
        if (this.#changes.change(cell, seen, lap * LAP + FREE)) break;
      }
    }
    this.#startAt(lap * this.capacity);
    return true;
  }

  claim(): number {
    return this.sender.claim();
  }

  publish(cell: number): boolean {
    return this.sender.publish(cell as Address);
  }

  take(): number {
    return this.receiver.take();
  }

  release(cell: number): boolean {
    return this.receiver.release(cell as Address);
  }

  close(): void {
    this.sender.close();
  }

  get closed(): boolean {
    return this.sender.closed;
  }

  /** Whether, besides, everything that was sent has been taken. */
  get ended(): boolean {
    return this.receiver.ended;
  }

  /** Cells claimed and not taken, a moment ago. */
  get length(): number {
    const head = this.#search.findHead(this.receiver.position);
    const length = this.#search.distance(head, this.#search.findTail(this.sender.position));
    return Math.min(length, this.capacity);
  }

  parkSender(): ParkingSpot | undefined {
    return parkSender(this.#words, this.#search, this.sender.position);
  }

  parkSenderForMore(): ParkingSpot | undefined {
    return parkSenderForMore(this.#words, this.#search, this.sender.position, this.capacity);
  }

  parkReceiver(): ParkingSpot | undefined {
    return this.receiver.park();
  }

  /** Skips what the dead owner of this name had claimed, frees what it was taking, and wakes all. Idempotent; of several, one finds each. */
  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found> {
    let skipped = 0;
    const undelivered: Found[] = [];
    for (let index = 0; index < this.capacity; index++) {
      const cell = this.#search.cellOf(index);
      const seen = this.#words.loadNumber(cell);
      const standing = standingOf(seen);
      if (standing === name + CLAIMED || standing === name + TAKEN) {
        const found = standing === name + TAKEN ? [read(cell)] : [];
        if (this.#changes.finish(cell, standing, true)) {
          if (standing === name + CLAIMED) skipped += 1;
          undelivered.push(...found);
        }
      }
      this.#words.notify(cell); // whoever took the mark away may have died before it woke those that sleep
    }
    return { skipped, undelivered };
  }

  #startAt(position: number): void {
    this.#words.storeNumber(this.#place.sendHint, position);
    this.#words.storeNumber(this.#place.takeHint, position);
    this.sender.position = position;
    this.receiver.position = position;
  }
}
