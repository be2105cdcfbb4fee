/** Parts of an exploration: together they are all of it, each execution in one of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CheckOptions,
  type CheckReport,
  check,
  type ModelProgram,
  type ModelThread,
  mergeReports,
} from '../src/index.ts';
import { accesses, perform } from './oracle/straight-line.ts';

function executions(program: ModelProgram, count: number, options: CheckOptions = {}): number[] {
  return Array.from(
    { length: count },
    (_, index) => check(program, { ...options, share: { index, count } }).executions,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

describe('parts of an exploration', () => {
  it('are about the same size', () => {
    const add = (t: ModelThread): void => void t.fetchAdd(0, 1);
    const program = { threads: Object.fromEntries([...'abcdefg'].map((name) => [name, add])) };
    const parts = executions(program, 2);
    expect(sum(parts)).toBe(5040);
    expect(Math.min(...parts)).toBeGreaterThan(0.4 * 5040);
  });

  it('are all together, whatever the program', () => {
    const longer = fc
      .tuple(accesses, accesses)
      .map(([one, other]) => one.map((own, index) => [...own, ...(other[index] ?? [])]));
    fc.assert(
      fc.property(longer, fc.integer({ min: 2, max: 3 }), fc.constantFrom('sc', 'rc11'), (straight, count, model) => {
        fc.pre(sum(straight.map((own) => own.length)) <= 9);
        const threads = Object.fromEntries(
          straight.map((own, index) => [
            `t${index}`,
            (t: ModelThread) => {
              t.observe(`t${index}`, own.map((operation) => perform(t, operation)).join());
            },
          ]),
        );
        const whole = check({ threads }, { model: model as 'sc' | 'rc11' });
        const parts = executions({ threads }, count, { model: model as 'sc' | 'rc11' });
        expect(sum(parts)).toBe(whole.executions);
      }),
      { numRuns: 300 },
    );
  });

  it('are put together again: executions, outcomes, and the shortest of each finding', () => {
    const lose = (t: ModelThread): void => t.store(0, t.load(0) + 1n);
    const program: ModelProgram = {
      threads: { a: lose, b: lose, c: lose, d: (t) => t.observe('seen', t.load(0)) },
      final: (end) => end.assert(end.words.load(0 as never) === 3n, 'nothing is lost'),
    };
    const { milliseconds: _, ...whole } = check(program);
    const parts = [0, 1].map((index) => check(program, { share: { index, count: 2 } }));
    const { milliseconds: __, ...merged } = mergeReports(parts as [CheckReport, ...CheckReport[]]);
    expect({ ...merged, findings: merged.findings.length }).toEqual({ ...whole, findings: 1 });
    expect(merged.findings[0]?.execution.events).toHaveLength(whole.findings[0]?.execution.events.length ?? 0);
  });
});
