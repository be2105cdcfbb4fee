/** The receiving end of a channel. */
import type { WaitAsyncOptions, WaitOptions } from '@pool/core';
import { checkMost } from '../queues/bulk-send.ts';
import { type Awaited, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import type { Channel } from './channel.ts';
import type { Clone } from './clone-table.ts';
import { End } from './end.ts';
import type { Format, Packed } from './format.ts';
import type { SelectCase } from './select.ts';
import { unless } from './transport.ts';

/** A message, or why there is none: `closed` comes only after everything sent was received. */
export type Received<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'empty' }
  | { readonly status: 'closed' }
  | { readonly status: 'timed-out' };

const EMPTY = Object.freeze({ status: 'empty' });
const CLOSED = Object.freeze({ status: 'closed' });
const TIMED_OUT = Object.freeze({ status: 'timed-out' });

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
