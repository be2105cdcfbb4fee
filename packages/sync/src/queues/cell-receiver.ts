/** The receiving side of a ring of cells; see cell-ring.ts. */
import { type Address, type CellSteps, CorruptError, cellSteps, doubleOfBits, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import { AWAITED, CLAIMED, FREE, FULL, freed, isClosing, LAP, LAPS, laneOf, stateOf, TAKEN, WAITING } from './cell.ts';
import type { CellChanges } from './cell-changes.ts';
import { parkReceiver } from './cell-parking.ts';
import { type CellSearch, NAME } from './cell-search.ts';
import { type CellParts, CellSide } from './cell-side.ts';
import { NO_CELL, NO_VALUE, STREAM_ENDED, VALUES_ENDED } from './cells.ts';

export class CellReceiver extends CellSide {
  readonly #words: Words;
  readonly #steps: CellSteps;
  readonly #search: CellSearch;
  readonly #changes: CellChanges;
  readonly #isCurrent: () => boolean;
  readonly #column: number;
  readonly #lanes: number;
  /** The standing of a cell that this thread is reading. */
  readonly #taken: number;
  /** The lap, times `LAP`, of the cell that this thread took last. */
  #takenLap = 0;

  constructor(hint: Address, parts: CellParts) {
    super(hint, parts);
    const { words, search, changes, isCurrent, grid, name } = parts;
    this.#words = words;
    this.#steps = cellSteps(words);
    this.#search = search;
    this.#changes = changes;
    this.#isCurrent = isCurrent;
    this.#column = grid.column;
    this.#lanes = grid.lanes?.count ?? 0;
    this.#taken = name + TAKEN;
  }

  receiveNumber(): number {
    const value = this.#steps.drain(this.cell, this.lap, FULL, this.#column, this.#lanes);
    if (value >= 0) {
      this.step();
      return value;
    }
    const received = this.#receiveSlowly(true);
    return typeof received === 'bigint' ? Number(received) : received === 'empty' ? NO_VALUE : VALUES_ENDED;
  }

  receiveWord(): bigint | 'empty' | 'closed' {
    const value = this.#steps.drainWord(this.cell, this.lap, FULL, this.#column, this.#lanes);
    if (value === undefined) return this.#receiveSlowly(false);
    this.step();
    return value;
  }

  receiveDouble(): number | 'empty' | 'closed' {
    const value = this.#steps.drainDouble(this.cell, this.lap, FULL, this.#column, this.#lanes);
    if (!Number.isNaN(value)) {
      this.step();
      return value;
    }
    const received = this.#receiveSlowly(false); // NaN, too
    return typeof received === 'bigint' ? doubleOfBits(received) : received;
  }

  /** Takes the next cell that was published; read it and release it, and soon. Of cells without lanes. Progress: lock-free. */
  take(): number {
    const { cell } = this;
    const lap = this.lap * LAP;
    // pairs with the compare-exchange in publish(): the word is there
    if (this.#words.loadNumber(cell) === lap + FULL) {
      if (moveWord(this.#words, cell, lap + FULL, lap + this.#taken)) {
        this.#takenLap = lap;
        this.step();
        return cell;
      }
    }
    return this.#takeSlowly();
  }

  /** Frees a taken cell for the next lap. */
  release(cell: Address): boolean {
    const lap = this.#takenLap;
    const next = lap + LAP < LAPS * LAP ? lap + LAP : 0;
    // pairs with the loads in claim(): the word is read out. Fails if the cell was marked meanwhile.
    if (moveWord(this.#words, cell, lap + this.#taken, next + FREE)) return true;
    return this.#changes.finish(cell, this.#taken);
  }

  /** Whether the stream has ended, and everything that was sent has been taken. */
  get ended(): boolean {
    this.#search.findHead(this.position);
    const state = stateOf(this.#search.seen);
    return state !== FULL && state !== CLAIMED && isClosing(this.#search.seen);
  }

  park(): ParkingSpot | undefined {
    const { cell, lap } = this;
    const expected = lap * LAP + AWAITED;
    // All before it is taken, so where the cell is free it is the one that is next, as the search below would find. Pairs with
    // the compare-exchanges of senders and of close(): who changes the cell after this has seen the mark, and wakes.
    if (moveWord(this.#words, cell, expected - WAITING, expected)) return { at: cell, expected };
    return parkReceiver(this.#words, this.#search, this.position);
  }

  #receiveSlowly(asNumber: boolean): bigint | 'empty' | 'closed' {
    // pairs with the compare-exchanges that fill a cell: a word that is not seen here is seen when its receiver parks
    const next = this.#words.loadNumber(this.cell) - this.lap * LAP;
    if (next === FREE || next === AWAITED) return 'empty'; // as the search would find: all before it is taken
    for (;;) {
      const position = this.#search.findHead(this.position);
      const { seen } = this.#search;
      const state = stateOf(seen);
      if (state !== FULL) return state !== CLAIMED && isClosing(seen) ? 'closed' : 'empty';
      if (!this.#isCurrent()) return 'empty';
      const cell = this.#search.cellOf(position);
      const value = this.#words.load(this.#valueOf(cell, seen)); // ours only if the cell has not changed since
      if (asNumber && value > BigInt(Number.MAX_SAFE_INTEGER)) {
        if (this.#words.loadNumber(cell) === seen) throw tooLarge();
        continue;
      }
      // pairs with the loads in claim(): the word was read out
      if (!this.#changes.change(cell, seen, freed(seen))) continue;
      this.position = position;
      this.step();
      return value;
    }
  }

  /** Where the value of a full cell stands. @throws {CorruptError} if it says a lane that there is not */
  #valueOf(cell: Address, seen: number): Address {
    const lane = laneOf(seen);
    if (lane > this.#lanes) throw new CorruptError(`${NAME}: word ${cell} holds ${seen}, and there is no lane ${lane}`);
    return (cell + this.#column * (1 + lane)) as Address;
  }

  #takeSlowly(): number {
    for (;;) {
      const position = this.#search.findHead(this.position);
      const { seen } = this.#search;
      const state = stateOf(seen);
      if (state !== FULL) return state !== CLAIMED && isClosing(seen) ? STREAM_ENDED : NO_CELL;
      if (!this.#isCurrent()) return NO_CELL;
      const cell = this.#search.cellOf(position);
      if (!moveWord(this.#words, cell, seen, seen - FULL + this.#taken)) continue;
      this.position = position;
      this.#takenLap = this.lap * LAP;
      this.step();
      return cell;
    }
  }
}

function tooLarge(): CorruptError {
  return new CorruptError('the next word was to stay below 2^53 and does not: the bigint form receives it');
}
