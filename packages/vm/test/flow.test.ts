/** What the verifier finds out about paths, and how much it looks at for it: linear by the count of its looks, not by a clock. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '../src/verifier/flow.ts';
import { program } from './support/programs.ts';

const REGISTERS = 70;

/** A block: it writes one register, may go to another block, and ends by going to a third, or to the one behind it. */
interface BlockPlan {
  readonly writes: number;
  readonly branch: number;
  readonly next: number | undefined;
}

/** The flow of a function of such blocks; it begins with block 0. */
function flowOf(plans: readonly BlockPlan[], registers = REGISTERS): Flow {
  const names = Array.from({ length: registers }, (_, index) => (index === 0 ? 'x' : `r${index}`));
  const named = new Set(
    plans.flatMap(({ branch, next }, index) => [branch, next ?? (index < plans.length - 1 ? -1 : 0)]),
  );
  const blocks = plans.map(({ writes, branch, next }, index) => {
    const last = next === undefined && index < plans.length - 1 ? [] : [`br b${next ?? 0}`];
    return [
      ...(named.has(index) ? [`b${index}:`] : []),
      `i64.const ${names[writes]}, 1`,
      `br_if x, b${branch}`,
      ...last,
    ].join('\n');
  });
  const text = `func main(x) -> x {\nregisters ${names.join(', ')}\n${blocks.join('\n')}\n}`;
  return program(text, { lines: false }).functions[0]?.flow as Flow;
}

/** Said again in the plainest way: whether no path gets to a block's beginning without a write of the register. */
function isWritten(plans: readonly BlockPlan[], block: number, register: number): boolean | undefined {
  const reached = (avoid: number): Set<number> => {
    const seen = new Set([0]);
    for (const at of seen) {
      const { writes, branch, next } = plans[at] as BlockPlan;
      if (writes === avoid) continue;
      seen.add(branch);
      seen.add(next ?? (at < plans.length - 1 ? at + 1 : 0));
    }
    return seen;
  };
  if (!reached(-1).has(block)) return undefined;
  return register === 0 || !reached(register).has(block);
}

/** The verifier's block that each block begins with: the branch at its end is one of its own. */
const begins = (flow: Flow, plans: readonly BlockPlan[]): number[] => {
  let instruction = 0;
  return plans.map(({ next }, index) => {
    const start = instruction;
    instruction += next === undefined && index < plans.length - 1 ? 2 : 3;
    return flow.blocks.findIndex((block) => block.start === start);
  });
};

/** So many looks at most: a word of 32 registers narrows 32 times. */
const bound = ({ blocks }: Flow, registers: number): number => 33 * Math.ceil(registers / 32) * blocks.length;

describe('what is written before a block', () => {
  test('is what every path has written, in functions of any form', () => {
    const plan = (length: number) =>
      fc.record({
        writes: fc.nat(REGISTERS - 1),
        branch: fc.nat(length - 1),
        next: fc.option(fc.nat(length - 1), { nil: undefined }),
      });
    const plans = fc.integer({ min: 1, max: 24 }).chain((length) => {
      return fc.array(plan(length), { minLength: length, maxLength: length });
    });
    fc.assert(
      fc.property(plans, (given) => {
        const flow = flowOf(given);
        begins(flow, given).forEach((block, index) => {
          for (let register = 0; register < REGISTERS; register++)
            expect(flow.isWritten(block, register)).toBe(isWritten(given, index, register));
        });
        expect(flow.looks).toBeLessThanOrEqual(bound(flow, REGISTERS));
      }),
      { numRuns: 150 },
    );
  });
});

describe('the verifier looks at a block', () => {
  const COUNT = 2000;
  const LOOKS_ONCE = (flow: Flow, registers: number): number => Math.ceil(registers / 32) * flow.blocks.length;

  test('once, where loops have one entry, whatever the order in which they stand', () => {
    // Every block goes back to the first, and on to the one that stands before it: the last of them all is the second to run.
    const plans = Array.from({ length: COUNT }, (_, index): BlockPlan => {
      const next = index === 0 ? COUNT - 1 : Math.max(1, index - 1);
      return { writes: index % 250, branch: 0, next };
    });
    const flow = flowOf(plans, 250);
    expect(flow.looks).toBe(LOOKS_ONCE(flow, 250));
  });

  test('a bounded number of times, where somebody made it irregular', () => {
    // Every block goes to two others far away, and is entered from anywhere: each path that is found late takes a register away.
    const plans = Array.from({ length: COUNT }, (_, index): BlockPlan => {
      const next = index === 0 ? COUNT - 1 : index - 1;
      return { writes: index % 250, branch: (index * 7919) % COUNT, next };
    });
    const flow = flowOf(plans, 250);
    expect(flow.looks).toBeGreaterThan(LOOKS_ONCE(flow, 250));
    expect(flow.looks).toBeLessThanOrEqual(bound(flow, 250));
  });
});
