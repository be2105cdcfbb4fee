import type { WaitOptions } from '@pool/core';
import { timeoutOf } from './wait-options.ts';

/** The longest delay that timers take, in milliseconds. */
export const LONGEST_DELAY: number = 2 ** 31 - 1;

const NO_LIMIT: WaitOptions = {};

/** The moment at which a wait with a `timeout` ends, for waits that park more than once. */
export class Deadline {
  readonly #at: number;

  /** @param options their `timeout` is in milliseconds from now; none: never @throws {ValueError} as `timeoutOf` */
  constructor(options: WaitOptions) {
    const timeout = timeoutOf(options);
    this.#at = timeout === Number.POSITIVE_INFINITY ? timeout : performance.now() + timeout;
  }

  get passed(): boolean {
    return this.#at !== Number.POSITIVE_INFINITY && performance.now() >= this.#at;
  }

  /** How many milliseconds are left. */
  get left(): number {
    return this.#at - performance.now();
  }

  /** What is left, as the option of one park; at most `longest` milliseconds. */
  remaining(longest: number = Number.POSITIVE_INFINITY): WaitOptions {
    const left = this.#at === Number.POSITIVE_INFINITY ? longest : Math.min(longest, this.left);
    return left === Number.POSITIVE_INFINITY ? NO_LIMIT : { timeout: Math.max(0, left) };
  }
}
