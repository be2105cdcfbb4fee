/** The two ends of a channel, as threads hold them; see channel.ts. */
import { type Owner, PoolError, packOwner, ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import type { Recoverable, Recovered } from '../recovery.ts';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import { type Awaited, awaitAsync, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import type { Channel } from './channel.ts';
import { isClonable } from './channel-shape.ts';
import type { Clone } from './clone-table.ts';
import type { Format } from './format.ts';
import type { SelectCase } from './select.ts';
import type { Packed, Side } from './transport.ts';

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

  /** Gives this end to another thread, which attaches with the handle. This object is done with then; the end is not gone. */
  handOver(): EndHandle {
    const { slot, ticket } = this.channel.clones[this.#side].send(this.#held());
    this.#clone = undefined;
    this.channel.transport.leave?.(this.#side);
    return { kind: 'channel end', side: this.#side, base: this.channel.base, carries: this.format.name, slot, ticket };
  }

  /** Gives this end up. With its last clone, or its only one, the end is gone. Twice is once. */
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
      throw new ValueError(shape.clones, 'all clones of this end are in use: make the channel with more `clones`');
    return clone;
  }

  protected assertHeld(): void {
    this.#held();
  }

  #held(): Clone {
    if (this.#clone === undefined) throw new EndGoneError(`this ${this.#side} was closed or handed over`);
    return this.#clone;
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
  send(value: T, options: WaitOptions & SpinOptions = {}): 'ok' | 'closed' | 'timed-out' {
    const { words, base } = this.channel;
    return awaitBlocking(words, base, this.#awaiting(value), this.spin, options) ?? 'timed-out';
  }

  /** As `send`, without blocking. Rejects when the signal aborts, and then the value was not sent. */
  async sendAsync(value: T, options: WaitAsyncOptions = {}): Promise<'ok' | 'closed' | 'timed-out'> {
    return (await awaitAsync(this.channel.words, this.#awaiting(value), options)) ?? 'timed-out';
  }

  /** Another sender of the same channel. */
  clone(): Sender<T> {
    return new Sender(this.channel, this.format, this.anotherClone());
  }

  /** Sending `value`, as one case of a `select`. */
  sending(value: T): SelectCase<'ok' | 'closed'> {
    this.assertHeld();
    const { transport, words } = this.channel;
    const packed = this.format.pack(value);
    const attempt = (): 'ok' | 'closed' | undefined => unless(transport.trySend(packed), 'full');
    return {
      words,
      attempt,
      park: () => transport.parkSender(),
      begin(traces) {
        return transport.selectSend?.(traces, packed, attempt) ?? this;
      },
    };
  }

  #awaiting(value: T): Awaited<'ok' | 'closed'> {
    this.assertHeld();
    const { transport } = this.channel;
    const packed = this.format.pack(value);
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
  receive(options: WaitOptions & SpinOptions = {}): Received<T> {
    const { words, base } = this.channel;
    const packed = awaitBlocking(words, base, this.#awaiting(), this.spin, options);
    return packed === undefined ? TIMED_OUT : this.#received(packed);
  }

  /** As `receive`, without blocking. Rejects when the signal aborts, and then nothing was taken. */
  async receiveAsync(options: WaitAsyncOptions = {}): Promise<Received<T>> {
    const packed = await awaitAsync(this.channel.words, this.#awaiting(), options);
    return packed === undefined ? TIMED_OUT : this.#received(packed);
  }

  /** Another receiver of the same channel: each message reaches one of them. */
  clone(): Receiver<T> {
    return new Receiver(this.channel, this.format, this.anotherClone());
  }

  /** Receiving, as one case of a `select`. */
  receiving(): SelectCase<Received<T>> {
    this.assertHeld();
    const { transport, words } = this.channel;
    const attempt = (): Received<T> | undefined => {
      const packed = transport.tryReceive();
      return packed === 'empty' ? undefined : this.#received(packed);
    };
    return {
      words,
      attempt,
      park: () => transport.parkReceiver(),
      begin(traces) {
        return transport.selectReceive?.(traces, attempt) ?? this;
      },
    };
  }

  /** What comes, until the channel has ended; blocks in between. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let next = this.receive(); next.status === 'ok'; next = this.receive()) yield next.value;
  }

  /** What comes, until the channel has ended. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let next = await this.receiveAsync(); next.status === 'ok'; next = await this.receiveAsync()) yield next.value;
  }

  #received(packed: Packed | 'empty' | 'closed'): Received<T> {
    if (packed === 'empty') return EMPTY as Received<T>;
    if (packed === 'closed') return CLOSED as Received<T>;
    return { status: 'ok', value: this.format.unpack(packed) };
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

function unless<R extends Packed | string, W extends R>(result: R, wanting: W): Exclude<R, W> | undefined {
  return result === wanting ? undefined : (result as Exclude<R, W>);
}
