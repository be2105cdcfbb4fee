/** Permits and what is made of them: nobody has what another has, a death gives everything back once, and nobody sleeps on. */
import type { Address } from '@pool/core';
import { PERMIT_GATE, RwLock, Semaphore, WaitGroup } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, SILENT, UNFENCED } from './model.ts';

const BASE = 16 as Address;
const COUNT = 0 as Address;
const { state: STATE, event: EVENT } = PERMIT_GATE.at(BASE);
const NAMES = { count: COUNT, state: STATE, event: EVENT };
const OWNERS = 3;
const PARK = { strategy: 'park' } as const;

function semaphore({ words }: Pick<ModelThread, 'words'>, id: number, generation = 1): Semaphore {
  return Semaphore.attach(words, BASE, { owner: owner(id, generation) });
}

function count({ words }: ModelThread): void {
  words.storePlain(COUNT, words.loadPlain(COUNT) + 1n);
}

/** A semaphore of so many permits, of which owner 2 has some and is dead. */
const laid =
  (permits: number, lost = 0): NonNullable<ModelProgram['initial']> =>
  (words) => {
    Semaphore.create(words, BASE, permits, { owner: owner(0), owners: OWNERS });
    if (lost > 0) semaphore({ words }, 2).acquire(lost);
  };

const available =
  (permits: number): NonNullable<ModelProgram['final']> =>
  (end) => {
    const there = semaphore(end, 1).available;
    end.assert(there === permits, `${there} permits are there, not ${permits}`);
  };

describe('a semaphore', () => {
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
    { names: NAMES, initial: laid(1), threads: { a: lockAndCount(0), b: lockAndCount(1) }, final: available(1) },
    {
      planted: [
        { name: 'the state is changed by load and store', bug: { torn: (at) => at === STATE }, shows: 'data race' },
        { name: 'the state is relaxed', bug: { updates: (at) => at === STATE }, shows: 'data race', weak: true },
        SILENT,
        UNFENCED,
      ],
    },
  );

  const attempt =
    (id: number, generation = 1) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, String(semaphore(thread, id, generation).tryAcquire()));

  model(
    'of two permits lets two of three have one',
    { names: NAMES, initial: laid(2), threads: { a: attempt(0), b: attempt(1), c: attempt(2) }, final: available(0) },
    {
      outcomes: ['a=true b=true c=false', 'a=true b=false c=true', 'a=false b=true c=true'],
      planted: [
        {
          name: 'the state is changed by load and store',
          bug: { torn: (at) => at === STATE },
          shows: 'final condition',
        },
      ],
    },
  );

  const recovery =
    (id: number) =>
    (thread: ModelThread): void => {
      const found = semaphore(thread, id).recover(owner(2))?.count ?? 0;
      thread.observe(thread.name, String(found));
      thread.words.fetchAdd(COUNT, BigInt(found));
    };

  model(
    'has the permits of the dead again, once, whoever recovers them',
    {
      names: NAMES,
      initial: laid(3, 2),
      threads: { a: recovery(0), b: recovery(1) },
      final(end) {
        available(3)(end);
        end.assert(end.words.load(COUNT) === 2n, 'two permits were found, each by one of them');
      },
    },
    {
      outcomes: ['a=2 b=0', 'a=0 b=2'],
      planted: [
        {
          name: 'the state is changed by load and store',
          bug: { torn: (at) => at === STATE },
          shows: 'final condition',
        },
      ],
    },
  );

  model(
    'has them once, too, if a successor comes before a late recovery',
    { names: NAMES, initial: laid(3, 2), threads: { late: recovery(0), next: attempt(2, 2) }, final: available(2) },
    { outcomes: ['late=2 next=true', 'late=0 next=true'] },
  );
});

describe('a read-write lock', () => {
  const initial: NonNullable<ModelProgram['initial']> = (words) =>
    void RwLock.create(words, BASE, { owner: owner(0), owners: 2 });
  const lock = ({ words }: ModelThread, id: number): RwLock => RwLock.attach(words, BASE, { owner: owner(id) });

  model(
    'shows a reader all that a writer wrote, or nothing',
    {
      names: NAMES,
      initial,
      threads: {
        writer(thread) {
          const token = lock(thread, 0).write(PARK);
          count(thread);
          token.unlock();
        },
        reader(thread) {
          const token = lock(thread, 1).read(PARK);
          thread.observe('read', thread.words.loadPlain(COUNT));
          token.unlock();
        },
      },
    },
    {
      outcomes: ['read=0', 'read=1'],
      planted: [
        { name: 'the state is relaxed', bug: { updates: (at) => at === STATE }, shows: 'data race', weak: true },
        SILENT,
      ],
    },
  );

  const writes =
    (id: number) =>
    (thread: ModelThread): void => {
      const token = lock(thread, id).write(PARK);
      count(thread);
      token.unlock();
    };
  model(
    'lets one write at a time',
    {
      names: NAMES,
      initial,
      threads: { a: writes(0), b: writes(1) },
      final: (end) => end.assert(end.words.load(COUNT) === 2n, 'both have counted'),
    },
    {
      planted: [
        { name: 'the state is changed by load and store', bug: { torn: (at) => at === STATE }, shows: 'data race' },
        SILENT,
      ],
    },
  );
});

describe('a wait group', () => {
  model(
    'shows what was done to those who waited for it',
    {
      names: NAMES,
      initial: (words) => WaitGroup.create(words, BASE, { owner: owner(0), owners: 2 }).add(),
      threads: {
        worker(thread) {
          count(thread);
          WaitGroup.attach(thread.words, BASE, { owner: owner(0) }).done();
        },
        waiter(thread) {
          WaitGroup.attach(thread.words, BASE, { owner: owner(1) }).wait(PARK);
          thread.observe('read', thread.words.loadPlain(COUNT));
        },
      },
    },
    {
      outcomes: ['read=1'],
      planted: [UNFENCED],
    },
  );
});
