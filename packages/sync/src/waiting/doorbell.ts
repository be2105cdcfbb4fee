/**
 * Waiting for a condition that is not one word, where whoever makes it true must pay next to nothing. A waiter marks the
 * doorbell, looks at the condition once more, and parks on the doorbell; who makes the condition true looks at the mark, takes
 * it away and wakes everybody. All of them, since one mark stands for all; each that has to go on waiting marks it again.
 *
 *   bell   { rings: 52, waiting: 1 }, modulo 2^53; the mark is set by compare-exchange, and taken away by the one that adds 1
 *
 * Against an event count (event-count.ts): there a waiter counts as one until it runs again, and all that time, some ten
 * microseconds after a wake, each signal wakes it anew. Here the first ring takes the mark along, and a waiter that timed out or
 * died leaves one ring too many and nothing else. The price is that nobody is woken alone.
 *
 * No wake-up is lost: both sides first write and then look, with a fence between, and fences have an order. If the ringer's
 * comes first, the waiter sees what was made true before it; if the waiter's, the ringer sees the mark. So it is for a mark
 * that stood already, too: the waiter has seen it, and whoever takes it away changes the word, so that the park ends at once.
 */
import type { Address, Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import type { ParkingSpot } from './parking.ts';

const WAITING = 1;
const LIMIT: number = 2 ** 53;

export class Doorbell {
  readonly #words: Words;
  readonly bell: Address;

  constructor(words: Words, bell: Address) {
    this.#words = words;
    this.bell = bell;
  }

  /** Wakes everybody who waits. Call it after the condition was made true. @throws {CorruptError} if no bell can say what it says */
  ring(): void {
    this.#words.fence(); // pairs with the fence in park(): the condition was made true before it, the bell is seen after it
    this.answer(this.#words.loadNumber(this.bell));
  }

  /** The rest of `ring`, once the bell was seen. @param seen what was found there behind a fence, after the condition was made true */
  answer(seen: number): void {
    if ((seen & WAITING) === 0) return;
    const rung = seen + 1 < LIMIT ? seen + 1 : 0;
    if (moveWord(this.#words, this.bell, seen, rung)) this.#words.notify(this.bell); // fails if another one has just rung
  }

  /** As `ring`, and even if nobody is marked as waiting: one that died may have taken the mark away and woken nobody. */
  ringForTheDead(): void {
    this.ring();
    this.#words.notify(this.bell);
  }

  /** Where to park; `undefined` if the condition has come true. @param isTrue looks at the condition */
  park(isTrue: () => boolean): ParkingSpot | undefined {
    const seen = this.#words.loadNumber(this.bell);
    const expected = (seen & WAITING) === 0 ? seen + WAITING : seen;
    if (expected !== seen && !moveWord(this.#words, this.bell, seen, expected)) return undefined;
    this.#words.fence(); // pairs with the fence in ring(), and that of moveAndSee() where a record is published: see above
    return isTrue() ? undefined : { at: this.bell, expected };
  }
}
