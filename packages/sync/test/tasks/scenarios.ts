/** What four threads do with whichever object: wait to be told something, or take turns with little patience. */
import type { Address, Pool } from '@pool/core';
import * as sync from '@pool/sync';
import { type Do, meet, step } from './task.ts';

const FOUR = 4;
const PARK = { strategy: 'park' } as const;

/** Waits at an object until somebody ends the wait, and gives back what it was told. Every wait is a park, and every end a wake. */
const WAITS = {
  'word queue, receivers': (pool, at) => sync.WordQueue.attach(pool, at).receive(PARK),
  'word queue, senders': (pool, at) => sync.WordQueue.attach(pool, at).send(1n, PARK),
  'array queue, receivers': (pool, at) => sync.ArrayQueue.attach(pool, at).receive(PARK),
  'array queue, senders': (pool, at) => sync.ArrayQueue.attach(pool, at).send(1n, PARK),
  'records ring, senders': (pool, at) => sync.RecordsRing.attach(pool, at).send(new Uint8Array(32), PARK),
  mailbox: (pool, at) => sync.Mailbox.attach(pool, at).read(new BigUint64Array(1), PARK),
  broadcast: (pool, at) => sync.Broadcast.attach(pool, at).receiver(0).receive(new BigUint64Array(1), PARK),
  'one-shot': (pool, at) => sync.OneShot.attach(pool, at).receive(PARK),
  latch: (pool, at) => sync.Latch.attach(pool, at).wait(PARK),
  'reset event': (pool, at) => sync.ResetEvent.attach(pool, at).wait(PARK),
  'wait group': (pool, at) => sync.WaitGroup.attach(pool, at).wait(PARK),
  once: (pool, at) => sync.Once.attach(pool, at).call(() => 1n, PARK),
  semaphore: (pool, at) => sync.Semaphore.attach(pool, at).acquire(1, PARK),
  'read-write lock': (pool, at) => sync.RwLock.attach(pool, at).read(PARK)?.locked,
} as const satisfies Record<string, (pool: Pool, at: Address) => unknown>;

/** Something that one at a time has. */
interface Turns {
  /** Whether it was had in time. */
  take(timeout: number): boolean;
  giveBack(): void;
}

function holding<Token extends { unlock(): void }>(lock: (timeout: number) => Token | undefined): Turns {
  let token: Token | undefined;
  return {
    take(timeout) {
      token = lock(timeout);
      return token !== undefined;
    },
    giveBack: () => token?.unlock(),
  };
}

/** Whoever has the one word that is in the queue has the turn. */
function ofQueue(queue: sync.WordQueue | sync.ArrayQueue): Turns {
  return {
    take: (timeout) => queue.receive({ timeout }) === 1n,
    giveBack: () => void queue.send(1n),
  };
}

function ofSemaphore(semaphore: sync.Semaphore): Turns {
  return { take: (timeout) => semaphore.acquire(1, { timeout }) === 'ok', giveBack: () => semaphore.release() };
}

const TURNS = {
  mutex(pool, at) {
    const mutex = sync.Mutex.attach(pool, at);
    return holding((timeout) => mutex.lock({ timeout }));
  },
  'read-write lock'(pool, at) {
    const lock = sync.RwLock.attach(pool, at);
    return holding((timeout) => lock.write({ timeout }));
  },
  semaphore: (pool, at) => ofSemaphore(sync.Semaphore.attach(pool, at)),
  'fair semaphore': (pool, at) => ofSemaphore(sync.Semaphore.attach(pool, at)),
  'auto-reset event'(pool, at) {
    const event = sync.ResetEvent.attach(pool, at);
    return { take: (timeout) => event.wait({ timeout }) === 'ok', giveBack: () => event.set() };
  },
  'word queue': (pool, at) => ofQueue(sync.WordQueue.attach(pool, at)),
  'array queue': (pool, at) => ofQueue(sync.ArrayQueue.attach(pool, at)),
  condition(pool, at) {
    const mutex = sync.Mutex.attach(pool, at);
    const condition = sync.Condition.attach(pool, (at + sync.Mutex.size()) as Address);
    const busy = (at + sync.Mutex.size() + sync.Condition.size()) as Address;
    return {
      take(timeout) {
        using token = mutex.lock();
        if (condition.waitFor(token, () => pool.loadPlainNumber(busy) === 0, { timeout }) !== 'ok') return false;
        pool.storePlainNumber(busy, 1);
        return true;
      },
      giveBack() {
        using _ = mutex.lock();
        pool.storePlainNumber(busy, 0);
        condition.notify();
      },
    };
  },
} as const satisfies Record<string, (pool: Pool, at: Address) => Turns>;

export type Waiting = keyof typeof WAITS;
export type Turning = keyof typeof TURNS;

/** Waits at one object after the other, `size` words apart; the first word counts who has come. */
export const waitAtEach: Do = (pool, { at, count, what, size = 0 }, word) => {
  const wait = WAITS[what as Waiting];
  return Array.from({ length: count }, (_, index) => {
    pool.fetchAddNumber(word(0), 1);
    return wait(pool, (at + index * size) as Address);
  });
};

/** Takes its turn `count` times, giving up again and again in between; gives back how often it gave up. */
export const impatient: Do = (pool, { at, count, thread, what }, word) => {
  const turns = TURNS[what as Turning](pool, at);
  let inVain = 0;
  meet(pool, word(2), FOUR);
  for (let turn = 0; turn < count; ) {
    if (!turns.take(((turn + inVain + thread) % 4) / 20)) {
      inVain += 1;
      continue;
    }
    step(pool, word(0), word(1), false);
    if (turn % 4 === 0) for (const end = performance.now() + 0.2; performance.now() < end; ) pool.pause();
    turns.giveBack();
    turn += 1;
  }
  return inVain;
};
