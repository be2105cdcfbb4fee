/**
 * The segment table: one line an entry, and a set of the free ones.
 *
 * A segment is known by its handle, `{ generation, index }`. The entry's `meta` word is the authority: it holds the generation that is
 * current, the state it is in and, while one thread has the entry to itself, who that is. One load tells whether a handle is
 * still good, and one compare-exchange moves a segment from state to state exactly once. Ending a segment counts the generation
 * up: every handle to the old bytes is stale from that moment on.
 *
 *   free (g) --draft--> claimed (g, owner) --> draft (g, owner) --publish--> published (g) --end--> claimed (g + 1, owner) --> free (g + 1)
 *                                                     '--discard--> claimed (g + 1, owner)
 *
 * So a thread may die between any two steps: what it had to itself stands in its name in `meta`, and `recovery.ts` ends it. The set of
 * free entries is a hint (see ../index-set.ts): whoever takes an index from it still claims the entry.
 *
 *   set     of the free entries' indices
 *   entry:
 *   meta    { generation: 35, owner id: 16, state: 2 }; the owner is 0 unless claimed or draft. Wraps after 2^35 uses of one entry.
 *           Written by compare-exchange, or by the owner it names
 *   domain  { generation modulo 2^21: 21, domain: 32 }: who may see the segment; written by the draft's owner, then by swap, whose
 *           compare-exchange fails once the entry has a successor (or after 2^21 of them between two of its steps)
 *   start   address of the bytes, 0 while there are none; written by the owner
 *   length  bytes; final once published
 *   check   checked mode: checksum of the bytes at publication
 *   owner   { generation: 32, id: 16 } of the draft's writer; stays while the segment is published
 *   policy  the reuse policy's own words
 */
import type { Address, Domain, OwnerId } from '../brands.ts';
import { SegmentError } from '../errors.ts';
import { IndexSet } from '../index-set.ts';
import { type Layout, LINE_WORDS, layout, words as several, word } from '../layout.ts';
import type { Owner } from '../owner.ts';
import type { Words } from '../words.ts';

/** Words of an entry that are the reuse policy's own. */
export const POLICY_WORDS = 8;

type EntryField = 'meta' | 'domain' | 'start' | 'length' | 'check' | 'owner' | 'policy' | 'reserved';

export const SEGMENT_ENTRY: Layout<EntryField> = layout('segment entry', {
  meta: word,
  domain: word,
  start: word,
  length: word,
  check: word,
  owner: word,
  policy: several(POLICY_WORDS),
  reserved: several(LINE_WORDS - 6 - POLICY_WORDS),
});

export type SegmentState = 'free' | 'claimed' | 'draft' | 'published';
export const FREE = 0;
export const CLAIMED = 1;
export const DRAFT = 2;
export const PUBLISHED = 3;
const STATE_NAMES: readonly SegmentState[] = ['free', 'claimed', 'draft', 'published'];

const STATE_BITS = 2;
const STATE_RADIX = 2 ** STATE_BITS;
const OWNER_RADIX = 2 ** 16;
const GENERATION_RADIX = STATE_RADIX * OWNER_RADIX;
const GENERATIONS = 2 ** 35;
const DOMAIN_RADIX = 2 ** 32;
const STAMP_TAGS = 2 ** 21;

/** Generation 0 is never current, so that no handle is `NO_HANDLE`. */
const FIRST_GENERATION = 1;

/**
 * Who answers to a storage for the room of segments that are not one thread's: a thread that dies takes none of them along. No
 * row of the owner table has it, for generations of rows begin at 1.
 */
export const SEGMENT_TABLE_OWNER: Owner = Object.freeze({ id: (OWNER_RADIX - 1) as OwnerId, generation: 0 });

export function packMeta(generation: number, state: number, owner = 0): number {
  return generation * GENERATION_RADIX + owner * STATE_RADIX + state;
}
export function metaGeneration(meta: number): number {
  return Math.floor(meta / GENERATION_RADIX);
}
export function metaOwner(meta: number): number {
  return (meta >>> STATE_BITS) & (OWNER_RADIX - 1);
}
export function metaState(meta: number): number {
  return meta & (STATE_RADIX - 1); // on doubles, `%` is a call
}
/** The generation after this one. */
export function following(generation: number): number {
  return generation + 1 < GENERATIONS ? generation + 1 : FIRST_GENERATION;
}
export function packStamp(generation: number, domain: Domain): number {
  return (generation & (STAMP_TAGS - 1)) * DOMAIN_RADIX + domain;
}
export function stampDomain(stamp: number): Domain {
  return (stamp >>> 0) as Domain;
}
export function packOwner(owner: Owner): number {
  return owner.generation * OWNER_RADIX + owner.id;
}
export function unpackOwner(packed: number): Owner {
  return { id: (packed & (OWNER_RADIX - 1)) as OwnerId, generation: Math.floor(packed / OWNER_RADIX) };
}
export function stateName(state: number): SegmentState {
  return STATE_NAMES[state] as SegmentState;
}

/** Words that a table of so many entries needs, whole lines. */
export function segmentTableSize(entries: number): number {
  return IndexSet.size(entries) + entries * LINE_WORDS;
}

/** Lays an empty table: every entry free, in its first generation. Done once, before the pool is published. */
export function initSegmentTable(words: Words, base: Address, entries: number): void {
  const table = new SegmentTable(words, base, entries);
  for (let index = 0; index < entries; index++) words.storeNumber(table.meta(index), packMeta(FIRST_GENERATION, FREE));
  table.free.addRange(0, entries);
}

const { meta: META, policy: POLICY } = SEGMENT_ENTRY.offsets;

export class SegmentTable {
  readonly words: Words;
  /** How many segments there can be at once. */
  readonly entries: number;
  /** The entries that are free, as a hint. */
  readonly free: IndexSet;
  readonly #first: number;

  constructor(words: Words, base: Address, entries: number) {
    this.words = words;
    this.entries = entries;
    this.free = new IndexSet(words, base, entries);
    this.#first = base + IndexSet.size(entries);
  }

  /** The address of an entry's first word; the fields' offsets are in `SEGMENT_ENTRY`. @throws {SegmentError} if there is none */
  entry(index: number): number {
    if (index < this.entries) return this.#first + index * LINE_WORDS;
    throw new SegmentError('stale', `no segment has the index ${index}: this pool has ${this.entries} entries`);
  }

  meta(index: number): Address {
    return (this.entry(index) + META) as Address;
  }

  policy(index: number): Address {
    return (this.entry(index) + POLICY) as Address;
  }

  /**
   * Takes an entry that is free, beginning at `from`, and signs it with the owner's id; -1 when there is none. It is in the same
   * generation as it was while free. Progress: lock-free.
   */
  claim(owner: Owner, from: number): number {
    for (;;) {
      const index = this.free.take(from);
      if (index < 0) return -1;
      const meta = this.meta(index);
      const seen = this.words.loadNumber(meta); // pairs with store(meta) in give(): the entry's words are the last owner's no more
      // Not free: the hint was an old one. Whoever has the entry adds it again when it is done.
      if (metaState(seen) !== FREE) continue;
      const claimed = packMeta(metaGeneration(seen), CLAIMED, owner.id);
      if (this.words.compareExchangeNumber(meta, seen, claimed) === seen) return index;
    }
  }

  /** Gives an entry back that the caller has claimed. Progress: lock-free. */
  give(index: number, generation: number): void {
    this.words.storeNumber(this.meta(index), packMeta(generation, FREE)); // pairs with the compare-exchange in claim()
    this.free.add(index); // after it: a hint that comes first could be taken and dropped as an old one
  }
}
