import { expect, it } from 'vitest';
import { granted } from './support/granted.ts';
import { bytesOf, instance } from './support/programs.ts';

const SUM = `func main(limit) -> sum {
  i64.const sum, 0
  i64.const i, 0
loop:
  call sum, add(sum, i)
  i64.add i, i, 1
  br_lt_u i, limit, loop
  ret sum
}
func add(a, b) -> value {
  i64.add value, a, b
  ret value
}
func unused() {
  ret
}
`;

it('counts instructions by function and line', () => {
  const { outcome, instructions, functions } = instance(SUM).profile('main', [100]);
  expect(outcome).toMatchObject({ kind: 'done', value: 4950n });
  expect(instructions).toBe(3 + 300 + 200);
  const file = 'test.pasm';
  expect(functions).toEqual([
    {
      name: 'main',
      calls: 1,
      instructions: 303,
      lines: [2, 3, 5, 6, 7, 8].map((line) => ({ file, line, instructions: line >= 5 && line <= 7 ? 100 : 1 })),
    },
    {
      name: 'add',
      calls: 100,
      instructions: 200,
      lines: [
        { file, line: 11, instructions: 100 },
        { file, line: 12, instructions: 100 },
      ],
    },
    { name: 'unused', calls: 0, instructions: 0, lines: [{ file, line: 15, instructions: 0 }] },
  ]);
});

it('counts what stepping counts, and uses the fuel that a run uses', () => {
  for (const fuel of [3, 5, 17, 40, 1000]) {
    const stepped = instance(SUM, { limits: { fuel } }).start('main', [7]);
    let steps = 1;
    let stop = stepped.step();
    for (; stop.kind === 'paused'; stop = stepped.step()) steps += 1;
    if (stop.kind === 'exhausted') steps -= 1; // the last did not run
    const profiled = instance(SUM, { limits: { fuel } });
    const { outcome, instructions } = profiled.profile('main', [7]);
    expect(outcome).toEqual(stop);
    expect(instructions, `fuel ${fuel}`).toBe(steps);
    expect(profiled.fuelLeft).toBe(stepped.fuelLeft);
  }
});

it('counts a block that traps up to the trap', () => {
  const text = 'func main(n) -> q {\n i64.const q, 1\n i64.div_u q, q, n\n i64.add q, q, 1\n nop\n ret q\n}';
  const { outcome, instructions, functions } = instance(text).profile('main', [0]);
  expect(outcome.kind).toBe('trap');
  expect(instructions).toBe(2);
  expect(functions[0]?.lines.map((line) => line.instructions)).toEqual([1, 1, 0, 0, 0]);
});

it('leaves out a bulk operation that there was no fuel for', () => {
  const text = 'memory 1\nfunc main() {\n i64.const n, 65536\n i64.const z, 0\n memory.fill z, z, n\n nop\n ret\n}';
  const { outcome, instructions } = instance(text, { limits: { fuel: 100 } }).profile();
  expect(outcome.kind).toBe('exhausted');
  expect(instructions).toBe(2);
});

it('can be taken in pieces, and looked at between them', () => {
  const whole = instance(SUM, { limits: { fuel: 10_000 } });
  const expected = whole.profile('main', [100]);
  const subject = instance(SUM, { limits: { fuel: 10_000 } });
  const profiler = subject.startProfile('main', [100]);
  expect(profiler.profile()).toMatchObject({ outcome: { kind: 'interrupted', at: { line: 2 } }, instructions: 0 });
  let outcome = profiler.continue(7);
  let before = 0;
  for (; outcome.kind === 'interrupted'; outcome = profiler.continue(7)) {
    const { instructions, functions, outcome: so } = profiler.profile();
    expect(so).toEqual(outcome);
    expect(instructions).toBeGreaterThan(before);
    expect(functions.reduce((sum, one) => sum + one.instructions, 0)).toBe(instructions);
    before = instructions;
  }
  expect(before).toBeGreaterThan(400);
  expect(profiler.profile()).toEqual(expected);
  expect(subject.fuelLeft).toBe(whole.fuelLeft);
  expect(() => profiler.continue()).toThrow('the instance test has ended');
});

it('comes back from a bulk operation and from a sleep, and counts them once', () => {
  const { pool, grant } = granted(16, 0);
  const text = `memory 16
window job words 1 {
  x
}
func main() -> r {
  memory.fill 0, 1, 1_000_000
  shared_wait r, job.x, 0, 60_000_000
  ret r
}`;
  const options = { words: pool, windows: [grant], limits: { fuel: 100_000 } };
  const whole = instance(text, options);
  const expected = whole.profile();
  expect(expected.outcome).toMatchObject({ kind: 'done', value: 2n });
  const subject = instance(text, options);
  const profiler = subject.startProfile();
  const lines: unknown[] = [];
  let before = -1;
  for (let outcome = profiler.continue(1e6); outcome.kind === 'interrupted'; outcome = profiler.continue(1e6)) {
    lines.push(outcome.at.line);
    const { instructions } = profiler.profile();
    expect(instructions).toBeGreaterThanOrEqual(before);
    before = instructions;
  }
  expect(lines).toEqual([6, 6, 6, 7, 7]); // four chunks of 256 KiB, and 25 + 25 + 10 ms
  expect(profiler.profile()).toEqual(expected);
  expect(subject.fuelLeft).toBe(whole.fuelLeft);
});

it('ends when the instance is started anew', () => {
  const subject = instance(SUM);
  const profiler = subject.startProfile('main', [100]);
  profiler.continue(20);
  expect(subject.run('main', [3])).toMatchObject({ kind: 'done', value: 3n });
  expect(() => profiler.continue()).toThrow('the instance test has been started anew');
  expect(() => profiler.profile()).toThrow('the instance test has been started anew');
});

it('leaves the instance as it was, to be run', () => {
  const subject = instance(SUM);
  subject.profile('main', [3]);
  expect(subject.run('main', [3])).toMatchObject({ kind: 'done', value: 3n });
});

it('has line 0 where the program carries no lines', () => {
  expect(bytesOf(SUM, { lines: false }).length).toBeLessThan(bytesOf(SUM).length);
  expect(instance(SUM, { lines: false }).profile('main', [1]).functions[0]?.lines).toEqual([
    { file: '', line: 0, instructions: 6 },
  ]);
});
