/**
 * What `test` leaves to `test:full`: each part says what it is, and, where the machine lacks something, that it skips and why.
 * `POOL_LONG=1` is the switch by which a test takes its long form.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM, NO_CHROMIUM } from '../browser/chromium.ts';
import { run } from '../command.ts';
import type { Report } from './report.ts';
import { vitest } from './vitest.ts';

export const LONG = { POOL_LONG: '1' } as const;

/** The majors besides the workspace's own on which the packages are promised to run. */
const OTHER_NODES = ['22', '24'] as const;

export interface Part {
  readonly name: string;
  readonly what: string;
  /** The reports of its runs, or the reason for skipping it. */
  readonly run: () => readonly Report[] | string;
}

const otherNodes: readonly Part[] = OTHER_NODES.map((major) => ({
  name: `node-${major}`,
  what: `the packages' tests on Node ${major}`,
  run: () => {
    const node = pathOfNode(major);
    if (node === undefined) return `npm could not fetch node@${major}`;
    return [
      vitest(['--project=!*:stress', '--project=!tools*'], {}, node),
      vitest(['--project=*:stress', '--project=!tools*'], {}, node),
    ];
  },
}));

export const FULL_PARTS: readonly Part[] = [
  {
    name: 'packaging',
    what: 'packs every public package under another scope, installs it into an empty project, uses it from two workers',
    run: () => [vitest(['--project=tools:packaging'])],
  },
  {
    name: 'browser',
    what: 'core on a page in Chromium, with WebAssembly and without',
    run: () => (CHROMIUM === undefined ? NO_CHROMIUM : [vitest(['--project=tools:browser'])]),
  },
  {
    name: 'mutations',
    what: 'puts in each bug that others shipped, one at a time, and demands that the test named beside it fails',
    run: () => [mutations()],
  },
  ...otherNodes,
];

/** Their report; one that says "failed" if the campaign left none. */
function mutations(): Report {
  const folder = mkdtempSync(join(tmpdir(), 'pool-test-'));
  const output = join(folder, 'report.json');
  try {
    run('node', ['tools/mutations.ts', '--report', output]);
    if (!existsSync(output)) return { success: false, testResults: [] };
    return JSON.parse(readFileSync(output, 'utf8')) as Report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where npm keeps the binary of that major once fetched, or `undefined` without a registry. */
function pathOfNode(major: string): string | undefined {
  const args = ['--yes', `node@${major}`, '-p', 'process.execPath'];
  const { status, stdout } = spawnSync('npx', args, { encoding: 'utf8' });
  const path = stdout?.trim().split('\n').at(-1);
  return status === 0 && path ? path : undefined;
}
