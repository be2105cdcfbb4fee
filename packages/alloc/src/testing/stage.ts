/** The stage that a case of the allocators' suite plays on: a pool, an allocator in it, and two owners. */
import { type Owner, Pool } from '@pool/core';
import type { Allocator } from '../allocator.ts';
import { Interruption } from './interruption.ts';
import { Ledger, Party } from './party.ts';

/** How the suite gets at an allocator. */
export interface AllocatorStrategy<Handle> {
  readonly name: string;
  /** Lays one that can give at least `words` words in all, in blocks of 64 words or of its own size; returns plain data. */
  create(pool: Pool, words: number): Handle;
  /** This thread's way in, which signs as `pool.owner`. */
  attach(pool: Pool, handle: Handle): Allocator;
  /** Whether a block's room serves again once it is free, or only when everything is free at once. Default: `block`. */
  readonly reuse?: 'block' | 'all';
}

export interface AllocatorSuiteOptions {
  /** Of the random case; the same seed gives the same run. Default: 1. */
  readonly seed?: number;
  /** Operations of the random case. Default: 2,000. */
  readonly steps?: number;
}

/** Words that a case asks its allocator to have. */
export const ROOM = 4096;
/** More blocks than any allocator of a suite's pool can have. */
export const MOST: number = 2 ** 17;

/** The stage of one case. */
export interface Stage {
  readonly pool: Pool;
  readonly ledger: Ledger;
  readonly first: Party;
  readonly second: Party;
  /** Whether single blocks serve again. */
  readonly reuses: boolean;
  /** Sizes in words, small and large, that the allocator may be asked for. */
  readonly sizes: readonly number[];
  readonly options: Required<AllocatorSuiteOptions>;
  /** One more owner, who attaches from what another thread would have been sent. */
  join(): Party;
  /** The same, with an allocator that can be held up before any of its operations on words. */
  joinHeldUp(): { readonly party: Party; readonly interruption: Interruption };
  /** Words that were reserved since there was nothing but the pool. */
  reserved(): number;
}

export type StagedCase = readonly [name: string, run: (stage: Stage) => void];

export function setStage<Handle>(strategy: AllocatorStrategy<Handle>, options: Required<AllocatorSuiteOptions>): Stage {
  const pool = Pool.create({ words: 2 ** 15, maxWords: 2 ** 16, owners: 8, segments: 0 });
  const unreserved = pool.unreserved;
  const handle = strategy.create(pool, ROOM);
  const ledger = new Ledger(pool.maxWords);
  const join = (): Party => {
    const own = Pool.attach(pool.handle);
    return new Party(own, strategy.attach(own, structuredClone(handle)), ledger);
  };
  const joinHeldUp: Stage['joinHeldUp'] = () => {
    const own = Pool.attach(pool.handle);
    const interruption = new Interruption(own);
    return { party: new Party(own, strategy.attach(interruption.pool, structuredClone(handle)), ledger), interruption };
  };
  const first = new Party(pool, strategy.attach(pool, handle), ledger);
  const { largest } = first.allocator;
  const sizes = [1, 2, 3, 5, 8, 13, 16, 21, 40, 64, 100, 200].filter((words) => words < largest);
  if (largest <= 200) sizes.push(largest);
  return {
    pool,
    ledger,
    first,
    second: join(),
    reuses: strategy.reuse !== 'all',
    sizes,
    options,
    join,
    joinHeldUp,
    reserved: () => unreserved - pool.unreserved,
  };
}

/** Whether these are one owner. */
export function same(one: Owner | undefined, other: Owner): boolean {
  return one?.id === other.id && one.generation === other.generation;
}
