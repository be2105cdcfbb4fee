/**
 * Runs one test in the copy, as a process group of its own, so that a mutant that hangs can be ended with all its processes.
 * What counts as caught is a test that failed: not a file that does not load, nor a name that the mutation forgot to declare.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../command.ts';
import type { Report } from '../testing/report.ts';
import type { MutationTest } from './mutation.ts';

/** So that worker threads and processes that a test starts import the sources, too, and see the mutant. */
const SOURCES = '--conditions=pool-source';
const TAIL = 2000;

export type Verdict = 'passed' | 'failed' | 'hung' | 'broken';

export interface Outcome {
  readonly verdict: Verdict;
  /** Why, in a line or a few. */
  readonly detail: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
}

export class TestRunner {
  readonly #copy: string;
  #running: ChildProcess | undefined;

  constructor(copy: string) {
    this.#copy = copy;
  }

  /** @param limit after so many milliseconds it counts as hung */
  async run(test: MutationTest, limit: number): Promise<Outcome> {
    const output = join(this.#copy, 'report.json');
    rmSync(output, { force: true });
    const begin = performance.now();
    const child = spawn('node', commandOf(test, output), {
      cwd: this.#copy,
      env: { ...ENVIRONMENT, NODE_OPTIONS: SOURCES },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#running = child;
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        printed = `${printed}${text}`.slice(-TAIL);
      });
    let hung = false;
    const clock = setTimeout(() => {
      hung = true;
      this.stop();
    }, limit);
    await new Promise<void>((resolve, reject) => child.once('close', () => resolve()).once('error', reject));
    clearTimeout(clock);
    this.stop(); // whatever it has left behind
    this.#running = undefined;
    const took = performance.now() - begin;
    if (hung) return { verdict: 'hung', detail: `not done after ${Math.round(limit / 1000)} s`, took };
    if (!existsSync(output)) return { verdict: 'broken', detail: `vitest left no report:\n${printed}`, took };
    return { ...verdictOf(JSON.parse(readFileSync(output, 'utf8')) as Report), took };
  }

  /** Ends what runs, with all its processes. */
  stop(): void {
    const pid = this.#running?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone already
    }
  }
}

/** What a report says of a mutant. */
export function verdictOf({ success, testResults }: Report): Omit<Outcome, 'took'> {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed !== undefined) {
    const message = failed.failureMessages?.[0] ?? '';
    const undeclared = /^(ReferenceError|SyntaxError)/.test(message);
    return { verdict: undeclared ? 'broken' : 'failed', detail: `${failed.fullName}\n${message}` };
  }
  const unloaded = testResults.find(({ status }) => status === 'failed');
  if (unloaded !== undefined || !success)
    return { verdict: 'broken', detail: unloaded?.message ?? 'failed, although each test passed' };
  if (!tests.some(({ status }) => status === 'passed'))
    return { verdict: 'broken', detail: 'no test of that name ran' };
  return { verdict: 'passed', detail: '' };
}

function commandOf({ project, file, name }: MutationTest, output: string): string[] {
  return [
    'node_modules/vitest/vitest.mjs',
    'run',
    `--project=${project}`,
    '--reporter=json',
    `--outputFile=${output}`,
    '--bail=1',
    ...(name === undefined ? [] : ['-t', name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')]),
    file,
  ];
}
