/** An object is laid whole before it says what it is: its magic is the last word written, so nobody attaches to half of one. */
import { FreeList } from '@pool/alloc';
import { type Address, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';

const SEGMENTS = { segmentCells: 2, segments: 2 };

/** Lays one at `base`. */
const LAID: Readonly<Record<string, (pool: Pool, base: Address) => unknown>> = {
  'a mutex': (pool, base) => sync.Mutex.create(pool, base),
  'a semaphore': (pool, base) => sync.Semaphore.create(pool, base, 2),
  'a read-write lock': (pool, base) => sync.RwLock.create(pool, base),
  'a wait group': (pool, base) => sync.WaitGroup.create(pool, base),
  'a condition': (pool, base) => sync.Condition.create(pool, base),
  'a barrier': (pool, base) => sync.Barrier.create(pool, base, 3),
  'a latch': (pool, base) => sync.Latch.create(pool, base, 3),
  'a call': (pool, base) => sync.Once.create(pool, base),
  'a parker': (pool, base) => sync.Parker.create(pool, base),
  'a reset event': (pool, base) => sync.ResetEvent.create(pool, base, { reset: 'auto' }),
  'a one-shot': (pool, base) => sync.OneShot.create(pool, base),
  'a mailbox': (pool, base) => sync.Mailbox.create(pool, base, { width: 2 }),
  'a broadcast': (pool, base) => sync.Broadcast.create(pool, base, { capacity: 4 }),
  'a ring of records': (pool, base) => sync.RecordsRing.create(pool, base, { capacity: 256 }),
  'a ring between two': (pool, base) => sync.SpscRing.create(pool, base, { capacity: 4 }),
  'an array queue': (pool, base) => sync.ArrayQueue.create(pool, base, { capacity: 4 }),
  'a word queue': (pool, base) => sync.WordQueue.create(pool, base, 4),
  'a stack': (pool, base) => sync.TreiberStack.create(pool, base, { capacity: 4 }),
  'a segmented queue': (pool, base) => {
    const options = { blocks: 2, blockWords: sync.SegmentedQueue.segmentSize(SEGMENTS), owners: 4 };
    const storage = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
    return sync.SegmentedQueue.create(pool, base, storage, SEGMENTS);
  },
  'a channel': (pool, base) => sync.channel(pool, base, { capacity: 4 }),
  'a rendezvous': (pool, base) => sync.channel(pool, base, { capacity: 0 }),
};

describe.each(Object.entries(LAID))('%s', (_, lay) => {
  it('is laid whole before it says what it is', () => {
    const pool = Pool.create({ words: 8192, owners: 4, segments: 0 });
    const base = pool.reserve(2048);
    const laid: string[] = [];
    const after: string[] = [];
    const { words } = record(pool, {
      before(name) {
        if (/^(store|fill)/.test(name)) (pool.load(base) === 0n ? laid : after).push(name);
      },
    });
    lay(words as Pool, base);
    expect(pool.load(base)).not.toBe(0n);
    expect(laid.length).toBeGreaterThan(1);
    expect(after).toEqual([]); // compare-exchanges there may be: whoever makes a channel takes its ends
  });
});
