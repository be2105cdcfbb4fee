/**
 * Several explorers of one program, on threads of their own, without a word between them. Of the choices on the way to an
 * execution, most are the first of their kind. Every explorer goes all ways with fewer than `COMMON` others; where a way takes
 * one more, a part begins, and the parts are dealt out in turn. What a part leads to belongs to who has the part.
 */

/** Ways with fewer are gone by all: few enough to cost nothing, and with enough branches for parts by the thousand. */
const COMMON = 3;

export class Share {
  readonly #index: number;
  readonly #count: number;
  /** Parts that have begun. */
  #parts = 0;

  /** One of `count` explorers. */
  constructor(index: number, count: number) {
    this.#index = index;
    this.#count = count;
  }

  /** Whether a way with so many choices that are not the first is to be gone on from here. Asked once after each of them. */
  owns(deviations: number): boolean {
    return deviations !== COMMON || this.#parts++ % this.#count === this.#index;
  }

  /** Whether an end with so many is this explorer's to look at. */
  ownsEnd(deviations: number): boolean {
    return deviations >= COMMON || this.#index === 0;
  }
}
