/**
 * Moving bytes between a private array and shared memory. `TypedArray.prototype.set` is the portable way; on shared memory
 * V8 carries it out word by word, at about half the speed of private memory. Where the host has Node's `Buffer`, its `copy`
 * is in current versions one `memmove`, shared or not, and in older ones as fast as `set`. Bulk copies are plain accesses by
 * contract (see `Words`), so neither promises more than the other. Callers have checked that the ranges are there.
 */

/** `Buffer.prototype.copy`. It takes every Uint8Array as receiver and as target, and clamps ranges in silence. */
type BufferCopy = (
  this: Uint8Array,
  target: Uint8Array,
  targetStart: number,
  sourceStart: number,
  sourceEnd: number,
) => number;

/** From this many bytes on the call is worth its price; bench/, core/bulk, shows the large end. */
export const WORTH_A_CALL = 2048;

/** Up to so many words are copied out one by one. */
export const FEW_WORDS = 64;

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
