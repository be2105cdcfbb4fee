import { assemble, formatErrors, type Source } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { bytesOf, program, run } from './support/programs.ts';

const value = (expression: string, constants: Record<string, number | bigint> = {}): bigint =>
  run(`const X = ${expression}\nfunc main() -> r {\n ret X\n}`, [], { constants });

describe('constants', () => {
  test.each([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['1 << 4 | 3', 19n],
    ['0xff & ~0x0f', 0xf0n],
    ['7 / 2 + 7 % 4', 6n],
    ['0b1010 ^ 1', 11n],
    ["'a'", 97n],
    ["'\\n'", 10n],
    ["'\\x7f'", 127n],
    ['1_000_000', 1_000_000n],
    ['- -3', 3n],
    ['10 - 4 - 3', 3n],
    ['-1', 2n ** 64n - 1n],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test('are declared in any order, by the host as well', () => {
    expect(
      run('const A = B * 2\nconst B = HOST + 1\nfunc main() -> r {\n ret A\n}', [], { constants: { HOST: 20 } }),
    ).toBe(42n);
    expect(value('HOST', { HOST: 2n ** 63n })).toBe(2n ** 63n);
  });

  test('doubles', () => {
    const bits = (number: number) => new BigUint64Array(Float64Array.of(number).buffer)[0];
    expect(run('func main() -> r {\n f64.const r, 1.5e3\n ret r\n}')).toBe(bits(1500));
    expect(run('func main() -> r {\n f64.const r, 2\n ret r\n}')).toBe(bits(2));
    expect(run('const HALF = 1 / 2.0\nfunc main() -> r {\n f64.const r, -HALF\n ret r\n}')).toBe(bits(-0.5));
    expect(run('func main() -> r {\n f64.const r, HALF\n ret r\n}', [], { constants: { HALF: 0.5 } })).toBe(bits(0.5));
  });
});

describe('what a number means to an instruction', () => {
  const bits = (number: number) => new BigUint64Array(Float64Array.of(number).buffer)[0];

  test('an integer that is read as a double becomes one', () => {
    expect(run('const N = 3\nfunc main() -> r {\n f64.add r, 1, 0.5\n f64.mul r, r, N\n ret r\n}')).toBe(bits(4.5));
    expect(run('func main() -> r {\n i64.trunc_f64_s r, 7\n ret r\n}')).toBe(7n);
    expect(run('func main() -> r {\n f64.convert_i64_s r, 7\n ret r\n}')).toBe(bits(7));
  });

  test('what only moves words moves doubles', () => {
    const text =
      'memory 1\nfunc main(p) -> r {\n i64.store [p], 1.5\n i64.load x, [p]\n mov y, 2.5\n f64.add r, x, y\n ret r\n}';
    expect(run(text, [64])).toBe(bits(4));
    expect(run('func main() -> r {\n ret 1.5\n}')).toBe(bits(1.5));
  });

  test.each([
    [
      'i64.add r, n, 1.0',
      'i64.add takes an integer here, and 1.0 is a double',
      'f64.add takes it; as an integer it is written 1',
    ],
    ['i64.lt_s r, n, 0.5', 'i64.lt_s takes an integer here, and 0.5 is a double', 'f64.lt takes it'],
    ['i64.const r, 1e300', 'i64.const takes an integer here, and 1e+300 is a double', 'f64.const takes it'],
    [
      'f64.convert_i64_s r, 2.5',
      'f64.convert_i64_s takes an integer here, and 2.5 is a double',
      'doubles are for f64 instructions',
    ],
  ])('%s', (line, message, hint) => {
    const result = assemble({ name: 'a', text: `func main(n) -> r {\n ${line}\n ret r\n}` });
    expect(result).toMatchObject({ ok: false, errors: [{ line: 2, message, hint }] });
  });
});

describe('operands', () => {
  test('the form with a constant is taken where there is one, and a wide constant is loaded first', () => {
    const names = (text: string) =>
      program(`func main(x) -> r {\n ${text}\n ret r\n}`).functions[0]?.reader.rows.map((row) => row?.name);
    expect(names('i64.add r, x, 5')).toEqual(['i64.add_imm', 'ret_value']);
    expect(names('i64.add r, x, x')).toEqual(['i64.add', 'ret_value']);
    expect(names('i64.add r, x, 0x80000000')).toEqual(['i64.const', 'i64.add', 'ret_value']);
    expect(names('i64.add r, 5, x')).toEqual(['i64.const', 'i64.add', 'ret_value']);
  });

  test('addresses are a register and constants, in any order', () => {
    const text = (address: string) =>
      `memory 1\nconst K = 8\nfunc main(p) -> r {\n i64.store [24], 7\n i64.load r, ${address}\n ret r\n}`;
    for (const [address, p] of [
      ['[p]', 24],
      ['[p + 8]', 16],
      ['[K + p]', 16],
      ['[K + p + K - 4]', 12],
      ['[K * 3]', 0],
    ] as const)
      expect(run(text(address), [p]), address).toBe(7n);
  });

  test('registers of one function mean nothing to another', () => {
    const result = assemble({
      name: 'a',
      text: 'func main() -> r {\n i64.const x, 1\n call r, f()\n i64.add r, r, x\n ret r\n}\nfunc f() -> r {\n ret x\n}',
    });
    expect(result).toMatchObject({
      ok: false,
      errors: [{ line: 8, column: 6, message: 'x is neither a register of this function nor a constant' }],
    });
  });
});

describe('windows', () => {
  test('fields follow each other, or stand where they say; the window is as large as its fields, or larger', () => {
    const { windows, places } = program(
      'window w {\n a\n b[3]\n c @ 16\n d\n slot s\n slot t[2]\n}\nwindow v words 5\nfunc main() {\n ret\n}',
    ).program;
    expect(windows).toEqual([
      { name: 'w', words: 18, slots: 3 },
      { name: 'v', words: 5, slots: 0 },
    ]);
    expect(places.map(({ name, kind, address, length }) => `${name} ${kind} ${address} ${length}`)).toEqual([
      'w.a words 0 1',
      'w.b words 1 3',
      'w.c words 16 1',
      'w.d words 17 1',
      'w.s slots 0 1',
      'w.t slots 1 2',
      'w words 0 4294967295',
      'v words 0 4294967295',
    ]);
  });

  test('sizes and addresses are constants like any others', () => {
    const { windows } = program(
      'window w words SIZE {\n a[LANES] @ BASE\n}\nconst LANES = 4\nfunc main() -> n {\n ret w.a.length\n}',
      { constants: { SIZE: 100, BASE: 64n } },
    ).program;
    expect(windows).toEqual([{ name: 'w', words: 100, slots: 0 }]);
  });
});

describe('includes', () => {
  const files: Record<string, string> = {
    'lib/a.pasm': 'include "b.pasm"\nconst A = B + 1\nfunc a(x) -> r {\n ret x\n}',
    'lib/b.pasm': 'include "a.pasm"\nconst B = 10',
    'lib/broken.pasm': 'const C = \n\nfunc f() {\n rte\n}',
  };
  const include = (path: string, from: Source): Source | undefined => {
    const name = from.name.startsWith('lib/') ? `lib/${path}` : path;
    return name in files ? { name, text: files[name] as string } : undefined;
  };

  test('are read once, relative to where they stand, in a circle too', () => {
    expect(
      run('include "lib/a.pasm"\ninclude "lib/b.pasm"\nfunc main() -> r {\n call r, a(A)\n ret r\n}', [], { include }),
    ).toBe(11n);
  });

  test('have line numbers of their own', () => {
    const result = assemble(
      { name: 'main.pasm', text: 'include "lib/broken.pasm"\nfunc main() {\n ret\n}' },
      { include },
    );
    expect(result.ok ? [] : result.errors.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
      'lib/broken.pasm:1:11',
      'lib/broken.pasm:4:2',
    ]);
  });

  test('that are not there are an error at their place', () => {
    const result = assemble({ name: 'main.pasm', text: 'include "gone.pasm"\nfunc main() {\n ret\n}' }, { include });
    expect(result).toMatchObject({
      ok: false,
      errors: [{ line: 1, column: 9, message: 'cannot include "gone.pasm": there is no such source' }],
    });
  });
});

test('comments, blank lines, windows line ends and tabs', () => {
  expect(
    run('; a comment\r\n\r\nfunc main() -> r { ; another\r\n\ti64.const r, 5\t; and one\r\n\tret r\r\n}\r\n'),
  ).toBe(5n);
});

test('a label may stand before its instruction on one line', () => {
  expect(run('func main(n) -> n {\nagain: i64.sub n, n, 3\n br_gt_s n, 0, again\n ret n\n}', [10])).toBe(
    2n ** 64n - 2n,
  );
});

test('noise never throws: it is reported', () => {
  const pieces = [
    'func',
    'main',
    '(',
    ')',
    '{',
    '}',
    '\n',
    'i64.add',
    'r',
    ',',
    '1',
    '"x"',
    'window',
    'w',
    '[',
    ']',
    '@',
    'const',
    '=',
    'data',
    'memory',
    '->',
    ':',
    '0x',
    "'",
    '"',
    '\\',
    'include',
    '-',
    'é',
  ];
  let seed = 12345;
  const next = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 16;
  };
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: 1 + (next() % 40) }, () => pieces[next() % pieces.length]).join(
      next() % 2 ? ' ' : '',
    );
    const result = assemble({ name: 'noise', text });
    if (!result.ok) expect(formatErrors(result.errors)).not.toBe('');
  }
});

test.each([undefined, null, {}, { name: 'a' }, 'func main() {}'])('%o is no source', (source) => {
  expect(() => assemble(source as never)).toThrow(new TypeError('a source is { name, text }, both of them strings'));
});

test.each([
  ['0', 0n],
  ['1_000', 1000n],
  ['0x1_F', 31n],
  ['0b1_0', 2n],
])('%s is a number', (text, value) => {
  expect(run(`func main() -> r {\n i64.const r, ${text}\n ret r\n}`)).toBe(value);
});

test('long programs assemble: nothing is quadratic', () => {
  const body = Array.from(
    { length: 20_000 },
    (_, index) => `l${index}: i64.add x, x, ${index}\n br_if x, l${index}`,
  ).join('\n');
  expect(bytesOf(`func main(x) -> x {\n${body}\n ret x\n}`).length).toBeGreaterThan(20_000 * 32);
});
