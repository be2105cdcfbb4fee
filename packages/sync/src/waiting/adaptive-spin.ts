/**
 * How long a waiter spins before it parks, learned from how its last waits ended. A spin pays when the other side runs on
 * another core and answers soon; when both share a core, or the answer takes long, it only keeps the other from running. So a
 * spin that found what it waited for doubles the next one's length, one that did not halves it, down to parking at once.
 *
 * From there it has to find back, so now and then it tries a whole spin again. That is not enough where two threads that wake
 * each other have been put on one core, and park and wake there in turns while another core is idle: a scheduler moves a
 * thread only when two want to run on one core for some milliseconds. So some of those spins are as long as that, rarer with
 * each in vain.
 *
 * Plain state of one thread: nothing here is shared. The idea is that of adaptive mutexes (Solaris; glibc's
 * PTHREAD_MUTEX_ADAPTIVE_NP).
 */
export class AdaptiveSpin {
  #length = Number.POSITIVE_INFINITY;
  #parkedInTurn = 0;

  /** How many looks to take before parking this time: at most `most`, but for a long probe. */
  next(most: number): number {
    if (this.#length > 0) return Math.min(this.#length, most);
    this.#parkedInTurn += 1;
    if (this.#parkedInTurn % WAITS_PER_PROBE !== 0) return 0;
    const probe = this.#parkedInTurn / WAITS_PER_PROBE;
    const long = (probe & (probe - 1)) === 0 || probe % PROBES_PER_LONG === 0;
    return long ? most * LONG_PROBE : most;
  }

  /** A spin found what it waited for; spins are at most `most` looks long. */
  found(most: number): void {
    this.#length = this.#length === 0 ? most : Math.min(most, this.#length * 2);
    this.#parkedInTurn = 0;
  }

  /** A spin ended without: the waiter parks. */
  missed(most: number): void {
    this.#length = Math.floor(Math.min(most, this.#length) / 2);
  }
}

/** One probe in so many waits that parked at once: dear enough to be rare, and soon enough to notice better times. */
export const WAITS_PER_PROBE = 32;
/** The first, second, fourth, eighth ... probe is long, and each so-manieth. */
export const PROBES_PER_LONG = 1024;
/** How many times as long as the longest spin a long probe is: some milliseconds. */
export const LONG_PROBE = 64;
