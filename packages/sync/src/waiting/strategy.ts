/**
 * How a blocked thread spends its time. Parking gives the core away, and waking costs tens of microseconds; looking again
 * answers within a memory access and costs the core. So by default a waiter looks for about as long as one wake would take,
 * less where that has not paid lately, and then parks. Threads with cores to themselves may spin for good; threads that wait
 * long, or share a core with whom they wait for, may park at once.
 *
 * Karlin, Li, Manasse and Owicki, "Empirical Studies of Competitive Spinning for a Shared-Memory Multiprocessor", SOSP 1991.
 */
import type { Address, Words } from '@pool/core';
import { LOOKS_PER_CLOCK } from '../tuning.ts';
import type { AdaptiveSpin } from './adaptive-spin.ts';
import type { Deadline } from './deadline.ts';
import { spinningOf } from './wait-options.ts';

/** `spin` never parks, `park` never spins. Default: `spin-then-park`. Asynchronous forms always park. */
export type WaitStrategy = 'spin' | 'spin-then-park' | 'park';

export interface SpinOptions {
  readonly strategy?: WaitStrategy;
  /**
   * For `spin-then-park`: how often to look before parking, at most; each look costs one attempt. Spins that lead to nothing
   * get shorter (see `AdaptiveSpin`). Default: `SPINS_BEFORE_PARKING`. 0 parks at once.
   */
  readonly spins?: number;
}

/**
 * The part of a wait before parking.
 * @param at any word of what is waited for
 * @returns what an attempt answered, or `undefined`: now park, or, for the strategy `spin`, time is up
 * @throws {ValueError} as `spinningOf`
 * @throws {MustNotBlockError} for the strategy `spin` on a thread that must not block
 */
export function spinBeforeParking<T extends {}>(
  words: Words,
  at: Address,
  attempt: () => T | undefined,
  spin: AdaptiveSpin,
  deadline: Deadline,
  options: SpinOptions,
): T | undefined {
  const { strategy, spins } = spinningOf(options);
  if (strategy === 'spin') return spinOn(words, at, attempt, deadline);
  const looks = strategy === 'park' ? 0 : spin.next(spins);
  for (let look = 0; look < looks; look++) {
    words.pause();
    const answer = attempt();
    if (answer !== undefined) {
      spin.found(spins);
      return answer;
    }
  }
  if (looks > 0) spin.missed(spins);
  return undefined;
}

function spinOn<T extends {}>(
  words: Words,
  at: Address,
  attempt: () => T | undefined,
  deadline: Deadline,
): T | undefined {
  for (let look = 1; ; look++) {
    words.pause();
    const answer = attempt();
    if (answer !== undefined) return answer;
    if (look % LOOKS_PER_CLOCK !== 0) continue;
    words.wait(at, 0n, { timeout: 0 }); // ends at once whatever the word holds, and throws where blocking is forbidden
    if (deadline.passed) return attempt();
  }
}
