/**
 * What the tag in the head of a free list is for. The head says that a block was taken, and another owner, about to move the
 * head on to the block below, is held up. Meanwhile the taker takes that one too, and one more, gives the first back onto what
 * is left, and takes it again: if the head then looks as it did, the move succeeds, and puts a block on top that somebody has.
 */
import { type Address, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { FREE_LIST, FreeList } from '../src/free-list.ts';
import { Thread } from './support/interleave.ts';

const BLOCKS = 6;

/** A list of six blocks that were all used before, and two more owners. */
function set(tagBits: number) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const options = { blocks: BLOCKS, blockWords: 16, owners: 4, tagBits };
  const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
  const all = Array.from({ length: BLOCKS }, () => list.allocate(16) as Address);
  for (const at of all) list.free(at);
  const owners = [Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner] as const;
  return { pool, list, owners, head: FREE_LIST.at(list.handle).head };
}

/** Takes what is left, and says whether every block was handed out once. */
function eachOnce(list: FreeList, taken: readonly (Address | undefined)[]): boolean {
  const all = taken.filter((at) => at !== undefined);
  for (let at = list.allocate(16); at !== undefined && all.length <= BLOCKS; at = list.allocate(16)) all.push(at);
  return all.length === BLOCKS && new Set(all).size === BLOCKS;
}

/** One owner that takes three blocks and the first of them once more, and one that takes a block: both about to begin. */
function begin(tagBits: number) {
  const { pool, list, owners, head } = set(tagBits);
  const taker = new Thread(pool, (words) => {
    const own = FreeList.attach(words, list.handle, owners[0]);
    const [first, second, third] = [own.allocate(16), own.allocate(16), own.allocate(16)];
    own.free(first as Address);
    return [second, third, own.allocate(16)];
  });
  const helper = new Thread(pool, (words) => [FreeList.attach(words, list.handle, owners[1]).allocate(16)]);
  for (const thread of [taker, helper]) {
    thread.until('loadNumber', head); // attach sees to what is unfinished,
    thread.step();
    thread.until('loadNumber', head); // and allocate begins here
  }
  return { list, taker, helper, head };
}

/** The story above, step by step. */
function heldUpHelper(tagBits: number): boolean {
  const { list, taker, helper, head } = begin(tagBits);
  const exchange = 'compareExchangeNumber';
  taker.until(exchange, head);
  taker.step(); // the first block is its own, as the head says
  helper.until(exchange, head); // has read what comes below, and is about to move the head there
  taker.until(exchange, head, 4); // the second and the third block, and the first given back: about to take that again
  taker.step();
  const fourth = helper.finish();
  return eachOnce(list, [...taker.finish(), ...fourth]);
}

/** The taker is held up after so many steps, then the helper, then the taker; then they end one after the other. */
function heldUpThrice(tagBits: number, first: number, second: number, third: number): boolean {
  const { list, taker, helper } = begin(tagBits);
  for (const [thread, steps] of [
    [taker, first],
    [helper, second],
    [taker, third],
  ] as const)
    for (let step = 0; step < steps && thread.pending !== undefined; step++) thread.step();
  const fourth = helper.finish();
  return eachOnce(list, [...taker.finish(), ...fourth]);
}

/** The first of all the orders of that kind that breaks the list. */
function breaking(tagBits: number): readonly number[] | undefined {
  for (let first = 0; first <= 21; first++)
    for (let second = 0; second <= 16; second++)
      for (let third = 0; third <= 22 - first; third++)
        if (!heldUpThrice(tagBits, first, second, third)) return [first, second, third];
  return undefined;
}

describe('a helper that is held up until the head looks the same', () => {
  it('hands out a block twice if the tag has two bits', () => {
    expect(heldUpHelper(2)).toBe(false);
  });

  it.each([3, 8, 29])('does no harm if the tag has %i bits', (tagBits) => {
    expect(heldUpHelper(tagBits)).toBe(true);
  });
});

describe('every order in which two owners are held up three times', () => {
  it('has one that breaks a list with a two-bit tag', () => {
    expect(breaking(2)).toBeDefined();
  });

  it('has none that breaks a list with the real one', () => {
    expect(breaking(29)).toBeUndefined();
  });
});
