/**
 * A segment ends when it is retired and its last reader is done. References are kept per owner, not as a number: a number cannot
 * tell whose part of it a dead thread was, and an owner's bit can. How often an owner holds a segment is its own affair, and
 * costs no shared word.
 *
 *   policy word 0   { tag: 20, retired: 1, owners 0..31: 32 }
 *   policy word k   { tag: 20, 0: 1, owners 32k..32k+31: 32 }
 *
 * A word is changed by compare-exchange only while it has the segment's tag: what comes late leaves the successor alone. Where owner
 * and `retired` stand in different words, whoever retires looks at the owners' by a read-modify-write: an owner who comes to that
 * word later has the look behind it, and `retired` with it, so at least one of two sees the other.
 *
 * Progress: lock-free; the first `acquired` and the last `released` of an owner touch one word, the others none but their look
 * at `retired`.
 */
import {
  type Address,
  type Owner,
  POLICY_WORDS,
  type PublishedSegment,
  type ReuseContext,
  type ReuseGround,
  type ReusePolicy,
  SegmentError,
  ValueError,
} from '@pool/core';
import { tagOf } from './tag.ts';

const OWNERS_A_WORD = 32;
const RETIRED = 2 ** 32;
const TAG_RADIX = 2 ** 33;
const ALL = 2 ** 53 - 1;

export interface CountedOptions {
  /** How many owners there can be: the pool's `owners.rows`. At most 256. Default: 64. */
  readonly owners?: number;
}

/** Reference counts: the bytes stay while anybody has acquired them, and go when the segment is retired and nobody has. */
export function counted(options: CountedOptions = {}): ReusePolicy {
  return new Counted(options.owners ?? 64);
}

class Counted implements ReusePolicy {
  readonly name = 'counted';
  readonly stable = true;
  readonly #owners: number;
  readonly #wordCount: number;
  /** How often each owner of this thread holds each entry's segment. */
  readonly #held: number[][] = [];

  constructor(owners: number) {
    const most = POLICY_WORDS * OWNERS_A_WORD;
    if (!(Number.isInteger(owners) && owners > 0 && owners <= most))
      throw new ValueError(owners, `counted references are for 1..${most} owners`);
    this.#owners = owners;
    this.#wordCount = Math.ceil(owners / OWNERS_A_WORD);
  }

  publishing({ words, policyWord, generation }: ReuseContext): void {
    for (let word = 0; word < this.#wordCount; word++)
      words.storeNumber((policyWord + word) as Address, tagOf(generation) * TAG_RADIX);
  }

  acquired(segment: ReuseContext): boolean {
    const { words, owner, index } = segment;
    if (!(owner.id < this.#owners))
      throw new ValueError(owner.id, `an owner of 0..${this.#owners - 1}: these references are counted for so many`);
    this.#held[owner.id] ??= [];
    const held = this.#held[owner.id] as number[];
    const before = held[index] ?? 0;
    if (before === 0) {
      if (!this.#enter(segment)) return false;
    } else if (!inUse(words.loadNumber(segment.policyWord), segment)) {
      return false;
    }
    held[index] = before + 1;
    return true;
  }

  released(segment: ReuseContext): boolean {
    const { owner, index, generation } = segment;
    const held = this.#held[owner.id];
    const before = held?.[index] ?? 0;
    if (held === undefined || before === 0)
      throw new SegmentError('state', `segment ${index}@${generation} was not acquired by owner ${owner.id}`);
    held[index] = before - 1;
    if (before === 1) this.#leave(segment, owner);
    return false;
  }

  retired(segment: ReuseContext): boolean {
    const { words, policyWord, index, generation } = segment;
    for (;;) {
      const seen = words.loadNumber(policyWord);
      if (!inUse(seen, segment))
        throw new SegmentError('stale', `segment ${index}@${generation} is on its way out already`);
      // pairs with the exchange in #enter(): readers that come later are refused
      if (words.compareExchangeNumber(policyWord, seen, seen + RETIRED) === seen) break;
    }
    this.#endIfLast(segment);
    return false;
  }

  recover(dead: Owner, _ground: ReuseGround, published: Iterable<PublishedSegment>): number {
    let recovered = 0;
    for (const segment of published) {
      if (dead.id < this.#owners && this.#leave(segment, dead)) recovered++;
      // It may have died between the last step but one and the end, too.
      const first = segment.words.loadNumber(segment.policyWord);
      if (hasTag(first, segment) && isRetired(first) && this.#endIfLast(segment)) recovered++;
    }
    return recovered;
  }

  /** Sets the owner's bit; whether that was in time. */
  #enter(segment: ReuseContext): boolean {
    const { words, policyWord, owner } = segment;
    const word = owner.id >>> 5;
    const at = (policyWord + word) as Address;
    for (;;) {
      const seen = words.loadNumber(at);
      if (!inUse(seen, segment)) return false;
      const bit = bitOf(owner);
      if ((seen & bit) !== 0) break; // this thread's, by another policy object or a party that was cut short
      // pairs with the exchanges in retired() and #leave(): the bytes stay from here on
      if (words.compareExchangeNumber(at, seen, seen + (bit >>> 0)) === seen) break;
    }
    if (word === 0) return true;
    // A retirement that has not seen the bit has written to its word before, and so is seen here.
    if (inUse(words.loadNumber(policyWord), segment)) return true;
    this.#leave(segment, owner);
    return false;
  }

  /** Clears an owner's bit, and ends the segment if it was the last to wait for; whether the bit was set. */
  #leave(segment: ReuseContext, owner: Owner): boolean {
    const { words, policyWord } = segment;
    const word = owner.id >>> 5;
    const at = (policyWord + word) as Address;
    const bit = bitOf(owner);
    const seen = words.loadNumber(at);
    if (!hasTag(seen, segment) || (seen & bit) === 0) return false;
    // Release: this owner's reading comes before the next writing. The bit keeps the segment, so the word is its own still.
    const before = words.fetchAndNumber(at, ALL - (bit >>> 0));
    const first = word === 0 ? before : words.loadNumber(policyWord);
    if (isRetired(first) && hasTag(first, segment)) this.#endIfLast(segment);
    return true;
  }

  /** Of several that see no owner left, one ends the segment. */
  #endIfLast(segment: ReuseContext): boolean {
    for (let word = 0; word < this.#wordCount; word++) {
      // Not a load: it stands in the order of the word's writes, so the owner who writes there next sees what this thread has seen.
      const seen = segment.words.fetchOrNumber((segment.policyWord + word) as Address, 0);
      if (!hasTag(seen, segment) || (seen | 0) !== 0) return false;
    }
    return segment.end(segment.handle);
  }
}

function bitOf(owner: Owner): number {
  return 1 << (owner.id & (OWNERS_A_WORD - 1));
}

function hasTag(word: number, { generation }: ReuseContext): boolean {
  return Math.floor(word / TAG_RADIX) === tagOf(generation);
}

function isRetired(word: number): boolean {
  return (Math.floor(word / RETIRED) & 1) === 1;
}

function inUse(word: number, segment: ReuseContext): boolean {
  // The tag and the bit above the owners, in one comparison.
  return Math.floor(word / RETIRED) === tagOf(segment.generation) * 2;
}
