/**
 * Waiting where the word to park on moves: the cell that is next, the counter of the other side. Each such word has a mark for
 * "somebody is parked here"; a waiter sets it by compare-exchange on the very value that told it to wait, so between looking
 * and parking nothing can change unseen. Whoever changes the word takes the mark away in the same step and, having seen it,
 * wakes everybody that is parked there. All of them, since a waiter that timed out or was aborted may still stand in the
 * queue of the word, and would eat a wake meant for one.
 *
 * The words carry the mark themselves, so nobody pays for a fence and a look at a waiter count when nobody waits.
 * Franke, Russell and Kirkwood, "Fuss, Futexes and Furwocks", Ottawa Linux Symposium 2002.
 */
import type { Address, WaitAsyncOptions, WaitOptions, Words } from '@pool/core';
import { PATIENCE_FOR_MORE } from '../tuning.ts';
import type { AdaptiveSpin } from './adaptive-spin.ts';
import { Deadline } from './deadline.ts';
import { type SpinOptions, spinBeforeParking } from './strategy.ts';
import { inTurn, Turns } from './turns.ts';
import { throwIfAborted } from './wait-options.ts';
import { anyChange, type ParkingSpot } from './watched-words.ts';

export type { ParkingSpot } from './watched-words.ts';

/** What is waited for. */
export interface Awaited<T extends {}> {
  /** Tries it; `undefined`: not now. */
  attempt(): T | undefined;
  /** Marks the word whose change will make another attempt worth while; `undefined` if that has changed already. */
  park(): ParkingSpot | undefined;
  /**
   * The same for a word whose change makes many attempts worth while. Where there is one, a waiter parks on it first, for a
   * moment only, so that who makes room need not wake somebody for each bit of it; then on the one that `park` marks.
   */
  parkForMore?(): ParkingSpot | undefined;
  /** Takes back what attempts have left for others to find, when nobody waits any more, or not now. Answers if somebody has found it. */
  withdraw?(): T | undefined;
}

/** Blocks until an attempt answers. @returns `undefined` when time ran out; there is always one attempt after the last park */
export function awaitBlocking<T extends {}>(
  words: Words,
  at: Address,
  awaited: Awaited<T>,
  spin: AdaptiveSpin,
  options: WaitOptions & SpinOptions,
): T | undefined {
  return awaited.attempt() ?? awaitMissed(words, at, awaited, spin, options);
}

/** As `awaitBlocking`, after an attempt that has failed. */
export function awaitMissed<T extends {}>(
  words: Words,
  at: Address,
  awaited: Awaited<T>,
  spin: AdaptiveSpin,
  options: WaitOptions & SpinOptions,
): T | undefined {
  if (awaited.withdraw === undefined) return spinAndPark(words, at, awaited, spin, options); // no `try`: see cell-ring.ts
  try {
    return spinAndPark(words, at, awaited, spin, options) ?? awaited.withdraw();
  } catch (error) {
    return endedBy(error, awaited);
  }
}

function spinAndPark<T extends {}>(
  words: Words,
  at: Address,
  awaited: Awaited<T>,
  spin: AdaptiveSpin,
  options: WaitOptions & SpinOptions,
): T | undefined {
  const deadline = new Deadline(options);
  const found = spinBeforeParking(words, at, () => awaited.attempt(), spin, deadline, options);
  if (found !== undefined || options.strategy === 'spin') return found;
  for (let missed = 0, patient = true; ; ) {
    const more: ParkingSpot | undefined = patient ? awaited.parkForMore?.() : undefined;
    const spot: ParkingSpot | undefined = more ?? awaited.park();
    if (spot !== undefined) {
      missed = 0;
      const limits = deadline.remaining(more && PATIENCE_FOR_MORE);
      patient = words.wait(spot.at, BigInt(spot.expected), limits) !== 'timed-out';
    } else if (++missed % LOOKS_PER_TURN === 0) giveWay(words, at, deadline);
    const answer = awaited.attempt();
    if (answer !== undefined) return answer;
    if (deadline.passed) return undefined;
  }
}

/**
 * As `awaitBlocking`, without blocking. Rejects when the signal aborts, unless an attempt answers first.
 * @param turns the line of those in this thread who wait for the same
 */
export async function awaitAsync<T extends {}>(
  words: Words,
  awaited: Awaited<T>,
  options: WaitAsyncOptions,
  turns: Turns = new Turns(),
): Promise<T | undefined> {
  throwIfAborted(options);
  const immediate = turns.taken ? undefined : awaited.attempt(); // outside of any `try`: see cell-ring.ts
  if (immediate !== undefined) return immediate;
  return inTurn(
    turns,
    options,
    (rest, atOnce) => awaitFirst(words, awaited, rest, atOnce),
    () => awaited.attempt() ?? awaited.withdraw?.(),
  );
}

/** Waits when it is this one's turn. @param failed whether an attempt has just been made */
async function awaitFirst<T extends {}>(
  words: Words,
  awaited: Awaited<T>,
  options: WaitAsyncOptions,
  failed: boolean,
): Promise<T | undefined> {
  const deadline = new Deadline(options);
  try {
    for (let missed = 0, patient = true, first = failed; ; first = false) {
      const answer = first ? undefined : awaited.attempt();
      if (answer !== undefined) return answer;
      options.signal?.throwIfAborted();
      if (deadline.passed) return awaited.withdraw?.();
      const more: ParkingSpot | undefined = patient ? awaited.parkForMore?.() : undefined;
      const spot: ParkingSpot | undefined = more ?? awaited.park();
      if (spot === undefined) {
        missed += 1;
        if (missed % LOOKS_PER_TURN === 0) await nextTurn();
        continue;
      }
      const limits: WaitAsyncOptions = { ...options, ...deadline.remaining(more && PATIENCE_FOR_MORE) };
      patient = (await anyChange([{ words, spot }], limits)) !== 'timed-out'; // aborted: one more attempt first
    }
  } catch (error) {
    return endedBy(error, awaited);
  }
}

/** A wait that was broken off has left nothing that others could find: who had found it by then is its answer. */
function endedBy<T extends {}>(error: unknown, awaited: Awaited<T>): T {
  const met = awaited.withdraw?.();
  if (met === undefined) throw error;
  return met;
}

/**
 * However often it finds a reason to look again, and yet nothing to be had, the event loop is not held up, nor the thread that it is
 * about. For there may be one in the middle of something, or dead there, and nobody to tell of its end: whose segment is free, but not
 * yet among those to be had; or who still reads in one that all others have left, so that it cannot be used again.
 */
export const LOOKS_PER_TURN = 64;

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** The same for a thread that may block: a millisecond at most. @param at any word, that nobody is woken on alone */
export function giveWay(words: Words, at: Address, deadline: Deadline): void {
  words.wait(at, words.load(at), deadline.remaining(1));
}
