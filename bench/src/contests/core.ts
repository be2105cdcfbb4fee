/** The words themselves, against `Atomics` on a BigUint64Array, which is what one writes without this project. */
import { type Address, Pool } from '@pool/core';
import type { Contest } from '../contest.ts';

const SPAN = 1024;

function pools(count: number): { pools: Pool[]; base: Address; views: BigUint64Array[] } {
  const made = Array.from({ length: count }, () => Pool.create({ words: SPAN }));
  const base = made.map((pool) => pool.reserve(SPAN))[0] as Address;
  for (const pool of made)
    for (let index = 0; index < SPAN; index++) pool.storeNumber((base + index) as Address, index);
  return { pools: made, base, views: made.map((pool) => new BigUint64Array(pool.memory.buffer)) };
}

/**
 * The sum, in 32 bits, of the words that `operations` loads in turn read. The loops keep to 32 bits because a sum that begins
 * as a small integer and outgrows it costs both sides 3 ns an operation, which is no part of the question.
 */
function sumOfLoads(operations: number): number {
  const laps = Math.floor(operations / SPAN);
  const left = operations % SPAN;
  return (laps * ((SPAN * (SPAN - 1)) / 2) + (left * (left - 1)) / 2) | 0;
}

const load: Contest = {
  id: 'core/load',
  title: 'loadNumber of 1,024 words in turn',
  rival: 'Number(Atomics.load(BigUint64Array)) of 1,024 words in turn',
  bar: 3,
  open() {
    const { pools: all, base, views } = pools(1);
    const pool = all[0] as Pool;
    const view = views[0] as BigUint64Array;
    return {
      ours(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++)
          sum = (sum + pool.loadNumber((base + (index & 1023)) as Address)) | 0;
        return sum;
      },
      rival(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++)
          sum = (sum + Number(Atomics.load(view, base + (index & 1023)))) | 0;
        return sum;
      },
      expected: sumOfLoads,
      close() {},
    };
  },
};

const loadSame: Contest = {
  id: 'core/load-same',
  title: 'loadNumber of one word',
  rival: 'Number(Atomics.load(BigUint64Array)) of one word',
  open() {
    const { pools: all, base, views } = pools(1);
    const pool = all[0] as Pool;
    const view = views[0] as BigUint64Array;
    const at = (base + 3) as Address;
    return {
      ours(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++) sum = (sum + pool.loadNumber(at)) | 0;
        return sum;
      },
      rival(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++) sum = (sum + Number(Atomics.load(view, at))) | 0;
        return sum;
      },
      expected: (operations) => (3 * operations) | 0,
      close() {},
    };
  },
};

const loadMany: Contest = {
  id: 'core/load-many',
  title: 'loadNumber, four pools used in turn',
  rival: 'Number(Atomics.load(BigUint64Array)), four arrays in turn',
  bar: 1.6,
  open() {
    const { pools: all, base, views } = pools(4);
    return {
      ours(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++)
          sum = (sum + (all[index & 3] as Pool).loadNumber((base + (index & 1023)) as Address)) | 0;
        return sum;
      },
      rival(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++)
          sum = (sum + Number(Atomics.load(views[index & 3] as BigUint64Array, base + (index & 1023)))) | 0;
        return sum;
      },
      expected: sumOfLoads,
      close() {},
    };
  },
};

const fetchAddTicket: Contest = {
  id: 'core/fetch-add-ticket',
  title: 'fetchAddNumber of one word, each ticket read',
  rival: 'Number(Atomics.add(BigUint64Array)), each ticket read',
  open() {
    const { pools: all, base, views } = pools(1);
    const pool = all[0] as Pool;
    const view = views[0] as BigUint64Array;
    return {
      ours(operations) {
        pool.storeNumber(base, 0);
        let sum = 0;
        for (let index = 0; index < operations; index++) sum += pool.fetchAddNumber(base, 1);
        return sum;
      },
      rival(operations) {
        Atomics.store(view, base, 0n);
        let sum = 0;
        for (let index = 0; index < operations; index++) sum += Number(Atomics.add(view, base, 1n));
        return sum;
      },
      expected: (operations) => (operations * (operations - 1)) / 2,
      close() {},
    };
  },
};

const fetchAdd: Contest = {
  id: 'core/fetch-add',
  title: 'fetchAddNumber of one word',
  rival: 'Atomics.add on BigUint64Array',
  bar: 1.3,
  open() {
    const { pools: all, base, views } = pools(1);
    const pool = all[0] as Pool;
    const view = views[0] as BigUint64Array;
    return {
      ours(operations) {
        pool.storeNumber(base, 0);
        for (let index = 0; index < operations; index++) pool.fetchAddNumber(base, 1);
        return pool.loadNumber(base);
      },
      rival(operations) {
        Atomics.store(view, base, 0n);
        for (let index = 0; index < operations; index++) Atomics.add(view, base, 1n);
        return Number(Atomics.load(view, base));
      },
      expected: (operations) => operations,
      close() {},
    };
  },
};

const BULK_BYTES = 65536;

const bulk: Contest = {
  id: 'core/bulk',
  title: 'copyIn and copyOut of 64 KiB',
  rival: 'Uint8Array.set twice between private arrays',
  bar: 0.6,
  rate: { amount: (2 * BULK_BYTES) / 1e6, unit: 'MB/s' },
  open() {
    const pool = Pool.create({ words: BULK_BYTES / 8 });
    const at = pool.reserve(BULK_BYTES / 8);
    const source = new Uint8Array(BULK_BYTES);
    const middle = new Uint8Array(BULK_BYTES);
    const target = new Uint8Array(BULK_BYTES);
    const laps = (operations: number, copy: () => void): number => {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) {
        source[lap % BULK_BYTES] = 1;
        copy();
        sum += target[lap % BULK_BYTES] as number;
        source[lap % BULK_BYTES] = 0;
      }
      return sum;
    };
    return {
      ours: (operations) =>
        laps(operations, () => {
          pool.copyIn(at, source);
          pool.copyOut(at, target);
        }),
      rival: (operations) =>
        laps(operations, () => {
          middle.set(source);
          target.set(middle);
        }),
      expected: (operations) => operations,
      close() {},
    };
  },
};

export const CORE: readonly Contest[] = [load, loadSame, fetchAdd, fetchAddTicket, loadMany, bulk];
