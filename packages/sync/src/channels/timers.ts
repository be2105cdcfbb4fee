/**
 * Moments to wait for, as cases of a `select`: one, every so often, or none. They are one thread's own and touch no shared word.
 *
 * Ticks stand on a grid that begins when the ticker was made: one that is taken late does not make the next ones late, and
 * those that were missed come as one.
 */
import { ValueError } from '@pool/core';
import type { SelectCase } from './select.ts';

/** Times are those of `performance.now()`. */
export interface Timer extends SelectCase<number> {
  /** When it is next due; infinity: never again. */
  readonly due: number;
}

class Moments implements Timer {
  readonly #every: number;
  #due: number;

  constructor(due: number, every: number) {
    this.#due = due;
    this.#every = every;
  }

  get due(): number {
    return this.#due;
  }

  /** The moment that it was due at, if that is over. */
  attempt(): number | undefined {
    const now = performance.now();
    const due = this.#due;
    if (now < due) return undefined;
    const missed = Math.floor((now - due) / this.#every);
    this.#due = this.#every === Number.POSITIVE_INFINITY ? this.#every : due + (missed + 1) * this.#every;
    return due;
  }

  park(): undefined {
    return undefined;
  }
}

/** Due once, after so many milliseconds. */
export function after(milliseconds: number): Timer {
  return new Moments(performance.now() + checked(milliseconds, 0), Number.POSITIVE_INFINITY);
}

/** Due every so many milliseconds. */
export function tick(milliseconds: number): Timer {
  const every = checked(milliseconds, Number.MIN_VALUE);
  return new Moments(performance.now() + every, every);
}

/** Never due: for a case that is not there this time. */
export function never(): Timer {
  return new Moments(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
}

function checked(milliseconds: number, least: number): number {
  if (!(typeof milliseconds === 'number' && milliseconds >= least && milliseconds < Number.POSITIVE_INFINITY))
    throw new ValueError(milliseconds, 'a time in milliseconds');
  return milliseconds;
}
