/** The mutex: one at a time, what the holder wrote is seen, and nobody sleeps through an unlock. */
import type { Address, Owner, OwnerId } from '@pool/core';
import { MUTEX, Mutex } from '@pool/sync';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model } from './model.ts';

const BASE = 16 as Address;
const COUNT = 0 as Address;
const STATE = BASE + MUTEX.offsets.state;

function owner(id: number): Owner {
  return { id: id as OwnerId, generation: 1 };
}

function mutex({ words }: ModelThread, id: number): Mutex {
  return Mutex.attach(words, BASE, { owner: owner(id) });
}

const lockAndCount =
  (id: number) =>
  (thread: ModelThread): void => {
    const token = mutex(thread, id).lock({ strategy: 'park' });
    thread.words.storePlain(COUNT, thread.words.loadPlain(COUNT) + 1n);
    token.unlock();
  };

const program = (threads: ModelProgram['threads']): ModelProgram => ({
  names: { count: COUNT, state: STATE },
  initial: (words) => void Mutex.create(words, BASE, { owner: owner(1) }),
  threads,
});

describe('a mutex', () => {
  // Who has waited for a millisecond is preferred; threads that are checked may not look at a clock that goes.
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => void vi.restoreAllMocks());

  model(
    'excludes, publishes and wakes',
    {
      ...program({ a: lockAndCount(1), b: lockAndCount(2) }),
      final: (end) => end.assert(end.words.load(COUNT) === 2n, 'both have counted'),
    },
    {
      planted: [
        { name: 'the state is changed by load and store', bug: { torn: (at) => at === STATE }, shows: 'data race' },
        { name: 'the state is relaxed', bug: { updates: (at) => at === STATE }, shows: 'data race', weak: true },
        { name: 'notifications are left out', bug: { notifications: () => true }, shows: 'lost wake-up' },
      ],
    },
  );

  model('is refused to a second one that only tries', {
    ...program({
      a: lockAndCount(1),
      b: (thread) => {
        const token = mutex(thread, 2).tryLock();
        if (token === undefined) return;
        thread.words.storePlain(COUNT, thread.words.loadPlain(COUNT) + 1n);
        token.unlock();
      },
    }),
  });
});
