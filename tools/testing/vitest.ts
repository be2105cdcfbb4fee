import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, run } from '../command.ts';
import type { Report } from './report.ts';

/**
 * Runs vitest and gives its report. A run that leaves none (it crashed) gives one that says "failed".
 * @param args further arguments, such as `--project=core`
 * @param node the Node to run it on
 */
export function vitest(args: readonly string[], env: Readonly<Record<string, string>> = {}, node = 'node'): Report {
  const folder = mkdtempSync(join(tmpdir(), 'pool-test-'));
  const output = join(folder, 'report.json');
  const entry = join(ROOT, 'node_modules/vitest/vitest.mjs');
  try {
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
