/**
 * The records of an array on their way into a ring, and the block of them that is claimed next: as many as there is room for. All are
 * looked at before the first is sent. Who waits for room in an event loop lets others at the array meanwhile; so it keeps which
 * records there were, and their lengths, and a length that has changed is refused before anything is claimed for it.
 *
 * The bytes of a block are gathered in private memory, each record where its unit will be, and go into the ring in one piece: the
 * call that copies a few words between private arrays costs less than one into shared memory, and a built-in that moves thousands
 * of bytes at once keeps more of the cache's lines on their way. Between the records stands what was gathered before.
 */
import { ValueError } from '@pool/core';
import { lengthOf, putBytes } from '../internal/given-bytes.ts';
import { checkFrom } from '../queues/bulk-send.ts';
import { type Block, UNIT_BYTES, unitsOf } from './record-headers.ts';

/** Records on their way, of which blocks are claimed until none is left. */
export interface Outgoing extends Block {
  /** Whether all are sent. */
  readonly done: boolean;
  /** Units of the record that is next. */
  readonly first: number;
  /** Units of the block. */
  readonly units: number;
  /** What the block puts into the ring, so many bytes of it, with whatever stands between its records. */
  readonly bytes: Uint8Array;
  readonly byteLength: number;
  /** Goes on behind the block. */
  pass(): void;
}

export class RecordBatch implements Outgoing {
  readonly #records: readonly Uint8Array[];
  readonly #lengths: number[] = [];
  readonly #gathered: Uint8Array;
  /** Units of all that is not sent. */
  #left = 0;
  /** The block: from which record on, how many, and their units. */
  #next = 0;
  #count = 0;
  #units = 0;

  /**
   * @param longest how many bytes a record may have
   * @param gathered where blocks of many records are gathered, which have no more bytes than that
   * @throws {ValueError} for what is no array, a record that is none or too long, and a `from` outside of 0..length
   */
  constructor(records: readonly Uint8Array[], from: number, longest: number, gathered: Uint8Array) {
    if (!Array.isArray(records)) throw new ValueError(typeof records, 'many records are sent from an array');
    checkFrom(from, records.length);
    this.#records = records.slice(from);
    for (const record of this.#records) {
      const length = checkedLength(record, longest);
      this.#lengths.push(length);
      this.#left += unitsOf(length);
    }
    this.#gathered = gathered;
  }

  /** How many records there are in all. */
  get length(): number {
    return this.#lengths.length;
  }

  get done(): boolean {
    return this.#next === this.length;
  }

  get first(): number {
    return unitsOf(this.bytesOf(0));
  }

  get wanted(): number {
    return Math.max(this.first, Math.min(this.#left, this.#gathered.length / UNIT_BYTES));
  }

  get count(): number {
    return this.#count;
  }

  /** @throws {ValueError} for a record whose length has changed */
  fit(room: number): number {
    let count = 1;
    let units = this.first;
    for (; this.#next + count < this.length; count++) {
      const more = unitsOf(this.bytesOf(count));
      if (units + more > room) break;
      units += more;
    }
    this.#count = count;
    this.#units = units;
    this.#gather();
    return units;
  }

  bytesOf(index: number): number {
    return this.#lengths[this.#next + index] as number;
  }

  get units(): number {
    return this.#units;
  }

  get bytes(): Uint8Array {
    if (this.#count === 1) return this.#records[this.#next] as Uint8Array;
    return this.#gathered;
  }

  get byteLength(): number {
    return this.#count === 1 ? this.bytesOf(0) : this.#units * UNIT_BYTES;
  }

  pass(): void {
    this.#next += this.#count;
    this.#left -= this.#units;
  }

  #gather(): void {
    for (let index = 0, unit = 0; index < this.#count; index++) {
      const record = this.#records[this.#next + index] as Uint8Array;
      const length = this.bytesOf(index);
      if (lengthOf(record) !== length)
        throw new ValueError(record.length, `a record of ${length} bytes stays as long until it is sent`);
      if (this.#count > 1) putBytes(this.#gathered, unit * UNIT_BYTES, record, length);
      unit += unitsOf(length);
    }
  }
}

/** @throws {ValueError} for what is no record of a ring whose longest has so many bytes */
export function checkedLength(record: Uint8Array, longest: number): number {
  const length = lengthOf(record);
  if (!(length <= longest))
    throw new ValueError(
      (record as Uint8Array | null | undefined)?.length,
      `a record of this ring is a Uint8Array of at most ${longest} bytes`,
    );
  return length;
}
