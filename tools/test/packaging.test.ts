import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Names, publishedManifest, renameScope } from '../packaging/manifest.ts';
import { reachable } from '../packaging/reachable.ts';

describe('the scope', () => {
  const names: Names = { from: '@pool', to: '@elsewhere', packages: ['core', 'vm'] };

  test.each([
    [`import '@pool/core';`, `import '@elsewhere/core';`],
    ['from "@pool/core/testing"', 'from "@elsewhere/core/testing"'],
    ['`@pool/vm`, and @pool/vm.', '`@elsewhere/vm`, and @elsewhere/vm.'],
  ])('is replaced in %s', (before, after) => {
    expect(renameScope(before, names)).toBe(after);
  });

  test.each(['@pool/core-extras', '@pool/unknown', 'the @pool scope', '@poolx/core'])('is left in %s', (text) => {
    expect(renameScope(text, names)).toBe(text);
  });
});

describe('a published manifest', () => {
  const source = {
    name: '@pool/vm',
    version: '1.2.3',
    exports: { '.': { 'pool-source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
    scripts: { build: 'tsup' },
    dependencies: { '@pool/core': 'workspace:*', yaml: 'catalog:', zod: '^4.0.0' },
    devDependencies: { vitest: 'catalog:' },
  };

  test('has versions, and nothing of the workspace', () => {
    expect(publishedManifest(source, new Map([['@pool/core', '1.2.3']]), { yaml: '2.9.1' })).toEqual({
      name: '@pool/vm',
      version: '1.2.3',
      exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
      dependencies: { '@pool/core': '1.2.3', yaml: '2.9.1', zod: '^4.0.0' },
    });
  });

  test('is refused where a dependency has no version', () => {
    expect(() => publishedManifest(source, new Map([['@pool/core', '1.2.3']]), {})).toThrow(
      '@pool/vm: no version of yaml for catalog:',
    );
  });
});

describe('the files that entries lead to', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function built(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(tmpdir(), 'pool-reachable-'));
    folders.push(folder);
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    return folder;
  }

  test('are found through imports, URLs and declarations; what nothing names stays behind', () => {
    const folder = built({
      'dist/index.js': `import './chunk-1.js'; import 'yaml'; new URL('./worker.js', import.meta.url);`,
      'dist/index.js.map': '{}',
      'dist/chunk-1.js': 'export {};',
      'dist/chunk-0.js': 'export {};',
      'dist/worker.js': 'export {};',
      'dist/index.d.ts': `export { a } from './inner/a.ts';`,
      'dist/inner/a.d.ts': 'export declare const a: number;',
      'dist/inner/b.d.ts': 'export declare const b: number;',
    });
    expect(reachable(folder, ['./dist/index.js', './dist/index.d.ts'])).toEqual([
      'dist/chunk-1.js',
      'dist/index.d.ts',
      'dist/index.js',
      'dist/index.js.map',
      'dist/inner/a.d.ts',
      'dist/worker.js',
    ]);
  });

  test('must all be built', () => {
    const folder = built({ 'dist/index.js': `import './chunk-1.js';` });
    expect(() => reachable(folder, ['dist/index.js'])).toThrow(
      'dist/index.js names dist/chunk-1.js, which is not built',
    );
    expect(() => reachable(folder, ['dist/cli.js'])).toThrow('package.json names dist/cli.js, which is not built');
  });
});
