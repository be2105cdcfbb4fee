/** Counting by reads-from alone, against the enumerator: as many as there are different reads-from. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, type ModelThread } from '../src/index.ts';
import { enumerate } from './oracle/enumerate.ts';
import { accesses, perform, type StraightLine, sequential } from './oracle/straight-line.ts';

function byReadsFrom(program: StraightLine, model: 'sc' | 'rc11'): number {
  return new Set([...enumerate(program, model)].map((key) => key.split(' | ')[0])).size;
}

function threadsOf(program: StraightLine): Record<string, (thread: ModelThread) => void> {
  return Object.fromEntries(
    program.map((operations, index) => [
      `t${index}`,
      (thread: ModelThread) => {
        for (const operation of operations) perform(thread, operation);
      },
    ]),
  );
}

describe('executions by reads-from', () => {
  it.each(['sc', 'rc11'] as const)('%s: each once', (model) => {
    fc.assert(
      fc.property(fc.oneof(accesses, sequential), (program) => {
        const report = check({ threads: threadsOf(program) }, { model, equivalence: 'rf' });
        expect(report.executions).toBe(byReadsFrom(program, model));
      }),
      { numRuns: 500 },
    );
  });

  it('of writes that nobody reads are one', () => {
    const write = (value: number) => (t: ModelThread) => t.store(0, value);
    const threads = { a: write(1), b: write(2), c: write(3), d: write(4) };
    expect(check({ threads })).toMatchObject({ executions: 24 });
    expect(check({ threads }, { equivalence: 'rf' })).toMatchObject({ executions: 1, exhausted: true });
  });
});
