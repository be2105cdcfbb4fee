/** Little-endian reading and writing for the binary format; every read is checked. */
import { FormatError } from '../errors.ts';

export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
  }
  u16(value: number): void {
    const at = this.#room(2);
    this.#view.setUint16(at, value, true);
  }
  u32(value: number): void {
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
  }
  u64(value: bigint): void {
    const at = this.#room(8);
    this.#view.setBigUint64(at, value, true);
  }
  bytes(value: Uint8Array): void {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
  }
  /** Length and UTF-8 bytes. */
  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.u32(bytes.length);
    this.bytes(bytes);
  }
  /** Overwrites a `u32` written before. */
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and says where; it may replace the view, so it comes before the write. */
  #room(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  /** Reads from `start` to `end`, both in bytes from the beginning of `bytes`. */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }
  get left(): number {
    return this.#end - this.#at;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#take(1, what));
  }
  u16(what: string): number {
    return this.#view.getUint16(this.#take(2, what), true);
  }
  u32(what: string): number {
    return this.#view.getUint32(this.#take(4, what), true);
  }
  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#take(8, what), true);
  }
  /** A copy of the next `count` bytes. */
  bytes(count: number, what: string): Uint8Array<ArrayBuffer> {
    const at = this.#take(count, what);
    return this.#bytes.slice(at, at + count) as Uint8Array<ArrayBuffer>;
  }
  skip(count: number, what: string): void {
    this.#take(count, what);
  }
  text(what: string): string {
    const at = this.#at;
    const bytes = this.bytes(this.u32(what), what);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new FormatError(at, `${what} is not UTF-8`);
    }
  }
  /** A count of items that take at least `bytesEach` bytes, so that a corrupt count cannot ask for memory that no input backs. */
  count(what: string, bytesEach: number): number {
    const at = this.#at;
    const count = this.u32(what);
    if (count * bytesEach > this.left)
      throw new FormatError(at, `${count} ${what}, but only ${this.left} bytes follow`);
    return count;
  }

  #take(count: number, what: string): number {
    const at = this.#at;
    if (count > this.#end - at) throw new FormatError(at, `the program ends inside its ${what}`);
    this.#at = at + count;
    return at;
  }
}
