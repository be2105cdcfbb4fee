/**
 * Scenarios that every object has to come through between four real threads: being told by another thread what ends a wait, and
 * giving up for lack of time. The files of each object have the rest: deliveries between one and many, deaths, starvation.
 */
import { setImmediate } from 'node:timers/promises';
import { type Address, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import * as sync from '../src/index.ts';
import { rounds, run } from './support/threads.ts';
import type { Turning, Waiting } from './tasks/scenarios.ts';
import { DATA_WORDS, type LockTask } from './tasks/task.ts';

const OWNERS = 8;
const THREADS = [0, 1, 2, 3];
const LONG = { timeout: rounds(600_000, 60_000) };
const OPTIONS = { owners: OWNERS };

function scene(words: number) {
  const pool = Pool.create({ words: words + 1024, owners: OWNERS, segments: 0 });
  const at = pool.reserve(words);
  const data = pool.reserve(DATA_WORDS);
  const threads = <Answer>(task: Pick<LockTask, 'name' | 'what' | 'count' | 'size'>): Promise<Answer[]> =>
    Promise.all(THREADS.map((thread) => run<Answer>({ ...task, pool: pool.handle, at, data, thread })));
  return { pool, at, data, threads };
}

/** An object at which four will wait. */
interface Waited {
  readonly what: Waiting;
  readonly size: number;
  /** Makes it so that they wait, and gives back what ends that. */
  make(pool: Pool, at: Address): () => unknown;
  /** What they must have been told, sorted. */
  readonly told: readonly unknown[];
}

const four = (told: unknown): unknown[] => THREADS.map(() => told);
const capacity = 2;

const WAITED: readonly Waited[] = [
  {
    what: 'word queue, receivers',
    size: sync.WordQueue.size(capacity),
    make(pool, at) {
      const queue = sync.WordQueue.create(pool, at, capacity);
      return () => queue.close();
    },
    told: four('closed'),
  },
  {
    what: 'word queue, senders',
    size: sync.WordQueue.size(capacity),
    make(pool, at) {
      const queue = sync.WordQueue.create(pool, at, capacity);
      while (queue.trySend(1n) === 'ok');
      return () => queue.close();
    },
    told: four('closed'),
  },
  {
    what: 'array queue, receivers',
    size: sync.ArrayQueue.size({ capacity }),
    make(pool, at) {
      const queue = sync.ArrayQueue.create(pool, at, { capacity });
      return () => queue.close();
    },
    told: four('closed'),
  },
  {
    what: 'array queue, senders',
    size: sync.ArrayQueue.size({ capacity }),
    make(pool, at) {
      const queue = sync.ArrayQueue.create(pool, at, { capacity });
      while (queue.trySend(1n) === 'ok');
      return () => queue.close();
    },
    told: four('closed'),
  },
  {
    what: 'records ring, senders',
    size: sync.RecordsRing.size(256),
    make(pool, at) {
      const ring = sync.RecordsRing.create(pool, at, { capacity: 256 });
      while (ring.trySend(new Uint8Array(8)) === 'ok');
      return () => ring.close();
    },
    told: four('closed'),
  },
  {
    what: 'mailbox',
    size: sync.Mailbox.size(),
    make(pool, at) {
      const mailbox = sync.Mailbox.create(pool, at);
      return () => mailbox.close();
    },
    told: four('closed'),
  },
  {
    what: 'broadcast',
    size: sync.Broadcast.size(capacity),
    make(pool, at) {
      const broadcast = sync.Broadcast.create(pool, at, { capacity });
      return () => broadcast.trySend(BigUint64Array.of(1n));
    },
    told: four('ok'),
  },
  {
    what: 'one-shot',
    size: sync.OneShot.size(),
    make(pool, at) {
      const shot = sync.OneShot.create(pool, at);
      return () => shot.send(1n);
    },
    told: [1n, 'taken', 'taken', 'taken'],
  },
  {
    what: 'one-shot',
    size: sync.OneShot.size(),
    make(pool, at) {
      const shot = sync.OneShot.create(pool, at);
      shot.claimSender();
      return () => shot.disconnect();
    },
    told: four('disconnected'),
  },
  {
    what: 'latch',
    size: sync.Latch.size(),
    make(pool, at) {
      const latch = sync.Latch.create(pool, at, 1);
      return () => latch.break();
    },
    told: four('broken'),
  },
  {
    what: 'reset event',
    size: sync.ResetEvent.size(),
    make(pool, at) {
      const event = sync.ResetEvent.create(pool, at, { reset: 'manual' });
      return () => event.set();
    },
    told: four('ok'),
  },
  {
    what: 'wait group',
    size: sync.WaitGroup.size(OWNERS),
    make(pool, at) {
      const group = sync.WaitGroup.create(pool, at, OPTIONS);
      group.add();
      return () => group.done();
    },
    told: four('ok'),
  },
  {
    what: 'once',
    size: sync.Once.size(),
    make(pool, at) {
      const once = sync.Once.create(pool, at);
      const { promise, resolve } = Promise.withResolvers<bigint>();
      const running = once.callAsync(() => promise);
      return () => {
        resolve(7n);
        return running;
      };
    },
    told: four('done'),
  },
  {
    what: 'semaphore',
    size: sync.Semaphore.size(OWNERS),
    make(pool, at) {
      const semaphore = sync.Semaphore.create(pool, at, 4, OPTIONS);
      semaphore.acquire(4);
      return () => semaphore.release(4);
    },
    told: four('ok'),
  },
  {
    what: 'read-write lock',
    size: sync.RwLock.size(OWNERS),
    make(pool, at) {
      const token = sync.RwLock.create(pool, at, OPTIONS).write();
      return () => token.unlock();
    },
    told: four(true),
  },
];

describe.each(WAITED)('four that wait, $what', ({ what, size, make, told }) => {
  it(`are all told: ${told.join(', ')}`, LONG, async () => {
    const count = rounds(5_000, 60);
    const { pool, at, data, threads } = scene(count * size);
    const ends = Array.from({ length: count }, (_, index) => make(pool, (at + index * size) as Address));
    let failure: unknown;
    const answers = threads<unknown[]>({ name: 'waitAtEach', what, count, size });
    answers.catch((error) => {
      failure = error;
    });
    for (const [index, end] of ends.entries()) {
      // Nobody gets to the next object before all have come to this one: so the last has hardly begun to wait, or is parked.
      while (pool.loadNumber(data) < (index + 1) * THREADS.length) {
        if (failure !== undefined) throw failure;
        await setImmediate();
      }
      for (const moment = performance.now() + (index % 7) / 50; performance.now() < moment; ) pool.pause();
      await end();
    }
    const each = await answers;
    for (let index = 0; index < count; index++) expect(each.map((one) => one[index]).sort()).toEqual(told);
  });
});

/** Something that four take turns at. */
const TAKEN: readonly { readonly what: Turning; readonly size: number; make(pool: Pool, at: Address): unknown }[] = [
  { what: 'mutex', size: sync.Mutex.size(), make: (pool, at) => sync.Mutex.create(pool, at) },
  {
    what: 'read-write lock',
    size: sync.RwLock.size(OWNERS),
    make: (pool, at) => sync.RwLock.create(pool, at, OPTIONS),
  },
  {
    what: 'semaphore',
    size: sync.Semaphore.size(OWNERS),
    make: (pool, at) => sync.Semaphore.create(pool, at, 1, OPTIONS),
  },
  {
    what: 'fair semaphore',
    size: sync.Semaphore.size(OWNERS),
    make: (pool, at) => sync.Semaphore.create(pool, at, 1, { ...OPTIONS, fair: true }),
  },
  {
    what: 'auto-reset event',
    size: sync.ResetEvent.size(),
    make: (pool, at) => sync.ResetEvent.create(pool, at, { reset: 'auto', set: true }),
  },
  {
    what: 'word queue',
    size: sync.WordQueue.size(capacity),
    make: (pool, at) => sync.WordQueue.create(pool, at, capacity).trySend(1n),
  },
  {
    what: 'array queue',
    size: sync.ArrayQueue.size({ capacity }),
    make: (pool, at) => sync.ArrayQueue.create(pool, at, { capacity }).trySend(1n),
  },
  {
    what: 'condition',
    size: sync.Mutex.size() + sync.Condition.size() + 8,
    make: (pool, at) => [sync.Mutex.create(pool, at), sync.Condition.create(pool, (at + sync.Mutex.size()) as Address)],
  },
];

describe.each(TAKEN)('four that have no patience, $what', ({ what, size, make }) => {
  it('have their turns one at a time, and who gave up has taken nothing', LONG, async () => {
    const count = rounds(20_000, 200);
    const { pool, at, data, threads } = scene(size);
    make(pool, at);
    const inVain = await threads<number>({ name: 'impatient', what, count });
    expect([pool.loadNumber(data), pool.loadNumber((data + 1) as Address)]).toEqual([4 * count, 4 * count]);
    expect(inVain.reduce((sum, times) => sum + times)).toBeGreaterThan(0);
  });
});
