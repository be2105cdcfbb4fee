/** Changes of a cell's word that anybody may be parked on. */
import type { Address, Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import { become, CLAIMED, FULL, freed, isWaiting, standingOf, stateOf } from './cell.ts';

export class CellChanges {
  readonly #words: Words;
  readonly #onUnmarked: () => void;

  constructor(words: Words, onUnmarked: () => void) {
    this.#words = words;
    this.#onUnmarked = onUnmarked;
  }

  /** Changes a cell's word, and wakes whoever is parked on it; `false` if it was another one by then. */
  change(cell: Address, seen: number, next: number): boolean {
    if (!moveWord(this.#words, cell, seen, next)) return false;
    if (!isWaiting(seen)) return true;
    this.#words.notify(cell);
    // Whatever the cell is now: who waits for a cell of a segment has marked this one, and sleeps elsewhere.
    this.#onUnmarked();
    return true;
  }

  /** Moves a cell that somebody has to himself on: published, freed or skipped. `false` if it is not his any more. */
  finish(cell: Address, standing: number, dead = false): boolean {
    for (;;) {
      const seen = this.#words.loadNumber(cell);
      if (standingOf(seen) !== standing) return false;
      const next = !dead && stateOf(standing) === CLAIMED ? become(seen, FULL) : freed(seen);
      // pairs with the loads in take() and claim(): publishes the word, or says that it was read out
      if (this.change(cell, seen, next)) return true;
    }
  }
}
