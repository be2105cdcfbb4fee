/**
 * A sender that gathers records in private memory and publishes them as blocks: for streams of many short records, where one that
 * comes a moment later is no worse. A record that is sent alone pays for a claim, for a publication and for the lines that go back
 * and forth between the cores meanwhile; a block pays for them once.
 *
 * What a sender may count on is less, and it says when: `ok` from `send` means that the record is on its way, `ok` from `flush` that
 * every one so far is in the ring. Nothing flushes by itself but the next record that does not fit: only the caller knows when a
 * moment is over. What was gathered and not published dies with its thread, and leaves nothing to recover.
 *
 * Plain state of one thread: what it shares with others is the ring, and that is the writer's; see record-writer.ts.
 *
 * Progress: trySend and tryFlush are lock-free; send and flush block.
 */

import { ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import { putBytes } from '../internal/given-bytes.ts';
import { assertOptions } from '../internal/standing.ts';
import { MOST_BUFFERED_BYTES } from '../tuning.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { checkedLength, type Outgoing } from './record-batch.ts';
import { UNIT_BYTES, unitsOf } from './record-headers.ts';
import type { RecordRoom, Sending } from './record-room.ts';
import type { RecordWriter } from './record-writer.ts';
import { type RecordSendResult, type RecordTrySendResult, unlessFull } from './records-layout.ts';

export interface BufferedSenderOptions {
  /**
   * How many bytes to gather, a multiple of 64 up to the ring's `largestRecord`; each record takes a multiple of 64. Default: 4,096,
   * or as many as that allows.
   */
  readonly bytes?: number;
}

/** Made by `RecordsRing.bufferedSender`. */
export class BufferedRecordSender {
  readonly #writer: RecordWriter;
  readonly #room: RecordRoom;
  readonly #longest: number;
  readonly #gathered: GatheredRecords;

  /** Asynchronous operations that have not ended. */
  #underWay = 0;

  /** Use `RecordsRing.bufferedSender`. @throws {ValueError} for a number of bytes that no block of the ring has */
  constructor(writer: RecordWriter, room: RecordRoom, longest: number, options: BufferedSenderOptions = {}) {
    assertOptions(options, 'buffered sender', 'bytes: 1024');
    const { bytes = Math.min(longest, MOST_BUFFERED_BYTES) } = options;
    if (!(Number.isInteger(bytes) && bytes % UNIT_BYTES === 0 && bytes > 0 && bytes <= longest))
      throw new ValueError(bytes, `\`bytes\` is a multiple of ${UNIT_BYTES} of ${UNIT_BYTES}..${longest}`);
    this.#writer = writer;
    this.#room = room;
    this.#longest = longest;
    this.#gathered = new GatheredRecords(bytes);
  }

  /** How many records are gathered and not published. */
  get pending(): number {
    return this.#gathered.length;
  }

  /**
   * Takes a record, if need be after publishing those before it. Never waits. The bytes are copied; the array is the caller's again.
   * One that is longer than what this gathers is published at once, behind the others.
   * @returns `full` or `closed` if it was not taken
   * @throws {ValueError} for a record that is longer than the ring's `largestRecord`
   * @throws {NotHeldError} as `tryFlush`; the record was not taken
   */
  trySend(record: Uint8Array): RecordTrySendResult {
    const length = checkedLength(record, this.#longest);
    if (this.#gathered.add(record, length)) return 'ok';
    const flushed = this.tryFlush();
    if (flushed === 'closed') return flushed;
    if (this.#gathered.add(record, length)) return 'ok'; // there may be enough space now, if not for all in the ring
    return flushed === 'ok' ? this.#writer.trySend(record) : flushed;
  }

  /** As `trySend`, waiting for room if there is none. @throws {MustNotBlockError} on a thread that must not block */
  send(record: Uint8Array, options: WaitOptions & SpinOptions = NO_OPTIONS): RecordSendResult {
    return unlessFull(this.trySend(record)) ?? this.#room.send(this.#sending(record), options);
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the record was not taken. */
  async sendAsync(record: Uint8Array, options: WaitAsyncOptions = {}): Promise<RecordSendResult> {
    return this.#pending(this.#sending(record), options);
  }

  /**
   * Publishes what was gathered, in as many blocks as it takes, as far as there is room. Never waits.
   * @returns `full` if some are still pending, `closed` if all that are pending will never be received: see `takeBack`
   * @throws {NotHeldError} if this thread was taken for dead meanwhile: the block was skipped, and its records are still pending
   * @throws {CorruptError} if the ring's words do not hold together
   */
  tryFlush(): RecordTrySendResult {
    if (this.#writer.trySendMany(this.#gathered) === 'closed') return 'closed';
    return this.#gathered.done ? 'ok' : 'full';
  }

  /**
   * Publishes what was taken until now, waiting for room as often as need be; what comes meanwhile goes along if there is room. A
   * `sendAsync` that still waits is not awaited.
   * @returns `closed` as `tryFlush`
   * @throws as `tryFlush`, and {MustNotBlockError} on a thread that must not block
   */
  flush(options: WaitOptions & SpinOptions = NO_OPTIONS): RecordSendResult {
    return this.#room.send(this.#flushing(), options);
  }

  /** As `flush`, without blocking. Rejects when the signal aborts; what was published until then stays so. */
  async flushAsync(options: WaitAsyncOptions = {}): Promise<RecordSendResult> {
    return this.#pending(this.#flushing(), options);
  }

  /**
   * Gives back what is pending, for another way or a log: it is not any more.
   * @throws {ValueError} while a `sendAsync` or a `flushAsync` of this sender is under way: it would go on without what it is about
   */
  takeBack(): Uint8Array[] {
    if (this.#underWay > 0)
      throw new ValueError(
        this.#underWay,
        'operations of this sender are under way: let them end, or abort them, first',
      );
    return this.#gathered.takeBack();
  }

  async #pending<T extends {}>(sending: Sending<T>, options: WaitAsyncOptions): Promise<T | 'timed-out'> {
    this.#underWay += 1;
    try {
      return await this.#room.sendAsync(sending, options);
    } finally {
      this.#underWay -= 1;
    }
  }

  #sending(record: Uint8Array): Sending<Exclude<RecordTrySendResult, 'full'>> {
    return {
      attempt: () => unlessFull(this.trySend(record)),
      units: () => (this.#gathered.done ? unitsOf(record.length) : this.#gathered.first),
    };
  }

  /** Publishes what there is room for; the answer, if that are so many in all, or there is none. */
  #flushedTo(end: number): 'ok' | 'closed' | undefined {
    const flushed = this.tryFlush();
    return flushed === 'full' && this.#gathered.published >= end ? 'ok' : unlessFull(flushed);
  }

  #flushing(): Sending<Exclude<RecordTrySendResult, 'full'>> {
    const end = this.#gathered.published + this.#gathered.length;
    return {
      attempt: () => (this.#gathered.published < end ? this.#flushedTo(end) : 'ok'),
      units: () => (this.#gathered.done ? 1 : this.#gathered.first),
    };
  }
}

/** Records one behind the other, each from a unit on, as they will be in the ring. */
class GatheredRecords implements Outgoing {
  readonly #bytes: Uint8Array;
  readonly #lengths: Uint32Array;
  #length = 0;
  /** How many were before those, in all. */
  published = 0;
  /** Units of all, and of the block that is claimed next. */
  #all = 0;
  #units = 0;
  #count = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
    this.#lengths = new Uint32Array(bytes / UNIT_BYTES);
  }

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Takes a copy of the record if there is space; whether it has. */
  add(record: Uint8Array, length: number): boolean {
    const all = this.#all + unitsOf(length);
    if (all > this.#lengths.length) return false;
    putBytes(this.#bytes, this.#all * UNIT_BYTES, record, length);
    this.#lengths[this.#length++] = length;
    this.#all = all;
    return true;
  }

  get done(): boolean {
    return this.#length === 0;
  }

  get first(): number {
    return unitsOf(this.bytesOf(0));
  }

  get wanted(): number {
    return this.#all;
  }

  fit(room: number): number {
    this.#count = this.#length;
    this.#units = this.#all;
    while (this.#units > room) this.#units -= unitsOf(this.bytesOf(--this.#count));
    return this.#units;
  }

  get count(): number {
    return this.#count;
  }

  get units(): number {
    return this.#units;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get byteLength(): number {
    return this.#units * UNIT_BYTES;
  }

  bytesOf(index: number): number {
    return this.#lengths[index] as number;
  }

  pass(): void {
    this.published += this.#count;
    this.#drop(this.#count, this.#units);
  }

  takeBack(): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (let index = 0, unit = 0; index < this.#length; index++) {
      const length = this.bytesOf(index);
      records.push(this.#bytes.slice(unit * UNIT_BYTES, unit * UNIT_BYTES + length));
      unit += unitsOf(length);
    }
    this.#drop(this.#length, this.#all);
    return records;
  }

  #drop(count: number, units: number): void {
    this.#bytes.copyWithin(0, units * UNIT_BYTES, this.#all * UNIT_BYTES);
    this.#lengths.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#all -= units;
  }
}
