/**
 * `pnpm bench [--filter PREFIX] [--quick] [--json FILE]`: every contest in a process of its own, one after the other.
 * A ratio is how many times faster than the rival; where rounds disagree widely, no verdict is printed.
 */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import type { Contest, Result } from './contest.ts';
import { CONTESTS } from './contests/index.ts';

/** Above this interquartile range, as a share of the median, the machine was too noisy to say. */
const WIDEST_SPREAD = 0.3;

const { values } = parseArgs({
  options: {
    filter: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const chosen = CONTESTS.filter(({ id }) => id.startsWith(values.filter));
if (chosen.length === 0) {
  console.error(`no contest begins with "${values.filter}"; there are: ${CONTESTS.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}
console.log(
  `${platform()} ${arch()}, ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, commit ${commit()}\n`,
);
console.log(row('id', 'ours', 'rival', 'unit', 'ratio', 'spread', 'bar', ''));
const results: Result[] = [];
let failed = 0;
for (const contest of chosen) {
  try {
    const result = await run(contest);
    results.push(result);
    const { id, ours, rival, ratio, spread, unit } = result;
    console.log(
      row(
        id,
        figure(ours),
        figure(rival),
        unit,
        ratio.toFixed(2),
        `${(spread * 100).toFixed(0)}%`,
        contest.bar?.toString() ?? '-',
        verdict(contest, result),
      ),
    );
  } catch (error) {
    failed += 1;
    console.log(`${contest.id}: failed\n${error instanceof Error ? error.message : String(error)}`);
  }
}
console.log('');
for (const { id, title, rival } of chosen) console.log(`${id}: ${title}; against ${rival}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = failed > 0 ? 1 : 0;

async function run(contest: Contest): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    new URL('./one.js', import.meta.url).pathname,
    contest.id,
    values.quick ? 'quick' : 'full',
  ]);
  return JSON.parse(stdout) as Result;
}

function verdict({ bar }: Contest, { ratio, spread }: Result): string {
  if (spread > WIDEST_SPREAD) return 'rounds disagree: no verdict';
  if (bar === undefined) return 'reported';
  return ratio >= bar ? 'holds' : 'falls short';
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
