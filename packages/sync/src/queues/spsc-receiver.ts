/** The receiving end of a ring; see spsc-ring.ts. One thread's, with its private account of the words that are there. */

import { type Address, type WaitAsyncOptions, type WaitOptions, WORD_BYTES, type Words } from '@pool/core';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Gathering } from '../waiting/gathering.ts';
import { type Awaited, awaitAsync, awaitBlocking, type ParkingSpot } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import { assertWordArray, type WordArray } from './bulk-send.ts';
import { closeEnd, vacateEnd } from './end.ts';
import {
  COUNTER_CLOSED,
  COUNTER_WAITING,
  fillOf,
  POSITION_UNIT,
  POSITIONS,
  positionOf,
  type SpscShape,
} from './spsc-layout.ts';

type Ended = 'closed' | 'timed-out';

export class SpscReceiver {
  readonly #words: Words;
  readonly #shape: SpscShape;
  readonly #owner: number;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #turns: Turns = new Turns();
  readonly #gathering: Gathering;
  readonly #mask: number;
  readonly #batch: number;
  readonly #slots: Address;
  readonly #head: Address;
  #position: number;
  /** Words that were there when last looked, and were not taken since. */
  #there = 0;
  /** Words taken that the sender has not been told of. */
  #untold = 0;
  #open = true;

  /** `SpscRing.receiver` makes these. */
  constructor(shape: SpscShape, owner: number) {
    const { words, at, capacity } = shape;
    this.#words = words;
    this.#shape = shape;
    this.#owner = owner;
    this.#gathering = Gathering.ofWords(capacity / 4);
    this.#mask = capacity - 1;
    this.#batch = shape.batch;
    this.#slots = at.slots;
    this.#head = at.head;
    this.#position = positionOf(words.loadNumber(at.head));
  }

  /**
   * Receives if there is something. Never waits; `closed` comes only after everything sent was received. Progress: wait-free.
   * @throws {CorruptError} if the ring's words do not hold together
   */
  tryReceive(): bigint | 'empty' | 'closed' {
    if (this.#there === 0) {
      const ended = this.#look();
      if (ended !== undefined) return ended;
    }
    const value = this.#words.loadPlain((this.#slots + (this.#position & this.#mask)) as Address);
    this.#take(1);
    return value;
  }

  /** As `tryReceive`, where words are known to be below 2^53. @throws {CorruptError} for another one, which is not taken then */
  tryReceiveNumber(): number | 'empty' | 'closed' {
    if (this.#there === 0) {
      const ended = this.#look();
      if (ended !== undefined) return ended;
    }
    const value = this.#words.loadPlainNumber((this.#slots + (this.#position & this.#mask)) as Address);
    this.#take(1);
    return value;
  }

  /** Receives as many words as there are and `target` has room for, from its beginning on. @returns how many; 0 if the ring is empty */
  tryReceiveMany(target: WordArray): number | 'closed' {
    assertWordArray(target);
    return this.#fill(target);
  }

  /** Receives, waiting for something. @throws {MustNotBlockError} on a thread that must not block */
  receive(options: WaitOptions & SpinOptions = NO_OPTIONS): bigint | Ended {
    if (this.#there === 0) this.#gathering.pause(this.#words, options);
    const received = this.tryReceive();
    return received !== 'empty' ? received : this.#blockToReceive(options);
  }

  /** As `receive`, where words are known to be below 2^53. */
  receiveNumber(options: WaitOptions & SpinOptions = NO_OPTIONS): number | Ended {
    if (this.#there === 0) this.#gathering.pause(this.#words, options);
    const received = this.tryReceiveNumber();
    return received !== 'empty' ? received : this.#blockToReceiveNumber(options);
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<bigint | Ended> {
    const awaited = this.#awaiting(() => notEmpty(this.tryReceive()));
    return (await awaitAsync(this.#words, awaited, options, this.#turns)) ?? 'timed-out';
  }

  /** As `tryReceiveMany`, waiting for at least one word. */
  receiveMany(target: WordArray, options: WaitOptions & SpinOptions = NO_OPTIONS): number | Ended {
    assertWordArray(target);
    if (this.#there < target.length) this.#gathering.pause(this.#words, options);
    const received = this.#fill(target);
    return received !== 0 || target.length === 0 ? received : this.#blockToReceiveMany(target, options);
  }

  /** As `receiveMany`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveManyAsync(target: WordArray, options: WaitAsyncOptions = {}): Promise<number | Ended> {
    const awaited = this.#awaiting(() => (target.length === 0 ? 0 : notZero(this.tryReceiveMany(target))));
    return (await awaitAsync(this.#words, awaited, options, this.#turns)) ?? 'timed-out';
  }

  /** Tells the sender at once of all that was taken. */
  acknowledge(): void {
    if (this.#untold > 0) this.#write(0);
  }

  /** Receives no more: sends are refused from now on, and what is in the ring is nobody's. What is pending here answers `closed`. Twice is once. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#there = 0;
    const { receiver, tail } = this.#shape.at;
    this.acknowledge(); // whoever finds this end closed finds in the head what was taken
    closeEnd(this.#words, receiver, this.#owner);
    // pairs with exchange(tail) in the sender, who looks at this end when it takes the mark away: refused from the next send on
    this.#words.fetchOrNumber(tail, COUNTER_WAITING);
    this.#write(COUNTER_CLOSED);
    this.#words.notify(tail); // this thread's own pending receives
  }

  /** Leaves the end to another thread, who goes on where this one was. What is pending here answers `closed`. */
  leave(): void {
    if (!this.#open) return;
    this.#open = false;
    this.acknowledge();
    this.#there = 0;
    vacateEnd(this.#words, this.#shape.at.receiver, this.#owner);
    this.#words.notify(this.#shape.at.tail); // as in close()
  }

  dispose(): void {
    this.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /** What to wait for when there is nothing. For `select`. */
  park(): ParkingSpot | undefined {
    const { words, at, capacity } = this.#shape;
    const tail = words.loadNumber(at.tail);
    if ((tail & COUNTER_CLOSED) !== 0 || fillOf(positionOf(tail), this.#position, capacity) > 0) return undefined;
    const expected = (tail & COUNTER_WAITING) === 0 ? tail + COUNTER_WAITING : tail;
    // pairs with exchange(tail) in the sender: either it sees the mark, or this fails and there is a word
    if (expected !== tail && words.compareExchangeNumber(at.tail, tail, expected) !== tail) return undefined;
    return { at: at.tail, expected };
  }

  #fill(target: WordArray): number | 'closed' {
    const { length } = target; // once: it grows where another thread grows the buffer
    if (this.#there < length) {
      const ended = this.#look();
      if (ended !== undefined) return ended === 'closed' ? ended : 0;
    }
    const count = Math.min(this.#there, length);
    const index = this.#position & this.#mask;
    const first = Math.min(count, this.#shape.capacity - index);
    this.#words.copyOut((this.#slots + index) as Address, target, 0, first * WORD_BYTES);
    if (first < count) this.#words.copyOut(this.#slots, target.subarray(first, count));
    this.#take(count);
    return count;
  }

  /** Looks at the tail again; says why there is nothing, if there is nothing. */
  #look(): 'empty' | 'closed' | undefined {
    const { words, at, capacity } = this.#shape;
    if (!this.#open) return 'closed';
    const tail = words.loadNumber(at.tail); // pairs with exchange(tail) in the sender: the slots are written
    this.#there = fillOf(positionOf(tail), this.#position, capacity);
    this.#gathering.found(this.#there);
    if (this.#there > 0) return undefined;
    this.acknowledge(); // the sender may be waiting for less than a quarter ring
    return (tail & COUNTER_CLOSED) !== 0 ? 'closed' : 'empty';
  }

  #take(count: number): void {
    const next = this.#position + count;
    this.#position = next < POSITIONS ? next : next - POSITIONS;
    this.#there -= count;
    this.#untold += count;
    if (this.#untold >= this.#batch) this.#write(0);
  }

  #write(closed: number): void {
    this.#untold = 0;
    // pairs with load(head) in the sender: the slots are read out, so they are free again
    const old = this.#words.exchangeNumber(this.#head, this.#position * POSITION_UNIT + closed);
    if ((old & COUNTER_WAITING) !== 0) this.#words.notify(this.#head);
  }

  #awaiting<T extends {}>(attempt: () => T | undefined): Awaited<T> {
    return { attempt, park: () => this.park() };
  }

  #blockToReceive(options: WaitOptions & SpinOptions): bigint | Ended {
    return this.#block(() => notEmpty(this.tryReceive()), options);
  }
  #blockToReceiveNumber(options: WaitOptions & SpinOptions): number | Ended {
    return this.#block(() => notEmpty(this.tryReceiveNumber()), options);
  }

  #blockToReceiveMany(target: WordArray, options: WaitOptions & SpinOptions): number | Ended {
    return this.#block(() => notZero(this.tryReceiveMany(target)), options);
  }

  #block<T extends {}>(attempt: () => T | undefined, options: WaitOptions & SpinOptions): T | 'timed-out' {
    return awaitBlocking(this.#words, this.#head, this.#awaiting(attempt), this.#spin, options) ?? 'timed-out';
  }
}

function notEmpty<T extends bigint | number>(result: T | 'empty' | 'closed'): T | 'closed' | undefined {
  return result === 'empty' ? undefined : result;
}

function notZero(result: number | 'closed'): number | 'closed' | undefined {
  return result === 0 ? undefined : result;
}
