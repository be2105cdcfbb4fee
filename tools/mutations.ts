/**
 * The mutation campaign: puts each bug of `mutations/` into a copy of the checkout, one at a time, and demands that the test
 * named beside it fails. Prints a row for each and a count; the exit code is 1 if a bug was not caught.
 *
 *   node tools/mutations.ts [words...] [--report FILE] [--verbose]
 *
 * With words, only mutations are run that have one of them in their class, name, source or test.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ROOT } from './command.ts';
import { campaign, type Result } from './mutations/campaign.ts';
import { copyCheckout, removeCopy } from './mutations/copy.ts';
import { MUTATIONS } from './mutations/list.ts';
import { BUG_CLASSES, type Mutation } from './mutations/mutation.ts';
import { TestRunner } from './mutations/runner.ts';
import type { Report } from './testing/report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: 'string' }, verbose: { type: 'boolean', default: false } },
});

const chosen = MUTATIONS.filter(
  (mutation) => positionals.length === 0 || positionals.some((words) => textOf(mutation).includes(words.toLowerCase())),
);
const copy = copyCheckout(ROOT);
const runner = new TestRunner(copy);
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));
process.once('exit', () => {
  runner.stop();
  removeCopy(copy);
});

/** What is shown of the reason. */
const LINES = 8;
const results: Result[] = [];
console.log('class | mutation | test | caught');
for await (const result of campaign(copy, runner, chosen)) {
  results.push(result);
  const { mutation, caught, how, detail } = result;
  const { knownFrom } = BUG_CLASSES[mutation.bug];
  console.log(`${mutation.bug} (${knownFrom}) | ${mutation.name} | ${testOf(mutation)} | ${how}`);
  if (!caught || values.verbose) console.log(detail.split('\n').slice(0, LINES).join('\n').replace(/^/gm, '    '));
}

const missed = results.filter(({ caught }) => !caught).length;
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(reportOf(results)));
console.log(`${results.length - missed} of ${results.length} mutations caught`);
process.exitCode = missed > 0 || results.length === 0 ? 1 : 0;

function textOf({ bug, name, file, test }: Mutation): string {
  return [bug, name, file, test.file].join('\n').toLowerCase();
}

function testOf({ test }: Mutation): string {
  return test.name === undefined ? test.file : `${test.file}: ${test.name}`;
}

/** As vitest reports tests: each mutation is one, passed if it was caught. */
function reportOf(all: readonly Result[]): Report {
  const success = all.every(({ caught }) => caught);
  const assertionResults = all.map(({ mutation, caught }) => ({
    fullName: `${mutation.bug}: ${mutation.name}`,
    status: caught ? 'passed' : 'failed',
  }));
  return {
    success,
    testResults: [{ name: import.meta.filename, status: success ? 'passed' : 'failed', assertionResults }],
  };
}
