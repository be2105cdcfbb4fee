/**
 * Slots that one writer fills in turn, and that any number of threads read without being counted. The writer fills the slot
 * after the last, then publishes it by counting `published` up. A reader copies a slot out, then looks at how far the writer
 * is: if it may have begun to fill that slot again meanwhile, what was copied is thrown away. So readers never hold up the
 * writer, a writer that dies half way has touched nothing that anybody may read, and nobody ever gets a torn message.
 *
 * A sequence lock turned inside out: Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005; with a ring of slots,
 * readers need not wait for a writer (Simpson, "Four-Slot Fully Asynchronous Communication Mechanism", 1990). The words of a
 * message are read and written atomically, as Boehm asks for in "Can Seqlocks Get Along With Programming Language Memory
 * Models?", MSPC 2012: reader and writer may meet in one.
 *
 *   published  { sequence: 48, any: 1, closed: 1 }: how many messages were published, modulo 2^48, and whether there is one. Written
 *              by the writer, and closed by anybody
 *   writer     who may write; 0: nobody. Written by compare-exchange
 *   event      event count: changes when something was published while a reader was waiting, or at the end
 *   waiters    readers that are parked, or about to
 *   slots      `width` words each; message s is in slot s modulo their number
 *
 * Why a copy that passes the check is whole: had it one word of the message that came to the slot next, its reader would have
 * read what the writer wrote after publishing everything before that message, and so see `published` too far on.
 */
import {
  type Address,
  CorruptError,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  type Words,
} from '@pool/core';
import { EventCount } from '../waiting/event-count.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { inTurn, type Turns } from '../waiting/turns.ts';
import { ahead, following, SEQUENCES, sequenceAt } from './sequence.ts';
import { signalWaiting } from './signal-waiting.ts';
import { moveWord } from './standing.ts';

export interface PublishedPlaces {
  readonly published: Address;
  readonly writer: Address;
  readonly event: Address;
  readonly waiters: Address;
  readonly slots: Address;
}

/** `taken`: another thread is the writer. */
export type PublishResult = 'ok' | 'taken' | 'closed';

const CLOSED = 1;
const ANY = 2;
const STEP = 4;

export class PublishedSlots {
  /** Words of a message. */
  readonly width: number;
  /** How many of the last messages can be read for sure: one slot may be being filled. */
  readonly lasting: number;
  readonly #words: Words;
  readonly #at: PublishedPlaces;
  readonly #mask: number;
  readonly #owner: number;
  readonly #name: string;
  readonly #events: EventCount;
  #writing = false;

  /** @param count of slots, a power of two */
  constructor(words: Words, at: PublishedPlaces, count: number, width: number, owner: number, name: string) {
    this.width = width;
    this.lasting = count - 1;
    this.#words = words;
    this.#at = at;
    this.#mask = count - 1;
    this.#owner = owner;
    this.#name = name;
    this.#events = new EventCount(words, at.event, at.waiters);
  }

  /** Lays empty slots, beginning at message `start`. */
  init(start: bigint): void {
    this.#words.storeNumber(this.#at.published, sequenceAt(start) * STEP);
    for (const at of [this.#at.writer, this.#at.event, this.#at.waiters]) this.#words.storeNumber(at, 0);
    this.#words.fill(this.#at.slots, (this.#mask + 1) * this.width, 0n);
  }

  /** The number of the next message to be published, a moment ago. */
  get sequence(): number {
    return sequenceOf(this.#read());
  }

  /** Whether a message was ever published. */
  get any(): boolean {
    return (this.#read() & ANY) !== 0;
  }

  get closed(): boolean {
    return isClosed(this.#read());
  }

  /** Makes this owner the writer; whether it is. Progress: wait-free. */
  claim(): boolean {
    // pairs with the compare-exchange in release() and recover(): this writer goes on where the last one stopped
    this.#writing =
      this.#words.loadNumber(this.#at.writer) === this.#owner || moveWord(this.#words, this.#at.writer, 0, this.#owner);
    return this.#writing;
  }

  /** Lets somebody else be the writer. */
  release(): void {
    this.#writing = false;
    moveWord(this.#words, this.#at.writer, this.#owner, 0);
  }

  /** Publishes a message of `width` words. Progress: wait-free. */
  publish(message: BigUint64Array): PublishResult {
    this.checkWidth(message);
    if (!this.#writing && !this.claim()) return isClosed(this.#read()) ? 'closed' : 'taken';
    const words = this.#words;
    const published = this.#read();
    if (isClosed(published)) return 'closed';
    const sequence = sequenceOf(published);
    const slot = this.#slot(sequence);
    // Each pairs with the load in copy(): whoever sees a new word here sees that the message before it was published.
    for (let index = 0; index < this.width; index++) words.store((slot + index) as Address, message[index] as bigint);
    // Compare-exchange, not store: close() may have come between. Pairs with load(published) in copy(): publishes the message.
    if (!moveWord(words, this.#at.published, published, following(sequence, 1) * STEP + ANY)) return this.#overtaken();
    signalWaiting(words, this.#events, this.#at.waiters);
    return 'ok';
  }

  /** Copies message `sequence` out, which was published; `false` if it was, or is being, overwritten. Progress: wait-free. */
  copy(sequence: number, target: BigUint64Array): boolean {
    this.checkWidth(target);
    const slot = this.#slot(sequence);
    for (let index = 0; index < this.width; index++) target[index] = this.#words.load((slot + index) as Address);
    return ahead(this.sequence, sequence) <= this.lasting; // after the words: see above
  }

  /** Lets nobody publish any more. Progress: wait-free. */
  close(): void {
    this.#words.fetchOr(this.#at.published, BigInt(CLOSED)); // pairs with the compare-exchange in publish(): it fails from here on
    this.#events.signalAll();
  }

  /** Ends the writing of a dead owner; whether it was the writer. `then`: what is done before its name is wiped out. */
  recover(dead: number, then: () => void = () => {}): boolean {
    const writes = this.#words.loadNumber(this.#at.writer) === dead;
    if (writes) then();
    const found = writes && moveWord(this.#words, this.#at.writer, dead, 0);
    this.#events.signalAll(); // the wake of one that waits may have died with the thread it reached
    return found;
  }

  wait<T extends {}>(attempt: () => T | undefined, options?: WaitOptions & SpinOptions): T | undefined {
    return this.#events.wait(attempt, options);
  }

  /** @param turns the line of those who wait with one reader's account of what it has seen */
  async waitAsync<T extends {}>(
    attempt: () => T | undefined,
    options: WaitAsyncOptions = {},
    turns: Turns,
  ): Promise<T | undefined> {
    options.signal?.throwIfAborted();
    return inTurn(turns, options, (rest) => this.#events.waitAsync(attempt, rest), attempt);
  }

  #slot(sequence: number): number {
    return this.#at.slots + (sequence & this.#mask) * this.width;
  }

  #overtaken(): 'closed' {
    if (isClosed(this.#read())) return 'closed';
    throw new CorruptError(`${this.#name}: word ${this.#at.published} was written by somebody who is not the writer`);
  }

  /** @throws {ValueError} unless it has the width of a message */
  checkWidth(message: BigUint64Array): void {
    if (!(message instanceof BigUint64Array) || message.length !== this.width)
      throw new ValueError(
        message?.length,
        `a message of this ${this.#name} is a BigUint64Array of ${this.width} words`,
      );
  }

  #read(): number {
    const published = this.#words.loadNumber(this.#at.published);
    if (published >= SEQUENCES * STEP)
      throw new CorruptError(`${this.#name}: word ${this.#at.published} holds ${published}, which counts no messages`);
    return published;
  }
}

function sequenceOf(published: number): number {
  return Math.floor(published / STEP);
}

function isClosed(published: number): boolean {
  return (published & 1) === CLOSED;
}
