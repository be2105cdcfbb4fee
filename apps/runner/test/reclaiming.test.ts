/**
 * When a thread is gone, and when not yet. `terminate()` only asks for its end: until it has exited, it may still write to what it
 * holds, so nothing of it is anybody else's. The threads here end when the test says so.
 */
import { Pool } from '@pool/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobError, prepareJob, runJob, type StartThread } from '../src/index.ts';
import type { Report } from '../src/run/protocol.ts';
import { JobFolder } from './support/job-folder.ts';

let folder: JobFolder;
beforeEach(() => {
  folder = new JobFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
  vi.restoreAllMocks();
});

const TRAPPED: Report = { kind: 'ended', ending: { kind: 'trap', text: 'so it goes' }, fuelUsed: 0, engine: 'none' };

/** A job of two instances on threads that do nothing by themselves. */
async function begin() {
  folder.write('idle.pasm', 'func main() {\n  ret\n}\n');
  const manifest = 'job: test\nprograms:\n  idle: { source: idle.pasm, instances: 2 }\n';
  const threads = new Map<string, { report(report: Report): void; exit(): void }>();
  const terminated = new Map<string, PromiseWithResolvers<void>>();
  const startThread: StartThread = (name) => {
    let [report, exit] = [(_: Report): void => {}, (_: Error | undefined): void => {}];
    threads.set(name, { report: (one) => report(one), exit: () => exit(undefined) });
    terminated.set(name, Promise.withResolvers());
    return {
      post() {},
      onMessage(receive) {
        report = receive;
      },
      onExit(exited) {
        exit = exited;
      },
      terminate: () => terminated.get(name)?.resolve(),
    };
  };
  const detached = vi.spyOn(Pool.prototype, 'detach');
  let settled = false;
  const running = runJob(await prepareJob(folder.write('job.yaml', manifest)), { startThread });
  running
    .catch(() => {})
    .finally(() => {
      settled = true;
    });
  await vi.waitFor(() => expect(threads.size).toBe(2));
  const [one, other] = [...threads.values()];
  if (one === undefined || other === undefined) throw new Error('two threads were to be started');
  return { running, one, other, terminated, detached, isSettled: () => settled };
}

/** Everything that can happen without any thread's doing has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a job whose threads are told to end', () => {
  it('gives up its pool once each of them has exited, and not when it was told to', async () => {
    const { running, one, other, terminated, detached, isSettled } = await begin();
    one.report(TRAPPED);
    one.exit();
    await Promise.all([...terminated.values()].map(({ promise }) => promise));
    await quiet();
    expect([isSettled(), detached.mock.calls.length]).toEqual([false, 0]);
    other.exit();
    await expect(running).rejects.toThrow('so it goes');
    expect(detached).toHaveBeenCalledOnce();
  });

  it('fails when one of them exits without a word, whatever the others wait for', async () => {
    const { running, one, other, terminated } = await begin();
    one.exit();
    await Promise.all([...terminated.values()].map(({ promise }) => promise));
    other.exit();
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(JobError);
    expect(error).toMatchObject({ fault: 'death', instance: 'idle#0' });
  });
});
