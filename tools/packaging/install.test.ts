/**
 * The packages as a stranger gets them: packed under another scope, installed by npm into an empty project, type checked
 * without the workspace's settings and used from two workers. Needs the build, and a registry for the runner's dependencies.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENVIRONMENT, ROOT } from '../command.ts';
import { pack, type Staged, stage } from './stage.ts';

const SCOPE = '@elsewhere';
const MINUTES = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'pool-install-'));
const project = join(folder, 'project');
let staged: Staged[] = [];

const inProject = (command: string, ...args: string[]): string =>
  execFileSync(command, args, {
    cwd: project,
    encoding: 'utf8',
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });

beforeAll(() => {
  staged = stage(ROOT, SCOPE, join(folder, 'stage'));
  const tarballs = staged.map((each) => pack(each, join(folder, 'tarballs')));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  for (const file of readdirSync(join(import.meta.dirname, 'consumer'))) {
    const source = readFileSync(join(import.meta.dirname, 'consumer', file), 'utf8');
    writeFileSync(join(project, file), source.replaceAll('@pool/', `${SCOPE}/`));
  }
  inProject('npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs);
}, 5 * MINUTES);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('nothing that is installed names the scope of the sources or the workspace', () => {
  for (const { name } of staged) {
    const installed = join(project, 'node_modules', name);
    const manifest = readFileSync(join(installed, 'package.json'), 'utf8');
    expect(manifest).not.toMatch(/workspace:|catalog:|pool-source|@pool\//);
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(js|ts|md)$/.test(file),
    );
    expect(files.length, name).toBeGreaterThan(0);
    for (const file of files)
      expect(readFileSync(join(installed, file), 'utf8'), file).not.toMatch(
        /@pool\/(core|alloc|sync|vm|check|runner)\b/,
      );
  }
});

test('two workers add to one word', () => {
  expect(JSON.parse(inProject('node', 'main.mts'))).toEqual({ codes: [0, 0], total: 200_000, engine: 'accelerated' });
});

test(
  'the declarations stand on their own',
  () => {
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,esnext,webworker',
    ];
    const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types'), '--allowImportingTsExtensions'];
    expect(inProject('tsc', ...options, ...types, 'main.mts', 'worker.mts')).toBe('');
  },
  MINUTES,
);

test('the command is there', () => {
  expect(inProject('npx', '--no-install', 'pool', '--help')).toContain('run');
});
