/** Absurd sources: each ends with errors at their places, soon, and never with an exception. */
import { type AssembleOptions, assemble, formatErrors } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { run } from './support/programs.ts';

const MAIN = '\nfunc main() {\n ret\n}\n';
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

function errorsOf(text: string, options: AssembleOptions = {}): string {
  const result = assemble({ name: 'absurd.pasm', text }, options);
  return result.ok ? 'ACCEPTED' : formatErrors(result.errors, result.more);
}

describe('expressions', () => {
  test.each([
    ['signs', `${'-'.repeat(60_000)}1`, 139],
    ['complements', `${'~'.repeat(60_000)}1`, 139],
    ['parentheses', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`, 140],
    ['calls', `${'f('.repeat(20_000)}1${')'.repeat(20_000)}`, 269],
    ['a chain', `1${' + 1'.repeat(20_000)}`, 525],
  ])('with too many operators: %s', (_, expression, column) => {
    expect(errorsOf(`const A = ${expression}${MAIN}`)).toContain(
      `absurd.pasm:1:${column}: error: an expression has at most 128 operators and brackets`,
    );
  });

  test('as large as they may be are computed, in an address too', () => {
    expect(run(`const A = 1${' + 1'.repeat(128)}\nfunc main() -> r {\n ret A\n}`)).toBe(129n);
    expect(run(`memory 1\nfunc main(a) -> r {\n i64.load r, [a${' + 8'.repeat(127)}]\n ret r\n}`, [0])).toBe(0n);
  });

  test('in a chain of constants: any length forwards, 128 backwards', () => {
    const chain = (count: number, next: number) =>
      `${lines(count, (index) => `const C${index + 1} = C${index + 1 + next} + 1`)}\nconst C0 = 0\nconst C${count + 1} = 0${MAIN}`;
    expect(errorsOf(chain(20_000, -1))).toBe('ACCEPTED');
    expect(errorsOf(chain(100, 1))).toBe('ACCEPTED');
    expect(errorsOf(chain(20_000, 1)).split('\n')[0]).toBe(
      'absurd.pasm:129:14: error: constants depend on each other more than 256 deep here',
    );
  });

  test('in a chain of data, whose lengths are constants too', () => {
    const text = `${lines(20_000, (index) => `data d${index} = zero d${index + 1}.length`)}\ndata d20000 = zero 8${MAIN}`;
    expect(errorsOf(text)).toContain('error: constants depend on each other more than 256 deep here');
  });

  test('that grow: at most 256 bits on the way', () => {
    const squares = lines(40, (index) => `const C${index + 1} = C${index} * C${index}`);
    expect(errorsOf(`const C0 = 3\n${squares}${MAIN}`)).toContain('absurd.pasm:9:12: error: a constant of more than');
    expect(errorsOf(`const A = 1 << 100_000_000_000${MAIN}`)).toContain('a shift by 100000000000 in a constant');
    expect(errorsOf(`const A = ${'9'.repeat(1_000_000)}${MAIN}`)).toContain('a number of more than 256 bits');
    expect(errorsOf(`const A = 0x${'0'.repeat(1_000_000)}${MAIN}`)).toContain('a number of more than 256 bits');
    expect(run('const A = (1 << 64) * (1 << 64) / (1 << 64) - 1\nfunc main() -> r {\n ret A\n}')).toBe(2n ** 64n - 1n);
  });

  test('without digits', () => {
    for (const digits of ['0x', '0b', '0x_', '0b_'])
      expect(errorsOf(`const A = ${digits}${MAIN}`)).toContain(`absurd.pasm:1:11: error: ${digits} is no number`);
  });
});

describe('numbers of things', () => {
  const WITH_BODY = 2 ** 16 + 1;

  test.each([
    ['functions', `${lines(WITH_BODY, (index) => `func f${index}() {\n ret\n}`)}`],
    ['imports', `${lines(WITH_BODY, (index) => `import f${index}()`)}${MAIN}`],
    ['tables', `${lines(WITH_BODY, (index) => `table t${index} = main`)}${MAIN}`],
    [
      'places',
      `window w words 100_000\nfunc main() {\n${lines(WITH_BODY, (index) => ` shared_store w[${index}], 1`)}\n ret\n}`,
    ],
  ])('%s are counted in 16 bits', (what, text) => {
    expect(errorsOf(text)).toContain(`error: a program has at most 65536 ${what}`);
  });

  test('registers and parameters', () => {
    const text = `func main(${lines(5000, (index) => `p${index}`).replaceAll('\n', ', ')}) {\n${lines(5000, (index) => ` mov r${index}, 1`)}\n ret\n}`;
    expect(errorsOf(text)).toContain('main has 5000 parameters, and a function has at most 15');
    expect(errorsOf(text.replaceAll(/mov (r\d+), 1/g, 'mov $1, $1'))).toContain(
      'main needs 10000 registers, and a function has at most 256',
    );
  });

  test('words of a window: what would wrap at 2^32', () => {
    const window = (field: string) => errorsOf(`window w {\n ${field}\n}${MAIN}`);
    expect(window('a[0xffff_fffe]')).toBe('ACCEPTED');
    expect(window('a[0xffff_ffff]')).toContain('the length of w.a is 4294967295, and must be an integer of');
    expect(window('a[2] @ 0xffff_fffe')).toContain('w.a ends at 4294967296, and a window has at most 4294967295 words');
    expect(window('slot a[2] @ 0xffff_fffe')).toContain('a window has at most 4294967295 slots');
    expect(window('a[0xffff_fffe]\n b\n c')).toContain('absurd.pasm:4:2: error: w.c ends at 4294967296');
  });

  test('bytes of memory', () => {
    expect(errorsOf(`data a = zero 1_000_000_000_000${MAIN}`)).toContain('the length of a is 1000000000000');
    expect(errorsOf(`${lines(2, (index) => `data a${index} = zero 1 << 29`)}${MAIN}`)).toContain(
      'absurd.pasm:2:6: error: data a1 ends at 1073741888, and memory has at most 1073741824 bytes',
    );
    expect(errorsOf(`data a @ 1 << 30 = "x"${MAIN}`)).toContain('data a ends at 1073741825');
  });
});

describe('sources', () => {
  test('that include each other without an end', () => {
    const endless = (path: string) => ({ name: path, text: `include "${path}0"\ninclude "${path}1"\n` });
    expect(errorsOf(`include "a"${MAIN}`, { include: endless })).toMatch(
      /^a0{63}:1:9: error: sources include each other more than 64 deep$/m,
    );
    const wide = `${lines(5000, (index) => `include "a${index}"`)}${MAIN}`;
    expect(errorsOf(wide, { include: (name) => ({ name, text: '' }) })).toContain(
      'absurd.pasm:4096:9: error: a program has at most 4096 sources',
    );
  });

  test('that are too long, or have too long a line', () => {
    expect(errorsOf(' '.repeat(2 ** 25 + 1))).toContain('have at most 33554432 characters together');
    expect(errorsOf(`data a = "${'\\n'.repeat(2 ** 21)}"${MAIN}`)).toContain('a line has at most 4194304 characters');
    expect(errorsOf(`data a = "${'\\n'.repeat(2 ** 20)}"${MAIN}`)).toBe('ACCEPTED');
    expect(errorsOf(`a${'.a'.repeat(2 ** 20)}${MAIN}`)).toContain('expected a declaration, found aaaa'.slice(0, 30));
    expect(errorsOf(`${'\n'.repeat(2 ** 22)}${MAIN}`)).toBe('ACCEPTED');
  });

  test('a byte order mark is no part of the first line', () => {
    expect(run('\ufefffunc main() -> r {\n ret 7\n}')).toBe(7n);
    expect(errorsOf(`\ufeffnuc main() {\n ret\n}`)).toContain('absurd.pasm:1:1: error');
    expect(errorsOf(`\ufeffnuc main() {\n ret\n}`)).toContain('1 | nuc main() {\n    ^');
  });

  test('a function may stand on one line', () => {
    expect(run('func main() -> r { ret 7 }')).toBe(7n);
  });
});

describe('macros', () => {
  const doubling = lines(30, (index) => `macro m${index + 1}(x) {\n m${index} x\n m${index} x\n}`);

  test('are expanded within one limit for the whole program, which is told once', () => {
    const functions = lines(500, (index) => `func f${index}() {\n m15 1\n ret\n}`);
    const errors = errorsOf(`macro m0(x) {\n nop\n}\n${doubling}\n${functions}\n`);
    expect(errors.match(/error: /g)).toHaveLength(1);
    expect(errors).toContain('macros expand to more than 500000 instructions and operands');
  });

  test('with long operands reach it sooner', () => {
    const labels = Array.from({ length: 5000 }, () => 'on').join(', ');
    const text = `macro m0(x) {\n br_table x, [${labels}], on\non:\n}\n${doubling}\nfunc main(n) {\n m10 n\n ret\n}\n`;
    expect(errorsOf(text)).toContain('macros expand to more than 500000 instructions and operands');
  });
});

describe('errors', () => {
  test('are a hundred at most, and then a number', () => {
    const registers = lines(3000, (index) => ` mov register_name_${index}, 1`);
    const reads = lines(3000, (index) => ` mov _, regster_nam_${index}`);
    const result = assemble({ name: 'absurd.pasm', text: `func main() {\n${registers}\n${reads}\n ret\n}\n` });
    expect(result).toMatchObject({ ok: false, more: 2901 });
    expect(result.ok ? [] : result.errors).toHaveLength(100);
    expect(result.ok ? '' : formatErrors(result.errors, result.more)).toMatch(/\nand 2901 more errors$/);
  });

  test('quote some of a long line, with the caret where it belongs', () => {
    const [, excerpt = '', caret = ''] = errorsOf(
      `func main() {\n\t${'nop_'.repeat(100)} r, ${'['.repeat(3000)}\n ret\n}`,
    ).split('\n');
    expect(excerpt.length).toBeLessThan(200);
    expect(excerpt[caret.length - 1]).toBe('[');
  });

  test('quote some of a long name', () => {
    expect(errorsOf(`func main() {\n ${'a'.repeat(1_000_000)} r\n ret\n}`).length).toBeLessThan(1000);
  });

  test('write nothing that a terminal acts on', () => {
    const errors = errorsOf('func main() {\n trap "\u001b[2J\u009b\u202e\u0007\n call \u001b\n ret\u0085\n}');
    expect(errors.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(errors).toContain('2 |  trap "\u241b[2J\ufffd\ufffd\u2407\n          ^');
  });
});
