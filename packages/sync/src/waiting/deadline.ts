import type { WaitOptions } from '@pool/core';

/** The moment at which a wait with a `timeout` ends, for waits that park more than once. */
export class Deadline {
  readonly #at: number;

  /** @param timeout milliseconds from now; none: never */
  constructor(timeout: number | undefined) {
    this.#at = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  }

  get passed(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY && performance.now() >= this.#at;
  }

  /** What is left, as the option of one park; at most `longest` milliseconds. */
  remaining(longest: number = Number.POSITIVE_INFINITY): WaitOptions {
    const left = this.#at === Number.POSITIVE_INFINITY ? longest : Math.min(longest, this.#at - performance.now());
    return left === Number.POSITIVE_INFINITY ? {} : { timeout: Math.max(0, left) };
  }
}
