/** A death after every single operation on words, while another owner is held up anywhere: nothing is lost or doubled. */
import { type Address, type Owner, Pool, type Words } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { FREE_LIST, FreeList } from '../src/free-list.ts';
import { Thread } from './support/interleave.ts';

const BLOCKS = 4;

type Program = (list: FreeList, own: readonly Address[]) => unknown;

const PROGRAMS: Readonly<Record<string, Program>> = {
  take: (list) => list.allocate(16),
  give: (list, [first]) => list.free(first as Address),
  'give and take': (list, [first, second]) => {
    list.free(first as Address);
    list.free(second as Address);
    return list.allocate(16);
  },
};

/** A list in which each of two owners has a block or two, some are free, and one was never used. */
function set() {
  const pool = Pool.create({ words: 4096, owners: 5, segments: 0 });
  const options = { blocks: BLOCKS + 3, blockWords: 16, owners: 5 };
  const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
  const [dying, other] = [Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner] as const;
  const all = Array.from({ length: BLOCKS + 2 }, () => list.allocate(16) as Address);
  const [a, b, c, d] = all as [Address, Address, Address, Address];
  for (const at of all.slice(4)) list.free(at);
  for (const at of [a, b]) list.transfer(at, dying);
  for (const at of [c, d]) list.transfer(at, other);
  const begin = (owner: Owner, own: readonly Address[], program: Program): Thread<unknown> => {
    const thread = new Thread(pool, (words: Words) => program(FreeList.attach(words, list.handle, owner), own));
    thread.until('loadNumber', FREE_LIST.at(list.handle).head);
    thread.step();
    return thread;
  };
  return { pool, list, dying, other, begin, own: [a, b], others: [c, d] };
}

/** Stops the one after `deadAt` steps for good, and the other after `heldUpAt` until the dead one is recovered. */
function die(doomed: Program, bystander: Program, deadAt: number, heldUpAt: number): 'whole' | 'ended' {
  const { pool, list, dying, other, begin, own, others } = set();
  const dead = begin(dying, own, doomed);
  const live = begin(other, others, bystander);
  for (let step = 0; step < heldUpAt && live.pending !== undefined; step++) live.step();
  for (let step = 0; step < deadAt; step++) {
    if (dead.pending === undefined) return 'ended';
    dead.step();
  }
  pool.owners.markDead(dying);
  list.recover(dying);
  live.finish();
  expect(list.recover(dying), 'recovered a second time').toBe(0);
  list.recover(other);
  expect(list.stats().used).toBe(0);
  const taken: Address[] = [];
  for (let at = list.allocate(16); at !== undefined && taken.length <= list.count; at = list.allocate(16))
    taken.push(at);
  expect(taken).toHaveLength(list.count);
  expect(new Set(taken).size).toBe(list.count);
  return 'whole';
}

describe.each(Object.keys(PROGRAMS))('a death during: %s', (doomed) => {
  it.each(Object.keys(PROGRAMS))('while another owner is held up during: %s', (bystander) => {
    let deaths = 0;
    for (let heldUpAt = 0; heldUpAt <= 26; heldUpAt++)
      for (
        let deadAt = 0;
        die(PROGRAMS[doomed] as Program, PROGRAMS[bystander] as Program, deadAt, heldUpAt) === 'whole';
        deadAt++
      )
        deaths++;
    expect(deaths).toBeGreaterThan(27 * 6);
  });
});
