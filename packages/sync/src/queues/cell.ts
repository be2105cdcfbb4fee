/**
 * The word that a cell of a bounded queue begins with. It says all by itself for which lap the cell is free or full and, while
 * a thread has the cell to itself, who that is: so the compare-exchange that claims a cell names its claimer, and there is no
 * moment at which a death could not be told.
 *
 *   { lap: 29, generation: 4, id: 16, state: 2, closing: 1, waiting: 1 }      53 bits, so that it runs as a number
 *
 *   free (lap) --> claimed (lap, sender) --> full (lap) --> taken (lap, receiver) --> free (lap + 1)
 *      |                   '-- its sender died: skipped ----|---------------------------^
 *      '-- by a sender that has a lane -------------> full (lap, lane)
 *
 *   lap         how often the ring has gone round, modulo 2^29. A thread would have to be held up between a load and a
 *               compare-exchange for exactly so many rounds to be fooled
 *   generation  the owner's, modulo 16, and its id; 0 while the cell is free; while it is full, the lane of its value (lanes.ts)
 *   closing     the next claim of this cell is refused: here the stream of positions ends. On a free cell that is now
 *   waiting     somebody is parked on this word; whoever changes it takes the mark away and wakes all
 */
import { type Owner, STAMP_LANE, STAMP_LAP, STAMP_LAPS } from '@pool/core';

export const FREE = 0;
export const CLAIMED: number = 1 << 2;
export const FULL: number = 2 << 2;
export const TAKEN: number = 3 << 2;
const STATE: number = 3 << 2;
export const CLOSING: number = 1 << 1;
export const WAITING = 1;
/** A free cell that a receiver is parked on. */
export const AWAITED: number = FREE + WAITING;

const NAME_SHIFT = 4;
/** What one lap adds. */
export const LAP: number = STAMP_LAP;
const LOW: number = LAP - 1;
export const LAPS: number = STAMP_LAPS;
/** What the lanes add to a full cell, beside. */
export const LANE: number = STAMP_LANE;
const LANE_SHIFT: number = Math.log2(LANE);

/** Who has a cell, where it stands in the word. */
export function nameOf(owner: Owner): number {
  return (((owner.generation & 15) * 2 ** 16 + owner.id) << NAME_SHIFT) >>> 0;
}

export function lapOf(cell: number): number {
  return (cell - (cell & LOW)) / LAP;
}

/** The state, and who has the cell; without the marks. */
export function standingOf(cell: number): number {
  return cell & LOW & ~(CLOSING | WAITING);
}

export function stateOf(cell: number): number {
  return cell & STATE;
}

/** The lane of a full cell's value. */
export function laneOf(cell: number): number {
  return (cell & LOW) >>> LANE_SHIFT;
}

export function isClosing(cell: number): boolean {
  return (cell & CLOSING) !== 0;
}

export function isWaiting(cell: number): boolean {
  return (cell & WAITING) !== 0;
}

/** The cell in another standing of the same lap; the waiting mark is gone, the closing mark stays. */
export function become(cell: number, standing: number): number {
  return cell - (cell & LOW) + standing + (cell & CLOSING);
}

/** The cell, free for the next lap. */
export function freed(cell: number): number {
  const lap = cell - (cell & LOW) + LAP;
  return (lap < LAPS * LAP ? lap : 0) + (cell & CLOSING);
}
