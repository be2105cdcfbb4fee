/** The model checker: executions explored by the second, and whether what it keeps grows with their number. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { check, Exploration, type ModelProgram } from '@pool/check';
import type { Contest } from '../contest.ts';
import { ainc, casrot, lastZero, PARALLEL_EXECUTIONS, type Part } from '../exploring.ts';

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
  title: 'all executions of ainc 8, two threads, a part each',
  rival: 'one thread, all of it',
  bar: 1.7,
  async open() {
    const workers = [0, 1].map(() => new Worker(new URL('./workers/explore.js', import.meta.url)));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const explore = async (worker: Worker, part: Part): Promise<number> => {
      worker.postMessage(part);
      const [executions] = (await once(worker, 'message')) as [number];
      return executions;
    };
    const together = async (parts: readonly Part[]): Promise<number> => {
      const done = parts.map((part) => explore(workers[part.index] as Worker, part));
      return (await Promise.all(done)).reduce((sum, executions) => sum + executions, 0);
    };
    const rounds = async (operations: number, parts: readonly Part[]): Promise<number> => {
      let executions = 0;
      for (let lap = 0; lap < operations; lap++) executions += await together(parts);
      return executions;
    };
    const halves = [
      { index: 0, count: 2 },
      { index: 1, count: 2 },
    ];
    return {
      ours: (operations) => rounds(operations, halves),
      rival: (operations) => rounds(operations, [{ index: 0, count: 1 }]),
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
