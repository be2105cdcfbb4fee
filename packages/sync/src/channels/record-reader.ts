/**
 * The receiver's side of a ring of records. Its place is private; `head`, which is where senders look for room, follows when
 * the caller says so, for that is what the two sides share. The units themselves are freed record by record: so a receiver that
 * dies before it has moved the head has received what it has taken, and its successor goes on behind that.
 */
import { type Address, WORD_BYTES, type Words } from '@pool/core';
import { ahead, following } from '../internal/sequence.ts';
import { ENDED, NOTHING, type RecordHeaders, UNIT_WORDS, unitsOf } from './record-headers.ts';

/** The scratch words at first; they grow with the longest record. */
const SCRATCH_WORDS = 128;

export class RecordReader {
  readonly #words: Words;
  readonly #headers: RecordHeaders;
  readonly #bytes: Address;
  #position: number;
  #given: number;
  #scratch: BigUint64Array = new BigUint64Array(SCRATCH_WORDS);
  /** As many scratch words as the last record had, and their bytes: most records of a ring have one length. */
  #copy: BigUint64Array = this.#scratch;
  #record: Uint8Array = new Uint8Array(this.#scratch.buffer);

  constructor(words: Words, headers: RecordHeaders, bytes: Address) {
    this.#words = words;
    this.#headers = headers;
    this.#bytes = bytes;
    this.#position = headers.head;
    this.#given = this.#position;
  }

  /** How many units were freed that senders do not know of. */
  get owed(): number {
    return ahead(this.#position, this.#given);
  }

  /** Takes the next record, if there is one: copies it, and frees its units. Returns the copy, `undefined` or `ended`. */
  take(): Uint8Array | 'ended' | undefined {
    for (;;) {
      const length = this.#headers.look(this.#position);
      if (length >= 0) {
        if (length !== this.#record.length) this.#fit(length);
        this.#words.copyOut((this.#bytes + this.#headers.index(this.#position) * UNIT_WORDS) as Address, this.#copy);
        this.#pass(unitsOf(length));
        return this.#record;
      }
      if (length === NOTHING) return undefined;
      if (length === ENDED) return 'ended';
      this.#pass(ENDED - length);
    }
  }

  /** Whether `take` has something to say. */
  hasMore(): boolean {
    return this.#headers.look(this.#position) !== NOTHING;
  }

  /** Lets senders have what was freed; whether there was any. */
  giveBack(): boolean {
    if (this.#position === this.#given) return false;
    this.#headers.advance(this.#position);
    this.#given = this.#position;
    return true;
  }

  #pass(units: number): void {
    this.#headers.free(this.#position, units);
    this.#position = following(this.#position, units);
  }

  #fit(length: number): void {
    const words = Math.ceil(length / WORD_BYTES);
    if (this.#scratch.length < words) this.#scratch = new BigUint64Array(2 ** Math.ceil(Math.log2(words)));
    this.#copy = this.#scratch.subarray(0, words);
    this.#record = new Uint8Array(this.#scratch.buffer, 0, length);
  }
}
