/** How a shipped structure is checked: it holds under both models, exhaustively, and a bug planted in it is found. */
import { expect, it } from 'vitest';
import {
  type CheckOptions,
  check,
  type FindingKind,
  formatFinding,
  type ModelProgram,
  type Weakening,
} from '../../src/index.ts';

/** A model that takes longer than this has too much in it. */
const LONGEST = 30_000;
/** A bug may lead to endlessly many executions; it shows in the first of them. */
const LONGEST_WITH_BUG = 3_000;

export interface Planted {
  /** What is wrong, as a sentence. */
  readonly name: string;
  readonly bug: Weakening;
  /** How it shows. */
  readonly shows: FindingKind;
  /** Only under `rc11`: the bug is one of order alone. */
  readonly weak?: boolean;
}

/** Explores the program under both models, and again with each bug. `outcomes`: all that may be observed. */
export function model(
  name: string,
  program: ModelProgram,
  expected: { readonly outcomes?: readonly string[]; readonly planted?: readonly Planted[] } = {},
  options: CheckOptions = {},
): void {
  it.each(['sc', 'rc11'] as const)(`${name} (%s)`, (which) => {
    const report = check(program, { model: which, milliseconds: LONGEST, ...options });
    expect(report.findings.map(formatFinding)).toEqual([]);
    expect(report.exhausted).toBe(true);
    expect(report.executions).toBeGreaterThan(0);
    if (expected.outcomes !== undefined)
      expect([...report.outcomes.keys()].sort()).toEqual([...expected.outcomes].sort());
  });
  for (const { name: bugName, bug, shows, weak = false } of expected.planted ?? [])
    it(`${name}: is found out when ${bugName}`, () => {
      const kinds = (which: 'sc' | 'rc11'): string[] =>
        check(program, { model: which, milliseconds: LONGEST_WITH_BUG, ...options, plant: bug }).findings.map(
          ({ kind }) => kind,
        );
      expect(kinds('rc11')).toContain(shows);
      if (!weak) expect(kinds('sc')).toContain(shows);
    });
}
