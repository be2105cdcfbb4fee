/** Commands of a test run, in the workspace's root, with their output passed through. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './report.ts';

export const ROOT: string = join(import.meta.dirname, '../..');

/** Whether the command ended with 0. Commands are looked for in the root's development dependencies first. */
export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...env },
  });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Runs vitest and gives its report. A run that leaves none (it crashed) gives one that says "failed". */
export function vitest(args: readonly string[], env: Readonly<Record<string, string>> = {}, node = 'node'): Report {
  const folder = mkdtempSync(join(tmpdir(), 'pool-test-'));
  const output = join(folder, 'report.json');
  try {
    const entry = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const ok = run(
      node,
      [entry, 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${output}`, ...args],
      env,
    );
    if (!existsSync(output)) return { success: false, testResults: [] };
    const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
    return { ...report, success: report.success && ok };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
