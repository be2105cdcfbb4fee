/** The sending side of a ring of cells; see cell-ring.ts. */
import {
  type Address,
  bitsOfDouble,
  type CellSteps,
  CHANGED,
  cellSteps,
  FILLED,
  NOT_FREE,
  type Words,
} from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { AWAITED, become, CLAIMED, CLOSING, FREE, FULL, isClosing, LANE, LAP, stateOf, WAITING } from './cell.ts';
import type { CellChanges } from './cell-changes.ts';
import type { CellSearch } from './cell-search.ts';
import { type CellParts, CellSide } from './cell-side.ts';
import { NO_CELL, SENT, STREAM_ENDED } from './cells.ts';
import type { Lanes } from './lanes.ts';

/** What stands for a position where there is none: the queue is full, or its stream ends. */
const NONE_FREE = -1;
const ENDED_HERE = -2;
/** A sender without a lane asks for one once in so many words: some may have become free. */
const WORDS_PER_ASKING = 256;

export class CellSender extends CellSide {
  readonly #words: Words;
  readonly #steps: CellSteps;
  readonly #search: CellSearch;
  readonly #changes: CellChanges;
  readonly #isCurrent: () => boolean;
  readonly #column: number;
  readonly #lanes: Lanes | undefined;
  /** The standing of a cell that this thread has claimed. */
  readonly #claimed: number;
  /** This thread's lane, or 0; from a cell to its word there; and the standing of a cell that is full with that. */
  #lane = 0;
  #ownColumn = 0;
  #ownFull: number = FULL;
  /** How many more words go in lane 0 before this thread asks again for one of its own. */
  #untilAsked = 0;
  /** The lap, times `LAP`, of the cell that this thread claimed last. */
  #claimedLap = 0;

  constructor(hint: Address, parts: CellParts) {
    super(hint, parts);
    const { words, search, changes, isCurrent, grid, name } = parts;
    this.#words = words;
    this.#steps = cellSteps(words);
    this.#search = search;
    this.#changes = changes;
    this.#isCurrent = isCurrent;
    this.#column = grid.column;
    this.#lanes = grid.lanes;
    this.#claimed = name + CLAIMED;
  }

  sendNumber(value: number): number {
    return this.#lane > 0 ? this.#sendOwn(value, true) : this.#sendInCommon(value, true);
  }

  sendWord(value: bigint): number {
    return this.#lane > 0 ? this.#sendOwn(value, false) : this.#sendInCommon(value, false);
  }

  sendDouble(value: number): number {
    if (this.#lane > 0) {
      if (this.#fillOwnDouble(FREE, value) === FILLED) {
        this.step();
        return SENT;
      }
      if (this.#fillOwnDouble(AWAITED, value) === FILLED) return this.#wake();
      const position = this.#freePosition(); // who waits for room finds none here again and again, and makes no bigint for that
      if (position < 0) return position === NONE_FREE ? NO_CELL : STREAM_ENDED;
    }
    return this.sendWord(bitsOfDouble(value));
  }

  /** Claims the next cell to send in; publish it, and soon. Progress: lock-free. */
  claim(): number {
    const { cell } = this;
    const lap = this.lap * LAP;
    // pairs with the compare-exchange in release(): the cell's last word was read out
    if (this.#words.loadNumber(cell) === lap + FREE) {
      // Compare-exchange, not store: it may be another sender's by now. On success nobody else writes to the cell but marks.
      if (moveWord(this.#words, cell, lap + FREE, lap + this.#claimed)) {
        this.#claimedLap = lap;
        this.step();
        return cell;
      }
    }
    return this.#claimSlowly();
  }

  /** Publishes a claimed cell. @returns `false` if this thread was taken for dead meanwhile, and its claim skipped */
  publish(cell: Address): boolean {
    const lap = this.#claimedLap;
    // pairs with the loads in take(): publishes the word. Fails if the cell was marked meanwhile.
    if (moveWord(this.#words, cell, lap + this.#claimed, lap + FULL)) return true;
    return this.#changes.finish(cell, this.#claimed);
  }

  /** Ends the stream behind what was claimed: what is in the cells can still be taken. Closing twice is once. */
  close(): void {
    for (;;) {
      const position = this.#search.findTail(this.position);
      const { seen } = this.#search;
      if (isClosing(seen)) return;
      // pairs with the loads in claim(): no claim of this position succeeds from here on
      if (this.#changes.change(this.#search.cellOf(position), seen, seen - (seen & WAITING) + CLOSING)) return;
      if (!this.#isCurrent()) return; // another stream, which is not this one's to end
    }
  }

  /** Whether nothing can be sent any more. */
  get closed(): boolean {
    this.#search.findTail(this.position);
    return isClosing(this.#search.seen);
  }

  #sendOwn(value: number | bigint, asNumber: boolean): number {
    if (this.#fillOwn(FREE, value, asNumber) === FILLED) {
      this.step();
      return SENT;
    }
    if (this.#fillOwn(AWAITED, value, asNumber) === FILLED) return this.#wake();
    for (;;) {
      const position = this.#freePosition();
      if (position < 0) return position === NONE_FREE ? NO_CELL : STREAM_ENDED;
      const { seen } = this.#search;
      const cell = this.#search.cellOf(position);
      this.#write(cell + this.#ownColumn, value);
      // pairs with the load in drain(): publishes the word
      if (!this.#changes.change(cell, seen, become(seen, this.#ownFull))) continue;
      this.position = position;
      this.step();
      return SENT;
    }
  }

  #sendInCommon(value: number | bigint, asNumber: boolean): number {
    if (this.#untilAsked-- <= 0) {
      this.#ask();
      if (this.#lane > 0) return this.#sendOwn(value, asNumber);
    }
    const filled = this.#fill(FREE, value, asNumber);
    if (filled === FILLED) {
      this.step();
      return SENT;
    }
    if (filled === CHANGED) return this.#publishChanged();
    const answered = this.#fill(AWAITED, value, asNumber);
    if (answered === CHANGED) this.#changes.finish(this.cell, this.#claimed);
    if (answered !== NOT_FREE) return this.#wake(); // the claim has taken the mark away, whatever has become of the cell since
    const cell = this.#claimSlowly();
    if (cell <= NO_CELL) return cell;
    this.#write(cell + this.#column, value);
    this.publish(cell as Address);
    return SENT;
  }

  #fillOwn(low: number, value: number | bigint, asNumber: boolean): number {
    const { cell, lap } = this;
    return asNumber
      ? this.#steps.fillOwn(cell, lap, low, this.#ownColumn, value as number, this.#ownFull)
      : this.#steps.fillOwnWord(cell, lap, low, this.#ownColumn, value as bigint, this.#ownFull);
  }

  /** For itself: as a third form of the above, it costs the numbers' a sixth. */
  #fillOwnDouble(low: number, value: number): number {
    return this.#steps.fillOwnDouble(this.cell, this.lap, low, this.#ownColumn, value, this.#ownFull);
  }

  #fill(low: number, value: number | bigint, asNumber: boolean): number {
    const { cell, lap } = this;
    return asNumber
      ? this.#steps.fill(cell, lap, low, this.#claimed, this.#column, value as number, FULL)
      : this.#steps.fillWord(cell, lap, low, this.#claimed, this.#column, value as bigint, FULL);
  }

  #write(at: number, value: number | bigint): void {
    if (typeof value === 'bigint') this.#words.store(at as Address, value);
    else this.#words.storeNumber(at as Address, value);
  }

  #ask(): void {
    this.#untilAsked = WORDS_PER_ASKING;
    this.#lane = this.#lanes?.mine ?? 0;
    this.#ownColumn = this.#column * (1 + this.#lane);
    this.#ownFull = FULL + this.#lane * LANE;
  }

  /** The position of the next free cell, with its word in the search's `seen`; `NONE_FREE` or `ENDED_HERE`. */
  #freePosition(): number {
    const position = this.#search.findTail(this.position);
    const { seen } = this.#search;
    if (isClosing(seen)) return ENDED_HERE;
    if (stateOf(seen) !== FREE) return NONE_FREE;
    // After the look at the cell: what replaces these cells changes every one of them.
    return this.#isCurrent() ? position : NONE_FREE;
  }

  #claimSlowly(): number {
    for (;;) {
      const position = this.#freePosition();
      if (position < 0) return position === NONE_FREE ? NO_CELL : STREAM_ENDED;
      const { seen } = this.#search;
      const cell = this.#search.cellOf(position);
      // The mark of a parked receiver stays: it waits for the word, not for the claim.
      if (!moveWord(this.#words, cell, seen, seen + this.#claimed)) continue;
      this.position = position;
      this.#claimedLap = this.lap * LAP;
      this.step();
      return cell;
    }
  }

  /** The cell at this thread's place is full, for a receiver that was parked on it: it is woken before anything else is done. */
  #wake(): number {
    // The mark went with the word that was published. If this thread dies here, recover() wakes all.
    this.#words.notify(this.cell);
    this.step();
    return SENT;
  }

  /** The cell at this thread's place is claimed and written, and somebody has marked it, or taken this thread for dead. */
  #publishChanged(): number {
    this.#changes.finish(this.cell, this.#claimed);
    this.step();
    return SENT;
  }
}
