/**
 * A ring of words between one sender and one receiver.
 *
 * `tail` counts the words ever sent, `head` the words ever taken, both modulo 2^50; their difference is the fill. Each side
 * writes one counter and keeps a private account of what the other had left it when it last looked, so most operations touch
 * no line that the other side writes. With `ack: 'batch'` the receiver tells what it has taken once a quarter ring (and
 * whenever it finds the ring empty) instead of each time, and so spares the sender's core a cache miss for each word.
 *
 * Lamport, "Specifying Concurrent Program Modules", TOPLAS 1983; private accounts: Lee, Bu and Chandranmenon, "A Lock-Free,
 * Cache-Efficient Shared Ring Buffer", ANCS 2009.
 *
 *   magic, capacity, ack   constant
 *   sender, receiver       who has each end (see end.ts); written when an end changes hands, read after a mark on the tail
 *   tail    { position: 50, closed: 1, waiting: 1 }; written by the sender, and the mark by a receiver that parks or ends  own line
 *   head    { position: 50, closed: 1, waiting: 1 }; written by the receiver, and the mark by a sender that parks     own line
 *   slots   written by the sender while free, read by the receiver while full; plain, since never both
 *
 * A counter is written by exchange: that publishes, and takes the mark of a parked peer away and answers with it in one step.
 * A receiver that closes sets the same mark, so a sender learns of it with its next send and need not look before each.
 *
 * Progress: every `try` is wait-free. A dead end is left vacant by `recover`, and a successor goes on where the counters
 * stand: nothing sent is lost, and with `ack: 'each'` nothing taken is seen again. With `ack: 'batch'` a successor receives
 * again what the dead receiver had taken and not told, at most a quarter ring.
 */
import { type Address, AttachError, type Owner, type Placed, ValueError } from '@pool/core';
import {
  assertStands,
  assertWords,
  deadOwner,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { isEndClosedBy, takeEnd, vacateEnd } from './end.ts';
import {
  COUNTER_CLOSED,
  COUNTER_WAITING,
  fillOf,
  POSITION_UNIT,
  POSITIONS,
  positionOf,
  SPSC_RING,
  SPSC_RING_MAGIC,
  type SpscField,
  type SpscShape,
} from './spsc-layout.ts';
import { SpscReceiver } from './spsc-receiver.ts';
import { SpscSender } from './spsc-sender.ts';

const LARGEST_CAPACITY = 2 ** 24;

/** When the receiver tells the sender what it has taken: after each word, or once a quarter ring and when it finds nothing. */
export type Acknowledgement = 'each' | 'batch';

export interface SpscRingOptions {
  /** How many words fit: a power of two of 2..2^24. */
  readonly capacity: number;
  /** Default: `batch`. */
  readonly ack?: Acknowledgement;
  /** Where the counters begin, modulo 2^50, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
}

export class SpscRing implements Recoverable<Recovered[]> {
  readonly base: Address;
  readonly capacity: number;
  readonly ack: Acknowledgement;
  readonly #words: OwnedWords;
  readonly #at: Placed<SpscField>;

  private constructor(words: OwnedWords, base: Address, capacity: number, ack: Acknowledgement) {
    this.base = base;
    this.capacity = capacity;
    this.ack = ack;
    this.#words = words;
    this.#at = SPSC_RING.at(base);
  }

  /** How many words to reserve. @throws {ValueError} for a capacity that is no power of two of 2..2^24 */
  static size(options: SpscRingOptions): number {
    return SPSC_RING.size(checkCapacity(options?.capacity));
  }

  /** Lays an empty ring into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: SpscRingOptions): SpscRing {
    checkCapacity(options?.capacity);
    const { capacity, ack = 'batch' } = options;
    if (ack !== 'each' && ack !== 'batch') throw new ValueError(ack, '`ack` is each or batch');
    assertWords(words);
    const ring = new SpscRing(words, base, capacity, ack);
    const at = ring.#at;
    const position = Number(startOf(options) % BigInt(POSITIONS));
    words.storeNumber(at.capacity, capacity);
    words.storeNumber(at.ack, ack === 'batch' ? 1 : 0);
    for (const end of [at.sender, at.receiver]) words.storeNumber(end, 0);
    for (const counter of [at.tail, at.head]) words.storeNumber(counter, position * POSITION_UNIT);
    words.store(at.magic, SPSC_RING_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return ring;
  }

  /** The ring that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address): SpscRing {
    const at = SPSC_RING.at(base);
    assertStands(words, base, at.magic, SPSC_RING_MAGIC, 'spsc ring');
    const [capacity, ack] = [words.load(at.capacity), words.load(at.ack)];
    if (ack > 1n || !isCapacity(Number(capacity)) || base + SPSC_RING.size(Number(capacity)) > words.size)
      throw new AttachError(`the spsc ring at word ${base} says it has ${capacity} slots, which cannot be`);
    return new SpscRing(words, base, Number(capacity), ack === 1n ? 'batch' : 'each');
  }

  /** Takes the sending end. @throws {EndTakenError} while somebody has it, or once it is closed */
  sender(options?: OwnerOptions): SpscSender {
    const owner = packedOwner(this.#words, options, 'ring');
    takeEnd(this.#words, this.#at.sender, owner, 'sending end');
    return new SpscSender(this.#shape(), owner);
  }

  /** Takes the receiving end. @throws {EndTakenError} while somebody has it, or once it is closed */
  receiver(options?: OwnerOptions): SpscReceiver {
    const owner = packedOwner(this.#words, options, 'ring');
    takeEnd(this.#words, this.#at.receiver, owner, 'receiving end');
    return new SpscReceiver(this.#shape(), owner);
  }

  /** How many words were sent that the receiver has not told to have taken, a moment ago. */
  get length(): number {
    const head = positionOf(this.#words.loadNumber(this.#at.head));
    return fillOf(positionOf(this.#words.loadNumber(this.#at.tail)), head, this.capacity);
  }

  recover(owner: Owner): Recovered[] {
    const found: Recovered[] = [];
    const dead = deadOwner(owner);
    for (const [end, counter] of [
      ['sender', 'tail'],
      ['receiver', 'head'],
    ] as const) {
      if (vacateEnd(this.#words, this.#at[end], dead))
        found.push({ kind: 'spsc ring', base: this.base, found: end, count: 1 });
      // It may have died before it told so. Nobody writes a closed end's counter but the mark; pairs with the loads in park() and #look().
      else if (isEndClosedBy(this.#words.loadNumber(this.#at[end]), dead)) {
        this.#words.fetchOr(this.#at[counter], BigInt(COUNTER_CLOSED));
        if (end === 'receiver') this.#words.fetchOr(this.#at.tail, BigInt(COUNTER_WAITING)); // as in the receiver's close()
      }
      this.#words.notify(this.#at[counter]); // or taken the mark away, and died before it woke the one that sleeps
    }
    return found;
  }

  #shape(): SpscShape {
    const batch = this.ack === 'each' ? 1 : Math.max(1, this.capacity / 4);
    return { words: this.#words, at: this.#at, capacity: this.capacity, batch };
  }
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 2 && value <= LARGEST_CAPACITY && (value & (value - 1)) === 0;
}

function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(capacity, `a ring's capacity is a power of two of 2..${LARGEST_CAPACITY}`);
  return capacity;
}
