/**
 * What both threads of the hand-off contest share: one writes a byte of every cache line of 1 MiB and hands it over; the other
 * reads a byte of every cache line and hands it back.
 */

import type { StaticStorageOptions } from '@pool/alloc';
import type { Address, PoolHandle, SegmentDraft, SegmentView, Slot } from '@pool/core';

export const HANDOFF_BYTES: number = 2 ** 20;
export const LINE_BYTES = 64;
export const LINES: number = HANDOFF_BYTES / LINE_BYTES;

/** What the bytes of lap `lap` are. */
export function byteOf(lap: number): number {
  return lap & 0x3f;
}

export type HandoffMode = 'pool' | 'transfer' | 'clone';

export interface HandoffTask {
  readonly mode: HandoffMode;
  readonly pool: PoolHandle;
  readonly storage: StaticStorageOptions;
  readonly there: Slot;
  readonly back: Slot;
  /** Two event counts of two words: for the thread that works, and for the one that asked. */
  readonly events: Address;
  /** A word of the pool in which the other thread adds up what it read, so that the work can be checked. */
  readonly total: Address;
  /** How often to look before parking; 0 parks at once. */
  readonly spins: number;
}

export function touchDraft(draft: SegmentDraft, value: number): void {
  for (let offset = 0; offset < HANDOFF_BYTES; offset += LINE_BYTES) draft.setUint8(offset, value);
}
export function sumView(view: SegmentView): number {
  let sum = 0;
  for (let offset = 0; offset < HANDOFF_BYTES; offset += LINE_BYTES) sum += view.getUint8(offset);
  return sum;
}
export function touchBytes(bytes: Uint8Array, value: number): void {
  for (let offset = 0; offset < HANDOFF_BYTES; offset += LINE_BYTES) bytes[offset] = value;
}
export function sumBytes(bytes: Uint8Array): number {
  let sum = 0;
  for (let offset = 0; offset < HANDOFF_BYTES; offset += LINE_BYTES) sum += bytes[offset] as number;
  return sum;
}
