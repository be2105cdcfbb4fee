/**
 * What a writer holds: room that nobody else can see. `publish` ends the writing for good, in the type of thing one holds
 * (a handle instead of a draft) and at run time (a consumed draft throws).
 */
import { type Domain, type Handle, HOST_DOMAIN, type Slot, WORD_BYTES } from '../brands.ts';
import { SegmentError, ValueError } from '../errors.ts';
import { type MappedBytes, privateBytes } from '../internal/mapped.ts';
import { copyBytesIn } from '../pool/copying.ts';
import type { CheckedAccess } from './checked-access.ts';
import { showHandle } from './handle.ts';

const NOTHING = new Uint8Array(0);

export class SegmentDraft {
  readonly byteLength: number;
  readonly #handle: Handle;
  readonly #access: CheckedAccess;
  /** The bytes begin at `#begin` in here. */
  readonly #memory: MappedBytes;
  readonly #begin: number;
  /** The bytes alone; empty once the draft is consumed. */
  #bytes: Uint8Array;
  /** Whether they are the shared ones; else they are copied in at publication. */
  readonly #inPlace: boolean;
  /** How many bytes may be written: none once the draft is consumed, so one comparison serves both checks. */
  #limit: number;

  /** Use `Segments.draft`: of the handle that `access` has just made. */
  constructor(access: CheckedAccess, handle: Handle) {
    const { start, byteLength, mapping } = access;
    this.byteLength = byteLength;
    this.#handle = handle;
    this.#access = access;
    this.#limit = byteLength;
    this.#inPlace = mapping !== undefined;
    this.#memory = mapping ? mapping(start, byteLength) : privateBytes(byteLength);
    this.#begin = mapping ? start * WORD_BYTES : 0;
    this.#bytes = new Uint8Array(this.#memory.bytes.buffer, this.#begin, byteLength);
  }

  /** Copies `source` to the bytes from `offset` on, in one bulk copy. */
  set(source: Uint8Array, offset = 0): void {
    const { byteLength } = source; // once: it grows where the array is of a buffer that another thread grows
    this.#check(offset, byteLength);
    copyBytesIn(this.#memory.bytes, this.#begin + offset, source, byteLength);
  }
  setUint8(offset: number, value: number): void {
    // What is no element is undefined: this look costs less than a comparison, and the store right after needs the line anyway.
    if (typeof this.#bytes[offset] !== 'number') this.#refuse(offset, 1);
    this.#bytes[offset] = value;
  }
  setUint16(offset: number, value: number): void {
    this.#check(offset, 2);
    this.#memory.view.setUint16(this.#begin + offset, value, true);
  }
  setUint32(offset: number, value: number): void {
    this.#check(offset, 4);
    this.#memory.view.setUint32(this.#begin + offset, value, true);
  }
  setInt32(offset: number, value: number): void {
    this.#check(offset, 4);
    this.#memory.view.setInt32(this.#begin + offset, value, true);
  }
  setBigUint64(offset: number, value: bigint): void {
    this.#check(offset, 8);
    this.#memory.view.setBigUint64(this.#begin + offset, value, true);
  }
  setFloat64(offset: number, value: number): void {
    this.#check(offset, 8);
    this.#memory.view.setFloat64(this.#begin + offset, value, true);
  }
  /** Sets the bytes `begin` to `end` to `value`. A draft's bytes are undefined before. */
  fill(value: number, begin = 0, end: number = this.byteLength): void {
    this.#check(begin, end - begin);
    this.#memory.bytes.fill(value, this.#begin + begin, this.#begin + end);
  }

  /**
   * Makes the bytes readable to all who hold the draft's domain and consumes the draft. The handle travels as a message word,
   * or through a slot.
   * @param byteLength shortens the segment
   * @throws {SegmentError} `released` if the draft was consumed before
   */
  publish(byteLength: number = this.byteLength): Handle {
    if (!Number.isInteger(byteLength)) throw new ValueError(byteLength, 'a length in bytes');
    this.#check(0, byteLength);
    this.#flush();
    this.#access.publish(this.#handle, byteLength);
    this.#consume();
    return this.#handle;
  }

  /**
   * Publishes, and swaps the segment into `slot`; returns the handle that was there.
   * @throws {AddressError | ValueError} for a slot or a domain that cannot be; the draft is still one then
   * @throws {SegmentError} `released` if the draft was consumed before
   */
  publishTo(slot: Slot, domain: Domain = HOST_DOMAIN): Handle {
    this.#check(0, 0);
    this.#flush();
    const previous = this.#access.swap(slot, this.#handle, domain);
    this.#consume();
    return previous;
  }

  /** Gives the room back unpublished. Nothing happens if the draft was consumed. */
  discard(): void {
    if (this.#limit < 0) return;
    this.#consume();
    this.#access.discard(this.#handle);
  }
  dispose(): void {
    this.discard();
  }
  [Symbol.dispose](): void {
    this.discard();
  }

  #flush(): void {
    if (!this.#inPlace) this.#access.write(this.#handle, 0, this.#memory.bytes);
  }

  #consume(): void {
    this.#limit = -1;
    this.#bytes = NOTHING;
  }

  #check(offset: number, count: number): void {
    if (offset >>> 0 !== offset || !(count >= 0) || offset + count > this.#limit) this.#refuse(offset, count);
  }

  #refuse(offset: number, count: number): never {
    if (this.#limit < 0)
      throw new SegmentError(
        'released',
        `draft ${showHandle(this.#handle)} was published or discarded: nothing writes to it any more`,
      );
    if (!Number.isInteger(offset) || !Number.isInteger(count)) throw new ValueError(offset, 'an offset in bytes');
    throw new SegmentError(
      'range',
      `bytes ${offset}..${offset + count} of draft ${showHandle(this.#handle)}, which has ${this.byteLength}`,
    );
  }
}
