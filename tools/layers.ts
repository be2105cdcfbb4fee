/**
 * The layers of the workspace: the one table that the import check and the graph in the README are derived from.
 *
 * `imports` are the layers that a package's sources may name; `testsImport` are those that its tests may name besides.
 * Neither kind may close a cycle. A `neutral` package runs unchanged in Node, browsers, Deno and Bun: it uses no `node:`
 * module, no global that only some of them have, and no dependency from outside the workspace.
 */
export interface Layer {
  readonly folder: string;
  readonly purpose: string;
  readonly platform: 'neutral' | 'node';
  readonly imports: readonly string[];
  readonly testsImport: readonly string[];
  /** Sources that load a module which the user names, such as a file given to a command: no import of the package's own. */
  readonly loadsNamedModules?: readonly string[];
}

export const LAYERS: Readonly<Record<string, Layer>> = {
  core: {
    folder: 'packages/core',
    purpose: 'pool, words, segments',
    platform: 'neutral',
    imports: [],
    testsImport: [],
  },
  alloc: {
    folder: 'packages/alloc',
    purpose: 'where words come from',
    platform: 'neutral',
    imports: ['core'],
    testsImport: [],
  },
  sync: {
    folder: 'packages/sync',
    purpose: 'channels, locks, queues',
    platform: 'neutral',
    imports: ['core'],
    testsImport: ['alloc', 'vm'],
  },
  vm: {
    folder: 'packages/vm',
    purpose: 'programs and engines',
    platform: 'neutral',
    imports: ['core'],
    testsImport: ['alloc'],
  },
  check: {
    folder: 'packages/check',
    purpose: 'model checker',
    platform: 'neutral',
    imports: ['core', 'vm'],
    testsImport: ['alloc', 'sync'],
  },
  runner: {
    folder: 'apps/runner',
    purpose: 'worker threads, pool command',
    platform: 'node',
    imports: ['core', 'alloc', 'sync', 'vm', 'check'],
    testsImport: [],
    loadsNamedModules: ['apps/runner/src/check/subject.ts'],
  },
  bench: {
    folder: 'bench',
    purpose: 'rivals, side by side',
    platform: 'node',
    imports: ['core', 'alloc', 'sync', 'vm', 'check', 'runner'],
    testsImport: [],
  },
};

/** The layer whose sources alone may name `Atomics`: everything above is written on its `Words`. */
export const ATOMICS_LAYER = 'core';
