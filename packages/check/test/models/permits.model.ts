/** Semaphore, reader-writer lock and wait group: as many as there may be, and whoever is next sees what the last one did. */
import type { Address, Owner, OwnerId } from '@pool/core';
import { RwLock, Semaphore, WaitGroup } from '@pool/sync';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, type Planted } from './model.ts';

const BASE = 16 as Address;
const DATA = 0 as Address;
const OWNERS = 3;
const PARK = { strategy: 'park' } as const;
const NOTIFICATIONS: Planted = {
  name: 'notifications are left out',
  bug: { notifications: () => true },
  shows: 'lost wake-up',
};
const RELAXED: Planted = {
  name: 'updates are relaxed',
  bug: { updates: () => true, loads: () => true, stores: () => true },
  shows: 'data race',
  weak: true,
};

function owner(id: number): Owner {
  return { id: id as OwnerId, generation: 1 };
}

function count({ words }: ModelThread): void {
  words.storePlain(DATA, words.loadPlain(DATA) + 1n);
}

describe('a semaphore', () => {
  const enter =
    (id: number, wait: boolean) =>
    (thread: ModelThread): void => {
      const semaphore = Semaphore.attach(thread.words, BASE, { owner: owner(id) });
      if (wait) semaphore.acquire(1, PARK);
      else if (!semaphore.tryAcquire()) return;
      count(thread);
      semaphore.release();
    };
  const initial = (words: ModelThread['words']): void =>
    void Semaphore.create(words, BASE, 1, { owners: OWNERS, owner: owner(0) });

  model(
    'of one permit excludes whoever tries',
    { initial, threads: { a: enter(1, false), b: enter(2, false) } },
    {
      planted: [RELAXED],
    },
  );

  model(
    'wakes whoever waits',
    {
      initial,
      threads: { a: enter(1, true), b: enter(2, true) },
      final: (end) => end.assert(end.words.load(DATA) === 2n, 'both have counted'),
    },
    { planted: [NOTIFICATIONS] },
  );
});

describe('a reader-writer lock', () => {
  model(
    'keeps readers and a writer apart',
    {
      initial: (words) => void RwLock.create(words, BASE, { owners: OWNERS, owner: owner(0) }),
      threads: {
        reader: (thread) => {
          const token = RwLock.attach(thread.words, BASE, { owner: owner(1) }).tryRead();
          if (token === undefined) return;
          thread.observe('read', thread.words.loadPlain(DATA));
          token.unlock();
        },
        writer: (thread) => {
          const token = RwLock.attach(thread.words, BASE, { owner: owner(2) }).tryWrite();
          if (token === undefined) return;
          count(thread);
          token.unlock();
        },
      },
    },
    { outcomes: ['', 'read=0', 'read=1'], planted: [RELAXED] },
  );
});

describe('a wait group', () => {
  model(
    'waits for what was begun, and shows what it did',
    {
      initial: (words) => WaitGroup.create(words, BASE, { owners: 0, owner: owner(0) }).add(),
      threads: {
        worker: (thread) => {
          count(thread);
          WaitGroup.attach(thread.words, BASE, { owner: owner(1) }).done();
        },
        waiter: (thread) => {
          thread.observe('waited', WaitGroup.attach(thread.words, BASE, { owner: owner(2) }).wait(PARK));
          thread.assert(thread.words.loadPlain(DATA) === 1n);
        },
      },
    },
    { outcomes: ['waited=ok'], planted: [NOTIFICATIONS] },
  );
});
