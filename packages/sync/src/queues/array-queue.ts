/**
 * A bounded queue of words between any number of senders and receivers that survives the death of any of them: see
 * cell-ring.ts for how it works. `WordQueue` does the same for programs in the virtual machine, without names in its cells.
 *
 *   magic, capacity   constant
 *   sendHint          see cell-ring.ts        own line
 *   takeHint          the same                own line
 *   cells             { word, value } each
 *
 * Progress: every `try` is lock-free: it goes round again only when another thread got further. A thread that stops for good
 * between claim and publication holds up receivers at that one position until `recover` skips it.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  type Owner,
  ownLine,
  type Placed,
  rest,
  unpackOwner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  word,
} from '@pool/core';
import { assertStands, magicWord, type OwnedWords, type OwnerOptions, packedOwner } from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Awaited, awaitAsync, awaitBlocking, type ParkingSpot } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import type { ReceiveResult, SendResult, TryReceiveResult, TrySendResult } from '../word-queue.ts';
import { nameOf } from './cell.ts';
import { CellRing, LARGEST_CELL_COUNT, NO_CELL, STREAM_ENDED } from './cell-ring.ts';

type ArrayQueueField = 'magic' | 'capacity' | 'sendHint' | 'takeHint' | 'cells';

/** The queue's words. */
export const ARRAY_QUEUE: Layout<ArrayQueueField> = layout('array queue', {
  magic: word,
  capacity: word,
  sendHint: ownLine,
  takeHint: ownLine,
  cells: rest,
});

export const ARRAY_QUEUE_MAGIC: bigint = magicWord('arrayq', 1);
const CELL_WORDS = 2;

export interface ArrayQueueOptions extends OwnerOptions {
  /** How many words fit: a power of two of 2..2^22. */
  readonly capacity: number;
  /** Where positions begin, modulo 2^29 times the capacity, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
}

/** What was found in a dead owner's name, with the words that it was receiving: they reached nobody. */
export interface RecoveredWords extends Recovered {
  readonly undelivered: readonly bigint[];
}

export class ArrayQueue implements Recoverable<RecoveredWords | undefined> {
  readonly base: Address;
  readonly capacity: number;
  readonly #words: OwnedWords;
  readonly #ring: CellRing;
  readonly #toSend: AdaptiveSpin = new AdaptiveSpin();
  readonly #toReceive: AdaptiveSpin = new AdaptiveSpin();

  private constructor(words: OwnedWords, base: Address, capacity: number, options: OwnerOptions | undefined) {
    this.base = base;
    this.capacity = capacity;
    this.#words = words;
    const name = nameOf(unpackOwner(packedOwner(words, options, 'queue')));
    this.#ring = new CellRing(words, ARRAY_QUEUE.at(base), capacity, CELL_WORDS, name);
  }

  /** How many words to reserve. @throws {ValueError} for a capacity that is no power of two of 2..2^22 */
  static size(options: ArrayQueueOptions): number {
    return ARRAY_QUEUE.size(checkCapacity(options.capacity) * CELL_WORDS);
  }

  /** Lays an empty queue into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: ArrayQueueOptions): ArrayQueue {
    const queue = new ArrayQueue(words, base, checkCapacity(options.capacity), options);
    const at: Placed<ArrayQueueField> = ARRAY_QUEUE.at(base);
    queue.#ring.init(options.start ?? 0n);
    words.storeNumber(at.capacity, options.capacity);
    words.store(at.magic, ARRAY_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return queue;
  }

  /** The queue that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): ArrayQueue {
    const at = ARRAY_QUEUE.at(base);
    assertStands(words, base, at.magic, ARRAY_QUEUE_MAGIC, 'array queue');
    const capacity = Number(words.load(at.capacity));
    if (!isCapacity(capacity) || base + ARRAY_QUEUE.size(capacity * CELL_WORDS) > words.size)
      throw new AttachError(`the array queue at word ${base} says it has ${capacity} cells, which cannot be`);
    return new ArrayQueue(words, base, capacity, options);
  }

  /** How many words are in the queue, or on their way into it, a moment ago. */
  get length(): number {
    return this.#ring.length;
  }

  /** Whether `close` was called; there may be words left to receive. */
  get closed(): boolean {
    return this.#ring.closed;
  }

  /**
   * Sends if there is room. Never waits. `full` may also mean that the oldest receive is still under way.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the queue's words do not hold together
   */
  trySend(value: bigint): TrySendResult {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    const cell = this.#ring.claim();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'full';
    this.#words.storePlain((cell + 1) as Address, value);
    this.#ring.publish(cell);
    return 'ok';
  }

  /** As `trySend`, for a number of 0..2^53-1. */
  trySendNumber(value: number): TrySendResult {
    if (!Number.isSafeInteger(value) || value < 0) throw new ValueError(value, 'an integer of 0..2^53-1');
    const cell = this.#ring.claim();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'full';
    this.#words.storePlainNumber((cell + 1) as Address, value);
    this.#ring.publish(cell);
    return 'ok';
  }

  /**
   * Receives if there is something. Never waits. `empty` may also mean that the oldest send is still under way; `closed` never does.
   * @throws {CorruptError} if the queue's words do not hold together
   */
  tryReceive(): TryReceiveResult {
    const cell = this.#ring.take();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'empty';
    const value = this.#words.loadPlain((cell + 1) as Address);
    this.#ring.release(cell);
    return value;
  }

  /** As `tryReceive`, where words are known to be below 2^53. @throws {ValueError} for another one, which is then lost */
  tryReceiveNumber(): number | 'empty' | 'closed' {
    const cell = this.#ring.take();
    if (cell <= NO_CELL) return cell === STREAM_ENDED ? 'closed' : 'empty';
    try {
      return this.#words.loadPlainNumber((cell + 1) as Address);
    } finally {
      this.#ring.release(cell);
    }
  }

  /** Sends, waiting for room. @throws {MustNotBlockError} on a thread that must not block */
  send(value: bigint, options: WaitOptions & SpinOptions = {}): SendResult {
    return awaitBlocking(this.#words, this.base, this.#sending(value), this.#toSend, options) ?? 'timed-out';
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: bigint, options: WaitAsyncOptions = {}): Promise<SendResult> {
    return (await awaitAsync(this.#words, this.#sending(value), options)) ?? 'timed-out';
  }

  /** Receives, waiting for something. @throws {MustNotBlockError} on a thread that must not block */
  receive(options: WaitOptions & SpinOptions = {}): ReceiveResult {
    return awaitBlocking(this.#words, this.base, this.#receiving(), this.#toReceive, options) ?? 'timed-out';
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<ReceiveResult> {
    return (await awaitAsync(this.#words, this.#receiving(), options)) ?? 'timed-out';
  }

  /** Lets nobody send any more. What is in the queue can still be received. Closing twice is once. Progress: lock-free. */
  close(): void {
    this.#ring.close();
  }

  /** What to wait for when the queue is full. For `select`. */
  parkSender(): ParkingSpot | undefined {
    return this.#ring.parkSender();
  }

  /** What to wait for when the queue is empty. For `select`. */
  parkReceiver(): ParkingSpot | undefined {
    return this.#ring.parkReceiver();
  }

  recover(owner: Owner): RecoveredWords | undefined {
    const { skipped, undelivered } = this.#ring.recover(nameOf(owner), (cell) =>
      this.#words.loadPlain((cell + 1) as Address),
    );
    if (skipped + undelivered.length === 0) return undefined;
    return {
      kind: 'array queue',
      base: this.base,
      found: skipped > 0 ? 'sends that are skipped' : 'receives that are over',
      count: skipped + undelivered.length,
      undelivered,
    };
  }

  #sending(value: bigint): Awaited<'ok' | 'closed'> {
    return {
      attempt: () => {
        const sent = this.trySend(value);
        return sent === 'full' ? undefined : sent;
      },
      park: () => this.#ring.parkSender(),
    };
  }

  #receiving(): Awaited<bigint | 'closed'> {
    return {
      attempt: () => {
        const received = this.tryReceive();
        return received === 'empty' ? undefined : received;
      },
      park: () => this.#ring.parkReceiver(),
    };
  }
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 2 && value <= LARGEST_CELL_COUNT && (value & (value - 1)) === 0;
}

function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(capacity, `a queue's capacity is a power of two of 2..${LARGEST_CELL_COUNT}`);
  return capacity;
}
