/** How the words of a ring's cells stand. */
import { LINE_WORDS, roundUp } from '@pool/core';
import type { Lanes } from './lanes.ts';

export const LARGEST_CELL_COUNT: number = 2 ** 22;

export interface CellGrid {
  /** From a cell to the next one. */
  readonly stride: number;
  /** From a cell to its value, and from there to the value in the next lane. */
  readonly column: number;
  /** Who has which lane; none: all send in lane 0, as messages of several words do. */
  readonly lanes?: Lanes;
}

/** A cell, and behind it its message. */
export function messageGrid(payloadWords: number): CellGrid {
  return { stride: 1 + payloadWords, column: 1 };
}

/**
 * The cells next to each other, and then, lane by lane, their values: so lanes that nobody has are in no one's cache. A line lies
 * between: with a power of two from a cell to its value, a processor that compares the lower twelve bits of addresses takes one
 * for the other, and waits.
 */
export function laneGrid(capacity: number, lanes: Lanes): CellGrid {
  return { stride: 1, column: columnOf(capacity), lanes };
}

/** Words of so many cells in `laneGrid`. */
export function laneGridWords(capacity: number, lanes: number): number {
  return columnOf(capacity) * (2 + lanes);
}

function columnOf(capacity: number): number {
  return roundUp(capacity, LINE_WORDS) + LINE_WORDS;
}
