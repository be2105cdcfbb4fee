import { FreeList } from '@pool/alloc';
import type { Address, Pool, WaitAsyncOptions } from '@pool/core';
import { attachReceiver, attachSender, Mutex, RwLock, Semaphore } from '@pool/sync';
import { type Do, step } from './task.ts';

/** How many operations are pending at once. */
const CROWD = 100;

/** Of four that come one has a time that may run out before its turn, and one a signal that may abort it at any time. */
function impatience(index: number): WaitAsyncOptions {
  if (index % 4 === 0) return { timeout: index % 3 };
  return index % 4 === 1 ? { signal: AbortSignal.timeout(index % 3) } : {};
}

/** What came of all of them; those that were aborted have no answer. */
async function ended<T>(crowd: readonly Promise<T>[]): Promise<T[]> {
  const answers: T[] = [];
  for (const one of await Promise.allSettled(crowd)) {
    if (one.status === 'fulfilled') answers.push(one.value);
    else if ((one.reason as Error).name !== 'TimeoutError') throw one.reason;
  }
  return answers;
}

/** Sends `count` values of its own, a crowd at a time, and answers which were sent; or receives until the end, and answers what. */
export const crowdOfMessages: Do = async (pool, { sender, receiver, storage, count, thread }) => {
  const attaching = storage === undefined ? {} : { storage: FreeList.attach(pool, storage, pool.owner) };
  const passed: number[] = [];
  if (sender) {
    const tx = attachSender(pool, sender, attaching);
    for (let first = 0; first < count; first += CROWD) {
      const crowd = Array.from({ length: CROWD }, async (_, index) => {
        const value = thread * count + first + index;
        if ((await tx.sendAsync(BigInt(value), impatience(index + first / CROWD))) === 'ok') passed.push(value);
      });
      await ended(crowd);
    }
    tx.close();
  }
  if (receiver) {
    const rx = attachReceiver(pool, receiver, attaching);
    for (let closed = false, turn = 0; !closed; turn++) {
      const crowd = Array.from({ length: CROWD }, async (_, index) => {
        const received = await rx.receiveAsync(impatience(index + turn));
        if (received.status === 'ok') passed.push(Number(received.value));
        return received.status;
      });
      closed = (await ended(crowd)).includes('closed');
    }
    rx.close();
  }
  return passed;
};

type Release = () => void;

const LOCKS: Record<string, (pool: Pool, at: Address) => (options: WaitAsyncOptions) => Promise<Release | undefined>> =
  {
    mutex(pool, at) {
      const mutex = Mutex.attach(pool, at);
      return async (options) => {
        const token = await mutex.lockAsync(options);
        return token && (() => token.unlock());
      };
    },
    'read-write lock'(pool, at) {
      const lock = RwLock.attach(pool, at);
      return async (options) => {
        const token = await lock.writeAsync(options);
        return token && (() => token.unlock());
      };
    },
    semaphore(pool, at) {
      const semaphore = Semaphore.attach(pool, at);
      return async (options) => {
        const acquired = await semaphore.acquireAsync(1, options);
        return acquired === 'ok' ? () => semaphore.release() : undefined;
      };
    },
  };

/** Counts under a lock that one may hold, `count` crowds one after the other; answers how often somebody was let in. */
export const crowdAtLock: Do = async (pool, { at, count, what = '' }, word) => {
  const take = LOCKS[what]?.(pool, at);
  let entered = 0;
  for (let turn = 0; turn < count; turn++) {
    const crowd = Array.from({ length: CROWD }, async (_, index) => {
      const release = await take?.(impatience(index + turn));
      if (release === undefined) return;
      entered += 1;
      step(pool, word(0), word(1), false);
      if (index % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
      release();
    });
    await ended(crowd);
  }
  return entered;
};
