import type { Address, Owner, Pool, Words } from '@pool/core';
import { FREE_LIST, FreeList, RECYCLING_INDEX, RecyclingIndex } from '../../src/index.ts';

/** What both strategies are here: things that are numbers. */
export interface Things {
  readonly count: number;
  readonly handle: Address;
  take(): number | undefined;
  give(thing: number): void;
  transfer(thing: number, to: Owner): void;
  recover(owner: Owner): number;
  live(): number;
}

export interface Subject {
  create(pool: Pool, count: number): Things;
  attach(words: Words, handle: Address, owner: Owner): Things;
  /** The words in which owners sign, the last step of attaching. */
  rows(handle: Address): number;
}

export function ofList(list: FreeList): Things {
  return {
    count: list.count,
    handle: list.handle,
    take: () => list.allocate(16),
    give: (thing) => list.free(thing as Address),
    transfer: (thing, to) => list.transfer(thing as Address, to),
    recover: (owner) => list.recover(owner),
    live: () => list.stats().live,
  };
}

function ofIndex(index: RecyclingIndex): Things {
  return {
    count: index.limit,
    handle: index.handle,
    take() {
      const thing = index.take();
      return thing < 0 ? undefined : thing;
    },
    give: (thing) => index.give(thing),
    transfer: (thing, to) => index.transfer(thing, to),
    recover: (owner) => index.recover(owner),
    live: () => index.taken,
  };
}

export const SUBJECTS: Readonly<Record<string, Subject>> = {
  'free list': {
    create(pool, blocks) {
      const options = { blocks, blockWords: 16, owners: pool.owners.rows };
      return ofList(FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner));
    },
    attach: (words, handle, owner) => ofList(FreeList.attach(words, handle, owner)),
    rows: (handle) => FREE_LIST.at(handle).rest,
  },
  'recycling index': {
    create(pool, limit) {
      const options = { limit, owners: pool.owners.rows };
      return ofIndex(RecyclingIndex.create(pool, pool.reserve(RecyclingIndex.size(options)), options, pool.owner));
    },
    attach: (words, handle, owner) => ofIndex(RecyclingIndex.attach(words, handle, owner)),
    rows: (handle) => RECYCLING_INDEX.at(handle).rest,
  },
};

/** Takes what is left, and says whether everything was handed out once. */
export function eachOnce(things: Things, taken: readonly (number | undefined)[]): boolean {
  const all = taken.filter((thing) => thing !== undefined);
  for (let thing = things.take(); thing !== undefined && all.length <= things.count; thing = things.take())
    all.push(thing);
  return all.length === things.count && new Set(all).size === things.count;
}
