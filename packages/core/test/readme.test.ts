import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The README's programs, as they stand there, run on the built package. A block's first line names its file. */
const core = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(core, 'README.md'), 'utf8');
const programs = [...readme.matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({
  name,
  text,
}));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pool-core-readme-'));
  mkdirSync(join(folder, 'node_modules', '@pool'), { recursive: true });
  symlinkSync(core, join(folder, 'node_modules', '@pool', 'core'), 'dir');
  for (const { name, text } of programs) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('every program of the README is run here', () => {
  expect(programs.map(({ name }) => name)).toEqual(['main.mjs', 'worker.mjs', 'segments.mjs', 'order.mjs']);
  expect(readme.match(/^```(js|ts)/gm)).toHaveLength(programs.length);
});

test.each(programs.filter(({ name }) => name !== 'worker.mjs'))(
  '$name prints what its comment says',
  ({ name, text }) => {
    const [, promised] = /console\.log\(.*\); \/\/ (.*)$/m.exec(text) ?? [];
    const printed = execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 30_000 });
    expect(printed).toBe(`${promised}\n`);
  },
);
