/**
 * Blocks of one size, lock-free: an index from a stack of free ones is a block. Who has a block stands in a word beside the
 * blocks, never in them, so what a user writes past an end cannot break the list; see internal/owned-stack.ts for how it
 * survives a death at any instruction, and what the tag in its head is for.
 *
 *   magic, blocks, blockWords, owners, tagBits   constant
 *   head     the stack's                                                   own line
 *   fresh    blocks from here on were never used                           own line
 *   rest     a line an owner, two words a block, and the blocks
 *
 * Progress: allocate, free, sizeOf and transfer are lock-free and O(1), whatever the number of blocks; creating touches no
 * block. stats, blocks and recover look at every block that was ever used.
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
  ValueError,
  type Words,
  word,
} from '@pool/core';
import type { Allocator, AllocatorStats, Block } from './allocator.ts';
import { mayAnswer, mayBeRecovered } from './internal/answering.ts';
import { askedWords, blockStride, notLive, whole } from './internal/checks.ts';
import { HolderTable } from './internal/holder-table.ts';
import { HELD, ownerOf, Rows, statusOf } from './internal/holders.ts';
import type { HeadBits } from './internal/owned-head.ts';
import { ENTRY_WORDS, OwnedStack } from './internal/owned-stack.ts';
import { uniformStats } from './internal/uniform-stats.ts';

type FreeListField = 'magic' | 'blocks' | 'blockWords' | 'owners' | 'tagBits' | 'head' | 'fresh' | 'rest';

export const FREE_LIST: Layout<FreeListField> = layout('free list', {
  magic: word,
  blocks: word,
  blockWords: word,
  owners: word,
  tagBits: word,
  head: ownLine,
  fresh: ownLine,
  rest,
});

/** "freel" and a version, read as a little-endian word. */
const MAGIC = 0x02_6c_65_65_72_66n;
const MAX_OWNERS = 2 ** 16;
const MAX_BLOCKS: number = 2 ** 24 - 1;
/** Of a head, without the one that says SETTLING. */
const HEAD_BITS = 52;
const MOST_TAG_BITS = 29;
const FEWEST_TAG_BITS = 19;

/** Plain data. */
export interface FreeListOptions {
  /** How many blocks; at most 2^24 - 1, and fewer than 2^33 / owners, for a name and a number share a word with the tag. */
  readonly blocks: number;
  /** Words of a block; rounded up to 1, 2, 4, 8 or whole lines of 16. */
  readonly blockWords: number;
  /** How many owners may use it: the pool's `owners.rows`. Default: 64. */
  readonly owners?: number;
  /** Bits of the head's tag, fewer only to show what it is for. Default: as many as there are, 19 to 29. */
  readonly tagBits?: number;
}

interface Plan {
  readonly blocks: number;
  readonly blockWords: number;
  readonly owners: number;
  readonly bits: HeadBits;
  /** Words from the list's beginning to the entries, and to the blocks. */
  readonly entriesAt: number;
  readonly blocksAt: number;
  readonly size: number;
}

function plan({ blocks, blockWords, owners = 64, tagBits }: FreeListOptions): Plan {
  const stride = blockStride(whole(blockWords, MAX_POOL_WORDS, '`blockWords`'));
  const entriesAt = FREE_LIST.offsets.rest + Rows.size(whole(owners, MAX_OWNERS, '`owners`'));
  const blocksAt = entriesAt + roundUp(whole(blocks, MAX_BLOCKS, '`blocks`') * ENTRY_WORDS, LINE_WORDS);
  const [taker, top] = [bitsFor(owners), bitsFor(blocks)];
  const most = Math.min(MOST_TAG_BITS, HEAD_BITS - taker - top);
  if (most < FEWEST_TAG_BITS) throw new ValueError(blocks, `${owners} owners share fewer than 2^33 / owners blocks`);
  const bits = { tag: whole(tagBits ?? most, most, '`tagBits`'), taker, top };
  const size = roundUp(blocksAt + blocks * stride, LINE_WORDS);
  return { blocks, blockWords: stride, owners, bits, entriesAt, blocksAt, size };
}

/** Bits that hold every number of 0..most. */
function bitsFor(most: number): number {
  return 32 - Math.clz32(most);
}

export class FreeList implements Allocator {
  readonly name = 'free list';
  readonly family = 'allocator';
  /** Words of every block. */
  readonly largest: number;
  /** How many blocks there are. */
  readonly count: number;
  /** What other threads attach with: where the list stands. */
  readonly handle: Address;
  readonly #holders: HolderTable;
  readonly #words: Words;
  readonly #stack: OwnedStack;
  readonly #owners: number;
  readonly #first: number;
  readonly #perBlock: number;

  private constructor(words: Words, base: Address, planned: Plan, owner: Owner) {
    const { head, fresh, rest: rows } = FREE_LIST.at(base);
    this.handle = base;
    this.largest = planned.blockWords;
    this.count = planned.blocks;
    this.#first = base + planned.blocksAt;
    this.#perBlock = 1 / planned.blockWords;
    this.#words = words;
    this.#owners = planned.owners;
    const own = new Rows(words, rows, planned.owners, owner);
    const place = { fresh, holders: (base + planned.entriesAt) as Address, stride: ENTRY_WORDS };
    this.#holders = new HolderTable(words, place, planned.blocks);
    this.#stack = new OwnedStack(words, head, this.#holders, own, planned.bits);
    this.#stack.settle(); // for whoever had this owner's row before
    own.enter();
  }

  /** How many words to reserve. @throws {ValueError} for sizes that are no positive integers or too large */
  static size(options: FreeListOptions): number {
    return plan(options).size;
  }

  /** Lays a list of free blocks into words that are the caller's own. */
  static create(words: Words, base: Address, options: FreeListOptions, owner: Owner): FreeList {
    const planned = plan(options);
    const at = FREE_LIST.at(base);
    words.fill(base, planned.blocksAt, 0n);
    words.storeNumber(at.blocks, planned.blocks);
    words.storeNumber(at.blockWords, planned.blockWords);
    words.storeNumber(at.owners, planned.owners);
    words.storeNumber(at.tagBits, planned.bits.tag);
    words.store(at.magic, MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new FreeList(words, base, planned, owner);
  }

  /** The list that stands at `handle`, for `owner`. @throws {AttachError} if none does */
  static attach(words: Words, handle: Address, owner: Owner): FreeList {
    const at = FREE_LIST.at(handle);
    const magic = words.load(at.magic); // pairs with store(magic) in create()
    if (magic !== MAGIC) throw new AttachError(`no free list of this version stands at ${handle}`);
    const [blocks, blockWords, owners, tagBits] = [at.blocks, at.blockWords, at.owners, at.tagBits].map((field) =>
      words.loadNumber(field),
    ) as [number, number, number, number];
    return new FreeList(words, handle, plan({ blocks, blockWords, owners, tagBits }), owner);
  }

  allocate(words: number): Address | undefined {
    if (askedWords(words) > this.largest) return undefined;
    const index = this.#stack.take();
    return index < 0 ? undefined : this.#address(index);
  }

  free(at: Address): void {
    if (!this.#stack.give(this.#index(at))) throw this.#notLive(at);
  }

  sizeOf(at: Address): number {
    if (!this.#stack.isHeld(this.#index(at))) throw this.#notLive(at);
    return this.largest;
  }

  transfer(at: Address, to: Owner): void {
    mayAnswer(this.#words, to, this.#owners);
    const index = this.#index(at);
    if (!this.#holders.handOver(index, this.#live(at, index), to)) throw this.#notLive(at);
  }

  stats(): AllocatorStats {
    this.#stack.settle();
    return uniformStats(this.count, this.#holders.live(), this.largest);
  }

  *blocks(): Iterable<Block> {
    for (let index = 0; index < this.count; index++) {
      const holder = this.#stack.holder(index);
      const block = { at: this.#address(index), words: this.largest, class: this.largest };
      if (statusOf(holder) === HELD) yield { ...block, state: 'live', owner: ownerOf(holder) };
      else yield { ...block, state: 'free' };
    }
  }

  recover(owner: Owner): number {
    mayBeRecovered(this.#words, owner);
    return this.#stack.recover(owner);
  }

  /** The holder's word of a block that somebody has. */
  #live(at: Address, index: number): number {
    const holder = this.#stack.holder(index);
    if (statusOf(holder) !== HELD) throw this.#notLive(at);
    return holder;
  }

  #index(at: Address): number {
    const offset = at - this.#first;
    const index = Math.round(offset * this.#perBlock); // exact where there is a block; elsewhere the product tells
    if (!(index * this.largest === offset && index >= 0 && index < this.count)) throw this.#notLive(at);
    return index;
  }

  #address(index: number): Address {
    return (this.#first + index * this.largest) as Address;
  }

  #notLive(at: Address): Error {
    return notLive(at, 'the free list', this.#first, this.#first + this.count * this.largest);
  }
}
