/** Violations planted one at a time in a small workspace: each is found, where it stands, and nothing else is. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModule } from '../layering/read-module.ts';
import { type Finding, findings } from '../layering/rules.ts';
import { type Manifest, type Package, packageFolders, readWorkspace, sectionOf } from '../layering/workspace.ts';
import { LAYERS, type Layer } from '../layers.ts';

const layer = (folder: string, imports: string[], more: Partial<Layer> = {}): Layer => ({
  folder,
  purpose: 'planted',
  platform: 'neutral',
  imports,
  testsImport: [],
  ...more,
});

const layers = {
  core: layer('packages/core', []),
  alloc: layer('packages/alloc', ['core']),
  sync: layer('packages/sync', ['core'], { testsImport: ['alloc'] }),
  runner: layer('apps/runner', ['core', 'sync'], { platform: 'node', loadsNamedModules: ['apps/runner/src/open.ts'] }),
};

interface Plant {
  readonly files?: Readonly<Record<string, string>>;
  readonly manifests?: Readonly<Record<string, Partial<Manifest>>>;
}

/** A sound workspace of four packages with the given files and manifest fields put in. */
function plant({ files = {}, manifests = {} }: Plant): Finding[] {
  const sound: Record<string, Manifest> = {
    core: { name: '@pool/core', exports: { '.': {}, './testing': {} } },
    alloc: { name: '@pool/alloc', exports: { '.': {} }, dependencies: { '@pool/core': 'workspace:*' } },
    sync: {
      name: '@pool/sync',
      exports: { '.': {} },
      dependencies: { '@pool/core': 'workspace:*' },
      devDependencies: { '@pool/alloc': 'workspace:*', vitest: 'catalog:' },
    },
    runner: { name: '@pool/runner', dependencies: { '@pool/core': 'workspace:*', yaml: 'catalog:' } },
  };
  const packages = Object.entries(layers).map(([name, { folder }]): Package => {
    const own = Object.entries(files).filter(([path]) => path.startsWith(`${folder}/`));
    return {
      layer: name,
      folder,
      manifest: { name, ...sound[name], ...manifests[name] },
      modules: [[`${folder}/src/index.ts`, 'export {};'] as const, ...own].map(([path, source]) => ({
        path,
        section: sectionOf(path.slice(folder.length + 1)),
        ...readModule(path, source),
      })),
    };
  });
  return findings(packages, layers);
}

const inSync = (source: string, path = 'packages/sync/src/queue.ts'): Finding[] => plant({ files: { [path]: source } });

test('a workspace that keeps the rules has no findings', () => {
  expect(
    plant({
      files: {
        'packages/core/src/pool.ts': `import type { A } from './a.ts'; export const n = Atomics.load(new Int32Array(1), 0);`,
        'packages/core/test/pool.test.ts': `import { Pool } from '@pool/core'; import '../src/pool.ts'; import 'node:fs';`,
        'packages/sync/src/queue.ts': `import { Words } from '@pool/core'; export const process = 1; export { process as module };`,
        'packages/sync/test/queue.test.ts': `import '@pool/alloc'; import 'vitest'; Atomics.pause(); new URL('../../core/README.md', import.meta.url);`,
        'packages/sync/tsup.config.ts': `import '../../tools/tsup.base.ts';`,
        'apps/runner/src/cli.ts': `import 'node:fs'; import 'yaml'; import '@pool/core'; process.exit(); new URL('./worker.js', import.meta.url);`,
      },
    }),
  ).toEqual([]);
});

describe('an edge that the table does not allow is found', () => {
  test.each([
    ['an import', `import { a } from '@pool/alloc';`],
    ['a type import', `import type { A } from '@pool/alloc';`],
    ['a re-export', `export { a } from '@pool/alloc';`],
    ['a re-export of everything', `export * from '@pool/alloc';`],
    ['a type re-export', `export type { A } from '@pool/alloc';`],
    ['a dynamic import', `const a = await import('@pool/alloc');`],
    ['a dynamic import of a template', 'const a = await import(`@pool/alloc`);'],
    ['a type query', `export type A = import('@pool/alloc').A;`],
    ['a resolved specifier', `const a = import.meta.resolve('@pool/alloc');`],
    ['an import in a nested scope', `export function f() { return () => import('@pool/alloc'); }`],
  ])('%s', (_, source) => {
    expect(inSync(source)).toContainEqual({
      rule: 'layer',
      at: expect.stringMatching(/^packages\/sync\/src\/queue\.ts:1:\d+$/),
      message: 'sync may not use alloc (allowed: core)',
    });
  });

  test('in a comment or a string it is no edge', () => {
    expect(inSync(`// import '@pool/alloc'\nexport const text = "import '@pool/alloc'";`)).toEqual([]);
  });

  test('a test has the edges of its package and its own, and no others', () => {
    expect(inSync(`import '@pool/alloc';`, 'packages/sync/test/a.test.ts')).toEqual([]);
    expect(inSync(`import '@pool/runner';`, 'packages/sync/test/a.test.ts')).toContainEqual(
      expect.objectContaining({ rule: 'layer', message: 'test of sync may not use runner (allowed: core, alloc)' }),
    );
  });

  test('a declared dependency is an edge, whether or not anything imports it', () => {
    const found = plant({ manifests: { alloc: { dependencies: { '@pool/sync': 'workspace:*' } } } });
    expect(found).toContainEqual(expect.objectContaining({ rule: 'layer', at: 'packages/alloc/package.json' }));
  });

  test('a specifier computed at run time cannot be checked, so a source may not have one', () => {
    expect(inSync('export const load = (name: string) => import(name);')).toEqual([
      expect.objectContaining({ rule: 'layer', message: expect.stringContaining('computed at run time') }),
    ]);
  });

  test('unless the table says that it loads what the user names', () => {
    const opened = 'export const load = (name: string) => import(name);';
    expect(plant({ files: { 'apps/runner/src/open.ts': opened } })).toEqual([]);
    expect(plant({ files: { 'apps/runner/src/other.ts': opened } })).toHaveLength(1);
  });
});

describe("another package's insides are closed", () => {
  test.each([
    ['a subpath that is not exported', `import '@pool/core/src/pool.ts';`],
    ['a relative path', `import '../../core/src/pool.ts';`],
    ['a relative URL', `new URL('../../core/dist/index.js', import.meta.url);`],
    ['a test beside the sources', `import '../test/fixture.ts';`],
    ['the package itself, by name', `import '@pool/sync';`],
  ])('%s', (_, source) => {
    expect(inSync(source)).toEqual([expect.objectContaining({ rule: 'insides' })]);
  });

  test('to tests as well', () => {
    expect(inSync(`import '../../core/src/pool.ts';`, 'packages/sync/test/a.test.ts')).toEqual([
      expect.objectContaining({ rule: 'insides', message: expect.stringContaining('reaches into core') }),
    ]);
  });

  test('an exported subpath is open', () => {
    expect(inSync(`import '@pool/core/testing';`)).toEqual([]);
  });
});

test('a circle of packages is found, test-only edges included', () => {
  const found = plant({ manifests: { core: { devDependencies: { '@pool/sync': 'workspace:*' } } } });
  expect(found).toContainEqual({
    rule: 'cycle',
    at: 'packages/core/package.json',
    message: 'packages depend in a circle: core -> sync -> core',
  });
});

describe('a neutral package uses nothing of one platform', () => {
  test.each([
    ['a node: module', `import { readFileSync } from 'node:fs';`],
    ['a builtin without its prefix', `import fs from 'fs';`],
    ['a global of Node', 'export const v = process.version;'],
    ['a global behind typeof', `export const b = typeof Buffer === 'undefined';`],
    ['a global behind globalThis', 'export const p = globalThis.process;'],
    ['a global behind a computed globalThis', `export const p = globalThis['process'];`],
    ['a shorthand property', 'export const o = { process };'],
    ['a default value', 'export function f(argv = process.argv) { return argv; }'],
    ['a global of browsers', 'postMessage(1);'],
  ])('%s', (_, source) => {
    expect(inSync(source).map((finding) => finding.rule)).toContain('platform');
  });

  test.each([
    ['a member of that name', 'export const o = (a: { process: number }) => a.process;'],
    ['a name of its own', 'export function f(module: number) { return module; }'],
    ['a destructured name', 'export const f = ({ self }: { self: number }) => self;'],
  ])('%s is no such use', (_, source) => {
    expect(inSync(source)).toEqual([]);
  });

  test('nor a dependency from outside the workspace', () => {
    const manifests = { sync: { dependencies: { yaml: 'catalog:' } } };
    expect(plant({ manifests })).toEqual([
      expect.objectContaining({ rule: 'dependency', at: 'packages/sync/package.json' }),
    ]);
  });
});

test('a dependency that is not declared is found; a development one does not serve a source', () => {
  const rules = (path: string, source: string): string[] =>
    plant({ files: { [path]: source } }).map((finding) => finding.rule);
  expect(rules('apps/runner/src/cli.ts', `import 'commander';`)).toEqual(['dependency']);
  expect(rules('packages/sync/src/queue.ts', `import 'vitest';`)).toEqual(['dependency']);
  expect(rules('packages/sync/test/queue.test.ts', `import 'fast-check';`)).toEqual(['dependency']);
});

test.each([
  ['called', 'Atomics.load(new Int32Array(1), 0);'],
  ['aliased', 'const { load } = Atomics;'],
  ['taken from globalThis', 'globalThis.Atomics.pause();'],
])('Atomics %s outside core is found', (_, source) => {
  expect(inSync(source)).toEqual([expect.objectContaining({ rule: 'atomics' })]);
});

test('a package of which no source was read is a finding', () => {
  const unread: Package = { layer: 'core', folder: 'packages/core', manifest: { name: '@pool/core' }, modules: [] };
  expect(findings([unread], layers)).toEqual([expect.objectContaining({ rule: 'modules', at: 'packages/core' })]);
});

test('a module that does not parse is an error that names it', () => {
  expect(() => readModule('packages/sync/src/queue.ts', 'import {')).toThrow(/^packages\/sync\/src\/queue\.ts: /);
});

describe('this workspace', () => {
  const root = join(import.meta.dirname, '../..');

  test('has a row for every package', () => {
    expect(packageFolders(root)).toEqual(
      Object.values(LAYERS)
        .map(({ folder }) => folder)
        .sort(),
    );
  });

  test('is read, module by module', () => {
    for (const unit of readWorkspace(root, LAYERS)) expect(unit.modules.length, unit.layer).toBeGreaterThan(0);
  });

  test('has a table that names only its own rows, and above no row itself', () => {
    const names = Object.keys(LAYERS);
    for (const [name, { imports, testsImport }] of Object.entries(LAYERS)) {
      for (const target of [...imports, ...testsImport]) expect(names).toContain(target);
      for (const target of imports)
        expect(names.indexOf(target), `${name} -> ${target}`).toBeLessThan(names.indexOf(name));
    }
  });
});
