/** The model checker: executions explored by the second, and whether what it keeps grows with their number. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { check, Exploration, type ModelProgram, type ThreadBody } from '@pool/check';
import type { Contest } from '../contest.ts';

const X = 0;

function threads(count: number, body: (index: number) => ThreadBody): ModelProgram['threads'] {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, body(index)]));
}

/** Each thread adds to one word. */
function ainc(count: number): ModelProgram {
  return { threads: threads(count, () => (t) => void t.fetchAdd(X, 1)) };
}

/** Thread i exchanges i - 1 for i. */
function casrot(count: number): ModelProgram {
  return { threads: threads(count, (index) => (t) => void t.compareExchange(X, index, index + 1)) };
}

/** Writer j stores a[j - 1] + 1 to a[j]; a reader looks for the last zero. */
function lastZero(writers: number): ModelProgram {
  const reader: ThreadBody = (t) => {
    for (let at = writers; t.load(at) !== 0n; at--);
  };
  return { threads: { reader, ...threads(writers, (index) => (t) => t.store(index + 1, t.load(index) + 1n)) } };
}

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

export const CHECK: readonly Contest[] = [
  throughput('casrot', 'casrot 9', casrot(9)),
  throughput('lastzero', 'lastzero 15', lastZero(15)),
  throughput('ainc', 'ainc 9', ainc(9)),
  memory,
];
