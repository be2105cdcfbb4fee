/** The model checker: executions explored by the second, and whether what it keeps grows with their number. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { check, Exploration, type ModelProgram } from '@pool/check';
import { Pool } from '@pool/core';
import type { Contest } from '../contest.ts';
import { ainc, casrot, lastZero, PARALLEL_EXECUTIONS } from '../exploring.ts';
import type { ExploreTask } from '../workers/explore.ts';

function throughput(name: string, title: string, program: ModelProgram): Contest {
  return {
    id: `check/throughput/${name}`,
    title: `executions of ${title}, rc11, one thread`,
    rate: { amount: 1, unit: 'exec/s' },
    floor: 20_000,
    open: () => ({
      ours(operations) {
        let done = 0;
        while (done < operations) done += check(program, { executions: operations - done }).executions;
        return done;
      },
      expected: (operations) => operations,
      close() {},
    }),
  };
}

/** What is reachable, in KiB, after so many executions of one exploration. */
function retained(executions: number): string {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const exploration = new Exploration(ainc(9), { executions });
  exploration.advance();
  collect();
  const kept = process.memoryUsage().heapUsed - before;
  return `${exploration.progress.executions} executions: ${(kept / 1024).toFixed(0)} KiB`;
}

const memory: Contest = {
  id: 'check/memory',
  title: 'executions of ainc 9; in the notes: what the explorer keeps after 10^3, 10^4 and 10^5',
  rate: { amount: 1, unit: 'exec/s' },
  open: () => ({
    ours: (operations) => check(ainc(9), { executions: operations }).executions,
    expected: (operations) => operations,
    notes: () => ({ kept: [1e3, 1e4, 1e5].map(retained).join(', ') }),
    close() {},
  }),
};

const parallel: Contest = {
  id: 'check/parallel',
  title: 'all executions of ainc 8, two threads that take parts of what is left',
  rival: 'one thread, all of it',
  bar: 1.7,
  async open() {
    const pool = Pool.create({ words: 1, segments: 0 });
    const dealt = pool.reserve(1);
    const workerData: ExploreTask = { pool: pool.handle, dealt };
    const workers = [0, 1].map(() => new Worker(new URL('./workers/explore.js', import.meta.url), { workerData }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const explore = async (worker: Worker, shares: boolean): Promise<number> => {
      worker.postMessage(shares);
      const [executions] = (await once(worker, 'message')) as [number];
      return executions;
    };
    const [first] = workers as [Worker];
    return {
      async ours(operations) {
        let executions = 0;
        for (let lap = 0; lap < operations; lap++) {
          pool.storeNumber(dealt, 0);
          const done = await Promise.all(workers.map((worker) => explore(worker, true)));
          for (const part of done) executions += part;
        }
        return executions;
      },
      async rival(operations) {
        let executions = 0;
        for (let lap = 0; lap < operations; lap++) executions += await explore(first, false);
        return executions;
      },
      expected: (operations) => operations * PARALLEL_EXECUTIONS,
      async close() {
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
  },
};

export const CHECK: readonly Contest[] = [
  throughput('casrot', 'casrot 9', casrot(9)),
  throughput('lastzero', 'lastzero 15', lastZero(15)),
  throughput('ainc', 'ainc 9', ainc(9)),
  parallel,
  memory,
];
