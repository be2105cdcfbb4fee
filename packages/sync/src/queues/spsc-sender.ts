/** The sending end of a ring; see spsc-ring.ts. One thread's, with its private account of the room that is left. */

import {
  type Address,
  type CellSteps,
  cellSteps,
  type WaitAsyncOptions,
  type WaitOptions,
  WORD_BYTES,
  type Words,
} from '@pool/core';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Awaited, awaitAsync, awaitBlocking, type ParkingSpot } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { assertWordArray, BulkProgress, type BulkSent, checkFrom, type WordArray } from './bulk-send.ts';
import { closeEnd, isEndClosed, vacateEnd } from './end.ts';
import {
  COUNTER_CLOSED,
  COUNTER_WAITING,
  fillOf,
  POSITION_UNIT,
  POSITIONS,
  positionOf,
  type SpscShape,
} from './spsc-layout.ts';

type Sent = 'ok' | 'closed';

export class SpscSender {
  readonly #words: Words;
  readonly #steps: CellSteps;
  readonly #shape: SpscShape;
  readonly #owner: number;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #turns: Turns = new Turns();
  readonly #mask: number;
  readonly #slots: Address;
  readonly #tail: Address;
  #position: number;
  /** Slots that were free when last looked, and were not used since. */
  #room = 0;
  #open = true;
  /** Neither this end is closed nor, as far as is known, the other one. */
  #sending: boolean;

  /** `SpscRing.sender` makes these. */
  constructor(shape: SpscShape, owner: number) {
    const { words, at, capacity } = shape;
    this.#words = words;
    this.#steps = cellSteps(words);
    this.#shape = shape;
    this.#owner = owner;
    this.#mask = capacity - 1;
    this.#slots = at.slots;
    this.#tail = at.tail;
    this.#position = positionOf(words.loadNumber(at.tail));
    this.#sending = !this.#isReceiverClosed();
  }

  /** Words sent that the receiver has not told to have taken. With `ack: 'each'`, all others were delivered. */
  get unacknowledged(): number {
    const { words, at, capacity } = this.#shape;
    return fillOf(this.#position, positionOf(words.loadNumber(at.head)), capacity);
  }

  /**
   * Sends if there is room. Never waits. Progress: wait-free.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the ring's words do not hold together
   */
  trySend(value: bigint): 'ok' | 'full' | 'closed' {
    if (!this.#sending) return 'closed';
    if (this.#room === 0 && !this.#findRoom()) return this.#sending ? 'full' : 'closed';
    this.#words.storePlain((this.#slots + (this.#position & this.#mask)) as Address, value);
    return this.#publish(1);
  }

  /** As `trySend`, for a number of 0..2^53-1. */
  trySendNumber(value: number): 'ok' | 'full' | 'closed' {
    if (!this.#sending) return 'closed';
    if (this.#room === 0 && !this.#findRoom()) return this.#sending ? 'full' : 'closed';
    const slot = (this.#slots + (this.#position & this.#mask)) as Address;
    const next = after(this.#position, 1);
    // pairs with load(tail) in the receiver: publishes the slot
    const old = this.#steps.post(slot, value, this.#tail, next * POSITION_UNIT);
    this.#position = next;
    this.#room -= 1;
    return (old & COUNTER_WAITING) === 0 ? 'ok' : this.#answerMark();
  }

  /** Sends as many of the words from `from` on as there is room for, published at once. @returns how many; 0 if the ring is full */
  trySendMany(source: WordArray, from = 0): number | 'closed' {
    assertWordArray(source);
    const { length } = source; // once: it grows where another thread grows the buffer
    checkFrom(from, length);
    const wanted = length - from;
    if (this.#sending && this.#room < wanted) this.#findRoom();
    if (!this.#sending) return 'closed';
    const count = Math.min(this.#room, wanted);
    if (count <= 0) return 0;
    const index = this.#position & this.#mask;
    const first = Math.min(count, this.#shape.capacity - index);
    this.#words.copyIn((this.#slots + index) as Address, part(source, from, from + first), 0, first * WORD_BYTES);
    if (first < count)
      this.#words.copyIn(this.#slots, part(source, from + first, from + count), 0, (count - first) * WORD_BYTES);
    if (this.#publish(count) === 'ok') return count;
    const lost = this.unacknowledged;
    return lost < count ? count - lost : 'closed';
  }

  /** Sends, waiting for room. @throws {MustNotBlockError} on a thread that must not block */
  send(value: bigint, options: WaitOptions & SpinOptions = NO_OPTIONS): Sent | 'timed-out' {
    const sent = this.trySend(value);
    return sent !== 'full' ? sent : this.#blockToSend(value, options);
  }

  /** As `send`, for a number of 0..2^53-1. */
  sendNumber(value: number, options: WaitOptions & SpinOptions = NO_OPTIONS): Sent | 'timed-out' {
    const sent = this.trySendNumber(value);
    return sent !== 'full' ? sent : this.#blockToSendNumber(value, options);
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: bigint, options: WaitAsyncOptions = {}): Promise<Sent | 'timed-out'> {
    return (
      (await awaitAsync(
        this.#words,
        this.#awaiting(() => notFull(this.trySend(value))),
        options,
        this.#turns,
      )) ?? 'timed-out'
    );
  }

  /** Sends all of them, waiting for room as often as need be. */
  sendMany(source: WordArray, options: WaitOptions & SpinOptions = NO_OPTIONS): BulkSent {
    const sent = this.trySendMany(source);
    if (sent === source.length) return { sent, result: 'ok' };
    return this.#blockToSendMany(source, sent === 'closed' ? 0 : sent, options);
  }

  /** As `sendMany`, without blocking. Rejects when the signal aborts; what was sent until then stays sent. */
  async sendManyAsync(source: WordArray, options: WaitAsyncOptions = {}): Promise<BulkSent> {
    const progress = new BulkProgress(this, source);
    const awaited = this.#awaiting(() => progress.attempt());
    return progress.ended((await awaitAsync(this.#words, awaited, options, this.#turns)) ?? 'timed-out');
  }

  /** Ends the stream: the receiver drains what was sent, then is told `closed`. What is pending here answers `closed`. Twice is once. */
  close(): void {
    if (!this.#open) return;
    this.#open = this.#sending = false;
    closeEnd(this.#words, this.#shape.at.sender, this.#owner);
    this.#write(this.#position * POSITION_UNIT + COUNTER_CLOSED);
    this.#words.notify(this.#shape.at.head); // this thread's own pending sends
  }

  /** Leaves the end to another thread, who goes on where this one was. What is pending here answers `closed`. */
  leave(): void {
    if (!this.#open) return;
    this.#open = this.#sending = false;
    vacateEnd(this.#words, this.#shape.at.sender, this.#owner);
    this.#words.notify(this.#shape.at.head); // as in close()
  }

  dispose(): void {
    this.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /** What to wait for when there is no room. For `select`. */
  park(): ParkingSpot | undefined {
    const { words, at, capacity } = this.#shape;
    const head = words.loadNumber(at.head);
    if ((head & COUNTER_CLOSED) !== 0 || fillOf(this.#position, positionOf(head), capacity) < capacity)
      return undefined;
    const expected = (head & COUNTER_WAITING) === 0 ? head + COUNTER_WAITING : head;
    // pairs with exchange(head) in the receiver: either it sees the mark, or this fails and there is room
    if (expected !== head && words.compareExchangeNumber(at.head, head, expected) !== head) return undefined;
    return { at: at.head, expected };
  }

  #findRoom(): boolean {
    const { words, at, capacity } = this.#shape;
    const head = words.loadNumber(at.head); // pairs with exchange(head) in the receiver: the slots are read out
    this.#room = capacity - fillOf(this.#position, positionOf(head), capacity);
    if ((head & COUNTER_CLOSED) !== 0) {
      this.#sending = false;
      this.#room = 0;
    }
    return this.#room > 0;
  }

  #publish(count: number): Sent {
    this.#position = after(this.#position, count);
    this.#room -= count;
    return this.#write(this.#position * POSITION_UNIT);
  }

  #write(tail: number): Sent {
    const old = this.#words.exchangeNumber(this.#tail, tail); // pairs with load(tail) in the receiver: publishes the slots
    return (old & COUNTER_WAITING) === 0 ? 'ok' : this.#answerMark();
  }

  /**
   * The receiver has marked the tail: it waits there, or has closed. One that waited may have taken what was just published,
   * and closed since; before it closes it tells what it has taken.
   */
  #answerMark(): Sent {
    this.#words.notify(this.#tail);
    if (!this.#isReceiverClosed()) return 'ok';
    this.#sending = false;
    return this.unacknowledged === 0 ? 'ok' : 'closed';
  }

  #isReceiverClosed(): boolean {
    return isEndClosed(this.#words.loadNumber(this.#shape.at.receiver)); // pairs with closeEnd() in the receiver's close()
  }

  #blockToSend(value: bigint, options: WaitOptions & SpinOptions): Sent | 'timed-out' {
    return this.#block(() => notFull(this.trySend(value)), options);
  }
  #blockToSendMany(source: WordArray, sent: number, options: WaitOptions & SpinOptions): BulkSent {
    const progress = new BulkProgress(this, source, sent);
    return progress.ended(this.#block(() => progress.attempt(), options));
  }
  #blockToSendNumber(value: number, options: WaitOptions & SpinOptions): Sent | 'timed-out' {
    return this.#block(() => notFull(this.trySendNumber(value)), options);
  }

  #awaiting<T extends {}>(attempt: () => T | undefined): Awaited<T> {
    return { attempt, park: () => this.park() };
  }

  #block(attempt: () => Sent | undefined, options: WaitOptions & SpinOptions): Sent | 'timed-out' {
    return awaitBlocking(this.#words, this.#tail, this.#awaiting(attempt), this.#spin, options) ?? 'timed-out';
  }
}

function after(position: number, count: number): number {
  const next = position + count;
  return next < POSITIONS ? next : next - POSITIONS;
}

function notFull(result: 'ok' | 'full' | 'closed'): Sent | undefined {
  return result === 'full' ? undefined : result;
}

function part<A extends WordArray>(array: A, begin: number, end: number): A {
  return begin === 0 && end === array.length ? array : (array.subarray(begin, end) as A);
}
