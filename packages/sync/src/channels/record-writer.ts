/**
 * The senders' side of a ring of records: one record, or a block of many, is claimed, written and published; record-headers.ts says
 * in which words.
 *
 * What makes a block fast is what lies between: its bytes are copied in one piece, with no locked instruction among them, so that
 * the caches fetch all of their lines at once; a record that is sent alone waits for its line before it is published, and that is
 * most of its price. And one claim, one publication and one look at the bell do for all.
 */
import type { Address, Words } from '@pool/core';
import { NotHeldError } from '../errors.ts';
import type { SendsMany } from '../queues/bulk-send.ts';
import { BLOCK_BYTES } from '../tuning.ts';
import type { Doorbell } from '../waiting/doorbell.ts';
import { checkedLength, type Outgoing, RecordBatch } from './record-batch.ts';
import { NO_ROOM, type RecordHeaders, UNIT_WORDS, unitsOf } from './record-headers.ts';
import type { RecordTrySendResult } from './records-layout.ts';

export class RecordWriter implements SendsMany<Outgoing> {
  readonly #words: Words;
  readonly #headers: RecordHeaders;
  readonly #bytes: Address;
  readonly #owner: number;
  readonly #items: Doorbell;
  readonly #longest: number;
  #gathered: Uint8Array | undefined;

  /**
   * @param owner the row of the owner table that claims name
   * @param longest how many bytes a record may have
   */
  constructor(words: Words, headers: RecordHeaders, bytes: Address, owner: number, items: Doorbell, longest: number) {
    this.#words = words;
    this.#headers = headers;
    this.#bytes = bytes;
    this.#owner = owner;
    this.#items = items;
    this.#longest = longest;
  }

  /** Many records to send. @throws {ValueError} as `RecordBatch` */
  batch(records: readonly Uint8Array[], from: number): RecordBatch {
    this.#gathered ??= new Uint8Array(Math.min(this.#longest, BLOCK_BYTES));
    return new RecordBatch(records, from, this.#longest, this.#gathered);
  }

  /** @throws {ValueError} for what is no record @throws {NotHeldError} if it was skipped */
  trySend(record: Uint8Array): RecordTrySendResult {
    const length = checkedLength(record, this.#longest);
    const units = unitsOf(length);
    const position = this.#headers.claim(units, this.#owner);
    if (position < 0) return position === NO_ROOM ? 'full' : 'closed';
    this.#words.copyIn(this.#unit(position), record, 0, length);
    this.#publish(position, units, length);
    return 'ok';
  }

  /**
   * Sends blocks of the records that are left, as long as there is room.
   * @returns how many records; `closed` if that is why there is none
   * @throws {NotHeldError} if a block was skipped: those before it were sent
   */
  trySendMany(batch: Outgoing): number | 'closed' {
    let sent = 0;
    while (!batch.done) {
      const position = this.#headers.claim(batch.first, this.#owner, batch);
      if (position < 0) return position === NO_ROOM || sent > 0 ? sent : 'closed';
      const { count, units } = batch;
      this.#words.copyIn(this.#unit(position), batch.bytes, 0, batch.byteLength);
      if (!this.#headers.fill(position, batch, this.#owner)) throw skipped();
      this.#publish(position, units, batch.bytesOf(0));
      batch.pass();
      sent += count;
    }
    return sent;
  }

  #publish(position: number, units: number, length: number): void {
    const seen = this.#headers.publish(position, units, length, this.#owner, this.#items.bell);
    if (seen < 0) throw skipped();
    this.#items.answer(seen);
  }

  #unit(position: number): Address {
    return (this.#bytes + this.#headers.index(position) * UNIT_WORDS) as Address;
  }
}

function skipped(): NotHeldError {
  return new NotHeldError(
    'records ring: what was sent was skipped while it was written, for its writer was taken for dead',
  );
}
