/** Which cell of a ring to wait for, and its mark. `known` is a position as `CellSearch` takes it: where the caller was last. */
import type { Address, Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { BATCHES_OF_ROOM, MOST_ROOM_AWAITED } from '../tuning.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import { CLAIMED, FREE, FULL, isClosing, isWaiting, stateOf, WAITING } from './cell.ts';
import type { CellSearch } from './cell-search.ts';
import { NO_CELL } from './cells.ts';

/** Marks the cell that a sender waits for; `undefined` if there is none to wait for. */
export function parkSender(words: Words, search: CellSearch, known: number): ParkingSpot | undefined {
  const at = search.cellOf(search.findTail(known));
  const { seen } = search;
  return stateOf(seen) === FREE || isClosing(seen) ? undefined : park(words, at, seen);
}

/**
 * As `parkSender`, for a cell that is free only when a batch of them is; `undefined` if there is no such cell. Who comes
 * later waits for a later batch: each wakes one or few, and those find room.
 */
export function parkSenderForMore(
  words: Words,
  search: CellSearch,
  known: number,
  capacity: number,
): ParkingSpot | undefined {
  const tail = search.findTail(known);
  if (stateOf(search.seen) === FREE || isClosing(search.seen)) return undefined;
  const batch = Math.min(capacity / BATCHES_OF_ROOM, MOST_ROOM_AWAITED);
  if (batch < 2) return undefined;
  let at = NO_CELL as Address;
  let seen = WAITING;
  for (let ahead = batch; isWaiting(seen) && ahead <= capacity; ahead += batch) {
    at = search.cellOf(tail + ahead - 1);
    seen = words.loadNumber(at);
    if (stateOf(seen) === FREE) return undefined;
  }
  return park(words, at, seen);
}

/** Marks the cell that a receiver waits for; `undefined` if there is none to wait for. */
export function parkReceiver(words: Words, search: CellSearch, known: number): ParkingSpot | undefined {
  const at = search.cellOf(search.findHead(known));
  const { seen } = search;
  const state = stateOf(seen);
  return state === FULL || (state !== CLAIMED && isClosing(seen)) ? undefined : park(words, at, seen);
}

function park(words: Words, at: Address, seen: number): ParkingSpot | undefined {
  const expected = isWaiting(seen) ? seen : seen + WAITING;
  // Fails if the cell has changed since the look, and then there is a reason to look again.
  if (expected !== seen && !moveWord(words, at, seen, expected)) return undefined;
  return { at, expected };
}
