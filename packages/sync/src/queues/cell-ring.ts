/**
 * The cells of a bounded queue, and how threads find the next one. A cell is claimed by a compare-exchange on its own word (see
 * cell.ts), and claims are contiguous: a thread claims position p only after it has seen all before it claimed. So the tail
 * is where the first unclaimed cell is, the head where the first cell is that nobody took, and no counter is authority. The
 * two shared counters are hints that lag behind and are helped forward once in a while; each thread keeps its own place
 * besides, and while that is right an operation touches its cell and nothing else.
 *
 * The four short paths call the words directly: V8 compiles a WebAssembly call inside a `try` as a foreign one, at twice the
 * cost of the whole operation. So a word above 2^53 that somebody else has written there is the words' own ValueError.
 *
 * The stamps are Vyukov's ("Bounded MPMC queue", 2010); names in them, and helping, after Herlihy, "Wait-Free Synchronization",
 * TOPLAS 1991. That the end of the stream is a mark on its next cell is from Morrison and Afek, "Fast Concurrent Queues for
 * x86 Processors", PPoPP 2013: nothing can be sent after it, and all before it is received.
 *
 *   sendHint, takeHint   positions, at most the tail and the head; helped forward by compare-exchange
 *   cells                { word, value, ... } each; the value is plain, since only the claimer or the taker touches it
 */
import { type Address, CorruptError, type Words } from '@pool/core';
import { moveCounter, readCounter } from '../internal/standing.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import {
  become,
  CLAIMED,
  CLOSING,
  FREE,
  FULL,
  freed,
  isClosing,
  isWaiting,
  LAP,
  LAPS,
  lapOf,
  standingOf,
  stateOf,
  TAKEN,
  WAITING,
} from './cell.ts';

export const LARGEST_CELL_COUNT: number = 2 ** 22;
/** No cell, since none is free (for a sender) or full (for a receiver). */
export const NO_CELL = 0;
/** No cell, and never again. */
export const STREAM_ENDED = -1;
/** The hints are helped forward once in so many claims. */
const CLAIMS_PER_HELP = 16;
const NAME = 'queue';

export interface CellPlace {
  readonly sendHint: Address;
  readonly takeHint: Address;
  readonly cells: Address;
}

/** What a dead thread left in the cells. */
export interface LeftCells<Found> {
  /** Claims that were never published: the queue goes on past them. */
  readonly skipped: number;
  /** What stood in the cells that it was taking, which reached nobody. */
  readonly undelivered: readonly Found[];
}

/** Where one side of this thread thinks that it is. */
interface Place {
  index: number;
  /** The lap, times `LAP`. */
  lap: number;
  cell: number;
}

/** Cells to send in and to receive from, of whatever making. */
export interface Cells {
  readonly closed: boolean;
  readonly length: number;
  /** A cell to write in and `publish`, `NO_CELL` or `STREAM_ENDED`. */
  claim(): number;
  publish(cell: number): boolean;
  /** A cell to read from and `release`, `NO_CELL` or `STREAM_ENDED`. */
  take(): number;
  release(cell: number): boolean;
  close(): void;
  parkSender(): ParkingSpot | undefined;
  parkReceiver(): ParkingSpot | undefined;
  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found>;
}

export class CellRing implements Cells {
  readonly capacity: number;
  readonly #words: Words;
  readonly #place: CellPlace;
  readonly #cellWords: number;
  readonly #isCurrent: () => boolean;
  readonly #positions: number;
  readonly #helpMask: number;
  /** Standings of cells that this thread has to itself. */
  readonly #claimed: number;
  readonly #taken: number;
  readonly #send: Place;
  readonly #take: Place;
  /** The laps, times `LAP`, of the cells that this thread claimed and took last. */
  #claimedLap = 0;
  #takenLap = 0;
  /** What the last search saw. */
  #seen = 0;
  /** By how many laps the search has jumped ahead. */
  #jumped = 0;

  /**
   * Call `init` or `attach` next.
   * @param name who claims through this object, see `nameOf`
   * @param isCurrent whether the cells are still what this object was made for; asked between looking at a cell and claiming it
   */
  constructor(
    words: Words,
    place: CellPlace,
    capacity: number,
    cellWords: number,
    name: number,
    isCurrent: () => boolean = () => true,
  ) {
    this.#isCurrent = isCurrent;
    this.capacity = capacity;
    this.#words = words;
    this.#place = place;
    this.#cellWords = cellWords;
    this.#positions = LAPS * capacity;
    this.#helpMask = Math.min(CLAIMS_PER_HELP, capacity) - 1;
    this.#claimed = name + CLAIMED;
    this.#taken = name + TAKEN;
    this.#send = { index: 0, lap: 0, cell: place.cells };
    this.#take = { index: 0, lap: 0, cell: place.cells };
  }

  /** Lays empty cells whose first position is `start`. */
  init(start: bigint): void {
    const position = Number(BigInt.asUintN(64, start) % BigInt(this.#positions));
    for (let step = 0; step < this.capacity; step++) {
      const at = (position + step) % this.#positions;
      this.#words.storeNumber(this.#cellOf(at), Math.floor(at / this.capacity) * LAP + FREE);
    }
    this.#startAt(position);
  }

  /** Goes on where the hints say that others are. */
  attach(): void {
    this.#set(this.#send, this.#readHint(this.#place.sendHint));
    this.#set(this.#take, this.#readHint(this.#place.takeHint));
  }

  /**
   * Makes a ring that has ended ready for another stream, in laps that no late thread has ever seen.
   * @returns `false` if a cell is still being read: the ring may then be half made ready, and stays ended
   */
  restart(): boolean {
    const cells = Array.from({ length: this.capacity }, (_, index) => this.#cellOf(index));
    const laps = cells.map((cell) => lapOf(readCounter(this.#words, cell, NAME)));
    const first = laps[0] as number;
    const furthest = Math.max(...laps.map((lap) => ((((lap - first) % LAPS) + LAPS + LAPS / 2) % LAPS) - LAPS / 2));
    const lap = (first + furthest + 2 + LAPS) % LAPS;
    for (const cell of cells) {
      for (;;) {
        const seen = readCounter(this.#words, cell, NAME);
        if (stateOf(seen) !== FREE) return false;
        if (this.#change(cell, seen, lap * LAP + FREE)) break;
      }
    }
    this.#startAt(lap * this.capacity);
    return true;
  }

  /** Claims the next cell to send in; publish it, and soon. Progress: lock-free. */
  claim(): number {
    const { cell, lap } = this.#send;
    // pairs with the compare-exchange in release(): the cell's last word was read out
    if (this.#words.loadNumber(cell as Address) === lap + FREE) {
      // Compare-exchange, not store: it may be another sender's by now. On success nobody else writes to the cell but marks.
      if (this.#words.compareExchangeNumber(cell as Address, lap + FREE, lap + this.#claimed) === lap + FREE) {
        this.#claimedLap = lap;
        this.#step(this.#send, this.#place.sendHint);
        return cell;
      }
    }
    return this.#claimSlowly();
  }

  /** Publishes a claimed cell. @returns `false` if this thread was taken for dead meanwhile, and its claim skipped */
  publish(cell: number): boolean {
    const lap = this.#claimedLap;
    // pairs with the loads in take(): publishes the word. Fails if the cell was marked meanwhile.
    if (this.#words.compareExchangeNumber(cell as Address, lap + this.#claimed, lap + FULL) === lap + this.#claimed)
      return true;
    return this.#finish(cell, this.#claimed);
  }

  /** Takes the next cell that was published; read it and release it, and soon. Progress: lock-free. */
  take(): number {
    const { cell, lap } = this.#take;
    // pairs with the compare-exchange in publish(): the word is there
    if (this.#words.loadNumber(cell as Address) === lap + FULL) {
      if (this.#words.compareExchangeNumber(cell as Address, lap + FULL, lap + this.#taken) === lap + FULL) {
        this.#takenLap = lap;
        this.#step(this.#take, this.#place.takeHint);
        return cell;
      }
    }
    return this.#takeSlowly();
  }

  /** Frees a taken cell for the next lap. */
  release(cell: number): boolean {
    const lap = this.#takenLap;
    const next = lap + LAP < LAPS * LAP ? lap + LAP : 0;
    // pairs with the loads in claim(): the word is read out. Fails if the cell was marked meanwhile.
    if (this.#words.compareExchangeNumber(cell as Address, lap + this.#taken, next + FREE) === lap + this.#taken)
      return true;
    return this.#finish(cell, this.#taken);
  }

  /** Ends the stream behind what was claimed: what is in the cells can still be taken. Closing twice is once. */
  close(): void {
    for (;;) {
      const position = this.#findTail();
      const seen = this.#seen;
      if (isClosing(seen)) return;
      // pairs with the loads in claim(): no claim of this position succeeds from here on
      if (this.#change(this.#cellOf(position), seen, seen - (seen & WAITING) + CLOSING)) return;
      if (!this.#isCurrent()) return; // another stream, which is not this one's to end
    }
  }

  /** Whether nothing can be sent any more. */
  get closed(): boolean {
    this.#findTail();
    return isClosing(this.#seen);
  }

  /** Whether, besides, everything that was sent has been taken. */
  get ended(): boolean {
    this.#findHead();
    const state = stateOf(this.#seen);
    return state !== FULL && state !== CLAIMED && isClosing(this.#seen);
  }

  /** Cells claimed and not taken, a moment ago. */
  get length(): number {
    const head = this.#findHead();
    const length = this.#distance(head, this.#findTail());
    return Math.min(length, this.capacity);
  }

  /** Marks the cell that a sender waits for; `undefined` if there is none to wait for. */
  parkSender(): ParkingSpot | undefined {
    const at = this.#cellOf(this.#findTail());
    return stateOf(this.#seen) === FREE || isClosing(this.#seen) ? undefined : this.#park(at);
  }

  /** Marks the cell that a receiver waits for; `undefined` if there is none to wait for. */
  parkReceiver(): ParkingSpot | undefined {
    const at = this.#cellOf(this.#findHead());
    const state = stateOf(this.#seen);
    return state === FULL || (state !== CLAIMED && isClosing(this.#seen)) ? undefined : this.#park(at);
  }

  /** Skips what the dead owner of this name had claimed, and frees what it was taking. Idempotent; of several, one finds each. */
  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found> {
    let skipped = 0;
    const undelivered: Found[] = [];
    for (let index = 0; index < this.capacity; index++) {
      const cell = this.#cellOf(index);
      const seen = readCounter(this.#words, cell, NAME);
      const standing = standingOf(seen);
      if (standing !== name + CLAIMED && standing !== name + TAKEN) continue;
      const found = standing === name + TAKEN ? [read(cell)] : [];
      if (!this.#finish(cell, standing, true)) continue;
      if (standing === name + CLAIMED) skipped += 1;
      undelivered.push(...found);
    }
    return { skipped, undelivered };
  }

  #claimSlowly(): number {
    for (;;) {
      const position = this.#findTail();
      const seen = this.#seen;
      if (isClosing(seen)) return STREAM_ENDED;
      if (stateOf(seen) !== FREE) return NO_CELL;
      if (!this.#isCurrent()) return NO_CELL; // after the look at the cell: what replaces these cells changes every one of them
      const cell = this.#cellOf(position);
      // The mark of a parked receiver stays: it waits for the word, not for the claim.
      if (!moveCounter(this.#words, cell, seen, seen + this.#claimed, NAME)) continue;
      this.#set(this.#send, position);
      this.#claimedLap = this.#send.lap;
      this.#step(this.#send, this.#place.sendHint);
      return cell;
    }
  }

  #takeSlowly(): number {
    for (;;) {
      const position = this.#findHead();
      const seen = this.#seen;
      const state = stateOf(seen);
      if (state !== FULL) return state !== CLAIMED && isClosing(seen) ? STREAM_ENDED : NO_CELL;
      if (!this.#isCurrent()) return NO_CELL;
      const cell = this.#cellOf(position);
      if (!moveCounter(this.#words, cell, seen, seen - FULL + this.#taken, NAME)) continue;
      this.#set(this.#take, position);
      this.#takenLap = this.#take.lap;
      this.#step(this.#take, this.#place.takeHint);
      return cell;
    }
  }

  /**
   * The first position that nobody claimed, with its cell's word in `#seen`: free for it, or, when the queue is full, still in
   * use for the lap before.
   */
  #findTail(): number {
    let position = this.#begin(this.#place.sendHint);
    for (;;) {
      const seen = readCounter(this.#words, this.#cellOf(position), NAME);
      const ahead = this.#ahead(seen, position);
      if (ahead === 0 ? stateOf(seen) === FREE : ahead === -1 && stateOf(seen) !== FREE) {
        this.#seen = seen;
        return position;
      }
      if (this.#isAstray(position, seen, ahead)) return this.#late();
      position = this.#next(position, ahead);
    }
  }

  /**
   * The first position that nobody took, with its cell's word in `#seen`. Where everything is taken and the receivers are still
   * reading, that may be a round further on, and the cell still taken for the lap before.
   */
  #findHead(): number {
    let position = this.#begin(this.#place.takeHint);
    for (;;) {
      const seen = readCounter(this.#words, this.#cellOf(position), NAME);
      const ahead = this.#ahead(seen, position);
      if (ahead === 0 ? stateOf(seen) !== TAKEN : ahead === -1 && stateOf(seen) === TAKEN) {
        this.#seen = seen;
        return position;
      }
      if (this.#isAstray(position, seen, ahead)) return this.#late();
      position = this.#next(position, ahead);
    }
  }

  /** What a late thread is told: there is nothing for it here, neither a free cell nor a full one. */
  #late(): number {
    this.#seen = CLAIMED;
    return 0;
  }

  /** The position after one that is done with; if its cell is laps further, the one after the latest that is known to be. */
  #next(position: number, ahead: number): number {
    const jump = Math.max(0, ahead - 1);
    this.#jumped += jump;
    const next = position + 1 + jump * this.capacity;
    return next < this.#positions ? next : next - this.#positions;
  }

  /** By how many laps the cell is further than the position. */
  #ahead(seen: number, position: number): number {
    const ahead = lapOf(seen) - Math.floor(position / this.capacity);
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

  /** Moves a cell that somebody has to himself on: published, freed or skipped. `false` if it is not his any more. */
  #finish(cell: number, standing: number, dead = false): boolean {
    for (;;) {
      const seen = readCounter(this.#words, cell as Address, NAME);
      if (standingOf(seen) !== standing) return false;
      const next = !dead && stateOf(standing) === CLAIMED ? become(seen, FULL) : freed(seen);
      // pairs with the loads in take() and claim(): publishes the word, or says that it was read out
      if (this.#change(cell as Address, seen, next)) return true;
    }
  }

  /** Changes a cell's word, and wakes whoever is parked on it. */
  #change(cell: Address, seen: number, next: number): boolean {
    if (!moveCounter(this.#words, cell, seen, next, NAME)) return false;
    if (isWaiting(seen)) this.#words.notify(cell);
    return true;
  }

  #park(at: Address): ParkingSpot | undefined {
    const seen = this.#seen;
    const expected = isWaiting(seen) ? seen : seen + WAITING;
    // Fails if the cell has changed since the search, and then there is a reason to look again.
    if (expected !== seen && !moveCounter(this.#words, at, seen, expected, NAME)) return undefined;
    return { at, expected };
  }

  /** This thread's place goes on by one; now and then the hint is helped forward to it. */
  #step(place: Place, hint: Address): void {
    place.index += 1;
    place.cell += this.#cellWords;
    if (place.index === this.capacity) {
      place.index = 0;
      place.cell = this.#place.cells;
      place.lap = place.lap + LAP < LAPS * LAP ? place.lap + LAP : 0;
    }
    if ((place.index & this.#helpMask) === 0) this.#help(hint, (place.lap / LAP) * this.capacity + place.index);
  }

  #help(hint: Address, position: number): void {
    for (;;) {
      const seen = this.#readHint(hint);
      const distance = this.#distance(seen, position);
      if (distance === 0 || distance > this.#positions / 2) return;
      if (moveCounter(this.#words, hint, seen, position, NAME)) return;
    }
  }

  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#positions;
  }

  #startAt(position: number): void {
    this.#words.storeNumber(this.#place.sendHint, position);
    this.#words.storeNumber(this.#place.takeHint, position);
    this.#set(this.#send, position);
    this.#set(this.#take, position);
  }

  /** Where a search begins. */
  #begin(hint: Address): number {
    this.#jumped = 0;
    return this.#readHint(hint);
  }

  #readHint(at: Address): number {
    const position = readCounter(this.#words, at, NAME);
    if (position >= this.#positions)
      throw new CorruptError(`${NAME}: word ${at} holds ${position}, which is no position`);
    return position;
  }

  #set(place: Place, position: number): void {
    place.index = position & (this.capacity - 1);
    place.lap = Math.floor(position / this.capacity) * LAP;
    place.cell = this.#cellOf(position);
  }

  #cellOf(position: number): Address {
    return (this.#place.cells + (position & (this.capacity - 1)) * this.#cellWords) as Address;
  }
}
