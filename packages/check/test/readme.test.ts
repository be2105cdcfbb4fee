import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

test('the program of the README prints what stands below it, on the built package', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, name = '', text = '', output] =
    /^```js\n\/\/ (\S+)\n([\s\S]*?)^```\n\n```\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'pool-check-readme-'));
  try {
    mkdirSync(join(folder, 'node_modules', '@pool'), { recursive: true });
    symlinkSync(root, join(folder, 'node_modules', '@pool', 'check'), 'dir');
    writeFileSync(join(folder, name), text);
    expect(execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 30_000 })).toBe(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
