/** What vitest's JSON reports say when taken together: counts, and what failed or was skipped by name. */

interface Assertion {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages?: readonly string[];
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly Assertion[];
}

/** The part of vitest's JSON report that is read here. */
export interface Report {
  readonly success: boolean;
  readonly testResults: readonly FileResult[];
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
  /** Files of which at least one test passed. */
  readonly files: readonly string[];
}

/**
 * A file that fails before its first test counts as one failure, and so does a run that failed although every test passed
 * (an unhandled error, say): no failure is lost between the counts.
 */
export function totals(reports: readonly Report[]): Totals {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  const files: string[] = [];
  for (const { success, testResults } of reports) {
    let failedHere = 0;
    for (const file of testResults) {
      const of = (status: string): number => file.assertionResults.filter((test) => test.status === status).length;
      passed += of('passed');
      failedHere += of('failed');
      if (file.status === 'failed' && of('failed') === 0) failedHere += 1;
      if (of('passed') > 0) files.push(file.name);
      for (const test of file.assertionResults) {
        if (test.status !== 'passed' && test.status !== 'failed') skipped.push(test.fullName);
      }
    }
    failed += success ? failedHere : Math.max(failedHere, 1);
  }
  return { passed, failed, skipped, files };
}

/** The last line of a test run; what was skipped is named above it. */
export function lastLine({ passed, failed }: Pick<Totals, 'passed' | 'failed'>): string {
  return `${passed} passed, ${failed} failed`;
}
