import type { Address, Words } from '@pool/core';

/** How long a thread waits for another before it says that a wake was lost. */
export const PATIENCE = 20_000;

/** Where `parties` threads meet, again and again, so that what follows begins on all of them at once. */
export class Rendezvous {
  readonly #words: Words;
  readonly #arrived: Address;
  readonly #parties: number;
  #target = 0;

  constructor(words: Words, arrived: Address, parties: number) {
    this.#words = words;
    this.#arrived = arrived;
    this.#parties = parties;
  }

  meet(): void {
    this.#target += this.#parties;
    if (this.#words.fetchAddNumber(this.#arrived, 1) + 1 === this.#target) this.#words.notify(this.#arrived);
    for (let spins = 0; spins < 2_000; spins++) {
      if (this.#words.loadNumber(this.#arrived) >= this.#target) return;
      this.#words.pause();
    }
    for (;;) {
      const seen = this.#words.load(this.#arrived);
      if (seen >= BigInt(this.#target)) return;
      if (this.#words.wait(this.#arrived, seen, { timeout: PATIENCE }) === 'timed-out') throw new Error('nobody came');
    }
  }
}
