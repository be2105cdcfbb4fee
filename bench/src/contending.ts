/** What both threads of the contended mutex contest do: count together under one lock, up to a number. */
import type { Address, Pool, PoolHandle } from '@pool/core';
import { Mutex } from '@pool/sync';
import type { Mutex as RivalMutex } from 'multithreading';

export interface Contended {
  readonly pool: PoolHandle;
  readonly mutex: Address;
  /** The word that is counted, plain: only who has the lock touches it. */
  readonly counted: Address;
  /** The rival's lock and what it guards. */
  readonly lock: SharedArrayBuffer;
  readonly guarded: SharedArrayBuffer;
}

export interface Round {
  readonly side: 'ours' | 'rival';
  /** Up to where the two count. */
  readonly target: number;
}

/** Counts until the target is reached; gives back how many of the counts were this thread's. */
export type Count = (round: Round) => number;

export function contender(
  pool: Pool,
  { mutex: at, counted, lock, guarded }: Contended,
  Rival: typeof RivalMutex,
): Count {
  const mutex = Mutex.attach(pool, at);
  const rival = new Rival(undefined, lock);
  const numbers = new Float64Array(guarded);

  function countOurs(target: number): number {
    for (let mine = 0; ; mine++) {
      const token = mutex.lock();
      const count = pool.loadPlainNumber(counted);
      if (count < target) pool.storePlainNumber(counted, count + 1);
      token.unlock();
      if (count >= target) return mine;
    }
  }

  function countRival(target: number): number {
    for (let mine = 0; ; mine++) {
      const guard = rival.blockingLock();
      const count = numbers[0] as number;
      if (count < target) numbers[0] = count + 1;
      guard.dispose();
      if (count >= target) return mine;
    }
  }

  return ({ side, target }) => (side === 'ours' ? countOurs(target) : countRival(target));
}
