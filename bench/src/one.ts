/** Runs one contest in this process: `node one.js ID EFFORT`, and prints its result as JSON. */
import { createRequire } from 'node:module';
import { FULL, measure, QUICK } from './contest.ts';
import { CONTESTS } from './contests/index.ts';

const [id, effort] = process.argv.slice(2);
const contest = CONTESTS.find((one) => one.id === id);
if (contest === undefined) throw new Error(`no contest is called ${id}`);
const require = createRequire(import.meta.url);
const versions: Record<string, string> = { node: process.versions.node, v8: process.versions.v8 };
for (const name of contest.packages ?? [])
  versions[name] = (require(`${name}/package.json`) as { version: string }).version;
process.stdout.write(`${JSON.stringify(await measure(contest, effort === 'quick' ? QUICK : FULL, versions))}\n`);
