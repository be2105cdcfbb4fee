/**
 * `pnpm bench [--filter PREFIX] [--quick] [--json FILE]`: every contest in a process of its own, one after the other.
 * A ratio is how many times faster than the rival; where rounds disagree widely, no verdict is printed.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import type { Contest, Group, Result } from './contest.ts';
import { CONTESTS, GROUPS } from './contests/index.ts';

/** How a process is kept to one core. */
const ONE_CORE = ['taskset', '-c', '0'] as const;
/** Above this interquartile range, as a share of the median, the machine was too noisy to say. */
const WIDEST_SPREAD = 0.3;

const USAGE = 'usage: pnpm bench [--filter PREFIX] [--quick] [--json FILE]';
const values = options();
const chosen = CONTESTS.filter(({ id }) => id.startsWith(values.filter));
if (chosen.length === 0) {
  refuse(`no contest begins with "${values.filter}"; there are: ${CONTESTS.map(({ id }) => id).join(', ')}`);
}
if (values.json !== undefined) {
  // Before anything is measured: figures that cannot be kept are found out at once.
  try {
    writeFileSync(values.json, '[]\n');
  } catch (error) {
    refuse(`cannot write ${values.json}: ${(error as Error).message}`);
  }
}
console.log(
  `${platform()} ${arch()}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, commit ${commit()}\n`,
);
console.log(row('id', 'ours', 'rival', 'unit', 'ratio', 'spread', 'bar', ''));
const results: Result[] = [];
let failed = 0;
for (const contest of chosen) {
  const missing = contest.missing?.() ?? (contest.oneCore ? missingTaskset() : undefined);
  if (missing !== undefined) {
    console.log(`${contest.id}: skipped, ${missing}`);
    continue;
  }
  try {
    const result = await run(contest);
    results.push(result);
    print(result, contest.bar ?? contest.floor);
  } catch (error) {
    failed += 1;
    console.log(`${contest.id}: failed\n${error instanceof Error ? error.message : String(error)}`);
  }
}
for (const group of GROUPS) {
  const result = mean(group);
  if (result === undefined) continue;
  results.push(result);
  print(result, group.bar);
}
console.log('');
for (const { id, title, rival } of chosen) {
  const notes = Object.entries(results.find((result) => result.id === id)?.notes ?? {});
  console.log(
    [`${id}: ${title}`, ...(rival ? [`against ${rival}`] : []), ...notes.map((note) => note.join(' '))].join('; '),
  );
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = failed > 0 ? 1 : 0;

function options(): { filter: string; quick: boolean; json?: string | undefined } {
  try {
    return parseArgs({
      options: {
        filter: { type: 'string', default: '' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(why: string): never {
  console.error(`${why}\n${USAGE}`);
  process.exit(2);
}

function missingTaskset(): string | undefined {
  return spawnSync(ONE_CORE[0], ['--version']).status === 0 ? undefined : 'taskset (util-linux) is not there';
}

async function run(contest: Contest): Promise<Result> {
  const one = [new URL('./one.js', import.meta.url).pathname, contest.id, values.quick ? 'quick' : 'full'];
  const [command, ...args] = [...(contest.oneCore ? ONE_CORE : []), process.execPath, ...one];
  const { stdout } = await promisify(execFile)(command as string, args);
  return JSON.parse(stdout) as Result;
}

function print({ id, ours, rival, ratio, spread, unit }: Result, bar: number | undefined): void {
  const [against, times] = [rival, ratio].map((value) => (value === null ? '-' : figure(value))) as [string, string];
  const cells = [figure(ours), against, unit, times, `${(spread * 100).toFixed(0)}%`, bar?.toString() ?? '-'];
  console.log(row(id, ...cells, verdict(ratio ?? ours, spread, bar)));
}

function verdict(achieved: number, spread: number, bar: number | undefined): string {
  if (spread > WIDEST_SPREAD) return 'rounds disagree: no verdict';
  if (bar === undefined) return 'reported';
  return achieved >= bar ? 'holds' : 'falls short';
}

/** A group's result, if all of its contests have one: geometric means, and the widest spread. */
function mean({ id }: Group): Result | undefined {
  const members = CONTESTS.filter((contest) => contest.id.startsWith(`${id}/`));
  const parts = results.filter((result) => members.some((member) => member.id === result.id));
  const [first] = parts;
  if (first === undefined || parts.length < members.length) return undefined;
  const geometric = (pick: (result: Result) => number | null): number =>
    Math.exp(parts.reduce((sum, part) => sum + Math.log(pick(part) ?? Number.NaN), 0) / parts.length);
  return {
    ...first,
    id,
    ours: geometric(({ ours }) => ours),
    rival: geometric(({ rival }) => rival),
    ratio: geometric(({ ratio }) => ratio),
    spread: Math.max(...parts.map(({ spread }) => spread)),
  };
}

function row(id: string, ...cells: string[]): string {
  return `${id.padEnd(22)}${cells
    .slice(0, -1)
    .map((cell) => cell.padStart(10))
    .join('')}  ${cells.at(-1)}`.trimEnd();
}

function figure(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
