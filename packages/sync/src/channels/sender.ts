/** The sending end of a channel. */
import { ValueError, type WaitAsyncOptions, type WaitOptions } from '@pool/core';
import { type BulkSent, checkFrom } from '../queues/bulk-send.ts';
import { Deadline } from '../waiting/deadline.ts';
import { type Awaited, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { NO_OPTIONS } from '../waiting/wait-options.ts';
import type { Channel } from './channel.ts';
import type { Clone } from './clone-table.ts';
import { End } from './end.ts';
import type { Format, Packed } from './format.ts';
import type { SelectCase } from './select.ts';
import { unless } from './transport.ts';

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

function checkValues(values: readonly unknown[]): void {
  if (!Array.isArray(values)) throw new ValueError(values, 'many values are sent from an array');
}
