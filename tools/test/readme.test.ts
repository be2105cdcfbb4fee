/** The listings of the root README run, as they stand there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root: string = join(import.meta.dirname, '../..');
const listings = new Map(
  [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```js\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, name, text]) => [name as string, text as string],
  ),
);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'readme-'));
  mkdirSync(join(folder, 'node_modules/@pool'), { recursive: true });
  for (const name of ['core', 'alloc', 'sync', 'vm', 'check'])
    symlinkSync(join(root, 'packages', name), join(folder, 'node_modules/@pool', name));
  for (const [name, text] of listings) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the root README's listings", () => {
  it.each([
    ['main.mjs', '500500n\n'],
    ['program.mjs', 'done 500500n\n'],
    ['check.mjs', '3 reader and writer access data, and nothing orders them\n'],
  ])('%s prints what its last comment says', (name, output) => {
    expect(listings.get(name)?.trimEnd().endsWith(`// ${output.trim()}`)).toBe(true);
    expect(execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8' })).toBe(output);
  });

  it('are as short as they are said to be', () => {
    const program = listings.get('program.mjs')?.match(/`([\s\S]*?)`/)?.[1] ?? '';
    expect(program).toContain('window job');
    expect([...listings.keys()].sort()).toEqual(['check.mjs', 'main.mjs', 'program.mjs', 'worker.mjs']);
  });
});
