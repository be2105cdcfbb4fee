/**
 * A ring of records, which are any number of bytes each: many senders, one receiver, no allocation and no encoding between
 * them. A sender claims room, copies its bytes in, and publishes the length last, so that nobody reads a record part way
 * through writing. Claims are made in the header of the record itself, in the sender's name: what becomes of a sender that
 * dies in between is told in record-headers.ts. Records that are sent together are claimed and published as one block.
 *
 * Progress: trySend, trySendMany, close and recover are lock-free, tryReceive is wait-free, and so is tryDrain
 * with a limit; send, sendMany, receive and drain block. A sender that
 * stops for good between claim and publication holds up what was sent after it until recovery, or `unblock`.
 */

import {
  type Address,
  AttachError,
  LINE_WORDS,
  type Owner,
  type Placed,
  roundUp,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
} from '@pool/core';
import { NotHeldError } from '../errors.ts';
import { ahead, sequenceAt } from '../internal/sequence.ts';
import {
  assertAtOnce,
  assertFunction,
  assertStands,
  deadOwner,
  moveWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import { BulkProgress, type BulkSent, checkMost } from '../queues/bulk-send.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Doorbell } from '../waiting/doorbell.ts';
import { Gathering } from '../waiting/gathering.ts';
import { type Awaited, awaitAsync, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { BufferedRecordSender, type BufferedSenderOptions } from './buffered-records.ts';
import type { RecordBatch } from './record-batch.ts';
import { LARGEST_RECORD, RecordHeaders, UNIT_BYTES, unitsOf } from './record-headers.ts';
import { RecordReader } from './record-reader.ts';
import { RecordRoom, type Sending } from './record-room.ts';
import { RecordWriter } from './record-writer.ts';
import {
  checkCapacity,
  type DrainOptions,
  isCapacity,
  RECORDS_RING,
  RECORDS_RING_MAGIC,
  type RecordDrainResult,
  type RecordReceiveResult,
  type RecordSendResult,
  type RecordsRingField,
  type RecordsRingOptions,
  type RecordTryReceiveResult,
  type RecordTrySendResult,
  restOf,
  unlessFull,
} from './records-layout.ts';

const NAME = 'records ring';
/** Rows of the owner table that a header has room for. */
const OWNER_IDS = 2 ** 16;

export class RecordsRing implements Recoverable<Recovered | undefined> {
  /** How many bytes there is room for, in units of 64; one unit is kept free. */
  readonly capacity: number;
  /** How many bytes the longest record may have. */
  readonly largestRecord: number;
  /** Where it stands: what other threads attach with. */
  readonly base: Address;
  readonly #words: Words;
  readonly #at: Placed<RecordsRingField>;
  readonly #bytes: Address;
  readonly #owner: number;
  readonly #headers: RecordHeaders;
  readonly #items: Doorbell;
  readonly #room: Doorbell;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #senders: RecordRoom;
  readonly #receivers: Turns = new Turns();
  readonly #gathering: Gathering;
  readonly #writer: RecordWriter;
  #reader: RecordReader | undefined;

  private constructor(words: OwnedWords, base: Address, capacity: number, options: OwnerOptions | undefined) {
    const at = RECORDS_RING.at(base);
    const units = capacity / UNIT_BYTES;
    this.capacity = capacity;
    this.largestRecord = Math.min(capacity / 2, LARGEST_RECORD);
    this.base = base;
    this.#words = words;
    this.#at = at;
    this.#bytes = (at.units + roundUp(units, LINE_WORDS)) as Address;
    this.#owner = packedOwner(words, options, NAME);
    this.#headers = new RecordHeaders(words, at.tail, at.head, at.units, units, NAME);
    this.#items = new Doorbell(words, at.items);
    this.#room = new Doorbell(words, at.room);
    this.#senders = new RecordRoom(words, base, this.#headers, this.#room);
    this.#gathering = Gathering.ofRecords(units / 4);
    this.#writer = new RecordWriter(
      words,
      this.#headers,
      this.#bytes,
      this.#owner % OWNER_IDS,
      this.#items,
      this.largestRecord,
    );
  }

  /** How many words to reserve for `capacity` bytes of records. @throws {ValueError} unless it is a power of two of 256..2^31 */
  static size(capacity: number): number {
    return RECORDS_RING.size(restOf(checkCapacity(capacity)));
  }

  /** Lays an empty ring into words that are the caller's own. @throws {ValueError} as `size`, and if nobody says who the owner is */
  static create(words: OwnedWords, base: Address, options: RecordsRingOptions): RecordsRing {
    checkCapacity(options?.capacity);
    const { capacity } = options;
    const start = sequenceAt(startOf(options));
    const ring = new RecordsRing(words, base, capacity, options);
    const { magic, capacity: stored, receiver, items, room } = ring.#at;
    ring.#headers.init(start);
    for (const at of [receiver, items, room]) words.storeNumber(at, 0);
    words.storeNumber(stored, capacity / UNIT_BYTES);
    words.store(magic, RECORDS_RING_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return ring;
  }

  /** The ring that stands at `base`. @throws {AttachError} if none does @throws {ValueError} if nobody says who the owner is */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): RecordsRing {
    const at = RECORDS_RING.at(base);
    assertStands(words, base, at.magic, RECORDS_RING_MAGIC, NAME);
    const capacity = Number(words.load(at.capacity)) * UNIT_BYTES;
    if (!isCapacity(capacity) || base + RECORDS_RING.size(restOf(capacity)) > words.size)
      throw new AttachError(`the records ring at word ${base} says it has ${capacity} bytes, which cannot be`);
    return new RecordsRing(words, base, capacity, options);
  }

  /** Whether `close` was called; there may be records left to receive. */
  get closed(): boolean {
    return this.#headers.closed;
  }

  /** How many bytes are taken up, a moment ago; in units of 64, with what is being written and what was received but not given back. */
  get used(): number {
    const head = this.#headers.head;
    return Math.min(this.capacity, ahead(this.#headers.tail, head) * UNIT_BYTES);
  }

  /**
   * Sends a record if there is room. Never waits. The bytes are copied; the array is the caller's again.
   * @throws {ValueError} for a record that is longer than `largestRecord`
   * @throws {NotHeldError} if this thread was taken for dead meanwhile: the record was skipped
   * @throws {CorruptError} if the ring's words do not hold together
   */
  trySend(record: Uint8Array): RecordTrySendResult {
    return this.#writer.trySend(record);
  }

  /**
   * Sends as many of the records from `from` on as there is room for, in blocks: those of a block come at once, one after the other, and
   * between two blocks others' may. Never waits. All are looked at before the first is sent.
   * @returns how many; `closed` if that is why there is none
   * @throws {ValueError} for a record that is longer than `largestRecord`, and for a `from` outside of 0..length
   * @throws as `trySend`; a block is skipped as a whole, and those before it were sent
   */
  trySendMany(records: readonly Uint8Array[], from = 0): number | 'closed' {
    return this.#writer.trySendMany(this.#writer.batch(records, from));
  }

  /** Sends a record, waiting for room. @throws {MustNotBlockError} on a thread that must not block */
  send(record: Uint8Array, options: WaitOptions & SpinOptions = NO_OPTIONS): RecordSendResult {
    return this.#senders.send(this.#sending(record), options);
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then it was not sent. */
  async sendAsync(record: Uint8Array, options: WaitAsyncOptions = {}): Promise<RecordSendResult> {
    return this.#senders.sendAsync(this.#sending(record), options);
  }

  /** Sends all of them, waiting for room as often as need be. @throws {MustNotBlockError} on a thread that must not block */
  sendMany(records: readonly Uint8Array[], options: WaitOptions & SpinOptions = NO_OPTIONS): BulkSent {
    const batch = this.#writer.batch(records, 0);
    const progress = new BulkProgress<RecordBatch>(this.#writer, batch);
    return progress.ended(this.#senders.send(sendingMany(batch, progress), options));
  }

  /** As `sendMany`, without blocking. Rejects when the signal aborts; what was sent until then stays sent. */
  async sendManyAsync(records: readonly Uint8Array[], options: WaitAsyncOptions = {}): Promise<BulkSent> {
    const batch = this.#writer.batch(records, 0);
    const progress = new BulkProgress<RecordBatch>(this.#writer, batch);
    return progress.ended(await this.#senders.sendAsync(sendingMany(batch, progress), options));
  }

  /**
   * A sender for many short records, which are gathered and published as blocks: what each costs then is a fraction. Its `ok` says
   * less, though: see there.
   * @throws {ValueError} for a number of bytes that no block of this ring has
   */
  bufferedSender(options?: BufferedSenderOptions): BufferedRecordSender {
    return new BufferedRecordSender(this.#writer, this.#senders, this.largestRecord, options);
  }

  /** Makes this owner the receiver, as the first receive does; whether it is. Progress: wait-free. */
  claim(): boolean {
    if (this.#reader !== undefined) return true;
    const { receiver } = this.#at;
    // pairs with the compare-exchange in release() and recover(): this receiver goes on where the last one stopped
    if (this.#words.loadNumber(receiver) !== this.#owner && !moveWord(this.#words, receiver, 0, this.#owner))
      return false;
    this.#reader = new RecordReader(this.#words, this.#headers, this.#bytes);
    return true;
  }

  /** Lets another thread be the receiver. */
  release(): void {
    this.#reader = undefined;
    moveWord(this.#words, this.#at.receiver, this.#owner, 0);
  }

  /**
   * Receives a record if there is one. Never waits. `empty` may also mean that the oldest one is still being written.
   * @throws {NotHeldError} if another thread is the receiver
   * @throws {CorruptError} if the ring's words do not hold together
   */
  tryReceive(): RecordTryReceiveResult {
    const reader = this.#receiving();
    const taken = reader.take();
    this.#giveBack(reader);
    if (taken === undefined) return 'empty';
    return taken === 'ended' ? 'closed' : taken.slice(); // the next record comes to the same bytes
  }

  /** Receives a record, waiting for one. @throws {MustNotBlockError} on a thread that must not block */
  receive(options: WaitOptions & SpinOptions = NO_OPTIONS): RecordReceiveResult {
    return (
      this.#block(
        this.#item(() => unlessEmpty(this.tryReceive())),
        options,
      ) ?? 'timed-out'
    );
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was received. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<RecordReceiveResult> {
    return (
      (await awaitAsync(
        this.#words,
        this.#item(() => unlessEmpty(this.tryReceive())),
        options,
        this.#receivers,
      )) ?? 'timed-out'
    );
  }

  /**
   * Receives up to `most` records, and gives their room back a quarter ring at a time: the fast way. Never waits; but without `most`
   * it goes on as long as records keep coming. Progress: wait-free with `most`.
   * @param visit is called with each record; the bytes are good until it returns, so a promise is refused
   * @param most how many at most. Default: no limit
   * @returns how many; `closed` when there is none and no more will come
   * @throws as `tryReceive`, and what `visit` throws: that record was received
   */
  tryDrain(visit: (record: Uint8Array) => void, most: number = Number.POSITIVE_INFINITY): number | 'closed' {
    assertFunction(visit, '`visit`');
    checkMost(most, 0);
    const reader = this.#receiving();
    let count = 0;
    try {
      while (count < most) {
        const taken = reader.take();
        if (typeof taken !== 'object') {
          if (taken === 'ended' && count === 0) return 'closed';
          break;
        }
        count += 1;
        assertAtOnce(visit(taken), '`visit` is done with a record when it returns: a promise comes too late');
        if (reader.owed >= this.capacity / UNIT_BYTES / 4) this.#giveBack(reader);
      }
    } finally {
      this.#giveBack(reader);
    }
    return count;
  }

  /** As `tryDrain`, waiting until there is a record. @throws {MustNotBlockError} on a thread that must not block */
  drain(
    visit: (record: Uint8Array) => void,
    options: DrainOptions & WaitOptions & SpinOptions = NO_OPTIONS,
  ): RecordDrainResult {
    const { most = Number.POSITIVE_INFINITY } = options;
    checkMost(most);
    this.#gathering.pause(this.#words, options);
    const count =
      this.#block(
        this.#item(() => this.tryDrain(visit, most) || undefined),
        options,
      ) ?? 'timed-out';
    if (typeof count === 'number') this.#gathering.found(count < most ? count : 0); // where there are more, waiting is for nothing
    return count;
  }

  /** As `drain`, without blocking. Rejects when the signal aborts, and then nothing was received. */
  async drainAsync(
    visit: (record: Uint8Array) => void,
    options: DrainOptions & WaitAsyncOptions = {},
  ): Promise<RecordDrainResult> {
    const { most = Number.POSITIVE_INFINITY } = options;
    checkMost(most);
    return (
      (await awaitAsync(
        this.#words,
        this.#item(() => this.tryDrain(visit, most) || undefined),
        options,
        this.#receivers,
      )) ?? 'timed-out'
    );
  }

  /** Receives in an event loop until the ring is closed and empty: `for await (const record of ring)`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (let record = await this.receiveAsync(); record instanceof Uint8Array; record = await this.receiveAsync())
      yield record;
  }

  /** Lets nobody send any more. What was sent can still be received. Closing twice is once. */
  close(): void {
    this.#headers.close();
    this.#items.ring();
    this.#room.ring();
  }

  /**
   * Skips the oldest record if it is still being written, whoever writes it; whether it did. For hosts that know by other means
   * than an owner's death that its writer is gone: a writer that is not gets a `NotHeldError`, and its bytes may end up in
   * another's record.
   */
  unblock(): boolean {
    const skipped = this.#headers.skip(undefined) > 0;
    if (skipped) this.#items.ring();
    return skipped;
  }

  /**
   * What a dead owner had here: records that it had claimed and not published are skipped, and if it was the receiver, another
   * thread can be. A record is received once, or was lost with the receiver that had taken it.
   */
  recover(owner: Owner): Recovered | undefined {
    const dead = deadOwner(owner);
    const records = this.#headers.skip(owner.id);
    const receiver = moveWord(this.#words, this.#at.receiver, dead, 0) ? 1 : 0;
    this.#items.ringForTheDead();
    this.#room.ringForTheDead();
    const found = [...(records > 0 ? ['records'] : []), ...(receiver > 0 ? ['receiver'] : [])].join(', ');
    return found === '' ? undefined : { kind: NAME, base: this.base, found, count: records + receiver };
  }

  #receiving(): RecordReader {
    if (this.#reader === undefined && !this.claim())
      throw new NotHeldError(`${NAME}: another thread is the receiver of the ring at word ${this.base}`);
    return this.#reader as RecordReader;
  }

  #giveBack(reader: RecordReader): void {
    if (reader.giveBack()) this.#room.ring();
  }

  #sending(record: Uint8Array): Sending<'ok' | 'closed'> {
    return { attempt: () => unlessFull(this.trySend(record)), units: () => unitsOf(record.length) };
  }

  #item<T extends {}>(attempt: () => T | undefined): Awaited<T> {
    return { attempt, park: () => this.#items.park(() => this.#receiving().hasMore()) };
  }

  #block<T extends {}>(awaited: Awaited<T>, options: WaitOptions & SpinOptions): T | undefined {
    return awaitBlocking(this.#words, this.base, awaited, this.#spin, options);
  }
}

function sendingMany(batch: RecordBatch, progress: BulkProgress<RecordBatch>): Sending<'ok' | 'closed'> {
  return { attempt: () => progress.attempt(), units: () => batch.first };
}

function unlessEmpty(result: RecordTryReceiveResult): Exclude<RecordTryReceiveResult, 'empty'> | undefined {
  return result === 'empty' ? undefined : result;
}
