/**
 * The words of a ring of records; see records-ring.ts for the idea.
 *
 *   magic     what attach looks for
 *   capacity  units of 64 bytes, a power of two; constant
 *   receiver  who receives; 0: nobody. Written by compare-exchange, read by recovery
 *   tail      where the next record is claimed, in units modulo 2^48; written by senders                        own line
 *   head      what is before it was taken and freed; written by the receiver                                    own line
 *   items     doorbell: rung when something was sent while the receiver was waiting                             own line
 *   room      doorbell: rung when something was taken while a sender was waiting                                own line
 *   units     first a header for each, see record-headers.ts; then the bytes, plain, since they are the sender's own between
 *             claim and publication, and the receiver's between publication and freeing
 */
import { type Layout, LINE_WORDS, layout, ownLine, rest, roundUp, ValueError, word } from '@pool/core';
import { magicWord, type OwnerOptions } from '../internal/standing.ts';
import { UNIT_BYTES, UNIT_WORDS } from './record-headers.ts';

export type RecordsRingField = 'magic' | 'capacity' | 'receiver' | 'tail' | 'head' | 'items' | 'room' | 'units';

/** The ring's words. */
export const RECORDS_RING: Layout<RecordsRingField> = layout('records ring', {
  magic: word,
  capacity: word,
  receiver: word,
  tail: ownLine,
  head: ownLine,
  items: ownLine,
  room: ownLine,
  units: rest,
});

export const RECORDS_RING_MAGIC: bigint = magicWord('record', 1);
const SMALLEST_CAPACITY = 4 * UNIT_BYTES;
const LARGEST_CAPACITY = 2 ** 31;

export type RecordTrySendResult = 'ok' | 'full' | 'closed';
export type RecordSendResult = 'ok' | 'closed' | 'timed-out';
export function unlessFull(result: RecordTrySendResult): Exclude<RecordTrySendResult, 'full'> | undefined {
  return result === 'full' ? undefined : result;
}

/** A copy of the record, or why there is none: `closed` comes only after everything sent has been received. */
export type RecordTryReceiveResult = Uint8Array | 'empty' | 'closed';
export type RecordReceiveResult = Uint8Array | 'closed' | 'timed-out';

/** How many records were received. */
export type RecordDrainResult = number | 'closed' | 'timed-out';

export interface DrainOptions {
  /** How many records to receive at most. Default: no limit; it goes on as long as records keep coming. */
  readonly most?: number;
}

export interface RecordsRingOptions extends OwnerOptions {
  /** How many bytes of records there is room for, a power of two of 256..2^31. A record takes a multiple of 64, and at most half; 64 are kept free. */
  readonly capacity: number;
  /** @internal For tests: how many units it believes it has carried. */
  readonly start?: bigint;
}

/** Words of the ring's last field: the headers of so many bytes, and the bytes. */
export function restOf(capacity: number): number {
  const units = capacity / UNIT_BYTES;
  return roundUp(units, LINE_WORDS) + units * UNIT_WORDS;
}

export function isCapacity(capacity: number): boolean {
  const power = Number.isInteger(capacity) && Number.isInteger(Math.log2(capacity));
  return power && capacity >= SMALLEST_CAPACITY && capacity <= LARGEST_CAPACITY;
}

/** @throws {ValueError} unless it can be */
export function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(
      capacity,
      `a records ring has a power of two of ${SMALLEST_CAPACITY}..${LARGEST_CAPACITY} bytes`,
    );
  return capacity;
}
