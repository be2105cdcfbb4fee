/**
 * How much fuel a program gets between two looks at the terminal. Fuel is no time: a loop uses a hundred million units in a
 * second, and one that sleeps uses twenty. So a slice is as large as the last ones were short.
 */
export class Slices {
  #units = LEAST;
  #began = 0;

  /** The units of the slice that begins now. */
  next(): number {
    this.#began = performance.now();
    return this.#units;
  }

  /** The slice has ended. */
  end(): void {
    const took = performance.now() - this.#began;
    if (took < SHORT_MS) this.#units = Math.min(MOST, this.#units * 2);
    else if (took > LONG_MS) this.#units = Math.max(LEAST, this.#units / 4);
  }
}

const LEAST: number = 2 ** 8;
const MOST: number = 2 ** 24;
const SHORT_MS = 10;
const LONG_MS = 40;
