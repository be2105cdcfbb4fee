/**
 * The records of an array on their way into a ring, and the block of them that is claimed next: as many as there is room for. All are
 * looked at before the first is sent. Who waits for room in an event loop lets others at the array meanwhile; so it keeps which
 * records there were, and their lengths, and a length that has changed is refused before anything is claimed for it.
 */
import { ValueError } from '@pool/core';
import { checkFrom } from '../queues/bulk-send.ts';
import { type Block, unitsOf } from './record-headers.ts';

export class RecordBatch implements Block {
  readonly #records: readonly Uint8Array[];
  readonly #lengths: readonly number[];
  #units = 0;
  #next = 0;
  #count = 0;

  /**
   * @param longest how many bytes a record may have
   * @throws {ValueError} for what is no array, a record that is none or too long, and a `from` outside of 0..length
   */
  constructor(records: readonly Uint8Array[], from: number, longest: number) {
    if (!Array.isArray(records)) throw new ValueError(typeof records, 'many records are sent from an array');
    checkFrom(from, records.length);
    const lengths: number[] = [];
    for (let index = from; index < records.length; index++) {
      const length = checkedLength(records[index] as Uint8Array, longest);
      lengths.push(length);
      this.#units += unitsOf(length);
    }
    this.#records = records.slice(from);
    this.#lengths = lengths;
  }

  /** How many records there are in all. */
  get length(): number {
    return this.#lengths.length;
  }

  /** Whether all are sent. */
  get done(): boolean {
    return this.#next === this.length;
  }

  get units(): number {
    return this.#units;
  }

  /** Units of the record that is next. */
  get first(): number {
    return unitsOf(this.bytesOf(0));
  }

  /** Records of the block. */
  get count(): number {
    return this.#count;
  }

  fit(room: number): number {
    let taken = 0;
    let next = this.#next;
    for (; next < this.length; next++) {
      const length = this.#lengths[next] as number;
      if (this.#records[next]?.length !== length)
        throw new ValueError(this.#records[next]?.length, `a record of ${length} bytes stays as long until it is sent`);
      const units = unitsOf(length);
      if (taken + units > room) break;
      taken += units;
    }
    this.#count = next - this.#next;
    return taken;
  }

  /** A record of the block. */
  record(index: number): Uint8Array {
    return this.#records[this.#next + index] as Uint8Array;
  }

  /** How many bytes it has. */
  bytesOf(index: number): number {
    return this.#lengths[this.#next + index] as number;
  }

  /** Goes on behind the block, which has so many units. */
  pass(units: number): void {
    this.#next += this.#count;
    this.#units -= units;
  }
}

/** @throws {ValueError} for what is no record of a ring whose longest has so many bytes */
export function checkedLength(record: Uint8Array, longest: number): number {
  if (!(record instanceof Uint8Array && record.length <= longest))
    throw new ValueError(
      (record as Uint8Array | null | undefined)?.length,
      `a record of this ring is a Uint8Array of at most ${longest} bytes`,
    );
  return record.length;
}
