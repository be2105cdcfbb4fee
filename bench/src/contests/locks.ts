/** Locks, against those of the multithreading package. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Pool } from '@pool/core';
import { Mutex } from '@pool/sync';
import { type Contended, contender, type Round } from '../contending.ts';
import type { Contest } from '../contest.ts';

const RIVAL = 'multithreading';

const uncontended: Contest = {
  id: 'sync/mutex',
  title: 'lock and unlock of a mutex that nobody else wants',
  longer: 3,
  rival: RIVAL,
  bar: 3,
  packages: [RIVAL],
  async open() {
    // Here, not at the top: other contests' processes have nothing of the rival in them.
    const { Mutex: RivalMutex } = await import('multithreading');
    const pool = Pool.create({ words: 64, segments: 0 });
    const mutex = Mutex.create(pool, pool.reserve(Mutex.size()));
    const rival = new RivalMutex();
    return {
      ours(operations) {
        let locked = 0;
        for (let operation = 0; operation < operations; operation++) {
          const token = mutex.lock();
          if (token.locked) locked += 1;
          token.unlock();
        }
        return locked;
      },
      rival(operations) {
        let locked = 0;
        for (let operation = 0; operation < operations; operation++) {
          const guard = rival.blockingLock();
          if (guard.value === undefined) locked += 1;
          guard.dispose();
        }
        return locked;
      },
      expected: (operations) => operations,
      close() {},
    };
  },
};

const contended: Contest = {
  id: 'sync/mutex-contended',
  title: 'two threads count under one mutex',
  rival: RIVAL,
  packages: [RIVAL],
  async open() {
    const { Mutex: RivalMutex } = await import('multithreading');
    const pool = Pool.create({ words: 64, segments: 0 });
    const task: Contended = {
      pool: pool.handle,
      mutex: pool.reserve(Mutex.size()),
      counted: pool.reserve(1),
      lock: new SharedArrayBuffer(4),
      guarded: new SharedArrayBuffer(8),
    };
    Mutex.create(pool, task.mutex);
    const worker = new Worker(new URL('./workers/contend.js', import.meta.url), { workerData: task });
    await once(worker, 'message');
    const count = contender(pool, task, RivalMutex);
    const reached = { ours: 0, rival: 0 };
    const shares = { ours: [0, 0], rival: [0, 0] } satisfies Record<Round['side'], [number, number]>;
    async function race(side: Round['side'], operations: number): Promise<number> {
      reached[side] += operations;
      const round: Round = { side, target: reached[side] };
      const answer = once(worker, 'message');
      worker.postMessage(round);
      const mine = count(round);
      const [theirs] = (await answer) as [number];
      shares[side][0] += mine;
      shares[side][1] += theirs;
      return mine + theirs;
    }
    const share = (side: Round['side']): string => (Math.max(...shares[side]) / Math.min(...shares[side])).toFixed(2);
    return {
      ours: (operations) => race('ours', operations),
      rival: (operations) => race('rival', operations),
      expected: (operations) => operations,
      notes: () => ({ 'larger share to smaller': share('ours'), "the rival's": share('rival') }),
      async close() {
        await worker.terminate();
      },
    };
  },
};

export const LOCKS: readonly Contest[] = [uncontended, contended];
