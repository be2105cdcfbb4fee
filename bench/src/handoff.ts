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

export type HandoffMode = 'pool' | 'raw' | 'transfer' | 'clone';

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
  /** What `raw` works on. */
  readonly raw: SharedArrayBuffer;
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

/** The blocks of a hand-off without any protocol: both threads spin on a flag of 32 bits, one for each direction. */
export class RawEnd {
  readonly #blocks: readonly Uint8Array[];
  readonly #flags: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    const count = Math.floor(buffer.byteLength / HANDOFF_BYTES);
    this.#blocks = Array.from(
      { length: count },
      (_, index) => new Uint8Array(buffer, index * HANDOFF_BYTES, HANDOFF_BYTES),
    );
    this.#flags = new Int32Array(buffer, count * HANDOFF_BYTES, 2 * 32);
  }

  static bytes(blocks: number): number {
    return blocks * HANDOFF_BYTES + 2 * 32 * 4;
  }

  /** Writes the next block, and waits until the other side has read it. */
  exchange(value: number): void {
    const lap = Atomics.load(this.#flags, 0);
    touchBytes(this.#blocks[lap % this.#blocks.length] as Uint8Array, value);
    Atomics.store(this.#flags, 0, lap + 1);
    while (Atomics.load(this.#flags, 32) !== lap + 1);
  }

  /** Waits for the next block, and reads it. */
  serve(read: (bytes: Uint8Array) => void): void {
    const lap = Atomics.load(this.#flags, 32);
    while (Atomics.load(this.#flags, 0) === lap);
    read(this.#blocks[lap % this.#blocks.length] as Uint8Array);
    Atomics.store(this.#flags, 32, lap + 1);
  }
}
