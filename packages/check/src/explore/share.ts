/**
 * Several explorers of one program, on threads of their own. Of the choices on the way to an execution, most are the first of
 * their kind. Every explorer goes all ways with fewer than `COMMON` others; where a way takes one more, a part begins, and what
 * it leads to belongs to who has the part. An execution that such a way ends in, short of that, is a part by itself. All come
 * to the parts in the same order, so a number is a name for one.
 *
 * Parts are dealt to who comes first, by a word that all share: it counts the parts that somebody has. Who comes to the part of
 * that number takes it by a compare-exchange; who comes later finds the word further on. So nobody is left with more to do than
 * the rest by more than a part, however fast each of them goes. Those that share no memory take parts in turn, without a word
 * between them.
 */

import type { Address, Words } from '@pool/core';

/** A word that all explorers of a program share, 0 at first: a pool's, say, which each of them has attached to. */
export interface DealtWord {
  readonly words: Words;
  readonly at: Address;
}

/** Which parts are this explorer's: every `count`-th, or those that it is the first to come to, as a shared word tells. */
export type ShareOptions = { readonly index: number; readonly count: number } | { readonly dealt: DealtWord };

/** Ways with fewer are gone by all: few enough to cost little, and with enough branches for parts of a few hundredths. */
const COMMON = 4;

export class Share {
  readonly #takes: (part: number) => boolean;
  /** Parts that have begun. */
  #parts = 0;

  constructor(options: ShareOptions) {
    if ('dealt' in options) {
      const { words, at } = options.dealt;
      // { dealt: parts that somebody has }. Written and read by all explorers, each of which adds one to what it has counted
      // itself, so the word is never behind anyone. Pairs with itself in the others and publishes nothing but the claim: a load
      // and a store would let two of them take the same part.
      this.#takes = (part) => words.compareExchangeNumber(at, part, part + 1) === part;
    } else {
      const { index, count } = options;
      this.#takes = (part) => part % count === index;
    }
  }

  /** Whether a way with so many choices that are not the first is to be gone on from here. Asked once after each of them. */
  owns(deviations: number): boolean {
    return deviations !== COMMON || this.#isDealtHere();
  }

  /** Whether an end with so many is this explorer's to look at. Asked once at each. */
  ownsEnd(deviations: number): boolean {
    return deviations >= COMMON || this.#isDealtHere();
  }

  #isDealtHere(): boolean {
    const part = this.#parts;
    this.#parts = part + 1;
    return this.#takes(part);
  }
}
