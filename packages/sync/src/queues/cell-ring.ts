/**
 * The cells of a bounded queue. A cell is claimed by a compare-exchange on its own word (see cell.ts), and no counter is
 * authority (see cell-search.ts). Each thread keeps its own place besides the shared hints, and while that is right an
 * operation touches its cell and nothing else: the short paths below. Where it is not, a search finds the place anew.
 *
 * A message of one word is sent and received in the fewest steps there can be, see `CellSteps` in core: a receiver reads it
 * before it is its own, and moves the cell from full to free in one step. A longer one is read between a claim (`take`) and
 * its end (`release`).
 *
 * Nothing here stands in a `try`: V8 compiles a WebAssembly call inside one as a foreign call, at twice the cost of the
 * whole operation.
 *
 * The stamps are Vyukov's ("Bounded MPMC queue", 2010). That the end of the stream is a mark on its next cell is from Morrison
 * and Afek, "Fast Concurrent Queues for x86 Processors", PPoPP 2013: nothing can be sent after it, and all before it is received.
 */
import {
  type Address,
  type CellSteps,
  CorruptError,
  cellSteps,
  FILLED,
  NOT_FREE,
  TOO_LARGE,
  type Words,
} from '@pool/core';
import { moveWord } from '../internal/standing.ts';
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
import { parkReceiver, parkSender, parkSenderForMore } from './cell-parking.ts';
import { type CellPlace, CellSearch } from './cell-search.ts';
import { type LeftCells, NO_CELL, NO_VALUE, SENT, STREAM_ENDED, VALUES_ENDED, type WordCells } from './cells.ts';

export const LARGEST_CELL_COUNT: number = 2 ** 22;
/** The hints are helped forward once in so many claims. */
const CLAIMS_PER_HELP = 64;
/** From a full cell to a free one of the next lap. */
const DRAINED: number = LAP + FREE - FULL;
/** A free cell that a receiver is parked on, and from there to a full one that nobody is. */
const AWAITED: number = FREE + WAITING;
const ANSWERED: number = FULL - AWAITED;
/** The lap after which they begin anew. */
const LAST_LAP: number = LAPS - 1;

/** What concerns a ring that is one of several. */
export interface RingList {
  /** Whether the cells are still what the ring was made for; asked between looking at a cell and claiming it. */
  readonly isCurrent: () => boolean;
  /** A cell that somebody waited for is free. */
  readonly onFreed: () => void;
}

const ALONE: RingList = { isCurrent: () => true, onFreed: () => {} };

/** Where one side of this thread thinks that it is. */
interface Place {
  cell: number;
  /** A small integer: V8 keeps it in the object itself. */
  lap: number;
  /** Where the hint is helped forward again; the ring goes round at one of those places only. */
  turn: number;
}

export class CellRing implements WordCells {
  readonly capacity: number;
  readonly #words: Words;
  readonly #steps: CellSteps;
  readonly #search: CellSearch;
  readonly #place: CellPlace;
  readonly #cellWords: number;
  readonly #isCurrent: () => boolean;
  readonly #onFreed: () => void;
  readonly #end: number;
  readonly #claimsPerHelp: number;
  /** Standings of cells that this thread has to itself. */
  readonly #claimed: number;
  readonly #taken: number;
  readonly #send: Place;
  readonly #take: Place;
  /** The laps, times `LAP`, of the cells that this thread claimed and took last. */
  #claimedLap = 0;
  #takenLap = 0;

  /**
   * Call `init` or `attach` next.
   * @param name who claims through this object, see `nameOf`
   * @param list what the list knows that the ring is in, if it is in one
   */
  constructor(
    words: Words,
    place: CellPlace,
    capacity: number,
    cellWords: number,
    name: number,
    { isCurrent, onFreed }: RingList = ALONE,
  ) {
    this.capacity = capacity;
    this.#words = words;
    this.#steps = cellSteps(words);
    this.#search = new CellSearch(words, place, capacity, cellWords, isCurrent);
    this.#place = place;
    this.#cellWords = cellWords;
    this.#isCurrent = isCurrent;
    this.#onFreed = onFreed;
    this.#end = place.cells + capacity * cellWords;
    this.#claimsPerHelp = Math.min(CLAIMS_PER_HELP, capacity);
    this.#claimed = name + CLAIMED;
    this.#taken = name + TAKEN;
    this.#send = { cell: place.cells, lap: 0, turn: place.cells };
    this.#take = { cell: place.cells, lap: 0, turn: place.cells };
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
    this.#set(this.#send, this.#search.readHint(this.#place.sendHint));
    this.#set(this.#take, this.#search.readHint(this.#place.takeHint));
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
        if (this.#change(cell, seen, lap * LAP + FREE)) break;
      }
    }
    this.#startAt(lap * this.capacity);
    return true;
  }

  sendNumber(value: number): number {
    const place = this.#send;
    const filled = this.#steps.fill(place.cell as Address, place.lap * LAP + FREE, this.#claimed, value, FULL);
    if (filled !== FILLED) return this.#sendNumberSlowly(value, filled);
    this.#step(place, this.#place.sendHint);
    return SENT;
  }

  #sendNumberSlowly(value: number, filled: number): number {
    if (filled !== NOT_FREE) return this.#publishChanged();
    const place = this.#send;
    const answered = this.#steps.fill(place.cell as Address, place.lap * LAP + AWAITED, this.#claimed, value, ANSWERED);
    if (answered !== NOT_FREE) return this.#answer(answered);
    const cell = this.#claimSlowly();
    if (cell <= NO_CELL) return cell;
    this.#words.storeNumber((cell + 1) as Address, value);
    this.publish(cell);
    return SENT;
  }

  sendWord(value: bigint): number {
    const place = this.#send;
    const filled = this.#steps.fillWord(place.cell as Address, place.lap * LAP + FREE, this.#claimed, value, FULL);
    if (filled !== FILLED) return this.#sendWordSlowly(value, filled);
    this.#step(place, this.#place.sendHint);
    return SENT;
  }

  #sendWordSlowly(value: bigint, filled: number): number {
    if (filled !== NOT_FREE) return this.#publishChanged();
    const place = this.#send;
    const answered = this.#steps.fillWord(
      place.cell as Address,
      place.lap * LAP + AWAITED,
      this.#claimed,
      value,
      ANSWERED,
    );
    if (answered !== NOT_FREE) return this.#answer(answered);
    const cell = this.#claimSlowly();
    if (cell <= NO_CELL) return cell;
    this.#words.store((cell + 1) as Address, value);
    this.publish(cell);
    return SENT;
  }

  receiveNumber(): number {
    const place = this.#take;
    const value =
      place.lap === LAST_LAP ? NO_VALUE : this.#steps.drain(place.cell as Address, place.lap * LAP + FULL, DRAINED);
    if (value >= 0) {
      this.#step(place, this.#place.takeHint);
      return value;
    }
    if (value === TOO_LARGE) throw tooLarge();
    const received = this.#receiveSlowly(true);
    return typeof received === 'bigint' ? Number(received) : received === 'empty' ? NO_VALUE : VALUES_ENDED;
  }

  receiveWord(): bigint | 'empty' | 'closed' {
    const place = this.#take;
    if (place.lap !== LAST_LAP) {
      const value = this.#steps.drainWord(place.cell as Address, place.lap * LAP + FULL, DRAINED);
      if (value !== undefined) {
        this.#step(place, this.#place.takeHint);
        return value;
      }
    }
    return this.#receiveSlowly(false);
  }

  /** Claims the next cell to send in; publish it, and soon. Progress: lock-free. */
  claim(): number {
    const place = this.#send;
    const { cell } = place;
    const lap = place.lap * LAP;
    // pairs with the compare-exchange in release(): the cell's last word was read out
    if (this.#words.loadNumber(cell as Address) === lap + FREE) {
      // Compare-exchange, not store: it may be another sender's by now. On success nobody else writes to the cell but marks.
      if (this.#words.compareExchangeNumber(cell as Address, lap + FREE, lap + this.#claimed) === lap + FREE) {
        this.#claimedLap = lap;
        this.#step(place, this.#place.sendHint);
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
    const place = this.#take;
    const { cell } = place;
    const lap = place.lap * LAP;
    // pairs with the compare-exchange in publish(): the word is there
    if (this.#words.loadNumber(cell as Address) === lap + FULL) {
      if (this.#words.compareExchangeNumber(cell as Address, lap + FULL, lap + this.#taken) === lap + FULL) {
        this.#takenLap = lap;
        this.#step(place, this.#place.takeHint);
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
      const position = this.#search.findTail(this.#positionOf(this.#send));
      const seen = this.#search.seen;
      if (isClosing(seen)) return;
      // pairs with the loads in claim(): no claim of this position succeeds from here on
      if (this.#change(this.#search.cellOf(position), seen, seen - (seen & WAITING) + CLOSING)) return;
      if (!this.#isCurrent()) return; // another stream, which is not this one's to end
    }
  }

  /** Whether nothing can be sent any more. */
  get closed(): boolean {
    this.#search.findTail(this.#positionOf(this.#send));
    return isClosing(this.#search.seen);
  }

  /** Whether, besides, everything that was sent has been taken. */
  get ended(): boolean {
    this.#search.findHead(this.#positionOf(this.#take));
    const state = stateOf(this.#search.seen);
    return state !== FULL && state !== CLAIMED && isClosing(this.#search.seen);
  }

  /** Cells claimed and not taken, a moment ago. */
  get length(): number {
    const head = this.#search.findHead(this.#positionOf(this.#take));
    const length = this.#search.distance(head, this.#search.findTail(this.#positionOf(this.#send)));
    return Math.min(length, this.capacity);
  }

  parkSender(): ParkingSpot | undefined {
    return parkSender(this.#words, this.#search, this.#positionOf(this.#send));
  }

  parkSenderForMore(): ParkingSpot | undefined {
    return parkSenderForMore(this.#words, this.#search, this.#positionOf(this.#send), this.capacity);
  }

  parkReceiver(): ParkingSpot | undefined {
    const { cell, lap } = this.#take;
    const expected = lap * LAP + AWAITED;
    // All before it is taken, so where the cell is free it is the one that is next, as the search below would find. Pairs with
    // the compare-exchanges in sendWord() and close(): who changes the cell after this has seen the mark, and wakes.
    if (moveWord(this.#words, cell as Address, expected - WAITING, expected)) return { at: cell as Address, expected };
    return parkReceiver(this.#words, this.#search, this.#positionOf(this.#take));
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
        if (this.#finish(cell, standing, true)) {
          if (standing === name + CLAIMED) skipped += 1;
          undelivered.push(...found);
        }
      }
      this.#words.notify(cell); // whoever took the mark away may have died before it woke those that sleep
    }
    return { skipped, undelivered };
  }

  #claimSlowly(): number {
    for (;;) {
      const position = this.#search.findTail(this.#positionOf(this.#send));
      const seen = this.#search.seen;
      if (isClosing(seen)) return STREAM_ENDED;
      if (stateOf(seen) !== FREE) return NO_CELL;
      if (!this.#isCurrent()) return NO_CELL; // after the look at the cell: what replaces these cells changes every one of them
      const cell = this.#search.cellOf(position);
      // The mark of a parked receiver stays: it waits for the word, not for the claim.
      if (!moveWord(this.#words, cell, seen, seen + this.#claimed)) continue;
      this.#set(this.#send, position);
      this.#claimedLap = this.#send.lap * LAP;
      this.#step(this.#send, this.#place.sendHint);
      return cell;
    }
  }

  /** The cell at this thread's place is written, for a receiver that is parked on it: it is woken before anything else is done. */
  #answer(answered: number): number {
    if (answered !== FILLED) return this.#publishChanged();
    // The mark went with the word that was published. If this thread dies here, recover() wakes all.
    this.#words.notify(this.#send.cell as Address);
    this.#step(this.#send, this.#place.sendHint);
    return SENT;
  }

  /** The cell at this thread's place is claimed and written, and somebody has marked it, or taken this thread for dead. */
  #publishChanged(): number {
    const { cell } = this.#send;
    this.#finish(cell, this.#claimed);
    this.#step(this.#send, this.#place.sendHint);
    return SENT;
  }

  #receiveSlowly(asNumber: boolean): bigint | 'empty' | 'closed' {
    const { cell, lap } = this.#take;
    // pairs with the compare-exchanges in fill() and publish(): a word that is not seen here is seen when its receiver parks
    const next = this.#words.loadNumber(cell as Address) - lap * LAP;
    if (next === FREE || next === AWAITED) return 'empty'; // as the search would find: all before it is taken
    for (;;) {
      const position = this.#search.findHead(this.#positionOf(this.#take));
      const { seen } = this.#search;
      const state = stateOf(seen);
      if (state !== FULL) return state !== CLAIMED && isClosing(seen) ? 'closed' : 'empty';
      if (!this.#isCurrent()) return 'empty';
      const cell = this.#search.cellOf(position);
      const value = this.#words.load((cell + 1) as Address); // ours only if the cell has not changed since
      if (asNumber && value > BigInt(Number.MAX_SAFE_INTEGER)) {
        if (this.#words.loadNumber(cell) === seen) throw tooLarge();
        continue;
      }
      // pairs with the loads in claim(): the word was read out
      if (!this.#change(cell, seen, freed(seen))) continue;
      this.#set(this.#take, position);
      this.#step(this.#take, this.#place.takeHint);
      return value;
    }
  }

  #takeSlowly(): number {
    for (;;) {
      const position = this.#search.findHead(this.#positionOf(this.#take));
      const seen = this.#search.seen;
      const state = stateOf(seen);
      if (state !== FULL) return state !== CLAIMED && isClosing(seen) ? STREAM_ENDED : NO_CELL;
      if (!this.#isCurrent()) return NO_CELL;
      const cell = this.#search.cellOf(position);
      if (!moveWord(this.#words, cell, seen, seen - FULL + this.#taken)) continue;
      this.#set(this.#take, position);
      this.#takenLap = this.#take.lap * LAP;
      this.#step(this.#take, this.#place.takeHint);
      return cell;
    }
  }

  /** Moves a cell that somebody has to himself on: published, freed or skipped. `false` if it is not his any more. */
  #finish(cell: number, standing: number, dead = false): boolean {
    for (;;) {
      const seen = this.#words.loadNumber(cell as Address);
      if (standingOf(seen) !== standing) return false;
      const next = !dead && stateOf(standing) === CLAIMED ? become(seen, FULL) : freed(seen);
      // pairs with the loads in take() and claim(): publishes the word, or says that it was read out
      if (this.#change(cell as Address, seen, next)) return true;
    }
  }

  /** Changes a cell's word, and wakes whoever is parked on it. */
  #change(cell: Address, seen: number, next: number): boolean {
    if (!moveWord(this.#words, cell, seen, next)) return false;
    if (!isWaiting(seen)) return true;
    this.#words.notify(cell);
    if (stateOf(next) === FREE) this.#onFreed();
    return true;
  }

  /** This thread's place goes on by one; now and then the hint is helped forward to it. */
  #step(place: Place, hint: Address): void {
    place.cell += this.#cellWords;
    if (place.cell === place.turn) this.#turn(place, hint);
  }

  #turn(place: Place, hint: Address): void {
    if (place.cell === this.#end) {
      place.cell = this.#place.cells;
      place.lap = place.lap === LAST_LAP ? 0 : place.lap + 1;
    }
    place.turn = place.cell + this.#claimsPerHelp * this.#cellWords;
    this.#search.help(hint, this.#positionOf(place));
  }

  #positionOf(place: Place): number {
    return place.lap * this.capacity + (place.cell - this.#place.cells) / this.#cellWords;
  }

  #startAt(position: number): void {
    this.#words.storeNumber(this.#place.sendHint, position);
    this.#words.storeNumber(this.#place.takeHint, position);
    this.#set(this.#send, position);
    this.#set(this.#take, position);
  }

  #set(place: Place, position: number): void {
    place.cell = this.#search.cellOf(position);
    place.lap = Math.floor(position / this.capacity);
    place.turn = place.cell + (this.#claimsPerHelp - (position & (this.#claimsPerHelp - 1))) * this.#cellWords;
  }
}

function tooLarge(): CorruptError {
  return new CorruptError('the next word was to stay below 2^53 and does not: the bigint form receives it');
}
