import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The README's programs, as they stand there, run on the built packages. A block's first line names its file. */
const sync = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(sync, 'README.md'), 'utf8');
const programs = [...readme.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({
  name,
  text,
}));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-sync-readme-'));
  mkdirSync(join(folder, 'node_modules', '@pool'), { recursive: true });
  for (const name of ['core', 'sync'])
    symlinkSync(join(sync, '..', name), join(folder, 'node_modules', '@pool', name), 'dir');
  for (const { name, text } of programs) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every program of the README is run here', () => {
  expect(programs.length).toBeGreaterThan(0);
  expect(readme.match(/^```js/gm)).toHaveLength(programs.length);
});

test.each(programs)('$name prints what its comment says', ({ name, text }) => {
  const [, promised] = /console\.log\(.*\); \/\/ (.*)$/m.exec(text) ?? [];
  const printed = execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 30_000 });
  expect(printed).toBe(`${promised}\n`);
});
