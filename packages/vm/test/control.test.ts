import { formatTrap, instantiate, type Outcome } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { instance, program, run, trapOf } from './support/programs.ts';

const FIB = `
func main(n) -> value {
  br_lt_u n, 2, small
  i64.sub m, n, 1
  call a, main(m)
  i64.sub m, n, 2
  call b, main(m)
  i64.add a, a, b
  ret a
small:
  ret n
}`;

describe('branches', () => {
  test.each([
    ['br_if', 0n, 0n],
    ['br_if', 1n, 1n],
    ['br_if', 2n ** 32n, 1n],
    ['br_unless', 0n, 1n],
    ['br_unless', 2n ** 63n, 0n],
  ])('%s on %i', (name, value, expected) => {
    expect(run(`func main(x) -> r {\n ${name} x, yes\n ret 0\nyes:\n ret 1\n}`, [value])).toBe(expected);
  });

  test('br goes both ways', () => {
    expect(run('func main() -> r {\n br over\nback:\n ret 7\nover:\n br back\n}')).toBe(7n);
  });

  test('select takes the one or the other', () => {
    const text = 'func main(c) -> r {\n select r, c, 10, 20\n ret r\n}';
    expect([run(text, [1]), run(text, [0]), run(text, [2n ** 40n])]).toEqual([10n, 20n, 10n]);
  });
});

describe('calls', () => {
  test('recursion keeps frames apart', () => {
    expect(run(FIB, [20])).toBe(6765n);
  });

  test.each([0, 1, 2, 3, 4, 8, 9, 10, 15])('%i arguments arrive in their order', (count) => {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    const sum = names
      .map((name, index) => ` i64.mul t, ${name}, ${10 ** (index % 10) * (index < 10 ? 1 : 3)}\n i64.add s, s, t`)
      .join('\n');
    const expected = names.reduce(
      (total, _, index) => total + BigInt(index + 1) * BigInt(10 ** (index % 10) * (index < 10 ? 1 : 3)),
      0n,
    );
    const callee = `func f(${names.join(', ')}) -> s {\n i64.const s, 0\n${sum}\n ret s\n}`;
    expect(
      run(`func main() -> r {\n call r, f(${names.map((_, index) => index + 1).join(', ')})\n ret r\n}\n${callee}`),
    ).toBe(expected);
  });

  test('a result can be dropped, and a function may have none', () => {
    expect(
      run(`memory 1
func main() -> r {
  call note(5)
  call five()
  i64.load r, [0]
  ret r
}
func note(x) {
  i64.store [0], x
  ret
}
func five() -> x {
  ret 5
}`),
    ).toBe(5n);
  });

  test('halt ends the program from any depth', () => {
    expect(
      run(
        'func main() -> r {\n call deep(3)\n ret 1\n}\nfunc deep(n) {\n br_eq n, 0, end\n i64.sub n, n, 1\n call deep(n)\n ret\nend:\n halt 42\n}',
      ),
    ).toBe(42n);
  });

  test('depth is limited, with a trap of its own; just below it works', () => {
    const text = 'func main(n) -> r {\n br_eq n, 0, end\n i64.sub n, n, 1\n call r, main(n)\n ret r\nend:\n ret 9\n}';
    expect(run(text, [50], { limits: { callDepth: 50 } })).toBe(9n);
    expect(trapOf(text, [51], { limits: { callDepth: 50 } })).toBe('call stack exhausted');
  });
});

describe('fuel', () => {
  const LOOP = 'func main(n) -> i {\n i64.const i, 0\nloop:\n i64.add i, i, 1\n br_lt_u i, n, loop\n ret i\n}';

  test('is charged by block, to the unit, and never refunded', () => {
    const spent = (n: number) => {
      const subject = instance(LOOP, { limits: { fuel: 1e6 } });
      subject.run('main', [n]);
      return 1e6 - subject.fuelLeft;
    };
    expect(spent(1)).toBe(1 + 2 + 1);
    expect(spent(1000)).toBe(1 + 2 * 1000 + 1);
  });

  test('a block is paid whole before it runs, even one that traps at its first instruction', () => {
    const subject = instance('func main(z) -> r {\n i64.div_u r, z, z\n i64.add r, r, 1\n ret r\n}', {
      limits: { fuel: 10 },
    });
    expect(subject.run('main', [0])).toMatchObject({ kind: 'trap', trap: { fuelLeft: 7 } });
  });

  test('an endless loop ends, at its place, and goes on with more', () => {
    const subject = instance(LOOP, { limits: { fuel: 2000 } });
    const ended = subject.run('main', [1000]);
    expect(ended).toMatchObject({ kind: 'exhausted', at: { function: 'main', line: 4 } });
    expect(subject.resume(2)).toMatchObject({ kind: 'done', value: 1000n, fuelLeft: 0 });
    expect(() => subject.resume(1)).toThrow('has not run out of fuel');
  });

  test('in slices of any size the result is the same', () => {
    const whole = instance(FIB, { limits: { fuel: 1e9 } });
    const expected = whole.run('main', [12]);
    for (const slice of [1, 3, 7, 50, 1000]) {
      const sliced = instance(FIB, { limits: { fuel: slice } });
      let outcome: Outcome = sliced.run('main', [12]);
      let given = slice;
      while (outcome.kind === 'exhausted') {
        given += slice;
        outcome = sliced.resume(slice);
      }
      expect(outcome).toMatchObject({ kind: 'done', value: expected.kind === 'done' ? expected.value : undefined });
      expect(given - sliced.fuelLeft).toBe(1e9 - whole.fuelLeft);
    }
  });

  test('a bulk operation that is too dear is not begun, and is done when there is more', () => {
    const subject = instance('memory 1\nfunc main() {\n memory.fill 0, 1, 6400\n ret\n}', { limits: { fuel: 50 } });
    expect(subject.run()).toMatchObject({ kind: 'exhausted' });
    expect(subject.memory[0]).toBe(0);
    expect(subject.resume(100)).toMatchObject({ kind: 'done' });
    expect(subject.memory[6399]).toBe(1);
  });
});

describe('traps', () => {
  test('say program, function, line, column and the way there', () => {
    const subject = instance(
      'func main() -> r {\n  call r, inner(0)\n  ret r\n}\nfunc inner(x) -> r {\n  i64.div_s r, x, x\n  ret r\n}',
      { name: 'tenant 1' },
    );
    expect(subject.run()).toMatchObject({
      kind: 'trap',
      trap: {
        reason: 'integer divide by zero',
        program: 'tenant 1',
        function: 'inner',
        file: 'test.pasm',
        line: 6,
        column: 3,
        backTrace: [
          { function: 'inner', line: 6 },
          { function: 'main', line: 2 },
        ],
      },
    });
  });

  test('an explicit trap carries its words', () => {
    expect(instance('func main() {\n trap "no work"\n}').run()).toMatchObject({
      kind: 'trap',
      trap: { reason: 'explicit trap', message: 'no work' },
    });
  });

  test.each([
    [31, 32, undefined],
    [32, 32, 1],
    [1000, 32, 969],
  ])('after %i calls a back trace has %i frames and says how many it leaves out', (callDepth, length, omitted) => {
    const text =
      'func main(n) -> r {\n call r, again(n)\n ret r\n}\nfunc again(n) -> r {\n call r, again(n)\n ret r\n}';
    const outcome = instance(text, { limits: { callDepth } }).run('main', [1]);
    if (outcome.kind !== 'trap') throw new Error('no trap');
    const { backTrace } = outcome.trap;
    expect(backTrace).toHaveLength(length);
    expect(backTrace.map((frame) => frame.omitted)).toEqual(
      backTrace.map((_, at) => (at === 15 ? omitted : undefined)),
    );
    expect(backTrace.map(({ line }) => line)).toEqual([...Array(length - 1).fill(6), 2]);
    const lines = formatTrap(outcome.trap).split('\n');
    expect(lines).toHaveLength(1 + length + (omitted === undefined ? 0 : 1));
    expect(lines[17]).toBe(omitted === undefined ? lines[16] : `    ... ${omitted} more`);
  });

  test('an instance can be run again after a trap', () => {
    const subject = instance('func main(x) -> r {\n i64.div_u r, 10, x\n ret r\n}');
    expect(subject.run('main', [0])).toMatchObject({ kind: 'trap' });
    expect(subject.run('main', [5])).toMatchObject({ kind: 'done', value: 2n });
  });
});

test('a run names its function and gives what it takes', () => {
  const subject = instantiate(program(FIB));
  expect(() => subject.run('fib')).toThrow('has no function fib; it has main');
  expect(() => subject.run('main', [])).toThrow('takes 1 argument, not 0');
});
