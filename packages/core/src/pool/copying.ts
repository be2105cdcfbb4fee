/**
 * Moving bytes between a private array and shared memory. `TypedArray.prototype.set` is the portable way; on shared memory
 * V8 carries it out word by word, at about half the speed of private memory. Where the host has Node's `Buffer`, its `copy`
 * is in current versions one `memmove`, shared or not, and in older ones as fast as `set`. Bulk copies are plain accesses by
 * contract (see `Words`), so neither promises more than the other. Callers have checked that the ranges are there.
 */

import { WORD_BYTES } from '../brands.ts';
import type { BulkSource } from '../words.ts';

/** `Buffer.prototype.copy`. It takes every Uint8Array as receiver and as target, and clamps ranges in silence. */
type BufferCopy = (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

/** From this many bytes on the call is worth its price; bench/, core/bulk, shows the large end. */
const WORTH_A_CALL = 2048;

/** Up to so many bytes are copied word by word. */
const FEW_BYTES = 512;
/** No larger buffer than this is kept alive for the sake of a view on it. */
const SMALL_BUFFER = 65_536;

/**
 * A few bytes as words. Calling a built-in or making a view, to copy them, costs more than copying them; so the view is kept,
 * for who copies small arrays again and again mostly uses one.
 */
export class FewWords {
  #array: BulkSource | undefined;
  #words: BigUint64Array = new BigUint64Array(0);

  /** The words of the array; `undefined` if it has many, or parts of words. */
  of(array: BulkSource): BigUint64Array | undefined {
    const { byteLength } = array;
    if (byteLength === 0 || byteLength > FEW_BYTES || byteLength % WORD_BYTES !== 0) return undefined;
    // A length that differs: the array's buffer was resized since.
    if (array === this.#array && this.#words.byteLength === byteLength) return this.#words;
    if (array instanceof BigUint64Array) return array;
    if (array.byteOffset % WORD_BYTES !== 0 || array.buffer.byteLength > SMALL_BUFFER) return undefined;
    this.#array = array;
    this.#words = new BigUint64Array(array.buffer, array.byteOffset, byteLength / WORD_BYTES);
    return this.#words;
  }
}

const bufferCopy = (globalThis as { Buffer?: { prototype?: { copy?: BufferCopy } } }).Buffer?.prototype?.copy;

/** Copies all of `source` to where `at` is in `target`. */
export function copyBytesIn(target: Uint8Array, at: number, source: Uint8Array): void {
  if (bufferCopy !== undefined && source.length >= WORTH_A_CALL) bufferCopy.call(source, target, at, 0, source.length);
  else target.set(source, at);
}

/** Fills all of `target` from where `at` is in `source`. */
export function copyBytesOut(source: Uint8Array, at: number, target: Uint8Array): void {
  if (bufferCopy !== undefined && target.length >= WORTH_A_CALL)
    bufferCopy.call(source, target, 0, at, at + target.length);
  else target.set(source.subarray(at, at + target.length));
}
