/**
 * The latest value wins: a writer that never waits, and any number of readers that see what it wrote last, whole. What no
 * reader came for in time is replaced. How a reader gets a whole message beside a writer: see ../internal/published-slots.ts.
 *
 *   magic   what attach looks for
 *   width   words of a message; constant
 *   writer  who may write; claimed by the first write                            own line
 *   latest  { sequence: 48, any: 1, closed: 1 } of the messages written          own line
 *   event   event count of the readers that wait for another message             own line
 *   waiters readers that are parked, or about to                                 own line
 *   slots   four messages: the latest, those that slow readers may still be at, and the one being written
 *
 * Progress: write is wait-free; tryRead is lock-free and goes round again only when two more messages were written meanwhile;
 * read blocks. A writer that dies, at any step, leaves the message before; another one may take its place after recovery.
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
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
  word,
} from '@pool/core';
import { PublishedSlots, type PublishResult } from '../internal/published-slots.ts';
import { following, SEQUENCES } from '../internal/sequence.ts';
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

type MailboxField = 'magic' | 'width' | 'writer' | 'latest' | 'event' | 'waiters' | 'slots';

/** The mailbox's words. Programs in the virtual machine use the same layout. */
export const MAILBOX: Layout<MailboxField> = layout('mailbox', {
  magic: word,
  width: word,
  writer: ownLine,
  latest: ownLine,
  event: ownLine,
  waiters: ownLine,
  slots: rest,
});

export const MAILBOX_MAGIC: bigint = magicWord('mail', 1);
/** How many slots a mailbox has: a reader may be two messages behind while the next is being written. */
export const MAILBOX_SLOTS = 4;
const NAME = 'mailbox';
const LARGEST_WIDTH = 2 ** 16;

/** `taken`: another thread is the writer. */
export type MailboxWriteResult = PublishResult;
/** `ok`: the message is in the array that was given. `closed`: there is none that this reader has not seen, and none will come. */
export type MailboxTryReadResult = 'ok' | 'empty' | 'closed';
export type MailboxReadResult = 'ok' | 'closed' | 'timed-out';

export interface MailboxOptions extends OwnerOptions {
  /** Words of a message. Default: 1. */
  readonly width?: number;
  /** @internal For tests: how many messages it believes it has carried. */
  readonly start?: bigint;
}

export class Mailbox implements Recoverable<Recovered | undefined> {
  /** Words of a message. */
  readonly width: number;
  /** Where it stands: what other threads attach with. */
  readonly base: Address;
  readonly #slots: PublishedSlots;
  readonly #turns: Turns = new Turns();
  /** How many messages there were when this reader last read one; -1 before. */
  #seen = -1;

  private constructor(words: OwnedWords, base: Address, width: number, options: OwnerOptions | undefined) {
    const at: Placed<MailboxField> = MAILBOX.at(base);
    const owner = packedOwner(words, options, NAME);
    this.width = width;
    this.base = base;
    this.#slots = new PublishedSlots(words, { ...at, published: at.latest }, MAILBOX_SLOTS, width, owner, NAME);
  }

  /** How many words to reserve for messages of `width` words. @throws {ValueError} unless that is an integer of 1..2^16 */
  static size(width = 1): number {
    return MAILBOX.size(checkWidth(width) * MAILBOX_SLOTS);
  }

  /** Lays an empty mailbox into words that are the caller's own. @throws {ValueError} for a width that cannot be, or no owner */
  static create(words: OwnedWords, base: Address, options: MailboxOptions = {}): Mailbox {
    const { width = 1 } = options;
    const start = startOf(options);
    const mailbox = new Mailbox(words, base, checkWidth(width), options);
    const at = MAILBOX.at(base);
    mailbox.#slots.init(start);
    words.storeNumber(at.width, width);
    words.store(at.magic, MAILBOX_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return mailbox;
  }

  /** The mailbox that stands at `base`. @throws {AttachError} if none does @throws {ValueError} if nobody says who the owner is */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): Mailbox {
    const at = MAILBOX.at(base);
    assertStands(words, base, at.magic, MAILBOX_MAGIC, NAME);
    const width = Number(words.load(at.width));
    if (!isWidth(width) || base + MAILBOX.size(width * MAILBOX_SLOTS) > words.size)
      throw new AttachError(`the mailbox at word ${base} says its messages have ${width} words, which cannot be`);
    return new Mailbox(words, base, width, options);
  }

  /** Whether `close` was called; there may be a message left to read. */
  get closed(): boolean {
    return this.#slots.closed;
  }

  /** Makes this owner the writer, as the first `write` does; whether it is. Progress: wait-free. */
  claim(): boolean {
    return this.#slots.claim();
  }

  /** Lets another thread be the writer. */
  release(): void {
    this.#slots.release();
  }

  /**
   * Puts a message in the place of the last. Never waits. After `taken` or `closed` it was not written.
   * @throws {ValueError} unless it has the mailbox's width @throws {CorruptError} if the words do not hold together
   */
  write(message: BigUint64Array): MailboxWriteResult {
    return this.#slots.publish(message);
  }

  /** Reads the latest message, seen before or not. `empty`: there never was one. Never waits. */
  peek(into: BigUint64Array): 'ok' | 'empty' {
    this.#slots.checkWidth(into);
    if (!this.#slots.any) return 'empty';
    for (;;) {
      const end = this.#slots.sequence; // pairs with the compare-exchange in publish(): the message before it is there
      // Not whole: two more were written since, so that the loop goes round for another thread's progress only.
      if (!this.#slots.copy(following(end, SEQUENCES - 1), into)) continue;
      this.#seen = end;
      return 'ok';
    }
  }

  /**
   * Reads the latest message if this reader has not seen it. Never waits. What is in `into` after `empty` or `closed` is as before.
   * @throws {ValueError} unless `into` has the mailbox's width @throws {CorruptError} if the words do not hold together
   */
  tryRead(into: BigUint64Array): MailboxTryReadResult {
    this.#slots.checkWidth(into);
    const closed = this.#slots.closed; // before the look at `latest`: after the mark nothing is published
    const result = this.#slots.sequence === this.#seen ? 'empty' : this.peek(into);
    return result === 'empty' && closed ? 'closed' : result;
  }

  /** Reads a message that this reader has not seen, waiting for one. @throws {MustNotBlockError} on a thread that must not block */
  read(into: BigUint64Array, options?: WaitOptions & SpinOptions): MailboxReadResult {
    return this.#slots.wait(() => unlessEmpty(this.tryRead(into)), options) ?? 'timed-out';
  }

  /** As `read`, without blocking. Rejects when the signal aborts, and then nothing counts as seen. */
  async readAsync(into: BigUint64Array, options?: WaitAsyncOptions): Promise<MailboxReadResult> {
    return (await this.#slots.waitAsync(() => unlessEmpty(this.tryRead(into)), options, this.#turns)) ?? 'timed-out';
  }

  /** Lets nobody write any more. The latest message stays. Closing twice is once. */
  close(): void {
    this.#slots.close();
  }

  /** If the dead owner was the writer, another thread can be. The latest message stays. */
  recover(owner: Owner): Recovered | undefined {
    return this.#slots.recover(deadOwner(owner))
      ? { kind: NAME, base: this.base, found: 'writer', count: 1 }
      : undefined;
  }
}

function unlessEmpty(result: MailboxTryReadResult): 'ok' | 'closed' | undefined {
  return result === 'empty' ? undefined : result;
}

function isWidth(width: number): boolean {
  return Number.isInteger(width) && width >= 1 && width <= LARGEST_WIDTH;
}

function checkWidth(width: number): number {
  if (!isWidth(width)) throw new ValueError(width, `a mailbox's messages have 1..${LARGEST_WIDTH} words`);
  return width;
}
