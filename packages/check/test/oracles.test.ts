/** The checker against two oracles that work in other ways, on random programs: same executions, none of them twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enumerate, permutations } from './oracle/enumerate.ts';
import { exploreAll } from './oracle/explore-all.ts';
import { interleaveAll } from './oracle/interleave-all.ts';
import { accesses, type Operation, type StraightLine, sequential, waits } from './oracle/straight-line.ts';

const RUNS = 2000;

function sorted(keys: Iterable<string>): string[] {
  return [...keys].sort();
}

describe.each([
  ['accesses of every order', accesses],
  ['seq-cst accesses and fences', sequential],
] as const)('%s', (_, programs) => {
  it('rc11: what the axioms allow, each once', () => {
    fc.assert(
      fc.property(programs, (program) => {
        expect(sorted(exploreAll(program, 'rc11').executions)).toEqual(sorted(enumerate(program, 'rc11')));
      }),
      { numRuns: RUNS },
    );
  });

  it('sc: what the axioms allow and what interleaving gives, each once', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const explored = exploreAll(program, 'sc');
        const interleaved = interleaveAll(program);
        expect(sorted(explored.executions)).toEqual(sorted(interleaved.executions));
        expect(sorted(explored.ends)).toEqual(sorted(interleaved.ends));
        expect(sorted(enumerate(program, 'sc'))).toEqual(sorted(interleaved.executions));
      }),
      { numRuns: RUNS },
    );
  });
});

it.each(['sc', 'rc11'] as const)('%s: the orders that the enumeration passes over are forbidden', (model) => {
  fc.assert(
    fc.property(accesses, (program) => {
      fc.pre(program.flat().length <= 6);
      expect(sorted(enumerate(program, model))).toEqual(sorted(enumerate(program, model, permutations)));
    }),
    { numRuns: 300 },
  );
});

describe('waiting and notifying', () => {
  const property = (program: StraightLine): void => {
    const explored = exploreAll(program, 'sc');
    const interleaved = interleaveAll(program);
    expect(sorted(explored.ends)).toEqual(sorted(interleaved.ends));
    const executions = new Set(explored.executions);
    expect(executions.size).toBe(explored.executions.length);
    expect([...interleaved.executions].filter((one) => !executions.has(one))).toEqual([]);
  };

  it('sc: every interleaving is found, in no other way does it end, and no execution is seen twice', () => {
    fc.assert(fc.property(waits, property), { numRuns: RUNS });
  });

  const notify = (at: number): Operation => ({ kind: 'notify', at, count: 1 });
  const wait = (at: number, expected: number): Operation => ({ kind: 'wait', at, expected, timed: false });
  const load = (at: number): Operation => ({ kind: 'load', at, order: 'plain' });
  const store = (at: number): Operation => ({ kind: 'store', at, value: 1, order: 'plain' });

  it.each<[string, StraightLine]>([
    [
      'a store makes a wait compare anew that had no place to park',
      [[notify(0), notify(1), notify(0)], [wait(1, 0), wait(0, 0)], [store(1)]],
    ],
    ['a store before that of the notifier does, and parks with it', [[notify(0), store(0)], [wait(0, 1)], [store(0)]]],
    [
      'what a notifier has seen, a thread that it wakes has too',
      [
        [load(1), notify(1)],
        [store(0), store(1)],
        [wait(1, 0), load(0)],
      ],
    ],
  ])('sc: %s', (_, program) => property(program));
});
