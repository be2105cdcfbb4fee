/** One instance of a program, as the host sees it: a thread, and how it came to its end. */
import { JobError } from '../errors.ts';
import type { Assignment, StartThread } from './protocol.ts';

export interface InstanceEnd {
  readonly name: string;
  readonly value: bigint | undefined;
  readonly fuelUsed: number;
  readonly engine: string;
}

export interface RunningInstance {
  readonly name: string;
  /** Fulfilled when the program is done; rejected with a `JobError` when it failed or its thread died. */
  readonly ended: Promise<InstanceEnd>;
  /** Fulfilled when the thread is gone, however it ended. */
  readonly gone: Promise<void>;
  terminate(): void;
}

/** What a program said with `log`: a word, or how many more words were left out. */
export type LogLine =
  | { readonly instance: string; readonly value: bigint }
  | { readonly instance: string; readonly leftOut: number };

/** Starts an instance on a thread of its own. */
export function startInstance(
  assignment: Assignment,
  startThread: StartThread,
  onLog?: (line: LogLine) => void,
): RunningInstance {
  const { name } = assignment;
  const thread = startThread(name);
  const gone = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<InstanceEnd>();
  thread.onMessage((report) => {
    if (report.kind === 'failed') ended.reject(new JobError('death', `${name} could not run: ${report.message}`, name));
    try {
      if (report.kind === 'logged') onLog?.({ instance: name, value: report.value });
      if (report.kind === 'unlogged') onLog?.({ instance: name, leftOut: report.count });
    } catch (error) {
      ended.reject(error); // the caller's, so it ends the caller's job and not the process
    }
    if (report.kind !== 'ended') return;
    const { ending, fuelUsed, engine } = report;
    if (ending.kind === 'done') ended.resolve({ name, value: ending.value, fuelUsed, engine });
    else ended.reject(new JobError(ending.kind, ending.text, name));
  });
  thread.onExit((error) => {
    // Without effect if the instance has reported its end, as it should have.
    const why = error === undefined ? 'it ended without a word' : error.message;
    ended.reject(new JobError('death', `the worker thread of ${name} died: ${why}`, name, { cause: error }));
    gone.resolve();
  });
  ended.promise.catch(() => {}); // whoever waits learns of it; nobody waiting is no reason to end the process
  thread.post(assignment);
  return { name, ended: ended.promise, gone: gone.promise, terminate: () => thread.terminate() };
}
