/** Selects that are taken a look at a time, so that a test says who looks when. */

import type { Pool } from '@pool/core';
import { type Found, Selection, type Trace } from '../../src/channels/selection.ts';
import {
  attachReceiver,
  attachSender,
  type OwnerOptions,
  type Receiver,
  type SelectCase,
  type Sender,
} from '../../src/index.ts';

export type Pair = readonly [Sender<bigint>, Receiver<bigint>];

/** What one side of a meeting selects from, and what the other does. */
export const SHAPES = {
  'one way': [(value, [tx]) => [tx.sending(value)], (_, [, rx]) => [rx.receiving()]],
  'either way': [
    (value, [tx], [, rx]) => [tx.sending(value), rx.receiving()],
    (value, [, rx], [tx]) => [rx.receiving(), tx.sending(value)],
  ],
  'in one channel': [
    (value, [tx, rx]) => [tx.sending(value), rx.receiving()],
    (value, [tx, rx]) => [rx.receiving(), tx.sending(value)],
  ],
} as const satisfies Record<string, readonly [Choice, Choice]>;

type Choice = (value: bigint, one: Pair, other: Pair) => SelectCase<NonNullable<unknown>>[];

/** Other ends of the same channels, as whoever the words or the options say. */
export function endsOn(words: Pool, pairs: readonly Pair[], options: OwnerOptions = {}): [Pair, Pair] {
  return pairs.map(([tx, rx]) => [
    attachSender(words, tx.clone().handOver(), options),
    attachReceiver(words, rx.clone().handOver(), options),
  ]) as unknown as [Pair, Pair];
}

export class Selecting {
  found: Found | undefined;
  readonly #selection: Selection;
  #over = false;

  constructor(cases: readonly SelectCase<NonNullable<unknown>>[]) {
    const traces: Trace[] = [];
    this.#selection = new Selection(
      cases.map((one) => one.begin?.(traces) ?? one),
      true,
    );
  }

  get offers(): boolean {
    return this.#selection.offers;
  }

  /** Whether there is nothing for it to do before a word changes. */
  get isParked(): boolean {
    return this.#selection.park() !== undefined;
  }

  look(): void {
    if (this.#over) return;
    this.found = this.#selection.look();
    if (this.found !== undefined) this.end();
  }

  /** As when time has run out. */
  end(): void {
    this.#over = true;
    const taken = this.#selection.end();
    this.found ??= taken;
  }

  /** The word that it sent, or received. */
  get outcome(): { readonly sent: true } | { readonly received: bigint } | undefined {
    if (this.found === undefined) return undefined;
    const result = this.found.result as 'ok' | { readonly status: string; readonly value: bigint };
    return result === 'ok' ? { sent: true } : { received: result.value };
  }
}

/** Whether one has sent what the other has received, or neither has done anything. */
export function agree(a: Selecting, ofA: bigint, b: Selecting, ofB: bigint): boolean {
  const [one, other] = [a.outcome, b.outcome];
  if (one === undefined || other === undefined) return one === other;
  if ('sent' in one) return 'received' in other && other.received === ofA;
  return 'sent' in other && one.received === ofB;
}

/** Whether nothing is left in the channels: no offer, no wish, and no ask that a select would answer. */
export function areIdle(pairs: readonly Pair[]): boolean {
  return pairs.every(([tx, rx]) => {
    const idle = tx.trySend(99n) === 'full' && rx.tryReceive().status === 'empty';
    const selecting = new Selecting([tx.sending(98n)]);
    selecting.look();
    const unasked = !selecting.offers;
    selecting.end();
    return idle && unasked;
  });
}
