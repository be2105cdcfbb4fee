/**
 * Which segments a queue has, and what has become of each. A segment is a block of words from a storage; it stays the queue's
 * once it has been taken, until `trim`, and is used again and again, each time in a new generation. So a thread that comes late
 * finds a segment of another generation, never somebody else's words. After a `trim` it would: so no object may be late there.
 *
 *   entry (four words)
 *     meta    { generation: 28, who: 20, state: 2, 0: 2 }; written by compare-exchange only
 *               empty (no block) or spare --> claimed (who) --> linked --> spare
 *     start   the block's address; 0: none yet. Written by the claimer
 *     next    { successor: 52, waiting: 1 }; successor is { generation: 28, index: 24 }: index 0 with the segment's own generation
 *             while there is none, another segment's generation and index + 1, or `LAST` when there will be none
 *   unused    the entries that are not linked; a hint (see core's IndexSet)
 *
 * A generation wraps after 2^28 uses of one segment: a thread would have to be held up inside one operation for exactly so many.
 */
import {
  type Address,
  CorruptError,
  IndexSet,
  LINE_WORDS,
  roundUp,
  SEGMENT_TABLE_OWNER,
  type Storage,
  type Words,
} from '@pool/core';
import { moveWord } from '../internal/standing.ts';
import type { ParkingSpot } from '../waiting/parking.ts';

const EMPTY = 0;
const CLAIMED = 4;
const LINKED = 8;
const SPARE = 12;
const STATE_MASK = 12;
const GENERATION: number = 2 ** 24;
const GENERATIONS: number = 2 ** 28;
const INDICES: number = 2 ** 24;
const INDEX_OF_LAST: number = INDICES - 1;
const ENTRY_WORDS = 4;
const NAME = 'segmented queue';

export const MOST_SEGMENTS: number = INDICES - 2;

/** A segment of one generation: { generation: 28, index + 1: 24 }. */
export type SegmentReference = number;
/** No segment will come. */
export const LAST: SegmentReference = INDEX_OF_LAST;
/** No segment has come yet. */
export const NOT_YET: SegmentReference = 0;

export class SegmentDirectory {
  readonly #words: Words;
  readonly #entries: Address;
  readonly #count: number;
  readonly #unused: IndexSet;

  constructor(words: Words, base: Address, count: number) {
    this.#words = words;
    this.#count = count;
    this.#unused = new IndexSet(words, base, count);
    this.#entries = (base + IndexSet.size(count)) as Address;
  }

  static size(count: number): number {
    return IndexSet.size(count) + roundUp(count * ENTRY_WORDS, LINE_WORDS);
  }

  init(): void {
    this.#words.fill((this.#entries - IndexSet.size(this.#count)) as Address, SegmentDirectory.size(this.#count), 0n);
    this.#unused.addRange(0, this.#count);
  }

  /**
   * Takes an unused segment in somebody's name, in a new generation, with a block of `words` words.
   * @returns `undefined` if every segment is in use, or the storage has no more
   */
  claim(name: number, storage: Storage, words: number): SegmentReference | undefined {
    for (;;) {
      const index = this.#unused.take();
      if (index < 0) return undefined;
      const seen = this.#meta(index);
      const state = stateOf(seen);
      if (state !== EMPTY && state !== SPARE) continue;
      const generation = (generationOf(seen) + 1) % GENERATIONS;
      const claimed = generation * GENERATION + name + CLAIMED;
      if (!moveWord(this.#words, this.#at(index), seen, claimed)) continue;
      this.#words.storeNumber(this.#nextAt(index), generation * INDICES * 2);
      if (state === SPARE || this.#fill(index, storage, words)) return generation * INDICES + index + 1;
      moveWord(this.#words, this.#at(index), claimed, generation * GENERATION + EMPTY);
      this.#unused.add(index);
      return undefined;
    }
  }

  /** Whether there is a block that is not in use. */
  get hasSpare(): boolean {
    for (let index = 0; index < this.#count; index++) if (stateOf(this.#meta(index)) === SPARE) return true;
    return false;
  }

  /** Whether the segment is still of this generation, and not given up. Checked before each slow claim of a cell. */
  isCurrent(segment: SegmentReference): boolean {
    const meta = this.#meta(indexOf(segment));
    return generationOf(meta) === Math.floor(segment / INDICES) && stateOf(meta) !== SPARE;
  }

  /** The block of a segment. @throws {CorruptError} if there is none */
  start(segment: SegmentReference): Address {
    const start = this.#words.loadNumber((this.#at(indexOf(segment)) + 1) as Address);
    if (start === 0) throw new CorruptError(`${NAME}: segment ${indexOf(segment)} has no block`);
    return start as Address;
  }

  /** The segment after this one, `LAST` or `NOT_YET`; `undefined` if the segment is of another generation by now. */
  next(segment: SegmentReference): SegmentReference | undefined {
    const next = this.#words.loadNumber(this.#nextAt(indexOf(segment))); // pairs with append(): its cells are laid
    const successor = Math.floor(next / 2);
    if (successor === segment) throw new CorruptError(`${NAME}: segment ${indexOf(segment)} comes after itself`);
    if (successor % INDICES !== 0) return this.isOf(segment) ? successor : undefined;
    return successor === segment - (segment % INDICES) ? NOT_YET : undefined;
  }

  /** Puts a segment, or `LAST`, after this one, if nothing has come there yet. */
  append(segment: SegmentReference, successor: SegmentReference): boolean {
    const at = this.#nextAt(indexOf(segment));
    const none = (segment - (segment % INDICES)) * 2;
    for (;;) {
      const seen = this.#words.loadNumber(at);
      if (seen - (seen & 1) !== none) return false;
      if (!moveWord(this.#words, at, seen, successor * 2)) continue;
      if ((seen & 1) !== 0) this.#words.notify(at);
      return true;
    }
  }

  /** Marks the word that says what comes after this segment; `undefined` if something has. */
  parkOnNext(segment: SegmentReference): ParkingSpot | undefined {
    const at = this.#nextAt(indexOf(segment));
    const none = (segment - (segment % INDICES)) * 2;
    const seen = this.#words.loadNumber(at);
    if (seen - (seen & 1) !== none) return undefined;
    if (seen === none && !moveWord(this.#words, at, seen, seen + 1)) return undefined;
    return { at, expected: none + 1 };
  }

  /** A segment that its claimer has appended. */
  link(segment: SegmentReference, name: number): void {
    this.#move(segment, name + CLAIMED, LINKED);
  }

  /** A segment that its claimer could not use. */
  unclaim(segment: SegmentReference, name: number): void {
    if (this.#move(segment, name + CLAIMED, SPARE)) this.#unused.add(indexOf(segment));
  }

  /** A segment that receivers have left behind. */
  retire(segment: SegmentReference): void {
    const index = indexOf(segment);
    const generation = Math.floor(segment / INDICES);
    for (;;) {
      const meta = this.#meta(index);
      if (generationOf(meta) !== generation || stateOf(meta) === SPARE) return;
      // Also while its claimer has yet to say that it is linked: if he does so just now, it is given up all the same.
      if (!moveWord(this.#words, this.#at(index), meta, generation * GENERATION + SPARE)) continue;
      this.#unused.add(index);
      return;
    }
  }

  /** Whether the segment is of this generation. */
  isOf(segment: SegmentReference): boolean {
    return generationOf(this.#meta(indexOf(segment))) === Math.floor(segment / INDICES);
  }

  /** The segments that are linked, or claimed in a dead owner's name, before anybody looks which can be reached. */
  suspects(dead: number): { readonly segment: SegmentReference; readonly meta: number }[] {
    const found = [];
    for (let index = 0; index < this.#count; index++) {
      const meta = this.#meta(index);
      const dies = standingOf(meta) === dead + CLAIMED;
      if (dies || stateOf(meta) === LINKED) found.push({ segment: generationOf(meta) * INDICES + index + 1, meta });
      else if (stateOf(meta) !== CLAIMED) this.#unused.add(index); // whoever took it from the set may have died before claiming
    }
    return found;
  }

  /** Every segment that has a block, linked or not. */
  *blocks(): Iterable<SegmentReference> {
    for (let index = 0; index < this.#count; index++)
      if (this.#words.loadNumber((this.#at(index) + 1) as Address) !== 0)
        yield generationOf(this.#meta(index)) * INDICES + index + 1;
  }

  /** Makes all who wait for what comes after this segment look again. */
  wake(segment: SegmentReference): void {
    this.#words.notify(this.#nextAt(indexOf(segment)));
  }

  /** Says of a suspect what it is: on the list, or not. */
  settle(segment: SegmentReference, meta: number, reachable: boolean, storage: Storage): boolean {
    const index = indexOf(segment);
    if (reachable && stateOf(meta) === LINKED) return false;
    const start = this.#words.loadNumber((this.#at(index) + 1) as Address);
    if (start !== 0 && stateOf(meta) === CLAIMED) storage.transfer?.(start as Address, SEGMENT_TABLE_OWNER);
    const state = reachable ? LINKED : start === 0 ? EMPTY : SPARE;
    if (!moveWord(this.#words, this.#at(index), meta, meta - (meta & (GENERATION - 1)) + state)) return false;
    if (!reachable) this.#unused.add(index);
    return true;
  }

  /** Blocks of segments that are not in use go back to the storage. No other object of the queue may be used from here on. */
  trim(storage: Storage): number {
    let freed = 0;
    for (let index = 0; index < this.#count; index++) {
      const meta = this.#meta(index);
      if (stateOf(meta) !== SPARE) continue;
      storage.free(this.#words.loadNumber((this.#at(index) + 1) as Address) as Address, index);
      this.#words.storeNumber((this.#at(index) + 1) as Address, 0);
      this.#words.storeNumber(this.#at(index), meta - (meta & (GENERATION - 1)) + EMPTY);
      freed += 1;
    }
    return freed;
  }

  #fill(index: number, storage: Storage, words: number): boolean {
    const start = storage.allocate(words, index);
    if (start === undefined) return false;
    this.#words.fill(start, words, 0n);
    this.#words.storeNumber((this.#at(index) + 1) as Address, start);
    storage.transfer?.(start, SEGMENT_TABLE_OWNER); // from here on it is the queue's, whoever dies
    return true;
  }

  #move(segment: SegmentReference, from: number, to: number): boolean {
    const generation = Math.floor(segment / INDICES) * GENERATION;
    return moveWord(this.#words, this.#at(indexOf(segment)), generation + from, generation + to);
  }

  #meta(index: number): number {
    return this.#words.loadNumber(this.#at(index));
  }

  #nextAt(index: number): Address {
    return (this.#at(index) + 2) as Address;
  }

  #at(index: number): Address {
    if (!(index >= 0 && index < this.#count)) throw new CorruptError(`${NAME}: segment ${index} of ${this.#count}`);
    return (this.#entries + index * ENTRY_WORDS) as Address;
  }
}

export function indexOf(segment: SegmentReference): number {
  return (segment & (INDICES - 1)) - 1;
}

function stateOf(meta: number): number {
  return meta & STATE_MASK;
}

function standingOf(meta: number): number {
  return meta & (GENERATION - 1);
}

function generationOf(meta: number): number {
  return Math.floor(meta / GENERATION);
}
