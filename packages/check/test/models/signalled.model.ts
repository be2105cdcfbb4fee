/** The small objects: what was written before is seen after, and nobody sleeps through it. */
import type { Address, Owner } from '@pool/core';
import { Barrier, Condition, Latch, Mutex, type MutexToken, Once, Parker, ResetEvent } from '@pool/sync';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, owner, SILENT, UNFENCED } from './model.ts';

const BASE = 16 as Address;
const CONDITION = 32 as Address;
const COUNT = 0 as Address;
const NAMES = { count: COUNT };
const PARK = { strategy: 'park' } as const;

function as(id: number): { readonly owner: Owner } {
  return { owner: owner(id) };
}

function count({ words }: ModelThread): void {
  words.storePlain(COUNT, words.loadPlain(COUNT) + 1n);
}

function observe(thread: ModelThread): void {
  thread.observe('read', thread.words.loadPlain(COUNT));
}

describe('signals', () => {
  // Who has waited for a millisecond for a mutex is preferred; threads that are checked may not look at a clock that goes.
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => void vi.restoreAllMocks());

  model(
    'a latch opens for who waits',
    {
      names: NAMES,
      initial: (words) => void Latch.create(words, BASE, 1),
      threads: {
        counts(thread) {
          count(thread);
          Latch.attach(thread.words, BASE).countDown();
        },
        waits(thread) {
          Latch.attach(thread.words, BASE).wait(PARK);
          observe(thread);
        },
      },
    },
    { outcomes: ['read=1'], planted: [SILENT, UNFENCED] },
  );

  const countDown = (thread: ModelThread): void => void Latch.attach(thread.words, BASE).countDown();
  model(
    'a latch has every count of two that count at once',
    {
      names: NAMES,
      initial: (words) => void Latch.create(words, BASE, 2),
      threads: { a: countDown, b: countDown },
      final: (end) => end.assert(Latch.attach(end.words, BASE).tryWait() === 'ok', 'it is open'),
    },
    {
      planted: [
        { name: 'the count is changed by load and store', bug: { torn: () => true }, shows: 'final condition' },
      ],
    },
  );

  const pass = (thread: ModelThread): void => {
    const event = ResetEvent.attach(thread.words, BASE);
    event.wait(PARK);
    count(thread);
    event.set();
  };
  model(
    'an auto-reset event lets one through at a time',
    {
      names: NAMES,
      initial: (words) => void ResetEvent.create(words, BASE, { reset: 'auto', set: true }),
      threads: { a: pass, b: pass },
      final: (end) => end.assert(end.words.load(COUNT) === 2n, 'both have passed'),
    },
    { planted: [SILENT] },
  );

  model(
    'a manual-reset event lets all through who wait',
    {
      names: NAMES,
      initial: (words) => void ResetEvent.create(words, BASE, { reset: 'manual' }),
      threads: {
        sets(thread) {
          count(thread);
          ResetEvent.attach(thread.words, BASE).set();
        },
        waits(thread) {
          ResetEvent.attach(thread.words, BASE).wait(PARK);
          observe(thread);
        },
        other(thread) {
          ResetEvent.attach(thread.words, BASE).wait(PARK);
          observe(thread);
        },
      },
    },
    { outcomes: ['read=1 read=1'], planted: [SILENT] },
  );

  const call =
    (id: number) =>
    (thread: ModelThread): void => {
      const once = Once.attach(thread.words, BASE, as(id));
      const result = once.call(() => {
        count(thread);
        return 7n;
      }, PARK);
      thread.observe(thread.name, result);
      thread.assert(once.value === 7n && thread.words.loadPlain(COUNT) === 1n, 'what the call did is there');
    };
  model(
    'a call is made once, and all see what it did',
    { names: NAMES, initial: (words) => void Once.create(words, BASE, as(0)), threads: { a: call(0), b: call(1) } },
    { outcomes: ['a=done b=ran', 'a=ran b=done'], planted: [SILENT] },
  );

  model(
    'a barrier shows each what the others did before it',
    {
      names: NAMES,
      initial: (words) => void Barrier.create(words, BASE, 2, as(0)),
      threads: {
        a(thread) {
          count(thread);
          thread.observe('a', Barrier.attach(thread.words, BASE, as(0)).wait(PARK));
        },
        b(thread) {
          thread.observe('b', Barrier.attach(thread.words, BASE, as(1)).wait(PARK));
          observe(thread);
        },
      },
    },
    { outcomes: ['a=leader b=ok read=1', 'a=ok b=leader read=1'], planted: [SILENT] },
  );

  model(
    'a parker keeps the wake that comes first',
    {
      names: NAMES,
      initial: (words) => void Parker.create(words, BASE),
      threads: {
        wakes(thread) {
          count(thread);
          Parker.attach(thread.words, BASE).unpark();
        },
        sleeps(thread) {
          Parker.attach(thread.words, BASE).park(PARK);
          observe(thread);
        },
      },
    },
    { outcomes: ['read=1'], planted: [SILENT] },
  );

  model(
    'a condition wakes who waits for what was changed under its mutex',
    {
      names: NAMES,
      initial: (words) => {
        Mutex.create(words, BASE, as(0));
        Condition.create(words, CONDITION);
      },
      threads: {
        changes(thread) {
          const token = Mutex.attach(thread.words, BASE, as(0)).lock(PARK);
          count(thread);
          token.unlock();
          Condition.attach(thread.words, CONDITION).notify();
        },
        waits(thread) {
          const token = Mutex.attach(thread.words, BASE, as(1)).lock(PARK);
          const condition = Condition.attach(thread.words, CONDITION);
          condition.waitFor(token, () => thread.words.loadPlain(COUNT) === 1n, PARK);
          token.unlock();
        },
      },
    },
    {
      planted: [
        SILENT,
        { name: 'the mutex is relaxed', bug: { updates: (at) => at < CONDITION }, shows: 'data race', weak: true },
      ],
    },
  );

  /** The mutex, which nobody has just now; how threads wait for one another at a mutex is its own model's to say. */
  const taken = (thread: ModelThread, id: number): MutexToken => {
    const token = Mutex.attach(thread.words, BASE, as(id)).tryLock();
    thread.assume(token !== undefined);
    return token as MutexToken;
  };
  const waitsForChange =
    (id: number) =>
    (thread: ModelThread): void => {
      const token = taken(thread, id);
      const condition = Condition.attach(thread.words, CONDITION);
      condition.waitFor(token, () => thread.words.loadPlain(COUNT) === 1n, PARK);
      token.unlock();
    };
  model(
    'a condition wakes all who wait for what was changed under its mutex',
    {
      names: NAMES,
      initial: (words) => {
        Mutex.create(words, BASE, as(0));
        Condition.create(words, CONDITION);
      },
      threads: {
        changes(thread) {
          const token = taken(thread, 0);
          count(thread);
          token.unlock();
          Condition.attach(thread.words, CONDITION).notifyAll();
        },
        waits: waitsForChange(1),
        other: waitsForChange(2),
      },
    },
    {
      planted: [{ ...SILENT, bug: { notifications: (at) => at >= CONDITION } }],
    },
  );
});
