/**
 * Waiting for room in a ring of records. A sender is woken when the receiver gives room back, and there is enough of it for what
 * the sender would claim next.
 */
import type { Address, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import { AdaptiveSpin } from '../waiting/adaptive-spin.ts';
import type { Doorbell } from '../waiting/doorbell.ts';
import { type Awaited, awaitAsync, awaitBlocking } from '../waiting/parking.ts';
import type { SpinOptions } from '../waiting/strategy.ts';
import { Turns } from '../waiting/turns.ts';
import type { RecordHeaders } from './record-headers.ts';

/** How a sender goes about it. */
export interface Sending<T extends {}> {
  /** Sends what there is room for; `undefined` if something is left. */
  attempt(): T | undefined;
  /** How many units its next claim has. */
  units(): number;
}

export class RecordRoom {
  readonly #words: Words;
  readonly #base: Address;
  readonly #headers: RecordHeaders;
  readonly #bell: Doorbell;
  readonly #spin: AdaptiveSpin = new AdaptiveSpin();
  readonly #turns: Turns = new Turns();

  /** @param base where the ring stands @param bell is rung when the receiver has given room back */
  constructor(words: Words, base: Address, headers: RecordHeaders, bell: Doorbell) {
    this.#words = words;
    this.#base = base;
    this.#headers = headers;
    this.#bell = bell;
  }

  /** @throws {MustNotBlockError} on a thread that must not block */
  send<T extends {}>(sending: Sending<T>, options: WaitOptions & SpinOptions): T | 'timed-out' {
    return awaitBlocking(this.#words, this.#base, this.#awaited(sending), this.#spin, options) ?? 'timed-out';
  }

  /** As `send`, without blocking. Rejects when the signal aborts. */
  async sendAsync<T extends {}>(sending: Sending<T>, options: WaitAsyncOptions): Promise<T | 'timed-out'> {
    return (await awaitAsync(this.#words, this.#awaited(sending), options, this.#turns)) ?? 'timed-out';
  }

  #awaited<T extends {}>(sending: Sending<T>): Awaited<T> {
    return {
      attempt: () => sending.attempt(),
      park: () => this.#bell.park(() => this.#headers.hasRoom(sending.units())),
    };
  }
}
