/**
 * One sender, any number of receivers, each of which gets every message or is told exactly how many it lost. The sender keeps
 * the last messages in a ring and never waits for anybody; receivers keep their place in private, so there may be as many as
 * one likes, and one that stops costs nothing. How a receiver gets a whole message beside a sender: see
 * ../internal/published-slots.ts. Messages are of fixed width, and hold handles of segments where there is more to say.
 *
 * After Agrona's BroadcastTransmitter and BroadcastReceiver (Real Logic), whose receivers learn that they were lapped; since
 * messages are numbered here, they learn by how many.
 *
 *   magic     what attach looks for
 *   width     words of a message; constant
 *   capacity  slots, a power of two; constant
 *   sender    who may send; claimed by the first send                            own line
 *   sent      { sequence: 48, any: 1, closed: 1 } of the messages sent           own line
 *   event     event count of the receivers that wait                             own line
 *   waiters   receivers that are parked, or about to                             own line
 *   slots     `width` words each; message s is in slot s modulo capacity
 *
 * Progress: trySend, tryReceive and the rest are wait-free; receive blocks. A sender that dies, at any step, has sent what it
 * published and nothing else; recovery then closes the broadcast, so that no receiver waits for ever.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  type Owner,
  ownLine,
  rest,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  word,
} from '@pool/core';
import { PublishedSlots, type PublishResult } from '../internal/published-slots.ts';
import { ahead, following, SEQUENCES } from '../internal/sequence.ts';
import {
  assertStands,
  deadOwner,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';

type BroadcastField = 'magic' | 'width' | 'capacity' | 'sender' | 'sent' | 'event' | 'waiters' | 'slots';

/** The broadcast's words. */
export const BROADCAST: Layout<BroadcastField> = layout('broadcast', {
  magic: word,
  width: word,
  capacity: word,
  sender: ownLine,
  sent: ownLine,
  event: ownLine,
  waiters: ownLine,
  slots: rest,
});

export const BROADCAST_MAGIC: bigint = magicWord('bcast', 1);
const NAME = 'broadcast';
const LARGEST_WIDTH = 2 ** 16;
const LARGEST_CAPACITY = 2 ** 24;

/** `taken`: another thread is the sender. */
export type BroadcastSendResult = PublishResult;
/**
 * `ok`: the message is in the array that was given. A number: so many messages were overwritten before this receiver came for
 * them; the next one is there. `closed`: everything sent was received, and no more will come.
 */
export type BroadcastTryReceiveResult = 'ok' | 'empty' | 'closed' | number;
export type BroadcastReceiveResult = 'ok' | 'closed' | 'timed-out' | number;

export interface BroadcastOptions extends OwnerOptions {
  /** How many messages the ring has room for, a power of two of 2..2^24. One that lags by less than that loses none. */
  readonly capacity: number;
  /** Words of a message. Default: 1. */
  readonly width?: number;
  /** @internal For tests: how many messages it believes it has carried. */
  readonly start?: bigint;
}

export class Broadcast implements Recoverable<Recovered | undefined> {
  /** Words of a message. */
  readonly width: number;
  readonly capacity: number;
  /** Where it stands: what other threads attach with. */
  readonly base: Address;
  readonly #slots: PublishedSlots;

  private constructor(
    words: OwnedWords,
    base: Address,
    capacity: number,
    width: number,
    options: OwnerOptions | undefined,
  ) {
    const at = BROADCAST.at(base);
    const owner = packedOwner(words, options, NAME);
    const places = { ...at, published: at.sent, writer: at.sender };
    this.width = width;
    this.capacity = capacity;
    this.base = base;
    this.#slots = new PublishedSlots(words, places, capacity, width, owner, NAME);
  }

  /** How many words to reserve. @throws {ValueError} for a capacity or a width that cannot be */
  static size(capacity: number, width = 1): number {
    if (!isShape(capacity, width))
      throw new ValueError(
        [capacity, width].map(String).join(),
        `a broadcast has a capacity that is a power of two of 2..${LARGEST_CAPACITY} and messages of 1..${LARGEST_WIDTH} words`,
      );
    return BROADCAST.size(capacity * width);
  }

  /** Lays an empty broadcast into words that are the caller's own. @throws {ValueError} as `size`, and if there is no owner */
  static create(words: OwnedWords, base: Address, options: BroadcastOptions): Broadcast {
    Broadcast.size(options?.capacity, options?.width);
    const { capacity, width = 1 } = options;
    const start = startOf(options);
    const broadcast = new Broadcast(words, base, capacity, width, options);
    const at = BROADCAST.at(base);
    broadcast.#slots.init(start);
    words.storeNumber(at.width, width);
    words.storeNumber(at.capacity, capacity);
    words.store(at.magic, BROADCAST_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return broadcast;
  }

  /** The broadcast that stands at `base`. @throws {AttachError} if none does @throws {ValueError} if nobody says who the owner is */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Broadcast {
    const at = BROADCAST.at(base);
    assertStands(words, base, at.magic, BROADCAST_MAGIC, NAME);
    const [capacity, width] = [Number(words.load(at.capacity)), Number(words.load(at.width))];
    if (!isShape(capacity, width) || base + BROADCAST.size(capacity * width) > words.size)
      throw new AttachError(
        `the broadcast at word ${base} says it has ${capacity} slots of ${width} words: which cannot be`,
      );
    return new Broadcast(words, base, capacity, width, options);
  }

  /** Whether `close` was called, or the sender's death was recovered; there may be messages left to receive. */
  get closed(): boolean {
    return this.#slots.closed;
  }

  /** Makes this owner the sender, as the first `trySend` does; whether it is. From here on its death ends the broadcast. */
  claim(): boolean {
    return this.#slots.claim();
  }

  /** Lets another thread be the sender. */
  release(): void {
    this.#slots.release();
  }

  /**
   * Sends to all. Never waits. After `taken` or `closed` it was not sent.
   * @throws {ValueError} unless the message has the broadcast's width @throws {CorruptError} if the words do not hold together
   */
  trySend(message: BigUint64Array): BroadcastSendResult {
    return this.#slots.publish(message);
  }

  /** The number of the message that is sent next, a moment ago: where a receiver begins that is made on another thread later. */
  get position(): number {
    return this.#slots.sequence;
  }

  /**
   * A place to receive from, this thread's own: nobody else knows of it.
   * @param from a `position` from before; default: what is sent from now on
   * @throws {ValueError} for a number that is no position, or a later one than there is yet
   */
  receiver(from: number = this.position): BroadcastReceiver {
    const given = Number.isInteger(from) && from >= 0 && from < SEQUENCES;
    if (!(given && ahead(this.position, from) < SEQUENCES / 2))
      throw new ValueError(from, 'a receiver begins at a position that a broadcast gave');
    return new BroadcastReceiver(this.#slots, from);
  }

  /** Lets nobody send any more. Closing twice is once. */
  close(): void {
    this.#slots.close();
  }

  /** If the dead owner was the sender, the broadcast is closed. What was sent can still be received. */
  recover(owner: Owner): Recovered | undefined {
    return this.#slots.recover(deadOwner(owner), () => this.close())
      ? { kind: NAME, base: this.base, found: 'sender', count: 1 }
      : undefined;
  }
}

/** One receiver's place in a broadcast. */
export class BroadcastReceiver {
  readonly #slots: PublishedSlots;
  readonly #turns: Turns = new Turns();
  /** The message that comes next. */
  #next: number;

  /** Made by `Broadcast.receiver`. */
  constructor(slots: PublishedSlots, next: number) {
    this.#slots = slots;
    this.#next = next;
  }

  /**
   * Receives the next message. Never waits. After any answer but `ok`, `into` holds nothing in particular.
   * @throws {ValueError} unless `into` has the broadcast's width @throws {CorruptError} if the words do not hold together
   */
  tryReceive(into: BigUint64Array): BroadcastTryReceiveResult {
    const closed = this.#slots.closed; // before the look at `sequence`: after the mark nothing is published
    const end = this.#slots.sequence;
    if (end === this.#next) return closed ? 'closed' : 'empty';
    if (ahead(end, this.#next) > this.#slots.lasting || !this.#slots.copy(this.#next, into)) return this.#skip();
    this.#next = following(this.#next, 1);
    return 'ok';
  }

  /** Receives, waiting for a message. @throws {MustNotBlockError} on a thread that must not block */
  receive(into: BigUint64Array, options?: WaitOptions & SpinOptions): BroadcastReceiveResult {
    return this.#slots.wait(() => unlessEmpty(this.tryReceive(into)), options) ?? 'timed-out';
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was received. */
  async receiveAsync(into: BigUint64Array, options?: WaitAsyncOptions): Promise<BroadcastReceiveResult> {
    return (await this.#slots.waitAsync(() => unlessEmpty(this.tryReceive(into)), options, this.#turns)) ?? 'timed-out';
  }

  /** Goes on to the oldest message that is still there; gives how many it passed over. */
  #skip(): number {
    const first = following(this.#slots.sequence, SEQUENCES - this.#slots.lasting);
    const lost = ahead(first, this.#next);
    this.#next = first;
    return lost;
  }
}

function unlessEmpty(result: BroadcastTryReceiveResult): BroadcastReceiveResult | undefined {
  return result === 'empty' ? undefined : result;
}

function isShape(capacity: number, width: number): boolean {
  const isPower = Number.isInteger(capacity) && (capacity & (capacity - 1)) === 0;
  return (
    isPower &&
    capacity >= 2 &&
    capacity <= LARGEST_CAPACITY &&
    Number.isInteger(width) &&
    width >= 1 &&
    width <= LARGEST_WIDTH
  );
}
