/**
 * What queues and channels move their words and messages with: cells in one ring (cell-ring.ts), or in a list of rings
 * (segmented-cells.ts). A message of one word goes in and out in one step; any other is written between `claim` and `publish`, and
 * read between `take` and `release`.
 */
import type { Address } from '@pool/core';
import type { ParkingSpot } from '../waiting/parking.ts';

/** No cell, since none is free (for a sender) or full (for a receiver). */
export const NO_CELL = 0;
/** No cell, and never again. */
export const STREAM_ENDED = -1;
export const SENT = 1;
/** What `receiveNumber` gives instead of a value. */
export const NO_VALUE = -1;
export const VALUES_ENDED = -2;

/** What a dead thread left in the cells. */
export interface LeftCells<Found> {
  /** Claims that were never published: the queue goes on past them. */
  readonly skipped: number;
  /** What stood in the cells that it was taking, which reached nobody. */
  readonly undelivered: readonly Found[];
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
  parkSenderForMore?(): ParkingSpot | undefined;
  parkReceiver(): ParkingSpot | undefined;
  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found>;
}

/** The sides of cells with messages of one word: objects of their own, since each step from object to object lies before a send. */
export interface WordSender {
  /** @returns `SENT`, `NO_CELL` or `STREAM_ENDED` @throws {ValueError} unless it is an integer of 0..2^53-1 */
  sendNumber(value: number): number;
  sendWord(value: bigint): number;
  /** Any number, as the bits of a double. */
  sendDouble(value: number): number;
}

export interface WordReceiver {
  /** @returns the value, `NO_VALUE` or `VALUES_ENDED` @throws {CorruptError} for a word above 2^53-1, which stays */
  receiveNumber(): number;
  receiveWord(): bigint | 'empty' | 'closed';
  /** A word that is the bits of a double. */
  receiveDouble(): number | 'empty' | 'closed';
}

export interface WordCells extends Cells {
  readonly sender: WordSender;
  readonly receiver: WordReceiver;
}
