/**
 * How long a receiver that may wait lets things gather before it looks for more. A look takes the line that the sender writes
 * away from it, and reading right behind the sender takes the other lines as well: two threads that follow each other word
 * by word spend their time on moving lines between cores. A receiver that stays some hundred words behind reads lines that
 * nobody writes any more, and looks once for all of them. So as long as looks find more than a pause is worth, the next pause is
 * twice as long, up to some microseconds; where things come single, there is none.
 *
 * Plain state of one thread. The distance is the "slip" of FastForward: Giacomoni, Moseley and Vachharajani, "FastForward for
 * Efficient Pipeline Parallelism", PPoPP 2008.
 */
import type { Words } from '@pool/core';
import type { SpinOptions } from './strategy.ts';

/** The most pauses before a look: about as long as it takes to send a hundred words, or as many records. */
const MOST_PAUSES = 64;
const MOST_PAUSES_FOR_RECORDS = 256;
/** So many pauses are as long as it takes to send a record, more or less. */
const PAUSES_A_RECORD = 8;

export class Gathering {
  readonly #enough: number;
  readonly #most: number;
  readonly #pausesEach: number;
  #pauses = 0;

  private constructor(enough: number, most: number, pausesEach: number) {
    this.#enough = enough;
    this.#most = most;
    this.#pausesEach = pausesEach;
  }

  /** @param enough words for which nobody should wait longer: the other side may be short of room then */
  static ofWords(enough: number): Gathering {
    return new Gathering(enough, MOST_PAUSES, 1);
  }

  /** The same for records: each takes longer to send, and a line and more to move. */
  static ofRecords(enough: number): Gathering {
    return new Gathering(enough, MOST_PAUSES_FOR_RECORDS, PAUSES_A_RECORD);
  }

  /** Lets some time go by, as long as that has paid lately, unless the strategy is not to spin. */
  pause(words: Words, options: SpinOptions = {}): void {
    const { strategy, spins } = options ?? {}; // they are not checked yet
    if (strategy === 'park' || spins === 0) return;
    for (let pause = 0; pause < this.#pauses; pause++) words.pause();
  }

  /** A look found so many things. */
  found(count: number): void {
    if (count > 1 && count * this.#pausesEach >= this.#pauses && count < this.#enough)
      this.#pauses = Math.min(this.#most, this.#pauses * 2 || 1);
    else this.#pauses >>= 1;
  }
}
