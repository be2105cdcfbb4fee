/** Explores a subject on several threads, a part each. */
import { Worker } from 'node:worker_threads';
import { type CheckOptions, type CheckReport, ModelError, mergeReports, type Progress } from '@pool/check';
import type { Answers, Judged, Subject } from './subject.ts';

export interface PartData {
  readonly subject: Subject;
  readonly options: Omit<CheckOptions, 'plant'>;
}

export type PartMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly judged: Judged }
  | { readonly kind: 'refused'; readonly message: string };

/** As `explorePart`, of the whole; the bound on executions is that of all threads together, and kept as well as they can be told. */
export async function exploreThreads(
  subject: Subject,
  { executions = Number.POSITIVE_INFINITY, ...options }: Omit<CheckOptions, 'plant'>,
  count: number,
  goesOn: (soFar: Progress) => boolean,
): Promise<Judged> {
  const progress: Progress[] = [];
  const workers: Worker[] = [];
  let reachedBound = false;
  const heard = (index: number, soFar: Progress): void => {
    progress[index] = soFar;
    const together = sum(progress);
    reachedBound ||= together.executions + together.blocked >= executions;
    if (!reachedBound && goesOn(together)) return;
    for (const worker of workers) worker.postMessage('stop');
  };
  const parts = Array.from({ length: count }, (_, index) => {
    const data: PartData = { subject, options: { ...options, share: { index, count } } };
    const worker = new Worker(new URL('./check-worker.js', import.meta.url), { workerData: data });
    workers.push(worker);
    return judgedBy(worker, (soFar) => heard(index, soFar));
  });
  try {
    return merge((await Promise.all(parts)) as [Judged, ...Judged[]], reachedBound);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function judgedBy(worker: Worker, heard: (soFar: Progress) => void): Promise<Judged> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: PartMessage) => {
      if (message.kind === 'progress') heard(message.progress);
      else if (message.kind === 'done') resolve(message.judged);
      else reject(new ModelError(message.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('a thread of the checker has ended without a report')));
  });
}

function sum(progress: readonly (Progress | undefined)[]): Progress {
  let [executions, blocked, milliseconds] = [0, 0, 0];
  for (const part of progress) {
    executions += part?.executions ?? 0;
    blocked += part?.blocked ?? 0;
    milliseconds = Math.max(milliseconds, part?.milliseconds ?? 0);
  }
  return { executions, blocked, milliseconds };
}

function merge(parts: readonly [Judged, ...Judged[]], reachedBound: boolean): Judged {
  const reports = parts.map(({ report }) => report) as [CheckReport, ...CheckReport[]];
  const merged = mergeReports(reports);
  const report: CheckReport = reachedBound && !merged.exhausted ? { ...merged, stoppedBy: 'executions' } : merged;
  const answers = parts.flatMap((part) => (part.answers === undefined ? [] : [part.answers]));
  const [first] = answers;
  if (first === undefined) return { report };
  const count = (of: (one: Answers) => number): number => answers.reduce((total, one) => total + of(one), 0);
  return {
    report,
    answers: {
      quantifier: first.quantifier,
      positive: count(({ positive }) => positive),
      negative: count(({ negative }) => negative),
    },
  };
}
