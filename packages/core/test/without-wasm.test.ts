import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('where WebAssembly may not be compiled, the plain twin serves, and says so', () => {
  const file = fileURLToPath(new URL('./workers/without-wasm.ts', import.meta.url));
  const printed = execFileSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', file], {
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual({ forbidden: 'CompileError', engine: 'plain', word: 42, size: 2 * 8192 });
});
