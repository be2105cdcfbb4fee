/** What the head of a free list names is written down behind it: one that is held up just before it writes does no harm. */
import { type Address, type Owner, Pool, type Words } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { FREE_LIST, FreeList } from '../src/free-list.ts';
import { Thread } from './support/interleave.ts';
import { eachOnce, ofList } from './support/things.ts';

const BLOCKS = 6;
const EXCHANGE = 'compareExchangeNumber';

/** A list of six blocks that were all used before, one of them the giver's, and three owners about to use it. */
function set() {
  const pool = Pool.create({ words: 4096, owners: 5, segments: 0 });
  const options = { blocks: BLOCKS, blockWords: 16, owners: 5 };
  const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
  const all = Array.from({ length: BLOCKS }, () => list.allocate(16) as Address);
  const giversOwn = all.pop() as Address;
  for (const at of all) list.free(at);
  const { head, rest } = FREE_LIST.at(list.handle);
  const begin = <Answer>(owner: Owner, program: (own: FreeList) => Answer): Thread<Answer> => {
    const thread = new Thread(pool, (words: Words) => program(FreeList.attach(words, list.handle, owner)));
    thread.until('storeNumber', rest + 16 * owner.id + 1); // signs, the last step of attaching
    thread.step();
    return thread;
  };
  const owner = (): Owner => Pool.attach(pool.handle).owner;
  const owners = { taker: owner(), helper: owner(), giver: owner() };
  list.transfer(giversOwn, owners.giver);
  return { pool, list, head, begin, owners, giversOwn };
}

/** Goes on until the next operation changes a word that is not the head. */
function untilElsewhere(thread: Thread<unknown>, head: Address): void {
  while (thread.pending?.name !== EXCHANGE || thread.pending.operands[0] === head) {
    if (thread.pending === undefined) throw new Error('it ended before it changed another word than the head');
    thread.step();
  }
}

function owners(list: FreeList): readonly (Owner | undefined)[] {
  return [...list.blocks()].flatMap((block) => (block.state === 'live' ? [block.owner] : []));
}

describe('a helper that is about to write down what a taker has', () => {
  it('does not do so once the taker gave it back', () => {
    const { pool, list, head, begin, owners: all, giversOwn } = set();
    list.free(giversOwn);
    const taker = begin(all.taker, (own) => own.free(own.allocate(16) as Address));
    const helper = begin(all.helper, (own) => own.allocate(16));
    taker.until(EXCHANGE, head);
    taker.step(); // the head names it
    untilElsewhere(helper, head);
    taker.finish();
    const block = helper.finish();
    expect(owners(list)).toEqual([all.helper]);
    pool.owners.markDead(all.taker);
    expect(list.recover(all.taker)).toBe(0);
    expect(eachOnce(ofList(list), [block])).toBe(true);
  });

  it('looks again if a giver wrote that the block is free, from before the taking', () => {
    const { pool, list, head, begin, owners: all, giversOwn } = set();
    const giver = begin(all.giver, (own) => own.free(giversOwn));
    const taker = begin(all.taker, (own) => own.allocate(16));
    const helper = begin(all.helper, (own) => own.allocate(16));
    untilElsewhere(giver, head);
    giver.step(); // its own block is in its hand,
    untilElsewhere(giver, head); // and it is about to write that the one on top is free
    taker.until(EXCHANGE, head);
    taker.step(); // that one was taken, and the taker dies
    untilElsewhere(helper, head);
    giver.step();
    const block = helper.finish();
    giver.finish();
    pool.owners.markDead(all.taker);
    expect(list.recover(all.taker)).toBe(1);
    expect(owners(list)).toEqual([all.helper]);
    expect(eachOnce(ofList(list), [block])).toBe(true);
  });
});

describe('a taker that is about to look at what it took last', () => {
  it('does not write that it has it once another one gave it back', () => {
    const { list, head, begin, owners: all, giversOwn } = set();
    let first: Address | undefined;
    const taker = begin(all.taker, (own) => {
      first = own.allocate(16);
      own.free(own.allocate(16) as Address);
    });
    taker.until('loadNumber', head, 2); // takes another one
    taker.step();
    taker.step(); // has read what comes below
    list.free(first as Address);
    taker.finish();
    expect(owners(list)).toEqual([all.giver]);
    expect(eachOnce(ofList(list), [giversOwn])).toBe(true);
  });
});
