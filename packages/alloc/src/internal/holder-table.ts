/**
 * The holders' words of a number of things, and a counter that says how many of them somebody ever had: so that laying a
 * million things writes none of them. The counter only helps to find the first that nobody had; its holder's word decides.
 */
import type { Address, Owner, Words } from '@pool/core';
import { HELD, heldBy, NOBODY, statusOf } from './holders.ts';

export interface HolderTablePlace {
  /** Its own line. */
  readonly fresh: Address;
  readonly holders: Address;
  /** Words from one holder's word to the next. */
  readonly stride: number;
}

export class HolderTable {
  readonly count: number;
  readonly #words: Words;
  readonly #fresh: Address;
  readonly #holders: number;
  readonly #stride: number;

  constructor(words: Words, { fresh, holders, stride }: HolderTablePlace, count: number) {
    this.count = count;
    this.#words = words;
    this.#fresh = fresh;
    this.#holders = holders;
    this.#stride = stride;
  }

  /** Where the holder's word of a thing stands. */
  at(index: number): Address {
    return (this.#holders + index * this.#stride) as Address;
  }

  load(index: number): number {
    return this.#words.loadNumber(this.at(index));
  }

  /** Puts another owner in the place of the one that `seen` names; returns whether it still named it. */
  handOver(index: number, seen: number, to: Owner): boolean {
    return this.#words.compareExchangeNumber(this.at(index), seen, heldBy(to)) === seen;
  }

  /** Takes the first thing that nobody ever had, or -1. Progress: lock-free. */
  takeFresh(held: number): number {
    for (;;) {
      const index = this.#words.loadNumber(this.#fresh);
      if (index >= this.count) return -1;
      const before = this.#words.compareExchangeNumber(this.at(index), NOBODY, held); // decides between two that read alike
      this.#words.compareExchangeNumber(this.#fresh, index, index + 1); // whoever comes helps it on
      if (before === NOBODY) return index;
    }
  }

  /** Things from here on nobody ever had. */
  used(): number {
    let used = this.#words.loadNumber(this.#fresh);
    while (used < this.count && this.load(used) !== NOBODY) used++; // whoever took them has yet to help the counter on
    return used;
  }

  /** How many somebody has. */
  live(): number {
    let live = 0;
    for (let index = 0, used = this.used(); index < used; index++) if (statusOf(this.load(index)) === HELD) live++;
    return live;
  }
}
