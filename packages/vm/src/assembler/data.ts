/** Bytes that private memory begins with: laid out in the order of declaration, 8-aligned, from `DATA_START` on, unless one says where it stands. */
import { type DataSegment, MAX_PAGES, PAGE_BYTES } from '../program/program.ts';
import type { Constants } from './constants.ts';
import { bitsOfDouble } from './operand-encoder.ts';
import type { DataDeclaration } from './syntax.ts';

/** The first address that data gets by itself: so 0 can mean "nothing" to a program. */
export const DATA_START = 64;
/** Data of this name has none, and is written into the program as it stands, zeros and all. */
const NAMELESS = '_';
const MEMORY_BYTES = BigInt(MAX_PAGES * PAGE_BYTES);
const MAX_U64 = 2n ** 64n - 1n;

export class DataLayout {
  readonly #constants: Constants;
  readonly #declarations: DataDeclaration[] = [];
  readonly #addresses = new Map<DataDeclaration, bigint | undefined>();
  /** The first free address before each declaration, as far as it was asked for. */
  readonly #ends: bigint[] = [BigInt(DATA_START)];

  constructor(constants: Constants) {
    this.#constants = constants;
    constants.define('data_end', undefined, () => this.#endOf(this.#declarations.length));
  }

  /** Declares the data's name as its address, and `name.length` as its length in bytes. */
  declare(data: DataDeclaration): void {
    const index = this.#declarations.push(data) - 1;
    if (data.name === NAMELESS) return;
    this.#constants.define(data.name, data.at, () => this.#addressOf(index));
    this.#constants.define(`${data.name}.length`, undefined, () => this.#lengthOf(data));
  }

  /** Where the data that reaches furthest ends, and the data that is not all zeros. */
  finish(): { readonly end: bigint; readonly segments: DataSegment[] } {
    const segments: DataSegment[] = [];
    let end = 0n;
    for (const [index, data] of this.#declarations.entries()) {
      const address = this.#addressOf(index);
      const behind = (address ?? 0n) + (this.#lengthOf(data) ?? 0n);
      if (behind > end) end = behind;
      if (behind > MEMORY_BYTES) {
        const message = `data ${data.name} ends at ${behind}, and memory has at most ${MEMORY_BYTES} bytes`;
        this.#constants.diagnostics.report(data.at, message);
        break;
      }
      const bytes = this.#bytesOf(data);
      if (address !== undefined && (data.name === NAMELESS || bytes.some((byte) => byte !== 0)))
        segments.push({ address: Number(address), bytes });
    }
    return { end, segments };
  }

  #addressOf(index: number): bigint | undefined {
    const data = this.#declarations[index] as DataDeclaration;
    if (!this.#addresses.has(data)) {
      const address =
        data.address === undefined
          ? this.#endOf(index)
          : this.#constants.integer(data.address, `the address of ${data.name}`, 0n, MEMORY_BYTES);
      this.#addresses.set(data, address);
    }
    return this.#addresses.get(data);
  }

  /** Where the data before `index` ends; what stands at a fixed address does not move the others. */
  #endOf(index: number): bigint | undefined {
    // Kept as they are found, by index: a length may itself ask for an earlier end.
    for (let next = this.#ends.length; next <= index; next++) {
      const data = this.#declarations[next - 1] as DataDeclaration;
      const length = data.address === undefined ? this.#lengthOf(data) : 0n;
      if (length === undefined) return undefined;
      const before = this.#ends[next - 1] as bigint;
      this.#ends[next] = data.address === undefined ? (before + length + 7n) & ~7n : before;
    }
    return this.#ends[index];
  }

  #lengthOf(data: DataDeclaration): bigint | undefined {
    if (data.form === 'zero') {
      const [count, second] = data.values;
      if (count !== undefined && second === undefined)
        return this.#constants.integer(count, `the length of ${data.name}`, 0n, MEMORY_BYTES);
      this.#constants.diagnostics.report(data.at, 'zero takes one number: how many bytes');
      return undefined;
    }
    return data.values.reduce(
      (length, value) =>
        length + (value.kind === 'string' ? BigInt(value.bytes.length) : data.form === 'words' ? 8n : 1n),
      0n,
    );
  }

  #bytesOf(data: DataDeclaration): Uint8Array {
    if (data.form === 'zero') return new Uint8Array(0);
    const bytes = new Uint8Array(Number(this.#lengthOf(data) ?? 0n));
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (const value of data.values) {
      if (value.kind === 'string') {
        bytes.set(value.bytes, at);
        at += value.bytes.length;
      } else if (data.form === 'words') {
        const word = this.#constants.evaluate(value);
        if (typeof word === 'number') view.setBigUint64(at, bitsOfDouble(word), true);
        else if (word !== undefined && word >= -(2n ** 63n) && word <= MAX_U64)
          view.setBigUint64(at, BigInt.asUintN(64, word), true);
        else if (word !== undefined) this.#constants.diagnostics.report(value.at, `${word} does not fit 64 bits`);
        at += 8;
      } else {
        view.setUint8(at, Number(this.#constants.integer(value, 'a byte', -128n, 255n) ?? 0n) & 0xff);
        at += 1;
      }
    }
    return bytes;
  }
}
