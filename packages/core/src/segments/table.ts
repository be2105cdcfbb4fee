/**
 * The segment table: one line an entry, and a stack of the free ones.
 *
 * A segment is known by its handle, `{ generation: 40, index: 24 }`. The entry's `meta` word holds the generation that is
 * current and the state it is in, so one load tells whether a handle is still good, and one compare-exchange moves a segment
 * from state to state exactly once. Retiring counts the generation up: every handle to the old bytes is stale from that moment on.
 *
 *   free    { tag: 29, index + 1: 24 }, 0 = none; the stack's head; the tag counts up at every push and pop, against ABA
 *           (Treiber, "Systems Programming: Coping with Parallelism", IBM RJ 5118, 1986). Wraps after 2^29 operations.
 *   entry:
 *   meta    { generation: 40, state: 3 }; wraps after 2^40 uses of one entry. Written by whoever the state makes its owner.
 *   domain  { generation modulo 2^21: 21, domain: 32 }: who may see the segment; written by the draft's owner, then by swap, whose
 *           compare-exchange fails once the entry has a successor (or after 2^21 of them between two of its steps)
 *   start   address of the bytes; written by the draft's owner
 *   words   how many words were allocated at `start`
 *   length  bytes; final once published
 *   check   checked mode: checksum of the bytes at publication
 *   owner   { generation: 32, id: 16 } of the draft's writer
 *   next    index + 1 of the next free entry
 *   policy  the reuse policy's own word
 */
import { type Address, type Domain, type Handle, NO_HANDLE, type OwnerId } from '../brands.ts';
import { SegmentError } from '../errors.ts';
import { type Layout, LINE_WORDS, layout, ownLine, type Placed, rest, words as several, word } from '../layout.ts';
import type { Owner } from '../owner.ts';
import type { Words } from '../words.ts';

export const SEGMENT_TABLE: Layout<'free' | 'entries'> = layout('segment table', { free: ownLine, entries: rest });

type EntryField = 'meta' | 'domain' | 'start' | 'words' | 'length' | 'check' | 'owner' | 'next' | 'policy' | 'reserved';

export const SEGMENT_ENTRY: Layout<EntryField> = layout('segment entry', {
  meta: word,
  domain: word,
  start: word,
  words: word,
  length: word,
  check: word,
  owner: word,
  next: word,
  policy: word,
  reserved: several(LINE_WORDS - 9),
});

export type SegmentState = 'free' | 'draft' | 'published' | 'retired';
export const FREE = 0;
export const DRAFT = 1;
export const PUBLISHED = 2;
export const RETIRED = 3;
const STATE_NAMES: readonly SegmentState[] = ['free', 'draft', 'published', 'retired'];

const INDEX_BITS = 24n;
const INDEX_MASK = (1n << INDEX_BITS) - 1n;
const INDEX_RADIX = 2 ** 24;
const TAGS = 2 ** 29;
const STATE_RADIX = 8;
const DOMAIN_RADIX = 2 ** 32;
const STAMP_TAGS = 2 ** 21;
const GENERATIONS = 2 ** 40;
const OWNER_RADIX = 2 ** 16;

/** Generation 0 is never current, so that no handle is `NO_HANDLE`. */
const FIRST_GENERATION = 1;

export function packHandle(index: number, generation: number): Handle {
  return ((BigInt(generation) << INDEX_BITS) | BigInt(index)) as Handle;
}
export function handleIndex(handle: Handle): number {
  return Number(handle & INDEX_MASK);
}
export function handleGeneration(handle: Handle): number {
  return Number(handle >> INDEX_BITS);
}
export function packMeta(generation: number, state: number): number {
  return generation * STATE_RADIX + state;
}
export function metaGeneration(meta: number): number {
  return Math.floor(meta / STATE_RADIX);
}
export function metaState(meta: number): number {
  return meta % STATE_RADIX;
}
export function packStamp(generation: number, domain: Domain): number {
  return (generation % STAMP_TAGS) * DOMAIN_RADIX + domain;
}
export function stampDomain(stamp: number): Domain {
  return (stamp % DOMAIN_RADIX) as Domain;
}
export function packOwner(owner: Owner): number {
  return owner.generation * OWNER_RADIX + owner.id;
}
export function unpackOwner(packed: number): Owner {
  return { id: (packed % OWNER_RADIX) as OwnerId, generation: Math.floor(packed / OWNER_RADIX) };
}
export function stateName(state: number): SegmentState | 'corrupt' {
  return STATE_NAMES[state] ?? 'corrupt';
}

/** Lays an empty table: every entry free, in its first generation. Done once, before the pool is published. */
export function initSegmentTable(words: Words, base: Address, entries: number): void {
  const { free, entries: first } = SEGMENT_TABLE.at(base);
  for (let index = 0; index < entries; index++) {
    const entry = SEGMENT_ENTRY.at((first + index * LINE_WORDS) as Address);
    words.storeNumber(entry.meta, packMeta(FIRST_GENERATION, FREE));
    words.storeNumber(entry.next, index + 1 < entries ? index + 2 : 0);
  }
  words.storeNumber(free, entries > 0 ? 1 : 0);
}

export class SegmentTable {
  readonly words: Words;
  /** How many segments there can be at once. */
  readonly entries: number;
  readonly #first: Address;
  readonly #free: Address;
  /** Entries' addresses, computed once each. */
  readonly #at: (Placed<EntryField> | undefined)[] = [];

  constructor(words: Words, base: Address, entries: number) {
    const at = SEGMENT_TABLE.at(base);
    this.words = words;
    this.entries = entries;
    this.#first = at.entries;
    this.#free = at.free;
  }

  entry(index: number): Placed<EntryField> {
    let entry = this.#at[index];
    if (entry === undefined) {
      if (!(index < this.entries))
        throw new SegmentError('stale', `no segment has the index ${index}: this pool has ${this.entries} entries`);
      entry = SEGMENT_ENTRY.at((this.#first + index * LINE_WORDS) as Address);
      this.#at[index] = entry;
    }
    return entry;
  }

  /** Takes a free entry's index, or -1. Progress: lock-free. */
  pop(): number {
    for (;;) {
      const head = this.words.loadNumber(this.#free); // pairs with the compare-exchange in push(): the entry's next is written
      const top = head % INDEX_RADIX;
      if (top === 0) return -1;
      if (top > this.entries)
        throw new SegmentError('corrupt', `the stack of free segments names the entry ${top - 1} of ${this.entries}`);
      const next = this.words.loadNumber(this.entry(top - 1).next); // may be outdated; then the tag has moved on and the exchange fails
      const tag = (Math.floor(head / INDEX_RADIX) + 1) % TAGS;
      if (this.words.compareExchangeNumber(this.#free, head, tag * INDEX_RADIX + next) === head) return top - 1;
    }
  }

  /** Gives an entry back. Progress: lock-free. */
  push(index: number): void {
    const { next } = this.entry(index);
    for (;;) {
      const head = this.words.loadNumber(this.#free);
      this.words.storeNumber(next, head % INDEX_RADIX);
      const tag = (Math.floor(head / INDEX_RADIX) + 1) % TAGS;
      // pairs with load(free) in pop(): publishes `next`
      if (this.words.compareExchangeNumber(this.#free, head, tag * INDEX_RADIX + index + 1) === head) return;
    }
  }

  /** The generation after this one. */
  following(generation: number): number {
    return generation + 1 < GENERATIONS ? generation + 1 : FIRST_GENERATION;
  }
}

/** A handle as people read it: `12@3` is entry 12 in its generation 3. */
export function showHandle(handle: Handle): string {
  if (handle === NO_HANDLE) return '(NO_HANDLE)';
  return `${handleIndex(handle)}@${handleGeneration(handle)}`;
}
