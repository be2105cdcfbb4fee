/** Latch, event, parker, once and condition: what is waited for is seen, and nobody waits for what has happened. */
import type { Address, Owner, OwnerId } from '@pool/core';
import { Condition, Latch, Mutex, Once, Parker, ResetEvent } from '@pool/sync';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, type Planted } from './model.ts';

const BASE = 32 as Address;
const MUTEX = 64 as Address;
const DATA = 0 as Address;
const PARK = { strategy: 'park' } as const;

/** Without fences, who waits and who signals may miss each other. */
const FENCES: Planted = { name: 'fences are left out', bug: { fences: true }, shows: 'lost wake-up', weak: true };
const NOTIFICATIONS: Planted = {
  name: 'notifications are left out',
  bug: { notifications: () => true },
  shows: 'lost wake-up',
};
/** Without their order, words publish nothing. */
const RELAXED: Planted = {
  name: 'updates are relaxed',
  bug: { updates: () => true, stores: () => true },
  shows: 'data race',
  weak: true,
};

function owner(id: number): Owner {
  return { id: id as OwnerId, generation: 1 };
}

function write({ words }: ModelThread, at: number = DATA): void {
  words.storePlain(at as Address, words.loadPlain(at as Address) + 1n);
}

describe('a latch', () => {
  const count =
    (at: number) =>
    (thread: ModelThread): void => {
      write(thread, at);
      Latch.attach(thread.words, BASE).countDown();
    };
  model(
    'opens at the last count, and shows what all did before',
    {
      initial: (words) => void Latch.create(words, BASE, 2),
      threads: {
        a: count(DATA),
        b: count(DATA + 1),
        waiter: (thread) => {
          thread.observe('waited', Latch.attach(thread.words, BASE).wait(PARK));
          thread.assert(thread.words.loadPlain(DATA) + thread.words.loadPlain((DATA + 1) as Address) === 2n);
        },
      },
    },
    { outcomes: ['waited=ok'], planted: [FENCES, NOTIFICATIONS, RELAXED] },
  );
});

describe('a reset event', () => {
  const wait = (thread: ModelThread): void => {
    ResetEvent.attach(thread.words, BASE).wait(PARK);
    thread.assert(thread.words.loadPlain(DATA) === 1n);
  };
  const set = (thread: ModelThread): void => {
    write(thread);
    ResetEvent.attach(thread.words, BASE).set();
  };
  model(
    'wakes whoever waits',
    { initial: (words) => void ResetEvent.create(words, BASE, { reset: 'manual' }), threads: { wait, set } },
    { planted: [FENCES, NOTIFICATIONS, RELAXED] },
  );

  const pass = (thread: ModelThread): void =>
    thread.observe(thread.name, ResetEvent.attach(thread.words, BASE).tryWait());
  model(
    'lets one through, if it resets itself',
    {
      initial: (words) => void ResetEvent.create(words, BASE, { reset: 'auto', set: true }),
      threads: { a: pass, b: pass },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one passes'),
    },
    {
      outcomes: ['a=true b=false', 'a=false b=true'],
      planted: [{ name: 'its word is moved by load and store', bug: { torn: () => true }, shows: 'final condition' }],
    },
  );
});

describe('a parker', () => {
  model(
    'keeps a wake that comes early',
    {
      initial: (words) => void Parker.create(words, BASE),
      threads: {
        sleeper: (thread) => {
          Parker.attach(thread.words, BASE).park(PARK);
          thread.assert(thread.words.loadPlain(DATA) === 1n);
        },
        waker: (thread) => {
          write(thread);
          Parker.attach(thread.words, BASE).unpark();
        },
      },
    },
    {
      planted: [
        NOTIFICATIONS,
        RELAXED,
        { name: 'its word is changed by load and store', bug: { torn: () => true }, shows: 'lost wake-up' },
      ],
    },
  );
});

describe('a call made once', () => {
  const call =
    (id: number) =>
    (thread: ModelThread): void => {
      const once = Once.attach(thread.words, BASE, { owner: owner(id) });
      const result = once.call(() => {
        write(thread);
        return 7n;
      }, PARK);
      thread.assert(once.value === 7n && thread.words.loadPlain(DATA) === 1n);
      thread.observe(thread.name, result);
    };
  model(
    'is made by one, and the other sees what it did',
    {
      initial: (words) => void Once.create(words, BASE, { owner: owner(0) }),
      threads: { a: call(1), b: call(2) },
    },
    {
      outcomes: ['a=ran b=done', 'a=done b=ran'],
      planted: [FENCES, NOTIFICATIONS, { ...RELAXED, bug: { updates: () => true }, shows: 'assertion' }],
    },
  );
});

describe('a condition', () => {
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0)); // see the mutex
  afterAll(() => void vi.restoreAllMocks());

  model(
    'is waited for under the mutex, and not in vain',
    {
      initial: (words) => {
        Condition.create(words, BASE);
        Mutex.create(words, MUTEX, { owner: owner(0) });
      },
      threads: {
        waiter: ({ words }) => {
          const token = Mutex.attach(words, MUTEX, { owner: owner(1) }).lock(PARK);
          Condition.attach(words, BASE).waitFor(token, () => words.loadPlain(DATA) === 1n, PARK);
          token.unlock();
        },
        notifier: (thread) => {
          const token = Mutex.attach(thread.words, MUTEX, { owner: owner(2) }).lock(PARK);
          write(thread);
          token.unlock();
          Condition.attach(thread.words, BASE).notify();
        },
      },
    },
    { planted: [NOTIFICATIONS] },
  );
});
