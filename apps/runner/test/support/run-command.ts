/** Runs the built command in a process of its own, and never waits for one that hangs. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const CLI: string = join(import.meta.dirname, '../../dist/cli.js');
const HANGS_AFTER_MS = 40_000;

export interface Finished {
  /** `null`: it hung and was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function pool(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    /** What standard input has; default: nothing. */
    readonly input?: string;
    /** Called once, when there is something on standard output. */
    readonly onOutput?: (kill: (signal: NodeJS.Signals) => void) => void;
    /** Where standard output goes instead: a file, or a pipe whose reader is gone. */
    readonly stdout?: number | 'closed';
    /** The reader of standard error is gone. */
    readonly stderr?: 'closed';
    readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: options.cwd,
      stdio: ['pipe', typeof options.stdout === 'number' ? options.stdout : 'pipe', 'pipe'],
    });
    if (options.stdout === 'closed') child.stdout?.destroy();
    if (options.stderr === 'closed') child.stderr?.destroy();
    child.stdin?.on('error', () => {}); // it may end without having read everything
    child.stdin?.end(options.input ?? '');
    const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data) => {
      stdout += data;
    });
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
    child.stdout?.once('data', () => options.onOutput?.((signal) => child.kill(signal)));
    options.onStart?.((signal) => child.kill(signal));
  });
}
