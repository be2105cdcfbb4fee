import type { Address, Words } from '@pool/core';
import type { EventCount } from '../waiting/event-count.ts';

/** Tells all waiters to look again, if there are any: for conditions that one change makes true for several of them. */
export function signalWaiting(words: Words, events: EventCount, waiters: Address): void {
  words.fence(); // between the caller's write of the condition and the look at `waiters`; its twin is in EventCount
  if (words.load(waiters) !== 0n) events.signalAll();
}
