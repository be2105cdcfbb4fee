/**
 * What a reader holds: the shared bytes themselves, without a copy, through methods that cannot write and that end with
 * `release`. A raw typed array could be neither read-only nor taken back; this is both, and V8 inlines it. Multi-byte values
 * are little-endian, as everywhere in WebAssembly's memory.
 */
import type { Handle } from '../brands.ts';
import { SegmentError } from '../errors.ts';
import { mappingOf } from '../internal/mapped.ts';
import type { CheckedAccess } from './access.ts';
import { PUBLISHED, showHandle } from './table.ts';

export class SegmentView {
  readonly handle: Handle;
  readonly byteLength: number;
  readonly #access: CheckedAccess;
  /** Empty after release. */
  #bytes: Uint8Array;
  readonly #view: DataView;
  /** How many bytes may be read: none after release, so one comparison serves both checks. */
  #limit: number;

  /** Use `Segments.acquire`. */
  constructor(access: CheckedAccess, handle: Handle) {
    this.byteLength = access.acquire(handle);
    this.handle = handle;
    this.#access = access;
    this.#limit = this.byteLength;
    this.#bytes = bytesOf(access, handle, this.byteLength);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  getUint8(offset: number): number {
    const byte = this.#bytes[offset]; // what is no element is undefined: the engine's own bounds check is the only one
    return typeof byte === 'number' ? byte : this.#refuse(offset, 1);
  }
  getUint16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(offset, true);
  }
  getUint32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(offset, true);
  }
  getInt32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getInt32(offset, true);
  }
  getBigUint64(offset: number): bigint {
    this.#check(offset, 8);
    return this.#view.getBigUint64(offset, true);
  }
  getFloat64(offset: number): number {
    this.#check(offset, 8);
    return this.#view.getFloat64(offset, true);
  }

  /** Fills `target` with the bytes from `offset` on, in one bulk copy. */
  copyTo(target: Uint8Array, offset = 0): void {
    this.#check(offset, target.byteLength);
    target.set(this.#bytes.subarray(offset, offset + target.byteLength));
  }

  /** A private copy of the bytes `begin` to `end`. */
  slice(begin = 0, end: number = this.byteLength): Uint8Array<ArrayBuffer> {
    this.#check(begin, end - begin);
    const copy = new Uint8Array(end - begin);
    copy.set(this.#bytes.subarray(begin, end));
    return copy;
  }

  /**
   * Ends reading; every later use throws. Releasing twice is once.
   * @throws {SegmentError} `stale` if somebody retired the segment under this reader; `tampered`, in checked mode, if its bytes changed
   */
  release(): void {
    if (this.#limit < 0) return;
    this.#limit = -1;
    this.#bytes = NOTHING;
    this.#access.release(this.handle);
  }
  dispose(): void {
    this.release();
  }
  [Symbol.dispose](): void {
    this.release();
  }

  #check(offset: number, count: number): void {
    if (offset >>> 0 !== offset || !(count >= 0) || offset + count > this.#limit) this.#refuse(offset, count);
  }

  #refuse(offset: number, count: number): never {
    if (this.#limit < 0)
      throw new SegmentError('released', `the view of segment ${showHandle(this.handle)} was released`);
    throw new SegmentError(
      'range',
      `bytes ${offset}..${offset + count} of segment ${showHandle(this.handle)}, which has ${this.byteLength}`,
    );
  }
}

const NOTHING = new Uint8Array(0);

/** The bytes in place where the words are real memory; a copy of them where they are a model's. */
function bytesOf(access: CheckedAccess, handle: Handle, byteLength: number): Uint8Array {
  const { words } = access.table;
  const map = mappingOf(words);
  if (map) return map(access.locate(handle, PUBLISHED).start, byteLength);
  const copy = new Uint8Array(byteLength);
  access.read(handle, 0, copy);
  return copy;
}
