/**
 * A bounded queue of 64-bit words between any number of senders and receivers. Each cell carries a stamp that says for which
 * lap it is free or full, so a thread learns from one cell alone whether it may claim it; claims go by compare-exchange on
 * `tail` and `head`, which senders and receivers never both write.
 *
 * Vyukov, "Bounded MPMC queue", 2010. The closed mark lives inside `tail`, as in crossbeam's channels, so that no claim can
 * succeed after the queue is closed and nothing sent can be lost between "closed" and "empty".
 *
 *   magic        what attach looks for
 *   capacity     cells, a power of two; constant
 *   tail         { position, closed: 1 }; senders claim by compare-exchange, close() sets the mark          own line
 *   head         position; receivers claim by compare-exchange                                               own line
 *   items        event count: changes when something was sent while a receiver was waiting                   own line
 *   itemWaiters  receivers that are parked, or about to be                                                   own line
 *   room         event count: changes when something was taken while a sender was waiting                    own line
 *   roomWaiters  senders that are parked, or about to be                                                     own line
 *   cells        { stamp, value } each; stamp = position: free for it, position + 1: full; value is plain, since only the
 *                claimer of the position touches it between two stamps
 *
 * Positions are numbers below 2^52: at 10^8 operations a second they last for over a year, and then sends are rejected loudly,
 * by `ValueError`; what was sent can be received.
 *
 * Progress: trySend and tryReceive are lock-free and their loops go round again only when another thread got further; send and
 * receive block. A claimer that stops for good between claim and stamp holds up its one position.
 */
import {
  type Address,
  AttachError,
  CorruptError,
  type Layout,
  layout,
  ownLine,
  type Placed,
  rest,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
  word,
} from '@pool/core';
import { assertStands, assertWords } from './internal/standing.ts';
import { EventCount } from './waiting/event-count.ts';
import type { SpinOptions } from './waiting/strategy.ts';

type QueueField = 'magic' | 'capacity' | 'tail' | 'head' | 'items' | 'itemWaiters' | 'room' | 'roomWaiters' | 'cells';

/** The queue's words. Programs in the virtual machine use the same layout: it is the contract between the two. */
export const WORD_QUEUE: Layout<QueueField> = layout('word queue', {
  magic: word,
  capacity: word,
  tail: ownLine,
  head: ownLine,
  items: ownLine,
  itemWaiters: ownLine,
  room: ownLine,
  roomWaiters: ownLine,
  cells: rest,
});

/** "wordq" and a version, read as a little-endian word. */
export const WORD_QUEUE_MAGIC = 0x01_71_64_72_6f_77n;
const CELL_WORDS = 2;
/** What one position adds to `tail`, beside the closed mark. */
const TAIL_STEP = 2;
const LARGEST_CAPACITY = 2 ** 24;

export type TrySendResult = 'ok' | 'full' | 'closed';
export type SendResult = 'ok' | 'closed' | 'timed-out';
/** A word, or why there is none: `closed` comes only after everything sent has been received. */
export type TryReceiveResult = bigint | 'empty' | 'closed';
export type ReceiveResult = bigint | 'closed' | 'timed-out';

export class WordQueue {
  /** How many words fit. */
  readonly capacity: number;
  /** Where the queue stands: what other threads attach with. */
  readonly base: Address;
  readonly #words: Words;
  readonly #at: Placed<QueueField>;
  readonly #mask: number;
  readonly #items: EventCount;
  readonly #room: EventCount;

  private constructor(words: Words, base: Address, capacity: number) {
    this.capacity = capacity;
    this.base = base;
    this.#words = words;
    this.#at = WORD_QUEUE.at(base);
    this.#mask = capacity - 1;
    this.#items = new EventCount(words, this.#at.items, this.#at.itemWaiters);
    this.#room = new EventCount(words, this.#at.room, this.#at.roomWaiters);
  }

  /** How many words to reserve for a queue of `capacity` cells. @throws {ValueError} unless it is a power of two of 2..2^24 */
  static size(capacity: number): number {
    return WORD_QUEUE.size(checkCapacity(capacity) * CELL_WORDS);
  }

  /** Lays an empty queue into words that are the caller's own. */
  static create(words: Words, base: Address, capacity: number): WordQueue {
    assertWords(words);
    const queue = new WordQueue(words, base, checkCapacity(capacity));
    for (let position = 0; position < capacity; position++) words.storeNumber(queue.#cell(position), position);
    const { magic, capacity: stored, tail, head, items, itemWaiters, room, roomWaiters } = queue.#at;
    for (const at of [tail, head, items, itemWaiters, room, roomWaiters]) words.storeNumber(at, 0);
    words.storeNumber(stored, capacity);
    words.store(magic, WORD_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return queue;
  }

  /** The queue that stands at `base`. @throws {AttachError} if none does */
  static attach(words: Words, base: Address): WordQueue {
    const at = WORD_QUEUE.at(base);
    assertStands(words, base, at.magic, WORD_QUEUE_MAGIC, 'word queue');
    const capacity = Number(words.load(at.capacity));
    if (!isCapacity(capacity) || base + WORD_QUEUE.size(capacity * CELL_WORDS) > words.size)
      throw new AttachError(`the word queue at word ${base} says it has ${capacity} cells, which cannot be`);
    return new WordQueue(words, base, capacity);
  }

  /** How many words are in the queue, a moment ago. */
  get length(): number {
    const head = this.#read(this.#at.head);
    return Math.max(0, Math.min(this.capacity, positionOf(this.#read(this.#at.tail)) - head));
  }

  /** Whether `close` was called; there may be words left to receive. */
  get closed(): boolean {
    return isClosed(this.#read(this.#at.tail));
  }

  /**
   * Sends if there is room. Never waits. `full` may also mean that the oldest receive is still under way.
   * @throws {ValueError} for a value that no word holds
   * @throws {CorruptError} if the queue's words do not hold together
   */
  trySend(value: bigint): TrySendResult {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new ValueError(value, 'a word holds 0..2^64-1');
    const words = this.#words;
    for (;;) {
      const tail = this.#read(this.#at.tail);
      if (isClosed(tail)) return 'closed';
      const position = positionOf(tail);
      const cell = this.#cell(position);
      const stamp = this.#read(cell); // pairs with store(stamp) in tryReceive(): the cell's last value was read out
      if (stamp === position) {
        // Compare-exchange, not add: a claim must fail when the queue was closed meanwhile, or the cell is another sender's.
        if (!this.#claim(this.#at.tail, tail, tail + TAIL_STEP)) continue;
        words.storePlain(valueAt(cell), value);
        words.storeNumber(cell, position + 1); // pairs with load(stamp) in tryReceive(): publishes the value
        this.#items.signal();
        return 'ok';
      }
      // The cell still belongs to the lap before: not taken yet, or its receiver is between claim and stamp.
      if (stamp < position) return 'full';
      // The cell is further on, so the tail must be too: whoever stamped it had claimed it.
      if (this.#read(this.#at.tail) === tail) this.#corrupt(position, stamp);
    }
  }

  /**
   * Receives if there is something. Never waits. `empty` may also mean that the oldest send is still under way; `closed` never does.
   * @throws {CorruptError} if the queue's words do not hold together
   */
  tryReceive(): TryReceiveResult {
    const words = this.#words;
    for (;;) {
      const position = this.#read(this.#at.head);
      const cell = this.#cell(position);
      const stamp = this.#read(cell); // pairs with store(stamp) in trySend(): the value is there
      if (stamp === position + 1) {
        // Compare-exchange, not add: the cell may be another receiver's by now.
        if (!this.#claim(this.#at.head, position, position + 1)) continue;
        const value = words.loadPlain(valueAt(cell));
        words.storeNumber(cell, position + this.capacity); // pairs with load(stamp) in trySend(): the cell is free for the next lap
        this.#room.signal();
        return value;
      }
      if (stamp <= position) {
        const tail = this.#read(this.#at.tail);
        // Nothing beyond this position was ever claimed, and after the mark nothing will be.
        return isClosed(tail) && positionOf(tail) === position ? 'closed' : 'empty';
      }
      // The cell is further on, so the head must be too: whoever stamped it had claimed it.
      if (this.#read(this.#at.head) === position) this.#corrupt(position, stamp);
    }
  }

  /** Sends, waiting for room: spins briefly, then parks. @throws {MustNotBlockError} on a thread that must not block */
  send(value: bigint, options?: WaitOptions & SpinOptions): SendResult {
    return this.#room.wait(() => unless(this.trySend(value), 'full'), options) ?? 'timed-out';
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: bigint, options?: WaitAsyncOptions): Promise<SendResult> {
    return (await this.#room.waitAsync(() => unless(this.trySend(value), 'full'), options)) ?? 'timed-out';
  }

  /** Receives, waiting for something: spins briefly, then parks. @throws {MustNotBlockError} on a thread that must not block */
  receive(options?: WaitOptions & SpinOptions): ReceiveResult {
    return this.#items.wait(() => unless(this.tryReceive(), 'empty'), options) ?? 'timed-out';
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options?: WaitAsyncOptions): Promise<ReceiveResult> {
    return (await this.#items.waitAsync(() => unless(this.tryReceive(), 'empty'), options)) ?? 'timed-out';
  }

  /** Lets nobody send any more. What is in the queue can still be received. Closing twice is once. */
  close(): void {
    this.#words.fetchOr(this.#at.tail, 1n); // pairs with load(tail) in both tries: no claim succeeds from here on
    this.#items.signalAll();
    this.#room.signalAll();
  }

  #cell(position: number): Address {
    return (this.#at.cells + (position & this.#mask) * CELL_WORDS) as Address;
  }

  /** A counter. All that this class writes stays below 2^53; anything else was written by somebody else. */
  #read(at: Address): number {
    return this.#words.loadNumber(at);
  }

  /** Moves a counter from one value to the next; `false` if another thread was first. */
  #claim(at: Address, from: number, to: number): boolean {
    return this.#words.compareExchangeNumber(at, from, to) === from;
  }

  #corrupt(position: number, stamp: number): never {
    throw new CorruptError(
      `word queue: the cell of position ${position} is stamped ${stamp}, which no sender or receiver leaves there`,
    );
  }
}

function positionOf(tail: number): number {
  return Math.floor(tail / TAIL_STEP);
}

function isClosed(tail: number): boolean {
  return (tail & 1) === 1;
}

function valueAt(cell: Address): Address {
  return (cell + 1) as Address;
}

function unless<T extends string | bigint, W extends T>(result: T, wanting: W): Exclude<T, W> | undefined {
  return result === wanting ? undefined : (result as Exclude<T, W>);
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 2 && value <= LARGEST_CAPACITY && (value & (value - 1)) === 0;
}

function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(capacity, `a queue's capacity is a power of two of 2..${LARGEST_CAPACITY}`);
  return capacity;
}
