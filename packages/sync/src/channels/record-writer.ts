/**
 * The senders' side of a ring of records: one record, or a block of many, is claimed, written and published; record-headers.ts says
 * in which words.
 *
 * What makes a block fast is what lies between: the bytes of its records are copied with no locked instruction among them, so
 * that the caches fetch the lines of all of them at once; a record that is sent alone waits for its line before it is published,
 * and that is most of its price. And one claim, one publication and one look at the bell do for all.
 */
import type { Address, Words } from '@pool/core';
import { NotHeldError } from '../errors.ts';
import type { SendsMany } from '../queues/bulk-send.ts';
import type { Doorbell } from '../waiting/doorbell.ts';
import type { RecordBatch } from './record-batch.ts';
import { NO_ROOM, type RecordHeaders, UNIT_WORDS, unitsOf } from './record-headers.ts';
import type { RecordTrySendResult } from './records-layout.ts';

const SKIPPED = 'skipped while it was written, for its writer was taken for dead';

export class RecordWriter implements SendsMany<RecordBatch> {
  readonly #words: Words;
  readonly #headers: RecordHeaders;
  readonly #bytes: Address;
  readonly #owner: number;
  readonly #items: Doorbell;

  /** @param owner the row of the owner table that claims name */
  constructor(words: Words, headers: RecordHeaders, bytes: Address, owner: number, items: Doorbell) {
    this.#words = words;
    this.#headers = headers;
    this.#bytes = bytes;
    this.#owner = owner;
    this.#items = items;
  }

  /** @throws {NotHeldError} if the record was skipped */
  trySend(record: Uint8Array, length: number): RecordTrySendResult {
    const units = unitsOf(length);
    const position = this.#headers.claim(units, this.#owner);
    if (position < 0) return position === NO_ROOM ? 'full' : 'closed';
    this.#words.copyIn(this.#unit(position), record);
    this.#publish(position, units, length, 'the record');
    return 'ok';
  }

  /**
   * Sends blocks of the records that are left, as long as there is room.
   * @returns how many records; `closed` if that is why there is none
   * @throws {NotHeldError} if a block was skipped: those before it were sent
   */
  trySendMany(batch: RecordBatch): number | 'closed' {
    let sent = 0;
    while (!batch.done) {
      const position = this.#headers.claim(batch.first, this.#owner, batch);
      if (position < 0) return position === NO_ROOM || sent > 0 ? sent : 'closed';
      this.#sendBlock(position, batch);
      sent += batch.count;
    }
    return sent;
  }

  #sendBlock(position: number, batch: RecordBatch): void {
    const { count } = batch;
    let units = 0;
    for (let index = 0; index < count; index++) {
      const [record, length] = [batch.record(index), batch.bytesOf(index)];
      // No more than was claimed for it: the buffer may be one that another thread grows.
      this.#words.copyIn(this.#unit(position + units), record.length > length ? record.subarray(0, length) : record);
      units += unitsOf(length);
    }
    for (let index = 1, unit = batch.first; index < count; index++) {
      const length = batch.bytesOf(index);
      if (!this.#headers.fill(position + unit, length, this.#owner)) throw skipped(`a block of ${count} records`);
      unit += unitsOf(length);
    }
    this.#publish(position, units, batch.bytesOf(0), `a block of ${count} records`);
    batch.pass(units);
  }

  #publish(position: number, units: number, length: number, what: string): void {
    const seen = this.#headers.publish(position, units, length, this.#owner, this.#items.bell);
    if (seen < 0) throw skipped(what);
    this.#items.answer(seen);
  }

  #unit(position: number): Address {
    return (this.#bytes + this.#headers.index(position) * UNIT_WORDS) as Address;
  }
}

function skipped(what: string): NotHeldError {
  return new NotHeldError(`records ring: ${what} was ${SKIPPED}`);
}
