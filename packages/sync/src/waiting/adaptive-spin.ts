/**
 * How long a waiter spins before it parks, learned from how its last waits ended. A spin pays when the other side runs on
 * another core and answers soon; when both share a core, or the answer takes long, it only keeps the other from running. So a
 * spin that found what it waited for doubles the next one's length, one that did not halves it, and a waiter that has come
 * down to parking at once tries a whole spin now and then. Plain state of one thread: nothing here is shared.
 *
 * The idea is that of adaptive mutexes (Solaris; glibc's PTHREAD_MUTEX_ADAPTIVE_NP).
 */
export class AdaptiveSpin {
  #length = Number.POSITIVE_INFINITY;
  #parkedInTurn = 0;

  /** How many looks to take before parking this time, at most `most`. */
  next(most: number): number {
    if (this.#length > 0) return Math.min(this.#length, most);
    this.#parkedInTurn += 1;
    return this.#parkedInTurn % WAITS_PER_PROBE === 0 ? most : 0;
  }

  /** A spin of at most `most` looks found what it waited for. */
  found(most: number): void {
    this.#length = this.#length === 0 ? most : Math.min(most, this.#length * 2);
  }

  /** A spin of at most `most` looks ended without: the waiter parks. */
  missed(most: number): void {
    this.#length = Math.floor(Math.min(most, this.#length) / 2);
  }
}

/** One whole spin in so many waits that parked at once: dear enough to be rare, and soon enough to notice better times. */
export const WAITS_PER_PROBE = 32;
