/** The two ends of a channel, as threads hold them; see channel.ts. */

import {
  ExhaustedError,
  type Owner,
  PoolError,
  packOwner,
  ValueError,
  type WaitAsyncOptions,
  type WaitOptions,
} from '@pool/core';
import { type BulkSent, checkFrom, checkMost } from '../queues/bulk-send.ts';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { Deadline } from '../waiting/deadline.ts';
import { type Awaited, awaitAsync, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import type { Channel } from './channel.ts';
import { isClonable } from './channel-shape.ts';
import type { Clone } from './clone-table.ts';
import type { Format, Packed } from './format.ts';
import type { SelectCase } from './select.ts';
import type { OpenCase, Trace } from './selection.ts';
import type { Side } from './transport.ts';

/** This object has given its end of the channel up: it was closed, or handed over. */
export class EndGoneError extends PoolError {
  override readonly name = 'EndGoneError';
}

/** An end on its way to another thread: plain data, good for one attach. */
export interface EndHandle {
  readonly kind: 'channel end';
  readonly side: Side;
  readonly base: number;
  /** The name of the format or codec. */
  readonly carries: string;
  readonly slot: number;
  readonly ticket: number;
}

/** A message, or why there is none: `closed` comes only after everything sent was received. */
export type Received<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'empty' }
  | { readonly status: 'closed' }
  | { readonly status: 'timed-out' };

const EMPTY = Object.freeze({ status: 'empty' });
const CLOSED = Object.freeze({ status: 'closed' });
const TIMED_OUT = Object.freeze({ status: 'timed-out' });

abstract class End<T> implements Recoverable<Recovered[]> {
  protected readonly channel: Channel;
  protected readonly format: Format<T>;
  protected readonly spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #side: Side;
  #clone: Clone | undefined;
  #handedOver = false;
  /** Asynchronous operations that have not ended. */
  #underWay = 0;

  constructor(side: Side, channel: Channel, format: Format<T>, clone: Clone) {
    this.#side = side;
    this.channel = channel;
    this.format = format;
    this.#clone = clone;
  }

  /** How many messages fit; 0 for a rendezvous, infinity where only the storage sets a bound. */
  get capacity(): number {
    return this.channel.shape.capacity;
  }

  /** How many messages are under way, a moment ago. */
  get length(): number {
    return this.channel.transport.length;
  }

  /**
   * Gives this end to another thread, which attaches with the handle. This object is done with then; the end is not gone.
   * @throws {ValueError} while something asynchronous that was begun at this end is under way: it would go on here
   */
  handOver(): EndHandle {
    if (this.#underWay > 0)
      throw new ValueError(this.#underWay, 'operations of this end are under way: let them end, or abort them, first');
    const { slot, ticket } = this.channel.clones[this.#side].send(this.#held());
    this.#clone = undefined;
    this.#handedOver = true;
    this.channel.transport.leave?.(this.#side);
    return { kind: 'channel end', side: this.#side, base: this.channel.base, carries: this.format.name, slot, ticket };
  }

  /**
   * Gives this end up. With its last clone, or its only one, the end is gone, and what is pending at it ends as `closed`; while there
   * are other clones it goes on. Twice is once.
   */
  close(): void {
    const clone = this.#clone;
    this.#clone = undefined;
    if (clone !== undefined) this.channel.drop(this.#side, clone);
  }

  dispose(): void {
    this.close();
  }
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Gives up the clones of a dead thread, skips what it was sending, and frees what it was receiving. If they were the last of
   * their end, the end is gone.
   */
  recover(owner: Owner): Recovered[] {
    return this.channel.recover(owner);
  }

  protected anotherClone(): Clone {
    const { shape, clones, owner } = this.channel;
    this.#held();
    if (!isClonable(shape.kind, this.#side))
      throw new ValueError(shape.kind, `a channel of this kind has one ${this.#side}; hand it over instead`);
    const clone = clones[this.#side].add(packOwner(owner));
    if (clone === undefined)
      throw new ExhaustedError(
        `all ${shape.clones} clones of this end are in use: make the channel with more \`clones\``,
      );
    return clone;
  }

  protected async awaited<R extends {}>(awaited: Awaited<R>, options: WaitAsyncOptions): Promise<R | undefined> {
    this.#underWay += 1;
    try {
      return await awaitAsync(this.channel.words, awaited, options, this.channel.turns[this.#side]);
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * A case of a select, which outlives neither kind of giving the end up: tried anew it is refused, as the operation itself. In a select
   * that has begun it goes on when the end is closed, as what is pending does, but takes nothing from whom the end was handed to.
   */
  protected selecting<R extends {}>(
    { attempt, park }: Awaited<R>,
    open: (traces: Trace[], attempt: () => R | undefined) => OpenCase<R> | undefined,
  ): SelectCase<R> {
    const { words } = this.channel;
    const goOn = (): R | undefined => {
      if (this.#handedOver) this.#held();
      return attempt();
    };
    return {
      words,
      attempt: () => {
        this.#held();
        return attempt();
      },
      park,
      begin: (traces) => open(traces, goOn) ?? { words, attempt: goOn, park },
    };
  }

  protected assertHeld(): void {
    if (this.#clone === undefined) throw this.#gone();
  }

  #held(): Clone {
    if (this.#clone === undefined) throw this.#gone();
    return this.#clone;
  }

  #gone(): EndGoneError {
    return new EndGoneError(`this ${this.#side} was closed or handed over`);
  }
}

/** Sends. A send that did not succeed has sent nothing: the value is the caller's as before. */
export class Sender<T> extends End<T> {
  /** `channel` and `attachSender` make these. */
  constructor(channel: Channel, format: Format<T>, clone: Clone) {
    super('sender', channel, format, clone);
  }

  /** Sends if there is room (for a rendezvous: if a receiver waits). Never waits. Progress: lock-free. @throws {ValueError} for a value that does not fit */
  trySend(value: T): 'ok' | 'full' | 'closed' {
    this.assertHeld();
    return this.channel.transport.trySend(this.format.pack(value));
  }

  /** Sends, waiting for room. @throws {MustNotBlockError} on a thread that must not block */
  send(value: T, options: WaitOptions & SpinOptions = NO_OPTIONS): 'ok' | 'closed' | 'timed-out' {
    const packed = this.#pack(value);
    const { transport } = this.channel;
    // Where more is to be done to wait than to try again, the first try is a part of it.
    const sent = transport.sending === undefined ? transport.trySend(packed) : 'full';
    return sent !== 'full' ? sent : this.#block(packed, options);
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: T, options: WaitAsyncOptions = {}): Promise<'ok' | 'closed' | 'timed-out'> {
    return (await this.awaited(this.#awaiting(this.#kept(value)), options)) ?? 'timed-out';
  }

  /**
   * Sends as many of the values from `from` on as there is room for, one after the other. Never waits.
   * @returns how many; `closed` if that is why there is none
   * @throws {ValueError} for a `from` outside of 0..length, and if the first of them does not fit; before a later one that does not, it stops
   */
  trySendMany(values: readonly T[], from = 0): number | 'closed' {
    this.assertHeld();
    checkValues(values);
    checkFrom(from, values.length);
    let next = from;
    for (; next < values.length; next++) {
      let packed: Packed;
      try {
        packed = this.format.pack(values[next] as T);
      } catch (error) {
        if (next === from) throw error;
        break; // the next call begins with it
      }
      const sent = this.channel.transport.trySend(packed);
      if (sent === 'closed' && next === from) return sent;
      if (sent !== 'ok') break;
    }
    return next - from;
  }

  /**
   * Sends all the values, one after the other, waiting for room as often as need be.
   * @throws {ValueError} for a value that does not fit, before anything is sent
   * @throws {MustNotBlockError} on a thread that must not block
   */
  sendMany(values: readonly T[], options: WaitOptions & SpinOptions = NO_OPTIONS): BulkSent {
    const packed = this.#packed(values);
    const { words, base } = this.channel;
    const deadline = new Deadline(options);
    for (const [sent, one] of packed.entries()) {
      const limits = { ...options, ...deadline.remaining() };
      const result = awaitBlocking(words, base, this.#awaiting(one), this.spin, limits) ?? 'timed-out';
      if (result !== 'ok') return { sent, result };
    }
    return { sent: packed.length, result: 'ok' };
  }

  /** As `sendMany`, without blocking. Rejects when the signal aborts; what was sent until then stays sent. */
  async sendManyAsync(values: readonly T[], options: WaitAsyncOptions = {}): Promise<BulkSent> {
    const packed = this.#packed(values);
    const deadline = new Deadline(options);
    for (const [sent, one] of packed.entries()) {
      const limits = { ...options, ...deadline.remaining() };
      const result = (await this.awaited(this.#awaiting(one), limits)) ?? 'timed-out';
      if (result !== 'ok') return { sent, result };
    }
    return { sent: packed.length, result: 'ok' };
  }

  /** Another sender of the same channel. @throws {ExhaustedError} while all `clones` are in use @throws {ValueError} if its kind has one sender */
  clone(): Sender<T> {
    return new Sender(this.channel, this.format, this.anotherClone());
  }

  /** Sending `value`, as one case of a `select`. A select throws `EndGoneError` if it tries it when this end was closed or handed over. */
  sending(value: T): SelectCase<'ok' | 'closed'> {
    const packed = this.#kept(value);
    const { transport } = this.channel;
    return this.selecting<'ok' | 'closed'>(
      { attempt: () => unless(transport.trySend(packed), 'full'), park: () => transport.parkSender() },
      (traces, attempt) => transport.selectSend?.(traces, packed, attempt),
    );
  }

  #kept(value: T): Packed {
    return this.format.keep(this.#pack(value));
  }

  #pack(value: T): Packed {
    this.assertHeld();
    return this.format.pack(value);
  }

  #block(packed: Packed, options: WaitOptions & SpinOptions): 'ok' | 'closed' | 'timed-out' {
    const { words, base } = this.channel;
    return awaitBlocking(words, base, this.#awaiting(this.format.keep(packed)), this.spin, options) ?? 'timed-out';
  }

  #packed(values: readonly T[]): Packed[] {
    this.assertHeld();
    checkValues(values);
    return values.map((value) => this.format.keep(this.format.pack(value)));
  }

  #awaiting(packed: Packed): Awaited<'ok' | 'closed'> {
    const { transport } = this.channel;
    return (
      transport.sending?.(packed) ?? {
        attempt: () => unless(transport.trySend(packed), 'full'),
        park: () => transport.parkSender(),
        parkForMore: () => transport.parkSenderForMore?.(),
      }
    );
  }
}

/** Receives. Also an asynchronous iterable of what comes until the channel has ended. */
export class Receiver<T> extends End<T> {
  /** `channel` and `attachReceiver` make these. */
  constructor(channel: Channel, format: Format<T>, clone: Clone) {
    super('receiver', channel, format, clone);
  }

  /** Receives if there is something (for a rendezvous: if a sender waits). Never waits. Progress: lock-free. */
  tryReceive(): Received<T> {
    this.assertHeld();
    return this.#received(this.channel.transport.tryReceive());
  }

  /** Receives, waiting for something. @throws {MustNotBlockError} on a thread that must not block */
  receive(options: WaitOptions & SpinOptions = NO_OPTIONS): Received<T> {
    this.assertHeld();
    const { transport } = this.channel;
    const packed = transport.receiving === undefined ? transport.tryReceive() : 'empty'; // as in send()
    return typeof packed === 'string' ? this.#block(packed, options) : this.#value(packed);
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<Received<T>> {
    const packed = await this.awaited(this.#awaiting(), options);
    return packed === undefined ? TIMED_OUT : this.#received(packed);
  }

  /**
   * Receives what there is, at most so many. Never waits.
   * @throws {ValueError} unless `most` is 1 or more; and what a codec throws that cannot decode a message: those before it are lost
   */
  tryReceiveMany(most: number): Received<T[]> {
    checkMost(most);
    return this.#rest(this.tryReceive(), most);
  }

  /** As `tryReceiveMany`, waiting for one at least. @throws {MustNotBlockError} on a thread that must not block */
  receiveMany(most: number, options: WaitOptions & SpinOptions = NO_OPTIONS): Received<T[]> {
    checkMost(most);
    return this.#rest(this.receive(options), most);
  }

  /** As `receiveMany`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveManyAsync(most: number, options: WaitAsyncOptions = {}): Promise<Received<T[]>> {
    checkMost(most);
    return this.#rest(await this.receiveAsync(options), most);
  }

  /** Another receiver of the same channel: each message reaches one of them. @throws as a sender's */
  clone(): Receiver<T> {
    return new Receiver(this.channel, this.format, this.anotherClone());
  }

  /** Receiving, as one case of a `select`. A select throws `EndGoneError` if it tries it when this end was closed or handed over. */
  receiving(): SelectCase<Received<T>> {
    this.assertHeld();
    const { transport } = this.channel;
    const attempt = (): Received<T> | undefined => {
      const packed = transport.tryReceive();
      return packed === 'empty' ? undefined : this.#received(packed);
    };
    return this.selecting({ attempt, park: () => transport.parkReceiver() }, (traces, goOn) =>
      transport.selectReceive?.(traces, goOn),
    );
  }

  /** What comes, until the channel has ended; blocks in between. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let next = this.receive(); next.status === 'ok'; next = this.receive()) yield next.value;
  }

  /** What comes, until the channel has ended. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let next = await this.receiveAsync(); next.status === 'ok'; next = await this.receiveAsync()) yield next.value;
  }

  /** What there is beside the first, which was received already. */
  #rest(first: Received<T>, most: number): Received<T[]> {
    if (first.status !== 'ok') return first;
    const value = [first.value];
    for (let next = first as Received<T>; value.length < most; value.push(next.value)) {
      next = this.tryReceive();
      if (next.status !== 'ok') break;
    }
    return { status: 'ok', value };
  }

  #received(packed: Packed | 'empty' | 'closed'): Received<T> {
    if (typeof packed === 'string') return (packed === 'empty' ? EMPTY : CLOSED) as Received<T>;
    return this.#value(packed);
  }

  #value(packed: Packed): Received<T> {
    return { status: 'ok', value: this.format.unpack(packed) };
  }

  /** @param why there was nothing a moment ago */
  #block(why: 'empty' | 'closed', options: WaitOptions & SpinOptions): Received<T> {
    if (why === 'closed') return CLOSED as Received<T>;
    const { words, base } = this.channel;
    const packed = awaitBlocking(words, base, this.#awaiting(), this.spin, options);
    return packed === undefined ? TIMED_OUT : this.#received(packed);
  }

  #awaiting(): Awaited<Packed | 'closed'> {
    this.assertHeld();
    const { transport } = this.channel;
    return (
      transport.receiving?.() ?? {
        attempt: () => unless(transport.tryReceive(), 'empty'),
        park: () => transport.parkReceiver(),
      }
    );
  }
}

function checkValues(values: readonly unknown[]): void {
  if (!Array.isArray(values)) throw new ValueError(values, 'many values are sent from an array');
}

function unless<R extends Packed | string, W extends R>(result: R, wanting: W): Exclude<R, W> | undefined {
  return result === wanting ? undefined : (result as Exclude<R, W>);
}
