/**
 * What a reader holds: the shared bytes themselves, without a copy, through methods that cannot write and that end with
 * `release`. A raw typed array could be neither read-only nor taken back; this is both, and V8 inlines it. Multi-byte values
 * are little-endian, as everywhere in WebAssembly's memory.
 *
 * Where the reuse policy does not promise that the bytes stay, each read is followed by a look at the segment's entry, and what was
 * read of a segment that has ended is not handed out.
 */
import { type Address, type Handle, WORD_BYTES } from '../brands.ts';
import { SegmentError } from '../errors.ts';
import { type MappedBytes, privateBytes } from '../internal/mapped.ts';
import { copyBytesOut } from '../pool/copying.ts';
import type { CheckedAccess } from './checked-access.ts';
import { showHandle } from './handle.ts';

const NOTHING = new Uint8Array(0);

export class SegmentView {
  readonly handle: Handle;
  readonly byteLength: number;
  readonly #access: CheckedAccess;
  /** The bytes begin at `#begin` in here. */
  readonly #memory: MappedBytes;
  readonly #begin: number;
  /** The bytes alone; empty after release, and where they need not stay. */
  #bytes: Uint8Array;
  /** How many bytes may be read: none after release, so one comparison serves both checks. */
  #limit: number;
  /** Whether the bytes stay until they are released. */
  readonly #stable: boolean;
  /** The entry's meta word, and what it holds while the segment lives. */
  readonly #metaAt: Address;
  readonly #meta: number;

  /** Use `Segments.acquire`. */
  constructor(access: CheckedAccess, handle: Handle) {
    const byteLength = access.acquire(handle);
    const { start, mapping } = access;
    this.handle = handle;
    this.byteLength = byteLength;
    this.#access = access;
    this.#limit = byteLength;
    this.#metaAt = access.metaAt;
    this.#meta = access.meta;
    this.#stable = access.stable || mapping === undefined;
    this.#begin = mapping ? start * WORD_BYTES : 0;
    if (mapping) {
      this.#memory = mapping(start, byteLength);
    } else {
      this.#memory = privateBytes(byteLength);
      access.read(handle, 0, this.#memory.bytes);
    }
    this.#bytes = this.#stable ? new Uint8Array(this.#memory.bytes.buffer, this.#begin, byteLength) : NOTHING;
  }

  getUint8(offset: number): number {
    const byte = this.#bytes[offset]; // what is no element is undefined: the engine's own bounds check is the only one
    return typeof byte === 'number' ? byte : this.#byteWithCare(offset);
  }
  getUint16(offset: number): number {
    this.#check(offset, 2);
    const value = this.#memory.view.getUint16(this.#begin + offset, true);
    if (!this.#stable) this.#verify();
    return value;
  }
  getUint32(offset: number): number {
    this.#check(offset, 4);
    const value = this.#memory.view.getUint32(this.#begin + offset, true);
    if (!this.#stable) this.#verify();
    return value;
  }
  getInt32(offset: number): number {
    this.#check(offset, 4);
    const value = this.#memory.view.getInt32(this.#begin + offset, true);
    if (!this.#stable) this.#verify();
    return value;
  }
  getBigUint64(offset: number): bigint {
    this.#check(offset, 8);
    const value = this.#memory.view.getBigUint64(this.#begin + offset, true);
    if (!this.#stable) this.#verify();
    return value;
  }
  getFloat64(offset: number): number {
    this.#check(offset, 8);
    const value = this.#memory.view.getFloat64(this.#begin + offset, true);
    if (!this.#stable) this.#verify();
    return value;
  }

  /** Fills `target` with the bytes from `offset` on, in one bulk copy. */
  copyTo(target: Uint8Array, offset = 0): void {
    const { byteLength } = target; // once, as in a draft's set()
    this.#check(offset, byteLength);
    copyBytesOut(this.#memory.bytes, this.#begin + offset, target, byteLength);
    if (!this.#stable) this.#verify(target);
  }

  /** A private copy of the bytes `begin` to `end`. */
  slice(begin = 0, end: number = this.byteLength): Uint8Array<ArrayBuffer> {
    this.#check(begin, end - begin);
    const copy = new Uint8Array(end - begin);
    copyBytesOut(this.#memory.bytes, this.#begin + begin, copy, copy.length);
    if (!this.#stable) this.#verify();
    return copy;
  }

  /**
   * Ends reading; every later use throws. Releasing twice is once.
   * @throws {SegmentError} `stale` if somebody retired the segment under this reader (not where the policy lets every read find
   * out); `tampered`, in checked mode, if its bytes changed
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

  #byteWithCare(offset: number): number {
    this.#check(offset, 1);
    const byte = this.#memory.bytes[this.#begin + offset] as number;
    this.#verify();
    return byte;
  }

  #check(offset: number, count: number): void {
    if (offset >>> 0 !== offset || !(count >= 0) || offset + count > this.#limit) this.#refuse(offset, count);
  }

  /** After a read: whether the segment was there until now. What was copied of its successor is wiped. */
  #verify(copied?: Uint8Array): void {
    if (this.#access.verify(this.#metaAt, this.#meta)) return;
    copied?.fill(0);
    throw new SegmentError('stale', `segment ${showHandle(this.handle)} ended while it was read`);
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
