/** A claim of a litmus test that does not hold is shown by an execution, and so is one that `exists` asks for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type CheckOptions,
  type CheckReport,
  check,
  checkLitmus,
  type Execution,
  Exploration,
  formatFinding,
  formatFindingDot,
  type LitmusReport,
  LitmusRun,
  type LitmusTest,
  mergeReports,
  parseLitmus,
} from '../src/index.ts';

const SB = readFileSync(join(import.meta.dirname, '..', 'litmus', 'SB.litmus'), 'utf8');
const ZEROS = '(0:r0=0 /\\ 1:r0=0)';
const BROKEN = 'final condition: this execution ends as ~exists says that none does';

function ask(question: string, options?: CheckOptions): LitmusReport {
  return checkLitmus(parseLitmus('SB', SB.replace(/exists[\s\S]*/, question)), options);
}

/** Of several parts, put together. */
function inParts(text: string, count: number): CheckReport {
  const test = parseLitmus('parts', text);
  const parts = Array.from({ length: count }, (_, index) => checkLitmus(test, { share: { index, count } }));
  return mergeReports(parts as [LitmusReport, ...LitmusReport[]]);
}

/** Has an execution of two events and one of three; which of them comes first is the other way round for 0 and for 1. */
function uneven(longer: 0 | 1, question: string): LitmusTest {
  const other = `int r0 = atomic_load(x); if (r0 == ${longer}) atomic_store(y, 1);`;
  const threads = `P0(atomic_int* x) { atomic_store(x, 1); }\nP1(atomic_int* x, atomic_int* y) { ${other} }`;
  return parseLitmus('uneven', `C uneven\n{}\n${threads}\n${question}\n`);
}

function lengths(executions: readonly { readonly execution: Execution }[]): number[] {
  return executions.map(({ execution }) => execution.events.length);
}

describe('a claim that does not hold', () => {
  it('~exists: an execution that ends so, step by step and as a graph', () => {
    const report = ask(`~exists ${ZEROS}`);
    expect(report).toMatchObject({ holds: false, positive: 1, negative: 3, witnesses: [] });
    expect(report.findings.map(formatFinding)).toEqual([
      [
        BROKEN,
        '1  P0  store x = 1 (release)',
        '2  P0  load y gives 0 (acquire)',
        '3  P1  store y = 1 (release)',
        '4  P1  load x gives 0 (acquire), not the last write above',
        '(no order of these steps explains every read: this execution shows weak memory)',
        'fr  2 -> 3, 4 -> 1',
        'ends with 0:r0=0; 1:r0=0',
      ].join('\n'),
    ]);
    expect(report.findings.map(formatFindingDot)[0]).toMatch(/^digraph "final condition: [\s\S]* label=fr/);
  });

  it('forall: an execution that ends otherwise', () => {
    const { findings, holds } = ask('locations [x;]\nforall (0:r0=1 \\/ y=2)');
    expect(holds).toBe(false);
    expect(findings).toMatchObject([
      {
        kind: 'final condition',
        message: 'this execution does not end as forall says that all do',
        outcome: expect.stringMatching(/^0:r0=0; y=1; x=1$/),
      },
    ]);
  });

  it('by the shortest of the executions that show it, and by no other', () => {
    for (const options of [{}, { model: 'sc' }, { equivalence: 'rf' }] as const)
      for (const longer of [0, 1] as const) {
        const { findings, positive } = checkLitmus(uneven(longer, '~exists (x=1)'), options);
        expect({ positive, lengths: lengths(findings) }).toEqual({ positive: 2, lengths: [2] });
      }
    expect(lengths(checkLitmus(uneven(1, '~exists (y=1)')).findings)).toEqual([3]);
  });

  it('is no finding where it holds, or where the filter leaves out what breaks it', () => {
    expect(ask(`~exists ${ZEROS}`, { model: 'sc' })).toMatchObject({ holds: true, findings: [], witnesses: [] });
    expect(ask('forall (x=1)')).toMatchObject({ holds: true, findings: [], witnesses: [] });
    expect(ask(`filter (0:r0=1)\n~exists ${ZEROS}`)).toMatchObject({ holds: true, findings: [], witnesses: [] });
  });

  it('is shown by parts of an exploration together, and by one that a bound has ended', () => {
    expect(inParts(SB.replace('exists', '~exists'), 3).findings).toEqual(ask(`~exists ${ZEROS}`).findings);
    for (const longer of [0, 1] as const) {
      const test = uneven(longer, '~exists (x=1)');
      const [all, begun] = [checkLitmus(test), checkLitmus(test, { executions: 1 })];
      for (const reports of [[all, begun] as const, [begun, all] as const])
        expect(lengths(mergeReports([...reports]).findings)).toEqual([2]);
    }
    const cut = ask('forall (x=2)', { executions: 1 });
    expect(cut).toMatchObject({ exhausted: false, holds: false, findings: [{ kind: 'final condition' }] });
  });

  it('is in the report of whoever explores a run of the test', () => {
    const exploration = new Exploration(new LitmusRun(parseLitmus('SB', SB.replace('exists', '~exists'))).program);
    exploration.advance();
    expect(exploration.report().findings).toMatchObject([{ outcome: '0:r0=0; 1:r0=0' }]);
  });
});

describe('a question', () => {
  it('that has an answer comes with the shortest execution that gives it, and nothing is wrong', () => {
    const report = ask(`exists ${ZEROS}`);
    expect(report).toMatchObject({ holds: true, findings: [] });
    expect(report.witnesses.map(formatFinding)).toEqual([
      expect.stringMatching(/^witness: this execution ends as exists asks\n1 {2}P0[\s\S]*\nends with 0:r0=0; 1:r0=0$/),
    ]);
    for (const longer of [0, 1] as const)
      expect(lengths(checkLitmus(uneven(longer, 'exists (x=1)')).witnesses)).toEqual([2]);
    expect(inParts(SB, 2).witnesses).toEqual(report.witnesses);
  });

  it('that has none comes with nothing', () => {
    expect(ask(`exists ${ZEROS}`, { model: 'sc' })).toMatchObject({ holds: false, findings: [], witnesses: [] });
  });

  it('can be asked by any final condition', () => {
    const report = check({
      threads: {
        a: (thread) => thread.store(0, 1),
        b: (thread) => thread.observe('seen', thread.load(0)),
      },
      final: (end) => {
        if (end.observed('seen') === 1n) end.witness('b sees it', 'a 1');
        end.assert(end.observed('seen') === 1n, 'b always sees it', 'a 0');
      },
    });
    expect(report).toMatchObject({
      findings: [{ kind: 'final condition', message: 'b always sees it', outcome: 'a 0' }],
      witnesses: [{ kind: 'witness', message: 'b sees it', outcome: 'a 1' }],
    });
  });
});
