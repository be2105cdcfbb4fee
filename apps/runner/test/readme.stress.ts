import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nodeThreads, prepareJob, runJob } from '../src/index.ts';
import { manifestSchema } from '../src/manifest/schema.ts';
import { BUILT, JobFolder } from './support/job-folder.ts';
import { pool } from './support/run-command.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(README)?.[1];
  if (found === undefined) throw new Error(`the README has no block of ${language}`);
  return found;
}

it('the first job of the README does what the README says', async () => {
  using folder = new JobFolder();
  folder.write('add.pasm', block('pasm'));
  const manifest = folder.write('add.yaml', block('yaml'));
  expect(await pool(['run', manifest, '--quiet'])).toEqual({ code: 0, stdout: block('text'), stderr: '' });

  const result = await runJob(await prepareJob(manifest), { startThread: nodeThreads(BUILT) });
  expect(result.results).toEqual([{ kind: 'counters', title: 'sums', counters: [{ name: 'total', value: 6n }] }]);
});

it('the README has every key of the manifest', () => {
  const keys = keysOf(manifestSchema);
  expect(keys).toContain('chunk-bytes');
  expect(keys).toContain('instances');
  for (const key of keys) expect(README, `the manifest's key ${key}`).toMatch(new RegExp(`\`[^\`]*\\b${key}\\b`));
});

interface SchemaInside {
  readonly def: Record<string, unknown>;
}

/** All keys of all objects in a schema. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  const { def } = schema as SchemaInside;
  const inner = ['innerType', 'valueType', 'element', 'options', 'in'].flatMap((part) =>
    def[part] === undefined ? [] : keysOf(def[part]),
  );
  const shape = Object.entries((def.shape ?? {}) as Record<string, unknown>);
  return [...inner, ...shape.flatMap(([key, value]) => [key, ...keysOf(value)])];
}

it('the profile in the README is what the command prints', async () => {
  using folder = new JobFolder();
  folder.write('add.pasm', block('pasm'));
  const [, args, printed] = /\$ pool (profile .*)\n([\s\S]*?)```/.exec(README) ?? [];
  expect(await pool((args ?? '').split(' '), { cwd: folder.path })).toEqual({ code: 0, stdout: printed, stderr: '' });
});

it('the README has every command of the debugger', async () => {
  using folder = new JobFolder();
  folder.write('add.pasm', 'func main() {\n  ret\n}\n');
  const { stdout } = await pool(['debug', 'add.pasm'], { cwd: folder.path, input: 'help\n' });
  const names = [...stdout.matchAll(/^([a-z]+) .* {2}\S/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(12);
  for (const name of names) expect(README, name).toMatch(new RegExp(`^\\|.*\`${name}\\b.*\\|`, 'm'));
});
