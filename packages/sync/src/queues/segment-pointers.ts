/**
 * Where senders and receivers are in a list of segments, and whether a sender waits there for another one.
 *
 *   last    the segment where senders are, or one before it; helped forward by compare-exchange    own line
 *   first   { segment: 52, waiting: 1 }; the segment where receivers are; moved by compare-exchange, never past `last`. A sender
 *           that waits for a segment, or for a cell of the last one, parks on it                  own line
 */
import { type Address, LINE_WORDS, type Words } from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { SegmentReference } from './segment-directory.ts';

export class SegmentPointers {
  /** In words. */
  static readonly size: number = 2 * LINE_WORDS;
  readonly #words: Words;
  readonly #last: Address;
  readonly #first: Address;

  constructor(words: Words, base: Address) {
    this.#words = words;
    this.#last = base;
    this.#first = (base + LINE_WORDS) as Address;
  }

  /** Both at the only segment. */
  init(segment: SegmentReference): void {
    this.#words.storeNumber(this.#last, segment);
    this.#words.storeNumber(this.#first, segment * 2);
  }

  get last(): SegmentReference {
    return this.#words.loadNumber(this.#last);
  }

  get first(): SegmentReference {
    return Math.floor(this.#words.loadNumber(this.#first) / 2);
  }

  moveLast(from: SegmentReference, to: SegmentReference): boolean {
    return moveWord(this.#words, this.#last, from, to);
  }

  moveFirst(from: SegmentReference, to: SegmentReference): boolean {
    for (;;) {
      const seen = this.#words.loadNumber(this.#first);
      if (Math.floor(seen / 2) !== from) return false;
      if (moveWord(this.#words, this.#first, seen, to * 2 + (seen & 1))) return true;
    }
  }

  /** Marks that a sender waits; look once more before parking there. `undefined` if that has changed meanwhile. */
  parkSender(): ParkingSpot | undefined {
    const seen = this.#words.loadNumber(this.#first);
    const expected = seen - (seen & 1) + 1;
    if (expected !== seen && !moveWord(this.#words, this.#first, seen, expected)) return undefined;
    this.#words.fence(); // between the mark and the look; pairs with the one in wakeSenders()
    return { at: this.#first, expected };
  }

  wakeSenders(): void {
    this.#words.fence(); // between what the caller did and the look at the mark; pairs with the one in parkSender()
    const seen = this.#words.loadNumber(this.#first);
    if ((seen & 1) === 0) return;
    moveWord(this.#words, this.#first, seen, seen - 1);
    this.#words.notify(this.#first);
  }

  /** Even if there is no mark: a dead thread may have taken it away, and woken nobody. */
  wakeForTheDead(): void {
    this.#words.notify(this.#first);
  }
}
