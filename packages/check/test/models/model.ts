/** How a shipped structure is checked: it holds under both models, exhaustively, and a bug planted in it is found. */
import type { Owner, OwnerId, Words } from '@pool/core';
import { expect, it } from 'vitest';
import {
  type CheckOptions,
  type CheckReport,
  Exploration,
  type FindingKind,
  formatFinding,
  type ModelProgram,
  type Weakening,
} from '../../src/index.ts';

/** A model that has more executions than this has too much in it. Counted, not timed: a slow machine sees what a fast one does. */
const MOST = 100_000;
/** Milliseconds between two looks whether a bug was found. */
const LOOK = 50;

export interface Planted {
  /** What is wrong, as a sentence. */
  readonly name: string;
  readonly bug: Weakening;
  /** How it shows. */
  readonly shows: FindingKind;
  /** Only under `rc11`: the bug is one of order alone. */
  readonly weak?: boolean;
}

export const SILENT: Planted = {
  name: 'notifications are left out',
  bug: { notifications: () => true },
  shows: 'lost wake-up',
};
export const UNFENCED: Planted = {
  name: 'the fences are left out',
  bug: { fences: true },
  shows: 'lost wake-up',
  weak: true,
};

export function owner(id: number, generation = 1): Owner {
  return { id: id as OwnerId, generation };
}

/** Explores the program under both models, unless under one only, and again with each bug. `outcomes`: all that may be observed. */
export function model(
  name: string,
  program: ModelProgram,
  expected: {
    readonly outcomes?: readonly string[];
    readonly planted?: readonly Planted[];
    readonly models?: readonly ('sc' | 'rc11')[];
  } = {},
  options: CheckOptions = {},
): void {
  it.each(expected.models ?? (['sc', 'rc11'] as const))(`${name} (%s)`, (which) => {
    const report = explore(program, { model: which, ...options });
    expect(report.findings.map(formatFinding)).toEqual([]);
    expect(report.exhausted).toBe(true);
    expect(report.executions).toBeGreaterThan(1);
    if (expected.outcomes !== undefined)
      expect([...report.outcomes.keys()].sort()).toEqual([...expected.outcomes].sort());
  });
  for (const { name: bugName, bug, shows, weak = false } of expected.planted ?? [])
    it(`${name}: is found out when ${bugName}`, () => {
      const kinds = (which: 'sc' | 'rc11'): FindingKind[] =>
        kindsIn(explore(program, { model: which, ...options, plant: bug }, shows));
      expect(kinds('rc11')).toContain(shows);
      if (!weak) expect(kinds('sc')).toContain(shows);
    });
}

/** Explores to the end or to the bound, or until the kind of finding that is looked for was found. */
function explore(program: ModelProgram, options: CheckOptions, until?: FindingKind): CheckReport {
  const exploration = new Exploration(program, { executions: MOST, ...options });
  for (;;) {
    const ended = exploration.advance(LOOK);
    const report = exploration.report();
    if (ended || (until !== undefined && kindsIn(report).includes(until))) return report;
  }
}

function kindsIn(report: CheckReport): FindingKind[] {
  return report.findings.map(({ kind }) => kind);
}

const DEATH = new Error('this thread is dead');

/** What a thread does that dies when it comes to an operation of that name, before it takes place. */
export function dyingAt(operation: keyof Words, words: Words, body: (words: Words) => void): void {
  let dead = false;
  const mortal = new Proxy(words, {
    get(target, name) {
      dead ||= name === operation;
      if (dead) throw DEATH;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  try {
    body(mortal);
  } catch (error) {
    if (error !== DEATH) throw error;
  }
}
