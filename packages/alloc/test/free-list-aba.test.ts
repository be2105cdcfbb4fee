/**
 * What the tag in the head of a free list is for. The head says that a block was taken, and another owner, about to move the
 * head on to the block below, is held up. Meanwhile the taker takes that one too, and one more, gives the first back onto what
 * is left, and takes it again, a few times; and a third owner begins to move the head on. If it then looks as it did, the move
 * of the second succeeds, and puts a block on top that somebody has.
 */
import { type Address, type Owner, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { FREE_LIST, FreeList } from '../src/free-list.ts';
import { Thread } from './support/interleave.ts';
import { rounds } from './support/threads.ts';

const BLOCKS = 6;
/** How often the first block is given back and taken: so that the head is changed twelve times in all. */
const AGAIN = 4;
/** More than the taker takes; the short form holds it up at fewer places. */
const STEPS = 64;
const EVERY: number = rounds(1, 16);

/** A list of six blocks that were all used before, and three more owners. */
function set(tagBits: number) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const options = { blocks: BLOCKS, blockWords: 16, owners: 4, tagBits };
  const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
  const all = Array.from({ length: BLOCKS }, () => list.allocate(16) as Address);
  for (const at of all) list.free(at);
  const another = () => Pool.attach(pool.handle).owner;
  const owners = [another(), another(), another()] as const;
  return { pool, list, owners, head: FREE_LIST.at(list.handle).head };
}

/** Takes what is left, and says whether every block was handed out once. */
function eachOnce(list: FreeList, taken: readonly (Address | undefined)[]): boolean {
  const all = taken.filter((at) => at !== undefined);
  for (let at = list.allocate(16); at !== undefined && all.length <= BLOCKS; at = list.allocate(16)) all.push(at);
  return all.length === BLOCKS && new Set(all).size === BLOCKS;
}

/** One owner that takes three blocks and the first of them again, and two that take a block each: all about to begin. */
function begin(tagBits: number) {
  const { pool, list, owners, head } = set(tagBits);
  const taker = new Thread(pool, (words) => {
    const own = FreeList.attach(words, list.handle, owners[0]);
    let [first, second, third] = [own.allocate(16), own.allocate(16), own.allocate(16)];
    for (let again = 0; again < AGAIN; again++) {
      own.free(first as Address);
      first = own.allocate(16);
    }
    return [first, second, third];
  });
  const taking = (owner: Owner) =>
    new Thread(pool, (words) => [FreeList.attach(words, list.handle, owner).allocate(16)]);
  const [helper, other] = [taking(owners[1]), taking(owners[2])];
  for (const thread of [taker, helper, other]) {
    thread.until('loadNumber', head); // attach sees to what is unfinished,
    thread.step();
    thread.until('loadNumber', head); // and allocate begins here
  }
  return { list, taker, helper, other, head };
}

/** The story above, step by step. */
function heldUpHelper(tagBits: number): boolean {
  const { list, taker, helper, other, head } = begin(tagBits);
  const exchange = 'compareExchangeNumber';
  taker.until(exchange, head);
  taker.step(); // the first block is its own, as the head says
  helper.until(exchange, head, 2); // has read what comes below, and is about to move the head there
  const blocks = taker.finish(); // the head was moved on and on
  other.until(exchange, head);
  other.step(); // and is about to be moved on again
  const fourth = helper.finish();
  return eachOnce(list, [...blocks, ...fourth, ...other.finish()]);
}

/** The taker is held up after so many steps, then the helper, then the taker and the third; then they end one by one. */
function heldUpFour(tagBits: number, first: number, second: number, third: number, fourth: number): boolean {
  const { list, taker, helper, other } = begin(tagBits);
  for (const [thread, steps] of [
    [taker, first],
    [helper, second],
    [taker, third],
    [other, fourth],
  ] as const)
    for (let step = 0; step < steps && thread.pending !== undefined; step++) thread.step();
  const block = helper.finish();
  return eachOnce(list, [...taker.finish(), ...block, ...other.finish()]);
}

/** The first of all the orders of that kind that breaks the list. */
function breaking(tagBits: number): readonly number[] | undefined {
  for (let fourth = 0; fourth <= 2; fourth++)
    for (let first = 0; first <= 10; first++)
      for (let second = 0; second <= 8; second++)
        for (let third = 0; third <= STEPS; third += EVERY)
          if (!heldUpFour(tagBits, first, second, third, fourth)) return [first, second, third, fourth];
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

describe('orders in which three owners are held up four times', () => {
  it('has one that breaks a list with a two-bit tag', () => {
    expect(breaking(2)).toBeDefined();
  });

  it('has none that breaks a list with the real one', () => {
    expect(breaking(29)).toBeUndefined();
  });
});

describe('a head whose tag wraps', () => {
  it('goes on where the whole head fills 53 bits', () => {
    const pool = Pool.create({ words: 2 ** 18, owners: 4, segments: 0 });
    const options = { blocks: 40_000, blockWords: 1, owners: 64 }; // 16 bits and 7, one, and 29 for the tag
    const tagUnit = 2 ** 24;
    const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
    const { head, tagBits } = FREE_LIST.at(list.handle);
    expect(pool.loadNumber(tagBits)).toBe(29);
    const blocks = [list.allocate(1), list.allocate(1)] as [Address, Address];
    for (const at of blocks) list.free(at);
    list.stats(); // the head names nobody
    pool.storeNumber(head, (pool.loadNumber(head) % tagUnit) + (2 ** 29 - 5) * tagUnit);
    for (let turn = 0; turn < 10; turn++) {
      const taken = [list.allocate(1), list.allocate(1)] as [Address, Address];
      expect(new Set(taken)).toEqual(new Set(blocks));
      for (const at of taken) list.free(at);
      const again = list.allocate(1) as Address; // and what was taken last is given back at once
      list.free(again);
      expect(list.stats().live).toBe(0);
    }
    expect(pool.loadNumber(head)).toBeLessThan(100 * tagUnit);
  });
});
