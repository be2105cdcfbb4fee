/** The smaller objects between four real threads, and through the deaths of some. */
import { type Address, Pool } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import {
  Barrier,
  Condition,
  Latch,
  Mutex,
  Once,
  Parker,
  type Recoverable,
  ResetEvent,
  recover,
  WaitGroup,
} from '../src/index.ts';
import { kill, rounds, run, start } from './support/threads.ts';
import { DATA_WORDS, type LockTask, STOP, TURNS } from './tasks/task.ts';

const OWNERS = 6;
const THREADS = [0, 1, 2, 3];
const LONG = rounds(900_000, 60_000);

function scene(words: number) {
  const pool = Pool.create({ words: words + 1024, owners: OWNERS, segments: 0 });
  const at = pool.reserve(words);
  const data = pool.reserve(DATA_WORDS);
  const word = (index: number): Address => (data + index) as Address;
  const place = (offset: number): Address => (at + offset) as Address;
  const task = (name: LockTask['name'], thread: number, count = Number.MAX_SAFE_INTEGER): LockTask => ({
    name,
    pool: pool.handle,
    at,
    data,
    thread,
    count,
  });
  const turns = (thread: number): number => pool.loadNumber(word(TURNS + thread));

  /** Kills the last of the threads again and again; the others must go on after each recovery, and end when told to. */
  async function outlive(name: LockTask['name'], objects: Recoverable[], times: number, mended = (): void => {}) {
    const survivors = THREADS.slice(0, 3).map((thread) => start<unknown>(task(name, thread)));
    await Promise.all(survivors.map(({ owner }) => owner));
    await kill(task(name, 3), times, (owner) => {
      recover(pool, objects, owner);
      expect(recover(pool, objects, owner)).toEqual([]);
      mended();
    });
    return {
      async goOn(): Promise<void> {
        const before = THREADS.slice(0, 3).map(turns);
        await vi.waitUntil(() => before.every((had, thread) => turns(thread) > had), { timeout: 30_000 });
      },
      async end(): Promise<void> {
        pool.storeNumber(word(STOP), 1);
        for (const object of objects) object.recover(pool.owner); // whoever waits looks whether it is to end
        await Promise.all(survivors.map(({ answer }) => answer));
      },
    };
  }
  return { pool, at, word, place, task, outlive };
}

describe('a wait group between threads', () => {
  it('has no task open when all are done', async () => {
    const { pool, at, task } = scene(WaitGroup.size(OWNERS));
    const group = WaitGroup.create(pool, at);
    await Promise.all(THREADS.map((thread) => run(task('waitGroup', thread, rounds(100_000, 3_000)))));
    expect([group.open, group.wait({ timeout: 0 })]).toEqual([0, 'ok']);
  });

  it(
    'has no task of the dead open',
    async () => {
      const { pool, at, outlive } = scene(WaitGroup.size(OWNERS));
      const group = WaitGroup.create(pool, at);
      const { goOn, end } = await outlive('waitGroup', [group], rounds(500, 10));
      await goOn();
      await end();
      expect(group.open).toBe(0);
      expect(group.wait({ timeout: 0 })).not.toBe('timed-out');
    },
    LONG,
  );
});

describe('a barrier between threads', () => {
  it('lets nobody get a round ahead, and has one leader a round', async () => {
    const { pool, at, task } = scene(Barrier.size(4));
    Barrier.create(pool, at, 4, { start: 2n ** 24n - 5n });
    const count = rounds(20_000, 500);
    const leads = await Promise.all(THREADS.map((thread) => run<number>(task('barrier', thread, count))));
    expect(leads.reduce((sum, one) => sum + one, 0)).toBe(count);
  });

  it(
    'breaks for the others when a party dies, and works again after a reset',
    async () => {
      const { pool, at, outlive } = scene(Barrier.size(4));
      const barrier = Barrier.create(pool, at, 4);
      const { end } = await outlive('barrier', [barrier], rounds(500, 10), () => {
        if (barrier.broken) barrier.reset();
      });
      expect(barrier.broken).toBe(false);
      barrier.join(); // as whom it breaks once more at the end
      await end();
      expect(barrier.broken).toBe(true);
    },
    LONG,
  );
});

describe('a latch between threads', () => {
  it('opens when all have counted, and shows what they wrote', async () => {
    const count = rounds(2_000, 300);
    const { pool, at, word, task } = scene(count * Latch.size());
    pool.storeNumber(word(1), THREADS.length);
    for (let index = 0; index < count; index++)
      Latch.create(pool, (at + index * Latch.size()) as Address, THREADS.length);
    await Promise.all(THREADS.map((thread) => run(task('latch', thread, count))));
    expect(pool.loadNumber(word(0))).toBe(count * THREADS.length);
  });
});

describe('a call between threads', () => {
  it('runs once, whoever is first', async () => {
    const count = rounds(2_000, 500);
    const { pool, at, place, task } = scene(count * Once.size() + count);
    for (let index = 0; index < count; index++) Once.create(pool, place(index * Once.size()));
    await Promise.all(THREADS.map((thread) => run(task('once', thread, count))));
    for (let index = 0; index < count; index++) {
      expect(pool.load(place(count * Once.size() + index))).toBe(1n);
      expect(Once.attach(pool, (at + index * Once.size()) as Address).value).toBe(BigInt(index));
    }
  });

  it(
    'is done, however many die at it',
    async () => {
      const count = 300;
      const { pool, place, task } = scene(count * Once.size() + count);
      const calls = Array.from({ length: count }, (_, index) => Once.create(pool, place(index * Once.size())));
      const survivor = start(task('once', 0, count));
      await kill(task('once', 3, count), rounds(500, 10), (owner) => void recover(pool, calls, owner));
      await survivor.answer;
      for (const call of calls) expect(call.value).toBeDefined();
    },
    LONG,
  );
});

describe('an auto-reset event between threads', () => {
  it('lets one pass at a time', async () => {
    const { pool, at, task } = scene(ResetEvent.size());
    const event = ResetEvent.create(pool, at, { reset: 'auto', set: true });
    await Promise.all(THREADS.map((thread) => run(task('autoEvent', thread, rounds(50_000, 2_000)))));
    expect(event.isSet).toBe(true);
  });
});

describe('a parker between threads', () => {
  it.each(['park', 'spin-then-park'] as const)('loses no wake-up (%s)', async (strategy) => {
    const { pool, word, place, task } = scene(4 * Parker.size());
    for (const thread of THREADS) Parker.create(pool, place(thread * Parker.size()));
    const count = rounds(20_000, 500);
    await Promise.all(THREADS.map((thread) => run({ ...task('parker', thread, count), strategy })));
    expect([pool.loadNumber(word(0)), pool.loadNumber(word(1))]).toEqual([2 * count, 2 * count]);
  });
});

describe('a condition between threads', () => {
  function store(pool: Pool, place: (offset: number) => Address) {
    return [
      Mutex.create(pool, place(0)),
      Condition.create(pool, place(Mutex.size())),
      Condition.create(pool, place(Mutex.size() + Condition.size())),
    ] as const;
  }

  it('hands over everything between those who bring and those who fetch', async () => {
    const { pool, word, place, task } = scene(Mutex.size() + 2 * Condition.size());
    store(pool, place);
    const count = rounds(50_000, 1_500);
    await Promise.all(THREADS.map((thread) => run(task('condition', thread, count))));
    expect([0, 1, 2].map((index) => pool.loadNumber(word(index)))).toEqual([0, 2 * count, 2 * count]);
  });

  it(
    'goes on when a wake dies with its receiver',
    async () => {
      const { pool, place, outlive } = scene(Mutex.size() + 2 * Condition.size());
      const { goOn, end } = await outlive('condition', [...store(pool, place)], rounds(500, 10));
      await goOn();
      await end();
    },
    LONG,
  );
});
