/** Macros: operands of every kind, names that stay apart, errors that tell both places, and bounds. */
import { type AssembleResult, assemble, disassemble, formatErrors, instantiate, load } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { granted } from './support/granted.ts';
import { bytesOf, program, run, trapOf } from './support/programs.ts';

const errorsOf = (text: string): string => {
  const result: AssembleResult = assemble({ name: 'test.pasm', text });
  return result.ok ? 'ACCEPTED' : formatErrors(result.errors);
};

describe('operands', () => {
  test('are registers, constants, labels and expressions', () => {
    const text = `
const STEP = 3
macro count_down(register, by, again) {
  i64.sub register, register, by + 0
  br_gt_s register, 0, again
}
func main(n) -> rounds {
  i64.const rounds, 0
loop:
  i64.add rounds, rounds, 1
  count_down n, STEP * 2, loop
  ret rounds
}`;
    expect(run(text, [13])).toBe(3n);
  });

  test('are places of windows, and whole windows', () => {
    const { pool, grant } = granted(64, 8);
    const text = `
window job {
  next
  cells[8]
}
macro bump(place, by) {
  shared_fetch_add _, place, by
}
macro twice(window, i) {
  bump window.next, 1
  bump window.cells[i], 5
}
func main(i) {
  twice job, i
  twice job, 2
  ret
}`;
    const outcome = instantiate(program(text), { words: pool, windows: [grant] }).run('main', [3]);
    expect(outcome.kind).toBe('done');
    expect([0, 3, 4].map((at) => pool.load((grant.base + at) as typeof grant.base))).toEqual([2n, 5n, 5n]);
  });

  test('are functions, texts, private memory and labels in brackets', () => {
    const text = `
memory 1
macro apply(to, function, at) {
  i64.load x, at
  call to, function(x)
}
macro choose(index, entries, otherwise) {
  br_table index, entries, otherwise
}
macro refuse(message) {
  trap message
}
func main(n) -> r {
  i64.store [n + 8], 20
  apply r, double, [n + 8]
  choose n, [first, second], wrong
first:
  ret r
second:
  ret 1
wrong:
  refuse "not that"
}
func double(x) -> y {
  i64.add y, x, x
  ret y
}`;
    expect(run(text, [0])).toBe(40n);
    expect(run(text, [1])).toBe(1n);
    expect(trapOf(text, [2])).toBe('explicit trap');
  });
});

describe('hygiene', () => {
  test('registers and labels of an expansion are its own', () => {
    const text = `
macro sum_to(result, n) {
  i64.const i, 0
  i64.const result, 0
again:
  i64.add i, i, 1
  i64.add result, result, i
  br_lt_s i, n, again
}
func main(n) -> total {
  i64.const i, 1000
again:
  sum_to one, n
  sum_to other, one
  i64.sub n, n, 1
  br_gt_s n, 3, again
  i64.add total, other, i
  ret total
}`;
    expect(run(text, [4])).toBe(1055n);
  });

  test('an expression stays whole', () => {
    expect(run('macro triple(to, x) {\n i64.const to, x * 3\n}\nfunc main() -> r {\n triple r, 1 + 2\n ret r\n}')).toBe(
      9n,
    );
  });

  test('a register of the user is out of reach unless it is handed over', () => {
    expect(errorsOf('macro steal() {\n i64.add r, n, 1\n}\nfunc main(n) -> n {\n steal\n ret n\n}')).toContain(
      'test.pasm:2:13: error: n is neither a register of this function nor a constant',
    );
  });

  test('names of expansions survive a round trip through text', () => {
    const bytes = bytesOf('macro one(to) {\n i64.const x, 1\n mov to, x\n}\nfunc main() -> r {\n one r\n ret r\n}');
    const text = disassemble(load(bytes));
    expect(text).toContain('x_1 "x#1"');
    expect(bytesOf(text)).toEqual(bytes);
  });
});

test('traps point to the use', () => {
  const text = 'macro deny() {\n trap "no"\n}\nmacro check() {\n deny\n}\nfunc main() {\n check\n}';
  expect(instantiate(program(text), {}).run('main')).toMatchObject({ kind: 'trap', trap: { line: 8, column: 2 } });
});

describe('bounds', () => {
  test('doubling at each level ends with an error', () => {
    const levels = Array.from({ length: 40 }, (_, n) => `macro m${n + 1}() {\n m${n}\n m${n}\n}`);
    const text = `macro m0() {\n nop\n}\n${levels.join('\n')}\nfunc main() {\n m40\n ret\n}`;
    expect(errorsOf(text)).toContain('macros expand to more than 500000 instructions and operands');
  });

  test('so does doubling without an instruction at the end', () => {
    const levels = Array.from({ length: 40 }, (_, n) => `macro m${n + 1}() {\n m${n}\n m${n}\n}`);
    const text = `macro m0() {\n}\n${levels.join('\n')}\nfunc main() {\n m40\n ret\n}`;
    expect(errorsOf(text)).toContain('macros expand to more than 500000 instructions and operands');
  });

  test('so does an operand that doubles, and a chain that is too deep', () => {
    const doubling = Array.from({ length: 40 }, (_, n) => `macro m${n + 1}(x) {\n m${n} x + x\n}`);
    const chain = Array.from({ length: 100 }, (_, n) => `macro m${n + 1}(x) {\n m${n} x\n}`);
    const text = (levels: string[], last: string) =>
      `macro m0(x) {\n i64.const y, x\n trap "y"\n}\n${levels.join('\n')}\nfunc main() {\n ${last} 1\n ret\n}`;
    expect(errorsOf(text(doubling, 'm40'))).toContain('has grown to more than 500 parts');
    expect(errorsOf(text(chain, 'm100'))).toContain('macros are used within each other more than 64 deep');
  });
});
