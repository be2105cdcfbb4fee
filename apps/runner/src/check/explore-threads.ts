/**
 * Explores a subject on threads, each of which takes parts of what is left; also on one alone, for functions of a module may never give control back, and only
 * another thread can end them then. A part that is to end and says nothing for a while is ended, and what it last told counts.
 */
import { Worker } from 'node:worker_threads';
import { type CheckOptions, type CheckReport, mergeReports, type Progress } from '@pool/check';
import { type Address, Pool, type PoolHandle } from '@pool/core';
import { type Problem, SetupError } from '../errors.ts';
import type { Answers, Judged, Subject } from './subject.ts';
import { LOADING } from './watched.ts';

export interface PartData {
  readonly file: string;
  readonly subject: Subject;
  readonly options: Omit<CheckOptions, 'plant' | 'share'>;
  /** The word that deals parts out, if there is more than one part. */
  readonly dealt?: DealtAmong;
  /** Shared: which of the names of `begun` runs. */
  readonly running: Int32Array;
}

export interface DealtAmong {
  readonly pool: PoolHandle;
  readonly at: Address;
}

export type PartMessage =
  | { readonly kind: 'begun'; readonly names: readonly string[] }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'report'; readonly judged: Judged }
  /** From here on nothing runs that was given. */
  | { readonly kind: 'over' }
  | { readonly kind: 'done'; readonly judged: Judged }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** How long a part may say nothing when it is to end: many times what it takes between two messages. */
const GRACE_MS = 2_000;
const LOOK_EVERY_MS = 100;

export interface Spectator {
  /** Told how far all parts are, and now and then; whether to go on is its answer. */
  goesOn(soFar: Progress): boolean;
  /** Told what ran in a part that was to end and said nothing for so long. */
  silent(what: string, milliseconds: number): void;
}

/**
 * With several threads, the bound on executions is that of all together, and kept as well as they can be told.
 * @throws {SetupError} if the subject cannot be checked
 */
export async function exploreThreads(
  file: string,
  subject: Subject,
  { executions = Number.POSITIVE_INFINITY, ...options }: Omit<CheckOptions, 'plant' | 'share'>,
  count: number,
  spectator: Spectator,
): Promise<Judged> {
  let reachedBound = false;
  /** When all parts were told to end. */
  let toldToEnd = Number.POSITIVE_INFINITY;
  const look = (): void => {
    const together = sum(parts.map(({ progress }) => progress));
    reachedBound ||= count > 1 && together.executions + together.blocked >= executions;
    if (!reachedBound && spectator.goesOn(together)) return;
    if (toldToEnd === Number.POSITIVE_INFINITY) toldToEnd = performance.now();
    for (const part of parts) part.end();
  };
  const bounds = count === 1 ? { options: { ...options, executions } } : { options, dealt: dealtAmong(count) };
  const parts = Array.from({ length: count }, () => new Part({ file, subject, ...bounds }, look));
  const timer = setInterval(() => {
    look();
    for (const part of parts) {
      const due = Math.min(toldToEnd, part.begun + (options.milliseconds ?? Number.POSITIVE_INFINITY));
      if (part.isOver || performance.now() - Math.max(due, part.heard) < GRACE_MS) continue;
      spectator.silent(part.running, GRACE_MS);
      part.abandon(due < toldToEnd ? 'milliseconds' : undefined, options.model);
    }
  }, LOOK_EVERY_MS);
  try {
    return merge((await Promise.all(parts.map(({ judged }) => judged))) as [Judged, ...Judged[]], reachedBound);
  } finally {
    clearInterval(timer);
    await Promise.all(parts.map((part) => part.terminate()));
  }
}

function dealtAmong(threads: number): DealtAmong {
  const pool = Pool.create({ words: 1, segments: 0, owners: threads + 1 });
  return { pool: pool.handle, at: pool.reserve(1) };
}

class Part {
  readonly judged: Promise<Judged>;
  readonly #worker: Worker;
  readonly #running: Int32Array = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #names: readonly string[] = [LOADING];
  #lastReport: Judged | undefined;
  #settle: (judged: Judged) => void = () => {};
  progress: Progress = { executions: 0, blocked: 0, milliseconds: 0 };
  /** When it began to explore, or was made, and when it last said something. */
  begun: number = performance.now();
  heard: number = this.begun;
  isOver = false;

  constructor(data: Omit<PartData, 'running'>, onProgress: () => void) {
    const workerData: PartData = { ...data, running: this.#running };
    const worker = new Worker(new URL('./check-worker.js', import.meta.url), { workerData });
    this.#worker = worker;
    this.judged = new Promise((resolve, reject) => {
      this.#settle = resolve;
      worker.on('message', (message: PartMessage) => {
        this.heard = performance.now();
        if (message.kind === 'begun') {
          this.begun = this.heard;
          this.#names = message.names;
        } else if (message.kind === 'progress') {
          this.progress = message.progress;
          onProgress();
        } else if (message.kind === 'report') this.#lastReport = message.judged;
        else if (message.kind === 'over') this.isOver = true;
        else if (message.kind === 'done') resolve(message.judged);
        else reject(new SetupError(message.problems));
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(new Error('a thread of the checker has ended without a report')));
    });
  }

  /** What runs in it, or ran last. */
  get running(): string {
    return this.#names[this.#running[0] as number] ?? LOADING;
  }

  end(): void {
    this.#worker.postMessage('stop');
  }

  /** Lets what it last told be its report. */
  abandon(stoppedBy: CheckReport['stoppedBy'], model: CheckReport['model'] = 'rc11'): void {
    this.isOver = true;
    const { report, ...answers } = this.#lastReport ?? { report: { ...NOTHING, model } };
    const milliseconds = performance.now() - this.begun;
    this.#settle({ ...answers, report: { ...report, milliseconds, stoppedBy, exhausted: false } });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

const NOTHING: Omit<CheckReport, 'model'> = {
  executions: 0,
  blocked: 0,
  milliseconds: 0,
  outcomes: new Map(),
  findings: [],
  witnesses: [],
  stoppedBy: undefined,
  cutThreads: [],
  cutBy: [],
  spunThreads: [],
  exhausted: false,
};

function sum(progress: readonly Progress[]): Progress {
  let [executions, blocked, milliseconds] = [0, 0, 0];
  for (const part of progress) {
    executions += part.executions;
    blocked += part.blocked;
    milliseconds = Math.max(milliseconds, part.milliseconds);
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
