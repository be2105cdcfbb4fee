/**
 * What every strategy of this package is: a `Storage`, and what people who look after one need to know of it. The state of a
 * block stands in a word that names its owner, so that a thread that dies leaves nothing unnamed.
 */
import type { Address, Owner, Storage } from '@pool/core';

export type Family = 'static' | 'allocator' | 'protocol';

export interface ClassStats {
  /** Words that a block of the class has. */
  readonly words: number;
  readonly live: number;
  /** Blocks that are set up for this class and not live. */
  readonly free: number;
}

/** All in words, unless it says blocks. Read while others allocate, the parts may be from different moments. */
export interface AllocatorStats {
  /** What the strategy has at its disposal now; growth may add to it. */
  readonly capacity: number;
  /** In live blocks, as they were rounded. */
  readonly used: number;
  /** What can be had: in the blocks that are listed as free or cached. */
  readonly free: number;
  readonly largestFree: number;
  /** 1 - largestFree / free: 0 when all that is free lies in one piece (or nothing is free). */
  readonly fragmentation: number;
  /** Live blocks. */
  readonly live: number;
  /** One for each `class` that blocks are listed with; empty where there are none. */
  readonly classes: readonly ClassStats[];
}

export interface Block {
  readonly at: Address;
  readonly words: number;
  /** `cached`: free, and kept for one thread. */
  readonly state: 'live' | 'free' | 'cached';
  /** Who answers for a live or cached block. */
  readonly owner?: Owner;
  /** Words of the size class it belongs to; absent where there are no classes. */
  readonly class?: number;
}

export interface Allocator extends Storage {
  readonly family: Family;
  /** Words that a live block has, which is at least what was asked for. @throws {AddressError} for what is no live block */
  sizeOf(at: Address): number;
  /** From now on `to` answers for the block: when it dies, recovery frees it. Any thread may say so. @throws {AddressError} for what is no live block @throws {ValueError} for an owner that nobody can be */
  transfer(at: Address, to: Owner): void;
  stats(): AllocatorStats;
  /** Every block, in the order of addresses; a look at something that moves. */
  blocks(): Iterable<Block>;
  /**
   * Frees what a dead owner left behind, and returns how many blocks that were. Idempotent. Of a live owner it would free what is
   * in use: a `Pool`'s words know who lives, **of any other words the caller has to**. @throws {ValueError} for a live owner of the pool
   */
  recover(owner: Owner): number;
}
