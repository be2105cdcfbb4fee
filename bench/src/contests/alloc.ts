/**
 * Allocators. The rival is `@thi.ng/malloc`, which is for one thread and has no atomics, in the fastest of its four
 * configurations for the contest's own work: one block at a time needs neither joining nor splitting of free blocks; where
 * blocks come and go in any order, joining pays, since its lists are walked.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FreeList, Heap, pointer, RecyclingIndex, struct, u53 } from '@pool/alloc';
import { type Address, Pool, WORD_BYTES } from '@pool/core';
import { MemPool } from '@thi.ng/malloc';
import { type AllocatingTask, Orders } from '../allocating-thread.ts';
import {
  BLOCK_WORDS,
  batches,
  fragment,
  MIXED_WORDS,
  pairs,
  replacements,
  rivalPairs,
  rivalReplacements,
} from '../allocation.ts';
import type { Contest } from '../contest.ts';

const RIVAL = '@thi.ng/malloc';
const MIXED_BLOCKS = 20_000;

function heapOf(words: number): { readonly pool: Pool; readonly heap: Heap } {
  const options = { words };
  const size = Heap.size(options);
  const pool = Pool.create({ words: size + 1024, segments: 0 });
  return { pool, heap: Heap.create(pool, pool.reserve(size), options, pool.owner) };
}

const pair: Contest = {
  id: 'alloc/pair',
  title: 'alloc and free of 64 bytes through the magazine, one thread',
  rival: RIVAL,
  bar: 0.5,
  packages: [RIVAL],
  open() {
    const { heap } = heapOf(2 ** 16);
    const rival = new MemPool({ size: 2 ** 19, compact: false, split: false });
    return {
      ours: (operations) => pairs(heap, operations),
      rival: (operations) => rivalPairs(rival, operations),
      expected: (operations) => operations,
      close() {},
    };
  },
};

const pairShared: Contest = {
  id: 'alloc/pair-shared',
  title: 'alloc and free of 64 bytes on the lock-free list itself, one thread',
  rival: RIVAL,
  bar: 0.15,
  packages: [RIVAL],
  open() {
    const options = { blocks: 8_192, blockWords: BLOCK_WORDS, owners: 4 };
    const pool = Pool.create({ words: FreeList.size(options) + 16, segments: 0, owners: 4 });
    const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
    const rival = new MemPool({ size: 2 ** 19, compact: false, split: false });
    return {
      ours: (operations) => pairs(list, operations),
      rival: (operations) => rivalPairs(rival, operations),
      expected: (operations) => operations,
      close() {},
    };
  },
};

const fragmented: Contest = {
  id: 'alloc/fragmented',
  title: 'free one, alloc another, among 20,000 mixed blocks of which half were freed',
  rival: RIVAL,
  bar: 100,
  packages: [RIVAL],
  open() {
    const { heap } = heapOf(2 ** 22);
    const rival = new MemPool({ size: 2 ** 25, compact: true, split: false });
    const wordsOf = (index: number): number => MIXED_WORDS[index & 1023] as number;
    const churn = fragment(
      MIXED_BLOCKS,
      wordsOf,
      (words) => heap.allocate(words),
      (at) => heap.free(at as Address),
    );
    const rivalChurn = fragment(
      MIXED_BLOCKS,
      wordsOf,
      (words) => rival.malloc(words * WORD_BYTES),
      (at) => rival.free(at),
    );
    return {
      ours: (operations) => replacements(heap, churn, operations),
      rival: (operations) => rivalReplacements(rival, rivalChurn, operations),
      expected: (operations) => operations,
      close() {},
    };
  },
};

/** A heap in which `live` blocks lie among as many holes. */
function heapWith(live: number): Heap {
  const { heap } = heapOf(Math.max(2 ** 16, live * BLOCK_WORDS * 4));
  fragment(
    live * 2,
    () => BLOCK_WORDS,
    (words) => heap.allocate(words),
    (at) => heap.free(at as Address),
  );
  return heap;
}

/** One row of the table: the cost with so many live blocks beside the cost with a hundred, which is its first. */
function cost(live: number, title: string): Contest {
  return {
    id: `alloc/cost/${live}`,
    title: `one alloc, and the free of what it gave, with ${title} live blocks`,
    rival: 'the same with 10^2',
    bar: 0.5,
    open() {
      const [large, small] = [heapWith(live), heapWith(100)];
      return {
        ours: (operations) => batches(large, operations),
        rival: (operations) => batches(small, operations),
        expected: (operations) => operations,
        close() {},
      };
    },
  };
}

const scale: Contest = {
  id: 'alloc/scale',
  title: 'free the oldest of 64 mixed blocks, alloc another: two threads on one heap',
  rival: 'one thread doing all of it',
  bar: 1.5,
  async open() {
    const { pool, heap } = heapOf(2 ** 20);
    const threads = await Promise.all(
      [0, 1].map(async () => {
        const order = pool.reserve(Orders.size());
        const task: AllocatingTask = { pool: pool.handle, heap: heap.handle, order };
        const worker = new Worker(new URL('./workers/allocate.js', import.meta.url), { workerData: task });
        await once(worker, 'message');
        return { worker, orders: new Orders(pool, order) };
      }),
    );
    const [one, other] = threads.map(({ orders }) => orders) as [Orders, Orders];
    return {
      ours(operations) {
        one.give(Math.ceil(operations / 2));
        other.give(Math.floor(operations / 2));
        return one.await() + other.await();
      },
      rival(operations) {
        one.give(operations);
        return one.await();
      },
      expected: (operations) => operations,
      async close() {
        await Promise.all(threads.map(({ worker }) => worker.terminate()));
      },
    };
  },
};

const recycleIndex: Contest = {
  id: 'alloc/recycle-index',
  title: 'take and give an index of the recycling index, one thread',
  rival: 'an array as a stack of numbers, and a counter behind it',
  open() {
    const options = { limit: 4_096, owners: 4 };
    const pool = Pool.create({ words: RecyclingIndex.size(options) + 16, segments: 0, owners: 4 });
    const indices = RecyclingIndex.create(pool, pool.reserve(RecyclingIndex.size(options)), options, pool.owner);
    const stack: number[] = [];
    let fresh = 0;
    return {
      ours(operations) {
        let taken = 0;
        for (let index = 0; index < operations; index++) {
          const one = indices.take();
          if (one < 0) continue;
          indices.give(one);
          taken++;
        }
        return taken;
      },
      rival(operations) {
        let taken = 0;
        for (let index = 0; index < operations; index++) {
          const one = stack.pop() ?? fresh++;
          if (one >= options.limit) continue;
          stack.push(one);
          taken++;
        }
        return taken;
      },
      expected: (operations) => operations,
      close() {},
    };
  },
};

const RECORDS = 64;
const RECORD = struct('record', { id: u53, next: pointer, total: u53 });

const structField: Contest = {
  id: 'alloc/struct-field',
  title: 'a field of 64 records in turn, through a cursor',
  rival: 'loadNumber of the same words',
  open() {
    const pool = Pool.create({ words: RECORDS * RECORD.words, segments: 0 });
    const base = pool.reserve(RECORDS * RECORD.words);
    const record = RECORD.cursor(pool);
    const at = (index: number): number => base + (index % RECORDS) * RECORD.words;
    for (let index = 0; index < RECORDS; index++) record.moveTo(at(index)).total.store(1);
    const total = RECORD.offsets.total;
    return {
      ours(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++) sum += record.moveTo(at(index)).total.load();
        return sum;
      },
      rival(operations) {
        let sum = 0;
        for (let index = 0; index < operations; index++) sum += pool.loadNumber((at(index) + total) as Address);
        return sum;
      },
      expected: (operations) => operations,
      close() {},
    };
  },
};

export const ALLOC: readonly Contest[] = [
  pair,
  pairShared,
  fragmented,
  scale,
  cost(10_000, '10^4'),
  cost(1_000_000, '10^6'),
  recycleIndex,
  structField,
];
