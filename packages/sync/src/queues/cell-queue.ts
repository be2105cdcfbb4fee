/** What the queues of words between any number of threads have in common, whatever their cells are made of. */

import type { Address, Owner, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import { deadOwner } from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Awaited, awaitAsync, awaitBlocking, awaitMissed, type ParkingSpot } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import type { ReceiveResult, SendResult, TryReceiveResult, TrySendResult } from '../word-queue.ts';
import { BulkProgress, type BulkReceived, type BulkSent, checkFrom, type WordArray, wordsOf } from './bulk-send.ts';
import { nameOf } from './cell.ts';
import { NO_VALUE, SENT, STREAM_ENDED, type WordCells, type WordReceiver, type WordSender } from './cells.ts';
import type { Lanes } from './lanes.ts';

export abstract class CellQueue implements Recoverable<Recovered | undefined> {
  readonly base: Address;
  readonly #kind: string;
  readonly #words: Words;
  readonly #cells: WordCells;
  readonly #sender: WordSender;
  readonly #receiver: WordReceiver;
  readonly #lanes: Lanes;
  readonly #toSend: AdaptiveSpin = new AdaptiveSpin();
  readonly #toReceive: AdaptiveSpin = new AdaptiveSpin();
  readonly #senders: Turns = new Turns();
  readonly #receivers: Turns = new Turns();
  readonly #receiving: Awaited<bigint | 'closed'> = {
    attempt: () => {
      const received = this.tryReceive();
      return received === 'empty' ? undefined : received;
    },
    park: () => this.#cells.parkReceiver(),
  };

  protected constructor(kind: string, words: Words, base: Address, cells: WordCells, lanes: Lanes) {
    this.#kind = kind;
    this.#words = words;
    this.base = base;
    this.#cells = cells;
    this.#sender = cells.sender;
    this.#receiver = cells.receiver;
    this.#lanes = lanes;
  }

  /** How many words are in the queue, or on their way into it, a moment ago. */
  get length(): number {
    return this.#cells.length;
  }

  /** Whether `close` was called; there may be words left to receive. */
  get closed(): boolean {
    return this.#cells.closed;
  }

  /**
   * Sends if there is room. Never waits. `full` may also mean that the oldest receive is still under way.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the queue's words do not hold together
   */
  trySend(value: bigint): TrySendResult {
    return sent(this.#sender.sendWord(value));
  }

  /** As `trySend`, for a number of 0..2^53-1. */
  trySendNumber(value: number): TrySendResult {
    return sent(this.#sender.sendNumber(value));
  }

  /**
   * Receives if there is something. Never waits. `empty` may also mean that the oldest send is still under way; `closed` never does.
   * @throws {CorruptError} if the queue's words do not hold together
   */
  tryReceive(): TryReceiveResult {
    return this.#receiver.receiveWord();
  }

  /** As `tryReceive`, where words are known to be below 2^53. @throws {CorruptError} for another one, which stays in the queue */
  tryReceiveNumber(): number | 'empty' | 'closed' {
    const value = this.#receiver.receiveNumber();
    if (value >= 0) return value;
    return value === NO_VALUE ? 'empty' : 'closed';
  }

  /**
   * Sends as many of the words from `from` on as there is room for, one after the other: words of other senders may come between.
   * @returns how many; `closed` if that is why there is none
   * @throws {ValueError} for a `from` outside of 0..length
   */
  trySendMany(source: WordArray, from = 0): number | 'closed' {
    const words = wordsOf(source);
    checkFrom(from, words.length);
    let next = from;
    let result: number = SENT;
    while (next < words.length && result === SENT) {
      result = this.#sender.sendWord(words[next] as bigint);
      if (result === SENT) next += 1;
    }
    return next === from && result === STREAM_ENDED ? 'closed' : next - from;
  }

  /**
   * Receives as many words as there are and `target` has room for, from its beginning on.
   * @returns how many; `closed` if there is none and no more will come
   */
  tryReceiveMany(target: WordArray): number | 'closed' {
    const words = wordsOf(target);
    for (let count = 0; count < words.length; count++) {
      const received = this.#receiver.receiveWord();
      if (typeof received !== 'bigint') return count === 0 && received === 'closed' ? 'closed' : count;
      words[count] = received;
    }
    return words.length;
  }

  /** Sends, waiting for room. @throws {MustNotBlockError} on a thread that must not block */
  send(value: bigint, options: WaitOptions & SpinOptions = NO_OPTIONS): SendResult {
    const sent = this.trySend(value);
    if (sent !== 'full') return sent;
    return awaitMissed(this.#words, this.base, this.#sending(value), this.#toSend, options) ?? 'timed-out';
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: bigint, options: WaitAsyncOptions = {}): Promise<SendResult> {
    return (await awaitAsync(this.#words, this.#sending(value), options, this.#senders)) ?? 'timed-out';
  }

  /** Receives, waiting for something. @throws {MustNotBlockError} on a thread that must not block */
  receive(options: WaitOptions & SpinOptions = NO_OPTIONS): ReceiveResult {
    const received = this.tryReceive();
    if (received !== 'empty') return received;
    return awaitMissed(this.#words, this.base, this.#receiving, this.#toReceive, options) ?? 'timed-out';
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<ReceiveResult> {
    return (await awaitAsync(this.#words, this.#receiving, options, this.#receivers)) ?? 'timed-out';
  }

  /** Sends all of them, one after the other, waiting for room as often as need be. */
  sendMany(source: WordArray, options: WaitOptions & SpinOptions = NO_OPTIONS): BulkSent {
    const progress = new BulkProgress<WordArray>(this, wordsOf(source));
    const ended = awaitBlocking(this.#words, this.base, this.#sendingMany(progress), this.#toSend, options);
    return progress.ended(ended ?? 'timed-out');
  }

  /** As `sendMany`, without blocking. Rejects when the signal aborts; what was sent until then stays sent. */
  async sendManyAsync(source: WordArray, options: WaitAsyncOptions = {}): Promise<BulkSent> {
    const progress = new BulkProgress<WordArray>(this, wordsOf(source));
    const ended = await awaitAsync(this.#words, this.#sendingMany(progress), options, this.#senders);
    return progress.ended(ended ?? 'timed-out');
  }

  /** As `tryReceiveMany`, waiting for at least one word. */
  receiveMany(target: WordArray, options: WaitOptions & SpinOptions = NO_OPTIONS): BulkReceived {
    const awaited = this.#receivingMany(target);
    return awaitBlocking(this.#words, this.base, awaited, this.#toReceive, options) ?? 'timed-out';
  }

  /** As `receiveMany`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveManyAsync(target: WordArray, options: WaitAsyncOptions = {}): Promise<BulkReceived> {
    return (await awaitAsync(this.#words, this.#receivingMany(target), options, this.#receivers)) ?? 'timed-out';
  }

  /** Lets nobody send any more. What is in the queue can still be received. Closing twice is once. Progress: lock-free. */
  close(): void {
    this.#cells.close();
  }

  /** What to wait for when the queue is full. For `select`. */
  parkSender(): ParkingSpot | undefined {
    return this.#cells.parkSender();
  }

  /** What to wait for when the queue is empty. For `select`. */
  parkReceiver(): ParkingSpot | undefined {
    return this.#cells.parkReceiver();
  }

  recover(owner: Owner): Recovered | undefined {
    const dead = deadOwner(owner);
    const { skipped } = this.#cells.recover(nameOf(owner), (cell) => cell);
    this.#lanes.recover(dead);
    return skipped === 0
      ? undefined
      : { kind: this.#kind, base: this.base, found: 'sends that are skipped', count: skipped };
  }

  #sending(value: bigint): Awaited<'ok' | 'closed'> {
    return {
      attempt: () => {
        const sent = this.trySend(value);
        return sent === 'full' ? undefined : sent;
      },
      park: () => this.#cells.parkSender(),
      parkForMore: () => this.#cells.parkSenderForMore?.(),
    };
  }

  #sendingMany(progress: BulkProgress<WordArray>): Awaited<'ok' | 'closed'> {
    return {
      attempt: () => progress.attempt(),
      park: () => this.#cells.parkSender(),
      parkForMore: () => this.#cells.parkSenderForMore?.(),
    };
  }

  #receivingMany(target: WordArray): Awaited<number | 'closed'> {
    return {
      attempt: () => this.tryReceiveMany(target) || (target.length === 0 ? 0 : undefined),
      park: () => this.#cells.parkReceiver(),
    };
  }
}

function sent(result: number): TrySendResult {
  if (result === SENT) return 'ok';
  return result === STREAM_ENDED ? 'closed' : 'full';
}
