/**
 * One vitest for the workspace. Every package gives two projects: `<name>` runs its `.test.ts` and `.model.ts` files side by
 * side, `<name>:stress` runs its `.stress.ts` files one after the other, because they start threads of their own.
 * Workspace packages resolve to their sources (the `pool-source` condition of their `exports`), so no build is needed,
 * except where a test starts a worker thread: the worker file imports what the packages ship. `tools:packaging` installs the
 * packed packages, `tools:browser` starts a browser; both belong to `test:full`. Node keeps what it compiled, so that a thread
 * is at work in a third of the time it would take to strip and compile the same files again: hundreds are started to be killed.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root: string = import.meta.dirname;
const folders: readonly string[] = [
  ...readdirSync(join(root, 'packages')).map((name) => join('packages', name)),
  ...readdirSync(join(root, 'apps')).map((name) => join('apps', name)),
  'bench',
  'tools',
].filter((folder) => existsSync(join(root, folder, 'test')));

process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node-compile');

const conditions: string[] = ['pool-source', 'module', 'node', 'development|production', 'import', 'default'];

function project(folder: string, name: string, include: string[], fileParallelism: boolean) {
  return {
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      root: join(root, folder),
      include,
      environment: 'node' as const,
      pool: 'forks' as const,
      fileParallelism,
      testTimeout: 60_000,
    },
  };
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    maxWorkers: 2,
    projects: [
      ...folders.flatMap((folder) => {
        const name = basename(folder);
        return [
          project(folder, name, ['test/**/*.{test,model}.ts'], true),
          project(folder, `${name}:stress`, ['test/**/*.stress.ts'], false),
        ];
      }),
      project('tools', 'tools:packaging', ['packaging/**/*.test.ts'], false),
      project('tools', 'tools:browser', ['browser/**/*.test.ts'], false),
    ],
  },
});
