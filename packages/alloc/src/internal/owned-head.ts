/**
 * The head of an owned stack in one number below 2^53, as one owner reads and changes it; see owned-stack.ts for what it says.
 *
 *   { tag, settling: 1, taker, top }, the highest bits first
 */
import type { OwnerId } from '@pool/core';

/** How many bits of a head each part has; one more says that it is settling. */
export interface HeadBits {
  readonly tag: number;
  readonly taker: number;
  readonly top: number;
}

export class OwnedHead {
  /** This owner as a taker. */
  readonly mine: number;
  /** What is added to a taker, so that its name cannot be struck out any more. */
  readonly settling: number;
  readonly #topMask: number;
  readonly #takerMask: number;
  readonly #tagMask: number;
  readonly #takerUnit: number;
  readonly #tagUnit: number;
  /** 1 / unit, exactly: a product costs a quarter of a quotient. */
  readonly #perTaker: number;
  readonly #perTag: number;
  readonly #end: number;
  readonly #toMine: number;
  readonly #fromMine: number;

  constructor(bits: HeadBits, owner: OwnerId) {
    this.mine = owner + 1;
    this.settling = 2 ** bits.taker;
    this.#topMask = 2 ** bits.top - 1;
    this.#takerMask = 2 * this.settling - 1;
    this.#tagMask = 2 ** bits.tag - 1;
    this.#takerUnit = 2 ** bits.top;
    this.#tagUnit = 2 ** (bits.top + bits.taker + 1);
    this.#perTaker = 1 / this.#takerUnit;
    this.#perTag = 1 / this.#tagUnit;
    this.#end = this.#tagUnit * 2 ** bits.tag;
    this.#toMine = this.#tagUnit + this.mine * this.#takerUnit;
    this.#fromMine = this.#tagUnit - this.mine * this.#takerUnit;
  }

  // Bits of numbers below 2^53 are taken by `&`, which works on the lowest 32: `%` of numbers that large is a call to fmod.

  topOf(head: number): number {
    return head & this.#topMask;
  }

  /** 0 for none, and `settling` or more for one whose name cannot be struck out. */
  takerOf(head: number): number {
    return (head * this.#perTaker) & this.#takerMask;
  }

  /** Whether a head says that somebody took an index. */
  names(head: number, index: number): boolean {
    return this.topOf(head) === index + 1 && this.takerOf(head) !== 0;
  }

  /** The head that follows one, with its tag counted up. */
  after(head: number, taker: number, top: number): number {
    return ((head * this.#perTag + 1) & this.#tagMask) * this.#tagUnit + taker * this.#takerUnit + top;
  }

  /** `after()` one that names nobody, with this owner's name beside the same top. */
  signed(head: number): number {
    return this.#plus(head, this.#toMine);
  }

  /** `after()` one that names this owner, without the name. */
  struckOut(head: number): number {
    return this.#plus(head, this.#fromMine);
  }

  /** A head and the difference of one tag, from the last tag on to the first; without a sum above 2^53, which would be rounded. */
  #plus(head: number, difference: number): number {
    const wrapped = head + (difference - this.#end);
    return wrapped < 0 ? head + difference : wrapped;
  }
}
