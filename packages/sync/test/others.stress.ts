/** The smaller objects between four real threads, and through the deaths of some. */
import { describe, expect, it, vi } from 'vitest';
import { Barrier, Condition, Latch, Mutex, Once, Parker, ResetEvent, WaitGroup } from '../src/index.ts';
import { LockScene, OWNERS } from './support/lock-scene.ts';
import { DEATHS, GOES_ON, PATIENCE, rounds, run } from './support/threads.ts';
import { COUNTED, PARTIES } from './tasks/latch.ts';
import { turnsOf } from './tasks/parker.ts';
import { FIRST, GATE } from './tasks/task.ts';

const THREADS = [0, 1, 2, 3];

describe('a wait group between threads', () => {
  it('has no task open when all are done', async () => {
    const stage = new LockScene(WaitGroup.size(OWNERS));
    const group = WaitGroup.create(stage.pool, stage.at);
    await Promise.all(THREADS.map((thread) => run(stage.task('waitGroup', thread, rounds(100_000, 3_000)))));
    expect([group.open, group.wait({ timeout: 0 })]).toEqual([0, 'ok']);
  });

  it(
    'has no task of the dead open',
    async () => {
      const stage = new LockScene(WaitGroup.size(OWNERS));
      const group = WaitGroup.create(stage.pool, stage.at);
      const { found } = await stage.outlive({ name: 'waitGroup', objects: [group] });
      expect([group.open, group.wait({ timeout: 0 })]).toEqual([0, found > 0 ? 'owner-died' : 'ok']);
    },
    PATIENCE,
  );
});

describe('a barrier between threads', () => {
  it('lets nobody get a round ahead, and has one leader a round', async () => {
    const stage = new LockScene(Barrier.size(4));
    Barrier.create(stage.pool, stage.at, 4, { start: 2n ** 24n - 5n });
    const count = rounds(20_000, 500);
    const leads = await Promise.all(THREADS.map((thread) => run<number>(stage.task('barrier', thread, count))));
    expect(leads.reduce((sum, one) => sum + one, 0)).toBe(count);
  });

  it(
    'breaks for the others when a party dies, and works again after a reset',
    async () => {
      const stage = new LockScene(Barrier.size(4));
      const barrier = Barrier.create(stage.pool, stage.at, 4);
      let broken = 0;
      const { found } = await stage.outlive({
        name: 'barrier',
        objects: [barrier],
        mend() {
          if (barrier.broken) {
            broken += 1;
            barrier.reset();
          }
          // The survivors are three, and go on with a fourth; this thread is one for some rounds.
          for (let round = 0; round < 3; round++) expect(barrier.wait(GOES_ON)).toMatch(/^(ok|leader)$/);
          barrier.leave();
        },
        release: () => barrier.join(),
      });
      expect(broken).toBe(found);
      expect(barrier.broken).toBe(true); // by this thread's being taken for dead
    },
    PATIENCE,
  );
});

describe('a latch between threads', () => {
  function row(count: number) {
    const stage = new LockScene(count * Latch.size());
    const all = Array.from({ length: count }, (_, index) =>
      Latch.create(stage.pool, stage.place(index * Latch.size()), THREADS.length),
    );
    return { stage, all };
  }

  it('opens when all have counted, and shows what they wrote', async () => {
    const count = rounds(2_000, 300);
    const { stage } = row(count);
    stage.pool.storeNumber(stage.word(PARTIES), THREADS.length);
    await Promise.all(THREADS.map((thread) => run(stage.task('latch', thread, count))));
    expect(stage.pool.loadNumber(stage.word(0))).toBe(count * THREADS.length);
  });

  it(
    'keeps the counts of the dead, and is owed what they did not count',
    async () => {
      const each = 64;
      const { stage, all } = row(DEATHS * each);
      const { pool } = stage;
      const counted = (thread: number): number => pool.loadNumber(stage.word(COUNTED + thread));
      let first = 0;
      let gate = 0;
      await stage.outlive({
        name: 'latchPassed',
        objects: () => all.slice(first, gate),
        count: all.length,
        prepare() {
          gate = first + each;
          pool.storeNumber(stage.word(FIRST), first);
          pool.storeNumber(stage.word(GATE), gate);
          pool.storeNumber(stage.word(COUNTED + 3), 0);
        },
        async mend(death) {
          const isOpen = (): boolean => all[first]?.tryWait() === 'ok';
          // The survivors come as far as they can without the dead one: to the end, or to a latch that all three have counted.
          const areHeldUp = (): boolean => {
            const least = Math.min(...[0, 1, 2].map(counted)); // before the look at the latches, which only open
            while (first < gate && isOpen()) first += 1;
            return first === gate || least === first + 1;
          };
          await vi.waitUntil(areHeldUp, GOES_ON);
          if (first < gate) {
            expect([first, all[first]?.count]).toEqual([first, 1]);
            if (death % 2 === 0) all[first]?.break();
            else expect(all[first]?.countDown()).toBe(true);
          }
          expect(counted(3), 'what the dead one counted was counted').toBeLessThanOrEqual(first);
          first = Math.min(first + 1, gate);
        },
        until: () => first,
        release() {
          for (const latch of all.slice(first, gate)) latch.break();
        },
      });
    },
    PATIENCE,
  );
});

describe('a call between threads', () => {
  function callsFor(count: number) {
    const stage = new LockScene(count * (Once.size() + 2));
    const all = Array.from({ length: count }, (_, index) => Once.create(stage.pool, stage.place(index * Once.size())));
    const runs = (index: number): number => stage.pool.loadNumber(stage.place(count * Once.size() + index * 2));
    const open = (gate: number): void => stage.pool.storeNumber(stage.word(GATE), gate);
    return { stage, all, runs, open };
  }

  it('runs once, whoever is first', async () => {
    const count = rounds(2_000, 500);
    const { stage, all, runs, open } = callsFor(count);
    open(count);
    await Promise.all(THREADS.map((thread) => run(stage.task('once', thread, count))));
    for (const [index, call] of all.entries()) expect([runs(index), call.value]).toEqual([1, BigInt(index)]);
  });

  it(
    'is done, however many die at it, and gives the same to everybody',
    async () => {
      const each = 16;
      const count = DEATHS * each;
      const { stage, all, runs, open } = callsFor(count);
      const { found } = await stage.outlive({
        name: 'once',
        objects: (death) => all.slice(death * each, (death + 1) * each),
        survivors: [0, 1],
        count,
        prepare(death) {
          stage.pool.storeNumber(stage.word(FIRST), death * each);
          open((death + 1) * each);
        },
        until: (death) => (death + 1) * each,
      });
      let again = 0;
      for (const [index, call] of all.entries()) {
        expect(call.value).toBe(BigInt(index + runs(index) - 1)); // what its last run gave
        again += runs(index) - 1;
      }
      expect(again).toBeLessThanOrEqual(found); // only one that was cut short is made again
    },
    PATIENCE,
  );
});

describe('an event between threads', () => {
  it('that resets itself lets one pass at a time', async () => {
    const stage = new LockScene(ResetEvent.size());
    const event = ResetEvent.create(stage.pool, stage.at, { reset: 'auto', set: true });
    await Promise.all(THREADS.map((thread) => run(stage.task('autoEvent', thread, rounds(50_000, 2_000)))));
    expect(event.isSet).toBe(true);
  });

  it.each([
    { reset: 'auto', victims: [5, 4] },
    { reset: 'manual', victims: [5] }, // one that died setting it would leave it to nobody to clear
  ] as const)(
    'outlives those who wait for it, and those who set it (reset: $reset)',
    async ({ reset, victims }) => {
      const stage = new LockScene(ResetEvent.size());
      const event = ResetEvent.create(stage.pool, stage.at, { reset });
      await stage.outlive({ name: 'eventGate', objects: [event], survivors: [0, 1, 3], victims });
      expect(event.isSet).toBe(true);
      const [set, passed] = [0, 1].map((index) => stage.pool.loadNumber(stage.word(index))) as [number, number];
      // At the end each thread sets it once more.
      if (reset === 'auto') expect(passed).toBeLessThanOrEqual(set + 3);
      expect(passed).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});

describe('a parker between threads', () => {
  it.each(['park', 'spin-then-park'] as const)('loses no wake-up (%s)', async (strategy) => {
    const stage = new LockScene(4 * Parker.size());
    for (const thread of THREADS) Parker.create(stage.pool, stage.place(thread * Parker.size()));
    const count = rounds(20_000, 500);
    await Promise.all(THREADS.map((thread) => run({ ...stage.task('parker', thread, count), strategy })));
    const turns = [0, 1].map((index) => stage.pool.loadNumber(stage.word(index)));
    expect(turns).toEqual([2 * count, 2 * count]);
  });

  it(
    'is taken over from the dead, and wakes the other as before',
    async () => {
      const stage = new LockScene(2 * Parker.size());
      const [theirs, mine] = [0, 1].map((thread) => Parker.create(stage.pool, stage.place(thread * Parker.size())));
      let here = 0;
      const successor = () => turnsOf(stage.pool, mine as Parker, theirs as Parker, stage.word(0), 1);
      const { lives, answers } = await stage.outlive<number>({
        name: 'parkerTurns',
        objects: [theirs, mine] as Parker[],
        survivors: [0],
        victims: [1],
        mend() {
          // Until the next one comes this thread takes its turns.
          const turns = successor();
          for (let turn = 0; turn < 3; turn++) turns.next();
          here += 3;
        },
        release() {
          successor().next();
          here += 1;
        },
      });
      const all = stage.pool.loadNumber(stage.word(0));
      const noted = here + lives.reduce((sum, { turns }) => sum + turns, 0) + (answers[0] as number);
      expect(all).toBeGreaterThanOrEqual(noted);
      expect(all).toBeLessThanOrEqual(noted + DEATHS); // a turn that was over, and not noted yet
    },
    PATIENCE,
  );
});

describe('a condition between threads', () => {
  function store() {
    const stage = new LockScene(Mutex.size() + 2 * Condition.size());
    const objects = [
      Mutex.create(stage.pool, stage.at),
      Condition.create(stage.pool, stage.place(Mutex.size())),
      Condition.create(stage.pool, stage.place(Mutex.size() + Condition.size())),
    ] as const;
    return { stage, objects, counts: () => [0, 1, 2].map((index) => stage.pool.loadNumber(stage.word(index))) };
  }

  it('hands over everything between those who bring and those who fetch', async () => {
    const { stage, counts } = store();
    const count = rounds(50_000, 1_500);
    await Promise.all(THREADS.map((thread) => run(stage.task('condition', thread, count))));
    expect(counts()).toEqual([0, 2 * count, 2 * count]);
  });

  it(
    'goes on when a wake dies with its receiver, and hands over the rest',
    async () => {
      const { stage, objects, counts } = store();
      const { lives } = await stage.outlive({ name: 'condition', objects, victims: [3, 4] });
      const [there, brought, fetched] = counts() as [number, number, number];
      // A thing was put there, or taken, and the thread died before it counted it.
      expect(Math.abs(brought - fetched - there)).toBeLessThanOrEqual(DEATHS);
      const noted = (odd: 0 | 1): number => {
        const dead = lives.filter(({ thread }) => thread % 2 === odd).reduce((sum, { turns }) => sum + turns, 0);
        return (
          dead + [0, 1, 2].filter((thread) => thread % 2 === odd).reduce((sum, thread) => sum + stage.turns(thread), 0)
        );
      };
      expect(brought).toBeGreaterThanOrEqual(noted(0));
      expect(fetched).toBeGreaterThanOrEqual(noted(1));
    },
    PATIENCE,
  );
});
