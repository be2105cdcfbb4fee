/**
 * Runs a prepared job from the first thread to the last. The host feeds, collects and waits; the first failure anywhere ends
 * the job: queues are closed so that whoever waits on one comes to an end by itself, threads that are still there after a
 * short grace are terminated, and only when every thread is gone the pool is given up. Nothing of a failed job is a result.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { JobError } from '../errors.ts';
import type { Job } from '../job/prepare.ts';
import { mapJob } from '../map/job-map.ts';
import type { PoolMap } from '../map/pool-map.ts';
import { nodeThreads } from '../platform/node-threads.ts';
import { collectWhileRunning, finishResult, type Result } from './collect.ts';
import { type Fed, type Feeding, feed } from './feed.ts';
import { type InstanceEnd, type LogLine, type RunningInstance, startInstance } from './instance.ts';
import type { StartThread } from './protocol.ts';
import { assignmentOf, checkLinks, createSharedState, type SharedState } from './shared-state.ts';
import { checkAllTaken } from './unread.ts';

const GRACE_MS = 200;

export interface RunOptions {
  /** Ends the job early; it then throws a `JobError` with the fault `cancelled`. */
  readonly signal?: AbortSignal;
  /** Called after every chunk that was handed to the programs. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called for what programs say with `log`, where the manifest grants it; `instance` is `program#index`. */
  readonly onLog?: (line: LogLine) => void;
  /** Called with a map of the pool when every thread is gone, however the job ended. */
  readonly onMap?: (map: PoolMap) => void;
  /** How threads are started. Default: Node's worker threads. */
  readonly startThread?: StartThread;
}

export interface Progress extends Fed {
  /** Bytes of all input files together. */
  readonly totalBytes: number;
}

export interface ProgramSummary {
  readonly name: string;
  readonly instances: number;
  /** Of all instances together. */
  readonly fuelUsed: number;
  readonly engine: string;
  /** What each instance returned. */
  readonly values: readonly (bigint | undefined)[];
}

export interface InputSummary extends Fed {
  /** How much was handed out of each file, in the order of the job's. */
  readonly fileBytes: readonly number[];
}

export interface JobResult {
  readonly job: string;
  readonly seconds: number;
  readonly input: InputSummary;
  readonly programs: readonly ProgramSummary[];
  readonly results: readonly Result[];
}

/**
 * Runs a job.
 * @throws {SetupError} if there is no memory for its pool, or a program does not link; nothing was started
 * @throws {JobError} if a program trapped or ran out of fuel, a thread died, the time was up, an input could not be read or
 * was left unread, or a result is none
 */
export async function runJob(job: Job, options: RunOptions = {}): Promise<JobResult> {
  if (options.signal?.aborted) throw new JobError('cancelled', 'the job was cancelled');
  const began = performance.now();
  const state = createSharedState(job);
  try {
    checkLinks(job, state);
    return await runThreads(job, state, options, began);
  } finally {
    state.pool.detach();
  }
}

async function runThreads(job: Job, state: SharedState, options: RunOptions, began: number): Promise<JobResult> {
  const { onProgress, onLog, startThread = nodeThreads() } = options;
  const stop = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {}); // it is raced against below; a second failure has nobody to tell
  const watch = <Value>(work: Promise<Value>): Promise<Value> => {
    work.catch(failed.reject);
    return work;
  };
  const unwatch = watchLimits(job, options.signal, failed.reject);
  const instances: RunningInstance[] = [];
  try {
    for (const program of job.programs)
      for (let index = 0; index < program.instances; index++)
        instances.push(startInstance(assignmentOf(job, state, program, index), startThread, onLog));
    const totalBytes = job.files.reduce((sum, file) => sum + file.bytes, 0);
    const feeding = watch(feed(job, state, stop.signal, (fed) => onProgress?.({ ...fed, totalBytes })));
    const collecting = job.manifest.results.map((spec) => {
      const collected = collectWhileRunning(job, state, spec, stop.signal);
      return collected && watch(collected);
    });
    const ends = await Promise.race([Promise.all(instances.map(({ ended }) => watch(ended))), failed.promise]);
    // Nobody is left to send or to receive: what still waits for either comes to its end.
    for (const queue of state.queues.values()) queue.close();
    const [fed, ...collected] = await Promise.race([Promise.all([feeding, ...collecting]), failed.promise]);
    await Promise.all(instances.map(({ gone }) => gone));
    checkAllTaken(job, state, fed.unsent);
    const results = job.manifest.results.map((spec, index) => finishResult(job, state, spec, collected[index]));
    return {
      job: job.manifest.job,
      seconds: (performance.now() - began) / 1000,
      input: inputSummary(fed),
      programs: summarize(job, ends),
      results,
    };
  } catch (error) {
    stop.abort();
    await stopAll(state, instances);
    throw error;
  } finally {
    unwatch();
    options.onMap?.(mapJob(job, state));
  }
}

function inputSummary({ files, bytes, chunks, fileBytes }: Feeding): InputSummary {
  return { files, bytes, chunks, fileBytes };
}

/** Time and the caller's signal; returns how to stop watching them. */
function watchLimits(job: Job, signal: AbortSignal | undefined, fail: (error: JobError) => void): () => void {
  const { time } = job.manifest.limits;
  const timer =
    time === undefined
      ? undefined
      : setTimeout(
          () => fail(new JobError('out of time', `the job was not done within its time limit of ${time / 1000} s`)),
          time,
        );
  const cancel = (): void => fail(new JobError('cancelled', 'the job was cancelled'));
  signal?.addEventListener('abort', cancel);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  };
}

async function stopAll(state: SharedState, instances: readonly RunningInstance[]): Promise<void> {
  for (const queue of state.queues.values()) queue.close();
  const gone = Promise.all(instances.map((instance) => instance.gone));
  const grace = new AbortController();
  await Promise.race([gone, delay(GRACE_MS, undefined, { signal: grace.signal }).catch(() => {})]);
  grace.abort();
  for (const instance of instances) instance.terminate();
  await gone; // the pool is others' as long as one of them is there
}

function summarize(job: Job, ends: readonly InstanceEnd[]): ProgramSummary[] {
  let next = 0;
  return job.programs.map(({ name, instances }) => {
    const mine = ends.slice(next, next + instances);
    next += instances;
    return {
      name,
      instances,
      fuelUsed: mine.reduce((sum, end) => sum + end.fuelUsed, 0),
      engine: mine[0]?.engine ?? '',
      values: mine.map((end) => end.value),
    };
  });
}
