/** A 1 MiB segment to a waiting worker and back, against `postMessage`. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StaticStorage } from '@pool/alloc';
import { Pool, type Slot } from '@pool/core';
import type { Contest, Contestants } from '../contest.ts';
import {
  byteOf,
  HANDOFF_BYTES,
  type HandoffMode,
  type HandoffTask,
  LINES,
  touchBytes,
  touchDraft,
} from '../handoff.ts';
import { HandoffEnd } from '../handoff-pool.ts';

const BLOCKS = 4;
/** Long enough to bridge the other side's reading of 1 MiB, short enough to give the core away when it takes longer. */
const SPINS = 3000;

async function startWorker(task: HandoffTask): Promise<Worker> {
  const worker = new Worker(new URL('./workers/handoff.js', import.meta.url), { workerData: task });
  await once(worker, 'message');
  return worker;
}

async function open(spins: number, rivalMode: HandoffMode): Promise<Contestants> {
  const pool = Pool.create({ words: StaticStorage.size(BLOCKS, HANDOFF_BYTES) + 256, segments: BLOCKS });
  const base = pool.reserve(StaticStorage.size(BLOCKS, HANDOFF_BYTES));
  const events = pool.reserve(64);
  const total = pool.reserve(1);
  const [there, back] = [pool.reserve(1), pool.reserve(1)] as number[] as [Slot, Slot];
  const storage = { base, blocks: BLOCKS, blockBytes: HANDOFF_BYTES };
  const task: HandoffTask = { mode: 'pool', pool: pool.handle, storage, there, back, events, total, spins };
  const worker = await startWorker(task);
  const rivalWorker = await startWorker({ ...task, mode: rivalMode });
  const end = new HandoffEnd(pool, task, 'asker');
  let buffer = new ArrayBuffer(HANDOFF_BYTES);
  return {
    ours(operations) {
      const before = pool.loadNumber(total);
      for (let lap = 0; lap < operations; lap++) {
        end.send((draft) => touchDraft(draft, byteOf(lap)));
        end.reclaim();
      }
      return pool.loadNumber(total) - before;
    },
    rival(operations) {
      const before = pool.loadNumber(total);
      return new Promise((resolve) => {
        let lap = 0;
        const post = (): void => {
          touchBytes(new Uint8Array(buffer), byteOf(lap));
          rivalWorker.postMessage(buffer, rivalMode === 'transfer' ? [buffer] : []);
        };
        const receive = (returned: ArrayBuffer): void => {
          buffer = returned;
          lap += 1;
          if (lap < operations) {
            post();
          } else {
            rivalWorker.off('message', receive);
            resolve(pool.loadNumber(total) - before);
          }
        };
        rivalWorker.on('message', receive);
        post();
      });
    },
    expected(operations) {
      let sum = 0;
      for (let lap = 0; lap < operations; lap++) sum += byteOf(lap) * LINES;
      return sum;
    },
    async close() {
      await Promise.all([worker.terminate(), rivalWorker.terminate()]);
    },
  };
}

export const HANDOFF: readonly Contest[] = [
  {
    id: 'core/handoff',
    title: '1 MiB to a waiting worker and back, spin-then-park',
    rival: 'postMessage with transfer of an ArrayBuffer',
    bar: 5,
    open: () => open(SPINS, 'transfer'),
  },
  {
    id: 'core/handoff-parked',
    title: '1 MiB to a parked worker and back',
    rival: 'postMessage with transfer of an ArrayBuffer',
    bar: 1.5,
    open: () => open(0, 'transfer'),
  },
  {
    id: 'core/handoff-clone',
    title: '1 MiB to a waiting worker and back, spin-then-park',
    rival: 'postMessage of a cloned ArrayBuffer',
    open: () => open(SPINS, 'clone'),
  },
];
