/** Where one side of this thread thinks that it is in a ring. Right or not, the cell itself decides. */
import type { Address, Words } from '@pool/core';
import { LAPS } from './cell.ts';
import type { CellChanges } from './cell-changes.ts';
import type { CellGrid } from './cell-grid.ts';
import type { CellPlace, CellSearch } from './cell-search.ts';

/** The hints are helped forward once in so many cells. */
const CELLS_PER_HELP = 64;
/** The lap after which they begin anew. */
const LAST_LAP: number = LAPS - 1;

/** What both sides of a ring work with. */
export interface CellParts {
  readonly words: Words;
  readonly place: CellPlace;
  readonly capacity: number;
  readonly grid: CellGrid;
  readonly search: CellSearch;
  readonly changes: CellChanges;
  /** See `RingList`. */
  readonly isCurrent: () => boolean;
  /** Who claims and takes, see `nameOf`. */
  readonly name: number;
}

export abstract class CellSide {
  cell: Address;
  /** A small integer: V8 keeps it in the object itself. */
  lap = 0;
  /** Where the hint is helped forward again; the ring goes round at one of those cells only. */
  #turn: Address;
  readonly #search: CellSearch;
  readonly #hint: Address;
  readonly #cells: Address;
  readonly #end: number;
  readonly #stride: number;
  readonly #capacity: number;
  readonly #cellsPerHelp: number;

  protected constructor(hint: Address, { search, place: { cells }, capacity, grid: { stride } }: CellParts) {
    this.cell = cells;
    this.#turn = cells;
    this.#search = search;
    this.#hint = hint;
    this.#cells = cells;
    this.#end = cells + capacity * stride;
    this.#stride = stride;
    this.#capacity = capacity;
    this.#cellsPerHelp = Math.min(CELLS_PER_HELP, capacity);
  }

  get position(): number {
    return this.lap * this.#capacity + (this.cell - this.#cells) / this.#stride;
  }

  set position(position: number) {
    this.cell = this.#search.cellOf(position);
    this.lap = Math.floor(position / this.#capacity);
    this.#turn = (this.cell + (this.#cellsPerHelp - (position & (this.#cellsPerHelp - 1))) * this.#stride) as Address;
  }

  /** Goes on where the hint says that others are. */
  attach(): void {
    this.position = this.#search.readHint(this.#hint);
  }

  /** Goes on by one; now and then the hint is helped forward. */
  step(): void {
    this.cell = (this.cell + this.#stride) as Address;
    if (this.cell === this.#turn) this.#help();
  }

  #help(): void {
    if (this.cell === this.#end) {
      this.cell = this.#cells;
      this.lap = this.lap === LAST_LAP ? 0 : this.lap + 1;
    }
    this.#turn = (this.cell + this.#cellsPerHelp * this.#stride) as Address;
    this.#search.help(this.#hint, this.position);
  }
}
