/**
 * Checks the public packages as they will be published: publint on each, its types under every module resolution (attw),
 * their sizes against `.size-limit.json`, and unused files, exports and dependencies in the workspace (knip).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { ROOT, runQuietly } from './command.ts';
import { readJson } from './layering/workspace.ts';
import type { PackageJson } from './packaging/manifest.ts';
import { pack, type Staged, stage } from './packaging/stage.ts';

/** One line a message of publint; suggestions count too. */
async function lint({ name, folder }: Staged): Promise<string[]> {
  const { messages } = await publint({ pkgDir: folder, pack: false, level: 'suggestion' });
  const manifest = { ...readJson<PackageJson>(join(folder, 'package.json')) };
  return messages.map((message) => `${name}: ${formatMessage(message, manifest, { color: false })}`);
}

const { pool } = readJson<{ pool: { scope: string } }>(join(ROOT, 'package.json'));
const folder = mkdtempSync(join(tmpdir(), 'pool-packages-'));
const failed: string[] = [];
try {
  const staged = stage(ROOT, pool.scope, join(folder, 'stage'));
  for (const each of staged) {
    const messages = await lint(each);
    for (const message of messages) console.error(`publint: ${message}`);
    if (messages.length > 0) failed.push(`publint ${each.name}`);
    const tarball = pack(each, join(folder, 'tarballs'));
    if (!runQuietly('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-definitely-typed']))
      failed.push(`attw ${each.name}`);
  }
  console.log(`packages: ${staged.length} staged, linted and typed`);
  if (!runQuietly('size-limit', [])) failed.push('size-limit');
  if (!runQuietly('knip', ['--no-progress', '--no-config-hints'])) failed.push('knip');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`packages: failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
