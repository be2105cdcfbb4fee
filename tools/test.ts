/**
 * The test command: build, types, lint, layers, then every test. With `--full` tests take their long form and the parts of
 * `testing/full.ts` follow; without, it says what it left to them. The last line counts what passed and failed, a failed step
 * among the latter, and the exit code is 1 if anything did.
 */
import { relative } from 'node:path';
import { ROOT, run } from './command.ts';
import { LAYERS } from './layers.ts';
import { FULL_PARTS, LONG } from './testing/full.ts';
import { lastLine, type Report, totals } from './testing/report.ts';
import { vitest } from './testing/vitest.ts';

const full = process.argv.includes('--full');
const failedSteps: string[] = [];
const reports: Report[] = [];

function step(name: string, ok: () => boolean): boolean {
  console.log(`\n== ${name}`);
  const passed = ok();
  if (!passed) {
    failedSteps.push(name);
    console.error(`== ${name} FAILED`);
  }
  return passed;
}

const built = step('build', () => run('node', ['tools/build.ts']));
if (built) {
  step('types', () => run('tsc', ['-b', '--pretty', 'false']));
  step('lint', () => run('biome', ['ci', '--colors=off', '.']));
  step('layers', () => run('node', ['tools/check-layers.ts']));
  step('layer graph in the README', () => run('node', ['tools/layer-graph.ts', '--check']));
  step('packages', () => run('node', ['tools/check-packages.ts']));

  const env = full ? LONG : {};
  console.log('\n== tests');
  reports.push(vitest(['--project=!*:stress', '--project=!tools:*'], env));
  console.log('\n== tests on real threads, one file at a time');
  reports.push(vitest(['--project=*:stress'], env));
  for (const part of full ? FULL_PARTS : []) {
    console.log(`\n== ${part.name}: ${part.what}`);
    const outcome = part.run();
    if (typeof outcome === 'string') console.log(`== ${part.name} SKIPPED: ${outcome}`);
    else reports.push(...outcome);
  }
}

const sum = totals(reports);
if (built) {
  const tested = sum.files.map((file) => relative(ROOT, file));
  const untested = Object.values(LAYERS).filter(({ folder }) => !tested.some((file) => file.startsWith(`${folder}/`)));
  for (const { folder } of untested.filter((layer) => layer.folder !== 'bench'))
    failedSteps.push(`${folder}: no test of it passed`);
}

console.log('');
for (const name of sum.skipped) console.log(`skipped: ${name}`);
for (const name of failedSteps) console.log(`failed step: ${name}`);
if (!full) {
  console.log('left to test:full:\n  long campaigns: the tests above, with more runs');
  for (const { name, what } of FULL_PARTS) console.log(`  ${name}: ${what}`);
}
console.log(lastLine({ ...sum, failed: sum.failed + failedSteps.length }));
process.exitCode = sum.failed + failedSteps.length > 0 ? 1 : 0;
