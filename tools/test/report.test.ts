import { expect, test } from 'vitest';
import { lastLine, type Report, totals } from '../testing/report.ts';

const file = (name: string, statuses: readonly string[], status = 'passed') => ({
  name,
  status,
  assertionResults: statuses.map((each, index) => ({ fullName: `${name} ${index}`, status: each })),
});

const report = (success: boolean, ...testResults: Report['testResults']): Report => ({ success, testResults });

test('counts of several runs are added, skipped tests are named', () => {
  const sum = totals([
    report(true, file('a', ['passed', 'passed', 'skipped'])),
    report(false, file('b', ['passed', 'failed'], 'failed'), file('c', ['todo'])),
  ]);
  expect(sum).toEqual({ passed: 3, failed: 1, skipped: ['a 2', 'c 0'], files: ['a', 'b'] });
  expect(lastLine(sum)).toBe('3 passed, 1 failed');
});

test('a file that does not load is a failure', () => {
  expect(totals([report(false, file('a', [], 'failed'), file('b', ['passed']))])).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test('a run that fails although its tests pass is a failure', () => {
  expect(totals([report(false, file('a', ['passed']))])).toMatchObject({ passed: 1, failed: 1 });
});

test('without skipped tests the line has two counts', () => {
  expect(lastLine({ passed: 5, failed: 0 })).toBe('5 passed, 0 failed');
});
