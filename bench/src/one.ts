/** Runs one contest in this process: `node one.js ID EFFORT`, and prints its result as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { FULL, measure, QUICK } from './contest.ts';
import { CONTESTS } from './contests/index.ts';

const [id, effort] = process.argv.slice(2);
const contest = CONTESTS.find((one) => one.id === id);
if (contest === undefined) throw new Error(`no contest is called ${id}`);
const versions: Record<string, string> = { node: process.versions.node, v8: process.versions.v8 };
for (const name of contest.packages ?? []) versions[name] = versionOf(name);
process.stdout.write(`${JSON.stringify(await measure(contest, effort === 'quick' ? QUICK : FULL, versions))}\n`);

/** From the manifest above the module that the name leads to: not every package lets its manifest be imported. */
function versionOf(name: string): string {
  let manifest = new URL('package.json', pathToFileURL(createRequire(import.meta.url).resolve(name)));
  while (!existsSync(manifest)) manifest = new URL('../package.json', manifest);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
