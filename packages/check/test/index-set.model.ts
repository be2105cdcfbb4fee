/** The set of free indices, in every execution that the contract allows: none is taken twice, and none is hidden. */
import { type Address, IndexSet } from '@pool/core';
import { expect, test } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../src/index.ts';

/** Two leaves and a summary. */
const CAPACITY = 40;
const LOW = 3;
const HIGH = 35;

function set({ words }: Pick<ModelThread, 'words'>): IndexSet {
  return new IndexSet(words, 0 as Address, CAPACITY);
}

function take(name: string): (t: ModelThread) => void {
  return (t) => t.observe(name, BigInt(set(t).take() + 1));
}

/** Every index of `there` is taken once, by a thread or at the end. */
function program(
  threads: ModelProgram['threads'],
  takers: readonly string[],
  first: readonly number[],
  there: readonly number[],
): ModelProgram {
  return {
    threads,
    words: IndexSet.size(CAPACITY),
    initial(words) {
      const own = set({ words });
      for (const index of [LOW, HIGH]) own.add(index);
      // Both summary bits are raised from now on, and stale for what is not in.
      for (const index of [LOW, HIGH]) if (!first.includes(index)) own.remove(index);
    },
    final(end) {
      const left = set(end);
      const found = takers.map((name) => Number(end.observed(name)) - 1).filter((index) => index >= 0);
      for (let index = left.take(); index >= 0; index = left.take()) found.push(index);
      found.sort((one, other) => one - other);
      end.assert(found.join() === there.join(), `${found} came out, and ${there} were in`);
    },
  };
}

const PROGRAMS: Readonly<Record<string, ModelProgram>> = {
  'an addition under a clearing': program(
    { adder: (t) => set(t).add(HIGH), one: take('one'), other: take('other') },
    ['one', 'other'],
    [],
    [HIGH],
  ),
  'two additions under one summary bit': program(
    { adder: (t) => set(t).add(HIGH), second: (t) => set(t).add(HIGH + 1), one: take('one') },
    ['one'],
    [],
    [HIGH, HIGH + 1],
  ),
  'a taken index comes back': program(
    {
      adder: (t) => {
        const own = set(t);
        const index = own.take();
        if (index >= 0) own.add(index);
      },
      one: take('one'),
    },
    ['one'],
    [HIGH],
    [HIGH],
  ),
};

test.each(Object.keys(PROGRAMS))(
  '%s',
  (name) => {
    const report = check(PROGRAMS[name] as ModelProgram, { milliseconds: 30_000 });
    expect(report.findings.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([]);
    expect(report.executions).toBeGreaterThan(10);
    expect(report.exhausted).toBe(true);
  },
  60_000,
);
