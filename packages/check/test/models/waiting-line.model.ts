/** The order of a fair gate: first come, first served, and whoever leaves the line, however that is, lets the next one pass. */
import type { Address } from '@pool/core';
import { PERMIT_GATE, Semaphore } from '@pool/sync';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { dyingAt, model, owner, SILENT, UNFENCED } from './model.ts';

const BASE = 16 as Address;
const COUNT = 0 as Address;
const { state: STATE, event: EVENT, inLine: IN_LINE, rows: ROWS } = PERMIT_GATE.at(BASE);
const NAMES = { count: COUNT, state: STATE, event: EVENT, 'in line': IN_LINE };
const PARK = { strategy: 'park' } as const;
/** With a clock that stands: a wait that may end at any step, and then time is up. */
const TIMED = { strategy: 'park', timeout: 0 } as const;
/** Who has permits, or is dead, by the time that threads begin. */
const HOLDER = 2;

function semaphore({ words }: Pick<ModelThread, 'words'>, id: number): Semaphore {
  return Semaphore.attach(words, BASE, { owner: owner(id) });
}

function count({ words }: ModelThread): void {
  words.storePlain(COUNT, words.loadPlain(COUNT) + 1n);
}

/** A fair semaphore of so many permits, of which the holder has some. */
const laid =
  (permits: number, held: number): NonNullable<ModelProgram['initial']> =>
  (words) => {
    Semaphore.create(words, BASE, permits, { fair: true, owner: owner(0), owners: 3 });
    if (held > 0) semaphore({ words }, HOLDER).acquire(held);
  };

/** Only executions in which that owner is in line by now. */
function behind(thread: ModelThread, id: number): void {
  thread.assume(thread.words.loadNumber((ROWS + id * 4 + 2) as Address) !== 0);
}

const acquires =
  (id: number, permits = 1) =>
  (thread: ModelThread): void =>
    thread.observe(thread.name, semaphore(thread, id).acquire(permits, PARK));

describe('a fair semaphore', () => {
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => void vi.restoreAllMocks());

  const lockAndCount =
    (id: number) =>
    (thread: ModelThread): void => {
      const lock = semaphore(thread, id);
      lock.acquire(1, PARK);
      count(thread);
      lock.release();
    };
  model(
    'of one permit excludes, publishes and wakes',
    {
      names: NAMES,
      initial: laid(1, 0),
      threads: { a: lockAndCount(0), b: lockAndCount(1) },
      final: (end) => end.assert(end.words.load(COUNT) === 2n, 'both have counted'),
    },
    { planted: [SILENT, UNFENCED] },
  );

  model(
    'keeps what a large demand waits for from a small one that comes later',
    {
      names: NAMES,
      initial: laid(2, 1),
      threads: {
        large: acquires(0, 2),
        small(thread) {
          behind(thread, 0);
          const lock = semaphore(thread, HOLDER);
          lock.release();
          thread.observe('small', lock.tryAcquire());
        },
      },
    },
    { outcomes: ['large=ok small=false'], planted: [SILENT, UNFENCED] },
  );

  model(
    'lets the next one pass when the first gives up',
    {
      names: NAMES,
      initial: laid(2, 1),
      threads: {
        first: (thread) => thread.observe('first', semaphore(thread, 0).acquire(2, TIMED)),
        next(thread) {
          behind(thread, 0);
          acquires(1)(thread);
        },
      },
    },
    { outcomes: ['first=timed-out next=ok'], planted: [SILENT, UNFENCED] },
  );

  model(
    'lets the next one pass when the first has died',
    {
      names: NAMES,
      initial: (words) => {
        laid(1, 0)(words);
        semaphore({ words }, 0).acquire();
        dyingAt('wait', words, (mortal) => semaphore({ words: mortal }, HOLDER).acquire(1, PARK));
        semaphore({ words }, 0).release();
      },
      threads: {
        host: (thread) => void semaphore(thread, 0).recover(owner(HOLDER)),
        next: acquires(1),
      },
    },
    { outcomes: ['next=ok'], planted: [SILENT] },
  );

  model(
    'lets the next one pass when the first is served',
    {
      names: NAMES,
      initial: laid(2, 2),
      threads: {
        first: acquires(0),
        next(thread) {
          semaphore(thread, HOLDER).release(2);
          acquires(HOLDER)(thread);
        },
      },
    },
    { outcomes: ['first=ok next=ok'], planted: [SILENT, UNFENCED] },
  );

  /** Acquires, and observes how many have counted before. The wakes are for the models above: this one spins. */
  const observesTurn = (thread: ModelThread, lock: Semaphore): void => {
    lock.acquire(1, { strategy: 'spin' });
    thread.observe(thread.name, thread.words.loadPlain(COUNT));
  };
  model(
    'serves who has waited before who has had it and comes again',
    {
      names: NAMES,
      initial: laid(1, 1),
      threads: {
        waits(thread) {
          const lock = semaphore(thread, 0);
          observesTurn(thread, lock);
          count(thread);
          lock.release();
        },
        again(thread) {
          behind(thread, 0);
          const lock = semaphore(thread, HOLDER);
          lock.release();
          observesTurn(thread, lock);
        },
      },
    },
    {
      outcomes: ['waits=0 again=1'],
      planted: [
        { name: 'the state is relaxed', bug: { updates: (at) => at === STATE }, shows: 'data race', weak: true },
      ],
    },
    // Who has looked 64 times in vain naps, as the counted turns would show one by one: naps change nothing.
    { spinAssume: true, spinRounds: 16 },
  );
});
