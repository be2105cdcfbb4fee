/**
 * Looking for waiters without a fence. A read-modify-write that changes nothing takes its place among the waiters' own
 * additions: either it comes after one, and sees it, or that addition comes after it, and then the waiter sees everything
 * written before. So the argument of an event count holds, at the price of owning the line: where several threads signal often
 * and nobody waits, its fence and load are the better way.
 */
import type { Address, Words } from '@pool/core';
import type { EventCount } from '../waiting/event-count.ts';

/** Whether somebody waits, to be asked after the condition was made true. @throws {CorruptError} for what cannot be a number of threads */
export function isWaitedFor(words: Words, waiters: Address): boolean {
  return words.fetchAddNumber(waiters, 0) !== 0; // pairs with fetchAdd(waiters) in EventCount
}

/** Tells all waiters to look again, if there are any: for conditions that one change makes true for several of them. */
export function signalWaiting(words: Words, events: EventCount, waiters: Address): void {
  if (isWaitedFor(words, waiters)) events.signalAll();
}
