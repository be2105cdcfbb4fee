/** `pnpm pack:all [--scope @x] [--out DIR]`: builds, stages and packs every public package, under another npm scope if asked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, run } from './command.ts';
import { readJson } from './layering/workspace.ts';
import { pack, stage } from './packaging/stage.ts';

const { values } = parseArgs({ options: { scope: { type: 'string' }, out: { type: 'string' } } });
const scope = values.scope ?? readJson<{ pool: { scope: string } }>(join(ROOT, 'package.json')).pool.scope;
if (!/^@[a-z0-9-][a-z0-9._-]*$/.test(scope))
  throw new Error(`--scope must look like @name, got ${JSON.stringify(scope)}`);
const out = resolve(values.out ?? join(ROOT, 'release'));

if (!run('node', ['tools/build.ts'])) process.exitCode = 1;
else {
  const staging = mkdtempSync(join(tmpdir(), 'pool-stage-'));
  try {
    for (const staged of stage(ROOT, scope, staging)) console.log(pack(staged, out));
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}
