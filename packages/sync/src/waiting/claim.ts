/**
 * Waiting for one word. Where the word itself says both whether a thing can be taken and whether anybody is parked, no second
 * word is needed: a waiter writes into the word that there is one, and parks only while the word still holds that. Whoever
 * lets go sees the mark in the same step in which it lets go, so neither can miss the other.
 *
 * Franke, Russell and Kirkwood, "Fuss, Futexes and Furwocks", Ottawa Linux Symposium 2002.
 */
import type { Address, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import type { AdaptiveSpin } from './adaptive-spin.ts';
import { Deadline } from './deadline.ts';
import { type SpinOptions, spinBeforeParking } from './strategy.ts';
import { throwIfAborted } from './wait-options.ts';

/** One thread's attempt to take something, from its first look to its last. */
export interface Claim<T extends {}> {
  /** Takes it if that can be done now. */
  look(): T | undefined;
  /** As `look`; if it cannot be taken, makes sure that whoever lets go will wake a waiter, and sets the two below. */
  announce(): T | undefined;
  /** The value of the word to park on. */
  readonly expected: number;
  /** How many milliseconds to park at most before announcing again. */
  readonly longest: number;
  /** Called after each park. */
  awake(): void;
}

/** Blocks until the claim succeeds. @returns `undefined` when time ran out; there is always one announcement after the last park */
export function claimBlocking<T extends {}>(
  words: Words,
  at: Address,
  claim: Claim<T>,
  spin: AdaptiveSpin,
  options: WaitOptions & SpinOptions,
): T | undefined {
  const deadline = new Deadline(options);
  const found = spinBeforeParking(words, at, () => claim.look(), spin, deadline, options);
  if (found !== undefined || options.strategy === 'spin') return found;
  for (;;) {
    const taken = claim.announce();
    if (taken !== undefined) return taken;
    words.wait(at, BigInt(claim.expected), deadline.remaining(claim.longest));
    claim.awake();
    // The announcement comes before giving up: a wake may have come just in time, and it is for whoever can use it.
    if (deadline.passed) return claim.announce();
  }
}

/** As `claimBlocking`, without blocking. Rejects when the signal aborts, unless the claim succeeds first. */
export async function claimAsync<T extends {}>(
  words: Words,
  at: Address,
  claim: Claim<T>,
  options: WaitAsyncOptions,
): Promise<T | undefined> {
  const deadline = new Deadline(options);
  throwIfAborted(options);
  for (;;) {
    const taken = claim.announce();
    if (taken !== undefined) return taken;
    options.signal?.throwIfAborted();
    await words.waitAsync(at, BigInt(claim.expected), { ...options, ...deadline.remaining(claim.longest) });
    claim.awake();
    if (deadline.passed) return claim.announce();
  }
}
