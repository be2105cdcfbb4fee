/** Parts of an exploration: together they are all of it, each execution in one of them. */

import { type Address, Pool, type Words } from '@pool/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CheckOptions,
  type CheckReport,
  check,
  Exploration,
  type ModelProgram,
  type ModelThread,
  mergeReports,
} from '../src/index.ts';
import { accesses, perform, type StraightLine } from './oracle/straight-line.ts';

function executions(program: ModelProgram, count: number, options: CheckOptions = {}): number[] {
  return Array.from(
    { length: count },
    (_, index) => check(program, { ...options, share: { index, count } }).executions,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

interface Dealt {
  readonly words: Words;
  readonly at: Address;
}

const pool = Pool.create({ words: 1, segments: 0 });
const dealt: Dealt = { words: pool, at: pool.reserve(1) };

beforeEach(() => pool.storeNumber(dealt.at, 0));

const longer = fc
  .tuple(accesses, accesses)
  .map(([one, other]) => one.map((own, index) => [...own, ...(other[index] ?? [])]));

/** Every thread tells what its operations answered; `begins` is called whenever one is run. */
function toProgram(straight: StraightLine, begins: () => void = () => {}): ModelProgram {
  const threads = straight.map((own, index) => {
    const body = (t: ModelThread): void => {
      begins();
      t.observe(`t${index}`, own.map((operation) => perform(t, operation)).join());
    };
    return [`t${index}`, body];
  });
  return { threads: Object.fromEntries(threads) };
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
    fc.assert(
      fc.property(longer, fc.integer({ min: 2, max: 3 }), fc.constantFrom('sc', 'rc11'), (straight, count, model) => {
        fc.pre(sum(straight.map((own) => own.length)) <= 9);
        const program = toProgram(straight);
        const whole = check(program, { model: model as 'sc' | 'rc11' });
        const parts = executions(program, count, { model: model as 'sc' | 'rc11' });
        expect(sum(parts)).toBe(whole.executions);
      }),
      { numRuns: 300 },
    );
  });

  it('are dealt to who comes first: however far others are, all together are all', () => {
    fc.assert(
      fc.property(longer, fc.array(fc.boolean(), { minLength: 1 }), (straight, othersComeFirst) => {
        fc.pre(sum(straight.map((own) => own.length)) <= 9);
        pool.storeNumber(dealt.at, 0);
        let runs = 0;
        let parts = 0;
        const taken: number[] = [];
        const others = (): void => {
          if (pool.loadNumber(dealt.at) >= parts || !othersComeFirst[runs++ % othersComeFirst.length]) return;
          taken.push(pool.fetchAddNumber(dealt.at, 1));
        };
        const program = toProgram(straight, () => others());
        const whole = check(program, { share: { dealt } });
        expect(whole.executions).toBe(check(program).executions);
        parts = pool.exchangeNumber(dealt.at, 0);
        const own = check(program, { share: { dealt } });
        expect(pool.loadNumber(dealt.at)).toBe(parts);
        const rest = taken.map((index) => check(program, { share: { index, count: parts } }));
        const merged = mergeReports([own, ...rest]);
        expect(merged.outcomes).toEqual(whole.outcomes);
        expect(merged).toMatchObject({ executions: whole.executions, blocked: whole.blocked });
      }),
      { numRuns: 200 },
    );
  });

  it('are dealt on until none is left: who comes late takes what there is, and then nothing', () => {
    const add = (t: ModelThread): void => void t.fetchAdd(0, 1);
    const program = { threads: Object.fromEntries([...'abcdefg'].map((name) => [name, add])) };
    const whole = check(program).executions;
    const first = new Exploration(program, { share: { dealt }, executions: 10 });
    first.advance();
    const second = check(program, { share: { dealt } }).executions;
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThan(whole);
    expect(check(program, { share: { dealt } }).executions).toBe(0);
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
