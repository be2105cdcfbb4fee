/** Sending the words of an array as room comes, for whatever queue it is. */
import { ValueError } from '@pool/core';

/** Words as they are, or doubles whose bits they are. */
export type WordArray = BigUint64Array | Float64Array;

/** What became of a bulk send: how many words from the beginning were sent, and why not more. */
export interface BulkSent {
  readonly sent: number;
  readonly result: 'ok' | 'closed' | 'timed-out';
}

/** How many words were received, or why none was. */
export type BulkReceived = number | 'closed' | 'timed-out';

/** A queue that takes a part of an array if it has no room for all of it. */
export interface SendsMany<A> {
  /** How many words from `from` on were sent, or that nobody will receive any more. */
  trySendMany(source: A, from: number): number | 'closed';
}

/** A bulk send under way. */
export class BulkProgress<A extends { readonly length: number }> {
  readonly #queue: SendsMany<A>;
  readonly #source: A;
  #sent: number;

  /** @param sent how many are sent already */
  constructor(queue: SendsMany<A>, source: A, sent = 0) {
    this.#queue = queue;
    this.#source = source;
    this.#sent = sent;
  }

  attempt(): 'ok' | 'closed' | undefined {
    const sent = this.#queue.trySendMany(this.#source, this.#sent);
    if (sent === 'closed') return sent;
    this.#sent += sent;
    return this.#sent === this.#source.length ? 'ok' : undefined;
  }

  ended(result: BulkSent['result']): BulkSent {
    return { sent: this.#sent, result };
  }
}

/** @throws {ValueError} for what is neither; other arrays have other elements than words */
export function assertWordArray(array: WordArray): void {
  if (!(array instanceof BigUint64Array || array instanceof Float64Array))
    throw new ValueError(array, 'words are sent from and received into a BigUint64Array or a Float64Array');
}

/** @throws {ValueError} unless so many can be waited for: with 0 of them, that would have no end */
export function checkMost(most: number, least = 1): void {
  if (!((Number.isInteger(most) || most === Number.POSITIVE_INFINITY) && most >= least))
    throw new ValueError(most, `\`most\` is a whole number of ${least} or more, or Infinity`);
}

/** @throws {ValueError} unless sending can begin there; at the length, there is nothing to send */
export function checkFrom(from: number, length: number): void {
  if (!(Number.isInteger(from) && from >= 0 && from <= length))
    throw new ValueError(from, `\`from\` is an index of 0..${length}, where the values to send begin`);
}

/** The words of doubles are their bits. */
export function wordsOf(array: WordArray): BigUint64Array {
  assertWordArray(array);
  return array instanceof BigUint64Array
    ? array
    : new BigUint64Array(array.buffer, array.byteOffset, array.byteLength / BigUint64Array.BYTES_PER_ELEMENT);
}
