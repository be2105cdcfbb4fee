/** Programs that the contests of the checker explore, on this thread and on others. */
import type { ModelProgram, ThreadBody } from '@pool/check';

const X = 0;

function threads(count: number, body: (index: number) => ThreadBody): ModelProgram['threads'] {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, body(index)]));
}

/** Each thread adds to one word. */
export function ainc(count: number): ModelProgram {
  return { threads: threads(count, () => (t) => void t.fetchAdd(X, 1)) };
}

/** Thread i exchanges i - 1 for i. */
export function casrot(count: number): ModelProgram {
  return { threads: threads(count, (index) => (t) => void t.compareExchange(X, index, index + 1)) };
}

/** Writer j stores a[j - 1] + 1 to a[j]; a reader looks for the last zero. */
export function lastZero(writers: number): ModelProgram {
  const reader: ThreadBody = (t) => {
    for (let at = writers; t.load(at) !== 0n; at--);
  };
  return { threads: { reader, ...threads(writers, (index) => (t) => t.store(index + 1, t.load(index) + 1n)) } };
}

/** What the parallel contest explores: `ainc 8`, 8! executions. */
export const PARALLEL: ModelProgram = ainc(8);
export const PARALLEL_EXECUTIONS = 40_320;
