/**
 * The simplest there is: a block is what comes next, and nothing serves again until everything does. One compare-exchange
 * takes the words and the number of the block at once. From the other end grow the descriptors, two words a block, that say
 * where it begins and who has it; a block ends up between them for as long as there is room.
 *
 *   magic, words   constant
 *   top            { blocks: 24, end: 29 }: how many blocks were given, and the first word after them          own line
 *   room           blocks upwards | what is left | descriptors downwards, of block k in its words -2(k + 1)
 *   descriptor     { words: 24, begin: 29 } and its holder, see internal/holders.ts: written in this order, by who took the block
 *
 * `free` says that a block is not in use: a second `free` of it is an error, and `stats` counts it out. Its words are to be had
 * again after `reset`, for which nobody may use any block, or allocate one, at the same time. A block whose taker died before it
 * signed is nobody's until then.
 *
 * Progress: allocate, free, sizeOf and transfer are lock-free; allocate is O(1), the others search the descriptors, O(log n).
 */
import {
  type Address,
  AttachError,
  type Layout,
  LINE_WORDS,
  layout,
  MAX_POOL_WORDS,
  type Owner,
  ownLine,
  rest,
  roundUp,
  type Words,
  word,
} from '@pool/core';
import type { Allocator, AllocatorStats, Block } from './allocator.ts';
import { mayAnswer, mayBeRecovered } from './internal/answering.ts';
import { askedWords, blockStride, notLive, whole } from './internal/checks.ts';
import { freed, GIVING, HELD, heldBy, NOBODY, ownerOf, statusOf } from './internal/holders.ts';

type BumpField = 'magic' | 'words' | 'top' | 'room';

export const BUMP: Layout<BumpField> = layout('bump', { magic: word, words: word, top: ownLine, room: rest });

/** "bump" and a version, read as a little-endian word. */
const MAGIC = 0x01_70_6d_75_62n;
const DESCRIPTOR_WORDS = 2;
const END_RADIX = 2 ** 29;
const MOST_BLOCKS: number = 2 ** 24 - 1;
const LARGEST: number = 2 ** 24 - LINE_WORDS;

/** Plain data. */
export interface BumpOptions {
  /** Words for blocks and their descriptors, two a block; rounded up to whole lines of 16. */
  readonly words: number;
}

function roomWords({ words }: BumpOptions): number {
  return roundUp(whole(words, MAX_POOL_WORDS - BUMP.size(), '`words`'), LINE_WORDS);
}

export class Bump implements Allocator {
  readonly name = 'bump';
  readonly family = 'allocator';
  readonly largest: number;
  /** What other threads attach with: where it stands. */
  readonly handle: Address;
  readonly #words: Words;
  readonly #top: Address;
  readonly #room: number;
  readonly #length: number;
  readonly #held: number;

  private constructor(words: Words, base: Address, length: number, owner: Owner) {
    const { top, room } = BUMP.at(base);
    this.handle = base;
    this.#words = words;
    this.#top = top;
    this.#room = room;
    this.#length = length;
    this.largest = Math.min(fitting(0, length), LARGEST);
    this.#held = heldBy(owner);
  }

  /** How many words to reserve. @throws {ValueError} for a size that is no positive integer, or too large */
  static size(options: BumpOptions): number {
    return BUMP.size(roomWords(options));
  }

  /** Lays it into words that are the caller's own. */
  static create(words: Words, base: Address, options: BumpOptions, owner: Owner): Bump {
    const length = roomWords(options);
    const at = BUMP.at(base);
    words.storeNumber(at.top, 0);
    words.storeNumber(at.words, length);
    words.fill(at.room, length, 0n);
    words.store(at.magic, MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new Bump(words, base, length, owner);
  }

  /** The one that stands at `handle`, for `owner`. @throws {AttachError} if none does */
  static attach(words: Words, handle: Address, owner: Owner): Bump {
    const at = BUMP.at(handle);
    const magic = words.load(at.magic); // pairs with store(magic) in create()
    if (magic !== MAGIC) throw new AttachError(`no bump allocator of this version stands at ${handle}`);
    return new Bump(words, handle, words.loadNumber(at.words), owner);
  }

  allocate(words: number): Address | undefined {
    if (askedWords(words) > this.largest) return undefined;
    const length = blockStride(words);
    for (;;) {
      const top = this.#words.loadNumber(this.#top);
      const { count, end } = unpack(top);
      const begin = roundUp(end, Math.min(length, LINE_WORDS));
      const next = begin + length;
      if (next + (count + 1) * DESCRIPTOR_WORDS > this.#length || count === MOST_BLOCKS) return undefined;
      // Exclusive: words and number are this owner's from here on. Nobody else looks at the descriptor before it is signed.
      if (this.#words.compareExchangeNumber(this.#top, top, (count + 1) * END_RADIX + next) !== top) continue;
      const descriptor = this.#descriptor(count);
      this.#words.storeNumber(descriptor, length * END_RADIX + begin);
      this.#words.storeNumber((descriptor + 1) as Address, this.#held); // pairs with the load in #holderOf(): signs
      return (this.#room + begin) as Address;
    }
  }

  free(at: Address): void {
    const { holder, seen } = this.#live(at);
    if (this.#words.compareExchangeNumber(holder, seen, SPENT) !== seen) throw this.#notLive(at);
  }

  sizeOf(at: Address): number {
    return this.#live(at).words;
  }

  transfer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to);
    const { holder, seen } = this.#live(at);
    if (this.#words.compareExchangeNumber(holder, seen, heldBy(to)) !== seen) throw this.#notLive(at);
  }

  /** Makes all of its room free. For one thread, while no other uses any block or allocates. */
  reset(): void {
    const { count } = unpack(this.#words.loadNumber(this.#top));
    for (let number = 0; number < count; number++) {
      const descriptor = this.#descriptor(number);
      this.#words.storeNumber((descriptor + 1) as Address, NOBODY);
      this.#words.storeNumber(descriptor, 0);
    }
    this.#words.storeNumber(this.#top, 0); // pairs with load(top) in allocate(): no descriptor is signed any more
  }

  stats(): AllocatorStats {
    const { count, end } = unpack(this.#words.loadNumber(this.#top));
    const free = Math.min(fitting(end, this.#length - count * DESCRIPTOR_WORDS), LARGEST);
    let used = 0;
    let live = 0;
    for (const block of this.#signed()) {
      if (block.state !== 'live') continue;
      used += block.words;
      live++;
    }
    return { capacity: this.#length, used, free, largestFree: free, fragmentation: 0, live, classes: [] };
  }

  /** Blocks that were freed are listed as free; their words serve again after `reset`. */
  *blocks(): Iterable<Block> {
    const { count, end } = unpack(this.#words.loadNumber(this.#top));
    yield* this.#signed();
    const left = fitting(end, this.#length - count * DESCRIPTOR_WORDS);
    if (left > 0)
      yield { at: (this.#room + roundUp(end, Math.min(left, LINE_WORDS))) as Address, words: left, state: 'free' };
  }

  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    const held = heldBy(owner);
    const { count } = unpack(this.#words.loadNumber(this.#top));
    let recovered = 0;
    for (let number = 0; number < count; number++)
      if (this.#words.compareExchangeNumber((this.#descriptor(number) + 1) as Address, held, SPENT) === held)
        recovered++;
    return recovered;
  }

  *#signed(): Iterable<Block> {
    const { count } = unpack(this.#words.loadNumber(this.#top));
    for (let number = 0; number < count; number++) {
      const descriptor = this.#descriptor(number);
      const holder = this.#holderOf(number);
      if (holder === NOBODY) continue;
      const { count: words, end: begin } = unpack(this.#words.loadNumber(descriptor));
      const block = { at: (this.#room + begin) as Address, words };
      if (statusOf(holder) === HELD) yield { ...block, state: 'live', owner: ownerOf(holder) };
      else yield { ...block, state: 'free' };
    }
  }

  /** The descriptor of the live block at an address: numbers grow with addresses, so it is found by halving. */
  #live(at: Address): { readonly holder: Address; readonly seen: number; readonly words: number } {
    const offset = at - this.#room;
    let low = 0;
    let high = unpack(this.#words.loadNumber(this.#top)).count;
    while (low < high) {
      const half = (low + high) >> 1;
      // A block that is not signed yet tells nothing; its neighbour below does.
      let middle = half;
      let seen = this.#holderOf(middle);
      while (seen === NOBODY && middle > low) seen = this.#holderOf(--middle);
      if (seen === NOBODY) {
        low = half + 1;
        continue;
      }
      const { count: words, end: begin } = unpack(this.#words.loadNumber(this.#descriptor(middle)));
      if (begin === offset) {
        if (statusOf(seen) !== HELD) break;
        return { holder: (this.#descriptor(middle) + 1) as Address, seen, words };
      }
      if (begin < offset) low = half + 1;
      else high = middle;
    }
    throw this.#notLive(at);
  }

  #holderOf(number: number): number {
    return this.#words.loadNumber((this.#descriptor(number) + 1) as Address); // pairs with the store in allocate()
  }

  #descriptor(number: number): Address {
    return (this.#room + this.#length - (number + 1) * DESCRIPTOR_WORDS) as Address;
  }

  #notLive(at: Address): Error {
    return notLive(at, 'the bump allocator', this.#room, this.#room + this.#length);
  }
}

/** A holder's word of a block that is not in use, and serves nobody until a reset. */
const SPENT: number = freed(GIVING);

/** `{ 24, 29 }`: the top, or a descriptor's `{ words, begin }`. */
function unpack(packed: number): { readonly count: number; readonly end: number } {
  const count = Math.floor(packed / END_RADIX);
  return { count, end: packed - count * END_RADIX };
}

/** Words of the largest block that fits between `begin` and `end` together with its descriptor. */
function fitting(begin: number, end: number): number {
  const limit = end - DESCRIPTOR_WORDS;
  const lines = Math.floor((limit - roundUp(begin, LINE_WORDS)) / LINE_WORDS);
  if (lines > 0) return lines * LINE_WORDS;
  for (let words = LINE_WORDS / 2; words >= 1; words /= 2) if (roundUp(begin, words) + words <= limit) return words;
  return 0;
}
