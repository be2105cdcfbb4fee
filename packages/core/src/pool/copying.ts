/**
 * Moving bytes between a private array and shared memory. `TypedArray.prototype.set` is the portable way; on shared memory
 * V8 carries it out word by word, at about half the speed of private memory. Where the host has Node's `Buffer`, its `copy`
 * is in current versions one `memmove`, shared or not, and in older ones as fast as `set`. Bulk copies are plain accesses by
 * contract (see `Words`), so neither promises more than the other. Callers have checked that the ranges are there.
 */

import { WORD_BYTES } from '../brands.ts';
import { ValueError } from '../errors.ts';
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

/** Up to so many words are copied one by one: beyond, a built-in is called, which for a few costs more than copying them. */
const FEW_WORDS_IN = 16;
const FEW_WORDS_OUT = 32;
/** Up to so many bytes are copied one by one: more than that never lie in the array itself, without a buffer. */
const FEW_BYTES_IN = 64;
const few = new Uint8Array(FEW_BYTES_IN);
/** No larger buffer than this is kept alive for the sake of views on it. */
const SMALL_BUFFER = 65_536;
/** After so many arrays in a row, none of them the one before, views are made of one in so many only: the others are copied once each. */
const FEW_OTHERS = 2;
const MANY_OTHERS = 256;

/**
 * Views of an array of whole words that is not large. Making one costs more than copying the words; so they are kept, for who
 * copies small arrays again and again mostly uses one.
 */
export class KeptViews {
  #array: BulkSource | undefined;
  /** How many arrays in a row were not the one that views are kept of. */
  #others = 0;
  #words: BigUint64Array = new BigUint64Array(0);
  #bytes: Uint8Array | undefined;

  /** The view of so many bytes of the array, if it is the one that views are kept of: then all has been checked but where it goes. */
  kept(array: BulkSource, byteLength: number): BigUint64Array | undefined {
    return array === this.#array && byteLength !== 0 && this.#words.byteLength === byteLength ? this.#words : undefined;
  }

  /** Copies so many bytes of the array to where `at` is in `target`; `false` if it is none of these. */
  copyIn(target: BigUint64Array, at: number, array: BulkSource, byteLength: number): boolean {
    const words = this.#pays(array) ? this.#wordsOf(array, byteLength) : undefined;
    if (words === undefined) return false;
    copyWordsIn(target, at, words);
    return true;
  }

  /** Fills so many bytes of the array from where `at` is in `source`, which is `bytes` as well; `false` if it is none of these. */
  copyOut(source: BigUint64Array, bytes: Uint8Array, at: number, array: BulkSource, byteLength: number): boolean {
    const words = this.#pays(array) ? this.#wordsOf(array, byteLength) : undefined;
    if (words === undefined) return false;
    this.fill(source, bytes, at, words);
    return true;
  }

  /** Fills the view that is kept from where `at` is in `source`, which is `bytes` as well. */
  fill(source: BigUint64Array, bytes: Uint8Array, at: number, words: BigUint64Array): void {
    if (words.length > FEW_WORDS_OUT && bufferCopy !== undefined) {
      const begin = at * WORD_BYTES;
      this.#bytes ??= new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
      bufferCopy.call(bytes, this.#bytes, 0, begin, begin + words.byteLength);
    } else for (let index = 0; index < words.length; index++) words[index] = source[at + index] as bigint;
  }

  /** Whether there are views of the array, or making them may pay. */
  #pays(array: BulkSource): boolean {
    if (array instanceof BigUint64Array) return true; // it is the view itself
    this.#others = array === this.#array ? 0 : this.#others + 1;
    return this.#others <= FEW_OTHERS || this.#others % MANY_OTHERS === 0;
  }

  /** The bytes as words, as many as there are now: where the array is of a buffer that another thread grows, it gets longer. */
  #wordsOf(array: BulkSource, byteLength: number): BigUint64Array | undefined {
    if (byteLength === 0 || byteLength > WORTH_A_CALL || byteLength % WORD_BYTES !== 0) return undefined;
    // A length that differs: the array's buffer was resized since.
    if (array === this.#array && this.#words.byteLength === byteLength) return this.#words;
    if (array.byteOffset % WORD_BYTES !== 0 || array.buffer.byteLength > SMALL_BUFFER) return undefined;
    this.#array = array;
    this.#bytes = undefined;
    this.#words =
      array instanceof BigUint64Array && array.byteLength === byteLength && !isGrowable(array.buffer)
        ? array
        : new BigUint64Array(array.buffer, array.byteOffset, byteLength / WORD_BYTES);
    return this.#words;
  }
}

export function copyWordsIn(target: BigUint64Array, at: number, words: BigUint64Array): void {
  if (words.length > FEW_WORDS_IN) target.set(words, at);
  else for (let index = 0; index < words.length; index++) target[at + index] = words[index] as bigint;
}

const bufferCopy = (globalThis as { Buffer?: { prototype?: { copy?: BufferCopy } } }).Buffer?.prototype?.copy;

/**
 * How many bytes of an array to copy, once and for all: whoever checks where they go, checks that number.
 * @throws {ValueError} for what is no typed array, and for more than there are
 */
export function checkedLength(array: BulkSource, byteLength: number): number {
  if (!(byteLength >= 0)) throw new ValueError(byteLength, 'bytes are copied to and from typed arrays');
  if (byteLength > array.byteLength || !Number.isInteger(byteLength))
    throw new ValueError(byteLength, 'a whole number of bytes is copied, as many as the array has at most');
  return byteLength;
}

/** Copies `length` bytes of `source`, which has as many or more, to where `at` is in `target`. */
export function copyBytesIn(target: Uint8Array, at: number, source: Uint8Array, length: number): void {
  if (bufferCopy !== undefined && length >= WORTH_A_CALL) bufferCopy.call(source, target, at, 0, length);
  else if (length > FEW_BYTES_IN || length === 0) target.set(exactly(source, length), at);
  else {
    // So small an array may have no buffer yet, to be asked whether it grows or is the target's own: it would be made for that.
    for (let index = 0; index < length; index++) few[index] = source[index] as number;
    for (let index = 0; index < length; index++) target[at + index] = few[index] as number;
  }
}

/** Fills `length` bytes of `target`, which has as many or more, from where `at` is in `source`. */
export function copyBytesOut(source: Uint8Array, at: number, target: Uint8Array, length: number): void {
  if (bufferCopy !== undefined && length >= WORTH_A_CALL) bufferCopy.call(source, target, 0, at, at + length);
  else target.set(source.subarray(at, at + length));
}

/** So many bytes of the array, whatever another thread does to its length. */
function exactly(array: Uint8Array, length: number): Uint8Array {
  return array.length === length && !isGrowable(array.buffer) ? array : array.subarray(0, length);
}

/** Whether another thread can make the buffer longer, and the arrays with it that say no length. */
function isGrowable(buffer: ArrayBufferLike): boolean {
  return (buffer as { readonly growable?: boolean }).growable === true;
}
