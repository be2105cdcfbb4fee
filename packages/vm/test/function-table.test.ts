import { describe, expect, test } from 'vitest';
import { bytesOf, instance, run, trapOf } from './support/programs.ts';

const CALCULATOR = `
table operations = sum, difference, constant,
                   nine, note
memory 1
func main(which, a, b) -> r {
  call_indirect r, operations[which](a, b)
  ret r
}
func sum(a, b) -> c {
  i64.add c, a, b
  ret c
}
func difference(a, b) -> c {
  i64.sub c, a, b
  ret c
}
func constant() -> c {
  ret 7
}
func nine(a, b, c, d, e, f, g, h, i) -> r {
  i64.sub r, a, i
  ret r
}
func note(a, b) {
  i64.add a, a, b
  i64.store [0], a
  ret
}`;

describe('call_indirect', () => {
  test('calls what the index chooses', () => {
    expect(run(CALCULATOR, [0, 30, 12])).toBe(42n);
    expect(run(CALCULATOR, [1, 30, 12])).toBe(18n);
  });

  test.each([5n, 2n ** 32n, 2n ** 64n - 1n])('traps on index %i, with a reason of its own', (index) => {
    expect(instance(CALCULATOR).run('main', [index, 1, 2])).toMatchObject({
      kind: 'trap',
      trap: {
        reason: 'outside table',
        message: `index ${index} is outside operations, which has 5`,
        function: 'main',
        line: 6,
      },
    });
  });

  test.each([
    [2, 'operations[2] is constant, which takes 0 arguments, not 2'],
    [3, 'operations[3] is nine, which takes 9 arguments, not 2'],
    [4, 'operations[4] is note, which returns no value'],
  ])('traps on a function of another signature: %i', (index, message) => {
    expect(instance(CALCULATOR).run('main', [index, 1, 2])).toMatchObject({
      kind: 'trap',
      trap: { reason: 'signature mismatch', message, line: 6, backTrace: [{ function: 'main', line: 6 }] },
    });
  });

  test.each([0, 1, 5, 6, 7, 12, 13, 15])('%i arguments arrive in their order', (count) => {
    const names = Array.from({ length: count }, (_, index) => `p${index}`);
    const weighed = names.map((name, index) => ` i64.mul t, ${name}, ${7 ** index}\n i64.add s, s, t`).join('\n');
    const expected = names.reduce((sum, _, index) => sum + BigInt(index + 1) * 7n ** BigInt(index), 0n);
    const given = names.map((_, index) => index + 1).join(', ');
    // The second call shows that the first one came back behind all of its arguments.
    const text = `
table only = f
func main() -> r {
  call_indirect r, only[0](${given})
  call_indirect again, only[0](${given})
  br_eq r, again, same
  ret 0
same:
  ret r
}
func f(${names.join(', ')}) -> s {
 i64.const s, 0
${weighed}
 ret s
}`;
    expect(run(text)).toBe(BigInt.asUintN(64, expected));
  });

  test('a result can be dropped, and a function may have none', () => {
    const text = CALCULATOR.replace(
      'call_indirect r, operations[which](a, b)',
      'call_indirect operations[which](a, b)\n  i64.load r, [0]',
    );
    expect(run(text, [4, 3, 4])).toBe(7n);
    expect(run(text, [0, 3, 4])).toBe(0n);
  });

  test('depth is limited as for direct calls, and fuel charged', () => {
    const text = 'table t = main\nfunc main(n) -> r {\n call_indirect r, t[0](n)\n ret r\n}';
    expect(trapOf(text, [0], { limits: { callDepth: 20 } })).toBe('call stack exhausted');
    const subject = instance('table t = f\nfunc main() {\n call_indirect t[0]()\n ret\n}\nfunc f() {\n ret\n}', {
      limits: { fuel: 100 },
    });
    // Loading the index, the call, and two returns.
    expect(subject.run()).toMatchObject({ kind: 'done', fuelLeft: 100 - (1 + 5 + 1 + 1) });
  });

  test('a table knows its length', () => {
    expect(
      run(
        `${CALCULATOR.replace('ret 7', 'ret operations.length')}`.replace('operations[which](a, b)', 'operations[2]()'),
        [0, 0, 0],
      ),
    ).toBe(5n);
  });
});

test('the binary has the table', () => {
  expect(() => bytesOf('table t = f\nfunc f() {\n ret\n}')).not.toThrow();
});
