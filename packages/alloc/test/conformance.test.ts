/** The suite itself: each way in which an allocator can be wrong is found by a case of it. */
import { type Address, AddressError, ExhaustedError, type Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { type Allocator, FreeList } from '../src/index.ts';
import { allocatorSuite, ConformanceError } from '../src/testing/index.ts';
import { FirstFit, type FirstFitHandle } from './support/first-fit.ts';

/** What a wrong allocator does in place of the right one. */
type Fault = (right: FreeList, pool: Pool) => Partial<Allocator>;

const stale = (operation: () => void): void => {
  try {
    operation();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
  }
};

const FAULTS: Readonly<Record<string, Fault>> = {
  'throws when it is full': (right) => ({
    allocate(words) {
      const at = right.allocate(words);
      if (at === undefined && words <= right.largest) throw new ExhaustedError('full');
      return at;
    },
  }),
  'gives blocks that overlap': (right) => {
    let first: Address | undefined;
    return {
      allocate(words) {
        const at = right.allocate(words);
        first ??= at;
        return at === undefined ? undefined : first;
      },
    };
  },
  'gives blocks that begin anywhere': (right) => ({
    allocate(words) {
      const at = right.allocate(words);
      return at === undefined ? undefined : ((at + 1) as Address);
    },
    free: (at) => right.free((at - 1) as Address),
  }),
  'writes into a block': (right, pool) => ({
    free(at) {
      right.free(at);
      const next = right.allocate(1);
      if (next === undefined) return;
      pool.storeNumber((at + right.largest) as Address, 1);
      right.free(next);
    },
  }),
  'lets a block be freed twice': (right) => ({ free: (at) => stale(() => right.free(at)) }),
  'takes an inner address for the block': (right) => ({
    free: (at) => right.free((Number.isInteger(at) ? at - (at % right.largest) : at) as Address),
  }),
  'knows the size of anything': (right) => ({ sizeOf: () => right.largest }),
  'transfers nothing': (right) => ({
    transfer(at) {
      right.sizeOf(at);
    },
  }),
  'recovers nothing': () => ({ recover: () => 0 }),
  'recovers what others have': (right) => ({
    recover(owner) {
      let recovered = right.recover(owner);
      for (const { at, state } of right.blocks()) {
        if (state !== 'live') continue;
        right.free(at);
        recovered++;
      }
      return recovered;
    },
  }),
  'counts wrongly': (right) => ({ stats: () => ({ ...right.stats(), used: 0 }) }),
  'has more than there is': (right) => ({ stats: () => ({ ...right.stats(), capacity: 2 * right.stats().capacity }) }),
  'has no classes, and lists them': (right) => ({ stats: () => ({ ...right.stats(), classes: [] }) }),
  'counts its classes wrongly': (right) => ({
    stats: () => ({
      ...right.stats(),
      classes: right.stats().classes.map((each) => ({ ...each, free: each.free + 1 })),
    }),
  }),
  'lists live blocks only': (right) => ({ blocks: () => [...right.blocks()].filter(({ state }) => state === 'live') }),
  'loses blocks': (right) => {
    let frees = 0;
    return {
      free(at) {
        right.free(at);
        if (++frees % 10 === 0) right.allocate(1);
      },
    };
  },
  'lists free blocks as live': (right) => ({
    blocks: () => [...right.blocks()].map((block) => ({ ...block, state: 'live' })),
  }),
  'takes any size': (right) => ({ allocate: () => right.allocate(1) }),
};

function suite(fault: Fault) {
  return allocatorSuite<Address>({
    name: 'free list with a fault',
    create(pool, words) {
      const options = { blocks: words / 64, blockWords: 64, owners: pool.owners.rows };
      return FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner).handle;
    },
    attach(pool, handle) {
      const right = FreeList.attach(pool, handle, pool.owner);
      const rightly: Allocator = {
        name: right.name,
        family: right.family,
        largest: right.largest,
        allocate: (words) => right.allocate(words),
        free: (at) => right.free(at),
        sizeOf: (at) => right.sizeOf(at),
        transfer: (at, to) => right.transfer(at, to),
        stats: () => right.stats(),
        blocks: () => right.blocks(),
        recover: (owner) => right.recover(owner),
      };
      return { ...rightly, ...fault(right, pool) };
    },
  });
}

describe('the suite for allocators', () => {
  it.each(Object.keys(FAULTS))('finds one that %s', (name) => {
    const found: string[] = [];
    for (const each of suite(FAULTS[name] as Fault)) {
      try {
        each.run();
      } catch {
        found.push(each.name);
      }
    }
    expect(found).not.toEqual([]);
  });

  it('finds nothing in one without', () => {
    for (const each of suite(() => ({}))) each.run();
  });

  it.each([true, false])('finds whether a claim is one operation: %s', (exclusive) => {
    const cases = allocatorSuite<FirstFitHandle>({
      name: 'first fit',
      create: (pool, words) => FirstFit.create(pool, words, exclusive),
      attach: (pool, handle) => new FirstFit(pool, handle),
    });
    const failing = cases.filter(({ run }) => {
      try {
        run();
        return false;
      } catch {
        return true;
      }
    });
    const found = ['gives no block to two owners, wherever one of them is held up'];
    expect(failing.map(({ name }) => name)).toEqual(exclusive ? [] : found);
  });

  it('says what is wrong in the words of the case', () => {
    const [first] = suite(FAULTS['gives blocks that overlap'] as Fault);
    expect(() => first?.run()).toThrow(ConformanceError);
    expect(() => first?.run()).toThrow(/the block \d+ of \d+ words overlaps a live one/);
  });
});
