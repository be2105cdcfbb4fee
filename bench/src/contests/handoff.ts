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
  RawEnd,
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

interface Terms {
  readonly spins: number;
  readonly oursMode?: HandoffMode;
  readonly rivalMode: HandoffMode;
}

async function open({ spins, oursMode = 'pool', rivalMode }: Terms): Promise<Contestants> {
  const pool = Pool.create({ words: StaticStorage.size(BLOCKS, HANDOFF_BYTES) + 256, segments: BLOCKS });
  const base = pool.reserve(StaticStorage.size(BLOCKS, HANDOFF_BYTES));
  const events = pool.reserve(64);
  const total = pool.reserve(1);
  const [there, back] = [pool.reserve(1), pool.reserve(1)] as number[] as [Slot, Slot];
  const storage = { base, blocks: BLOCKS, blockBytes: HANDOFF_BYTES };
  const raw = new SharedArrayBuffer(RawEnd.bytes(BLOCKS));
  const task: HandoffTask = { mode: oursMode, pool: pool.handle, storage, there, back, events, total, spins, raw };
  const worker = await startWorker(task);
  const rivalWorker = await startWorker({ ...task, mode: rivalMode });
  const end = new HandoffEnd(pool, task, 'asker');
  const rawEnd = new RawEnd(raw);
  // As many as the pool has: a block that the other core has not read just now is cheaper to write, for either side.
  const buffers = Array.from({ length: BLOCKS }, () => new ArrayBuffer(HANDOFF_BYTES));
  return {
    ours(operations) {
      const before = pool.loadNumber(total);
      for (let lap = 0; lap < operations; lap++) {
        if (oursMode === 'raw') {
          rawEnd.exchange(byteOf(lap));
          continue;
        }
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
          const buffer = buffers[lap % BLOCKS] as ArrayBuffer;
          touchBytes(new Uint8Array(buffer), byteOf(lap));
          rivalWorker.postMessage(buffer, rivalMode === 'transfer' ? [buffer] : []);
        };
        const receive = (returned: ArrayBuffer): void => {
          buffers[lap % BLOCKS] = returned;
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
    open: () => open({ spins: SPINS, rivalMode: 'transfer' }),
  },
  {
    id: 'core/handoff-parked',
    title: '1 MiB to a parked worker and back',
    rival: 'postMessage with transfer of an ArrayBuffer',
    bar: 1.5,
    open: () => open({ spins: 0, rivalMode: 'transfer' }),
  },
  {
    id: 'core/handoff-clone',
    title: '1 MiB to a waiting worker and back, spin-then-park',
    rival: 'postMessage of a cloned ArrayBuffer',
    open: () => open({ spins: SPINS, rivalMode: 'clone' }),
  },
  {
    // What is left when a hand-off costs nothing but the touching and two flags: no design can have more than this.
    id: 'core/handoff-limit',
    title: '1 MiB to a waiting thread and back, raw SharedArrayBuffer, two flags, endless spin',
    rival: 'postMessage with transfer of an ArrayBuffer',
    open: () => open({ spins: SPINS, oursMode: 'raw', rivalMode: 'transfer' }),
  },
];
