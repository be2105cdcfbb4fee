/** Every litmus test that ships holds, and the reader refuses what it does not know by name and line. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkLitmus, type LitmusReport, parseLitmus } from '../src/index.ts';

const folder = join(import.meta.dirname, '..', 'litmus');

/** Executions under sc and rc11; and which claims are of weak memory, so that they do not hold under sc. */
const TESTS: { readonly [file: string]: readonly [sc: number, rc11: number, weak?: 'weak'] } = {
  '2+2W': [3, 4, 'weak'],
  CoRR: [6, 6],
  'IRIW+mixed': [15, 16, 'weak'],
  'IRIW+sc': [15, 15],
  LB: [3, 3],
  MP: [2, 2],
  'MP+fences': [3, 3],
  'MP+relaxed': [3, 4, 'weak'],
  'MP+sequence': [6, 6],
  SB: [3, 4, 'weak'],
  'SB+fences': [3, 3],
  'SB+sc': [3, 3],
  'Z6.U': [18, 24, 'weak'],
  atomicity: [6, 6],
  'spin-lock': [1, 1],
};

function run(text: string, model: 'sc' | 'rc11' = 'rc11'): LitmusReport {
  return checkLitmus(parseLitmus('test.litmus', text), { model, spinAssume: true });
}

describe('the tests that ship', () => {
  it('are all listed here', () => {
    expect(
      readdirSync(folder)
        .map((file) => file.replace('.litmus', ''))
        .sort(),
    ).toEqual(Object.keys(TESTS).sort());
  });

  it.each(Object.entries(TESTS))('%s', (file, [sc, rc11, weak]) => {
    const text = readFileSync(join(folder, `${file}.litmus`), 'utf8');
    expect(run(text)).toMatchObject({ executions: rc11, holds: true, findings: [], exhausted: true });
    expect(run(text, 'sc')).toMatchObject({ executions: sc, holds: weak === undefined, findings: [], exhausted: true });
  });
});

describe('outcomes', () => {
  it('are end states with the number of executions, and what the condition says of them', () => {
    const text = readFileSync(join(folder, 'SB.litmus'), 'utf8');
    const report = run(text);
    expect(report).toMatchObject({ positive: 1, negative: 3 });
    expect([...report.outcomes].sort()).toEqual([
      ['0:r0=0; 1:r0=0', 1],
      ['0:r0=0; 1:r0=1', 1],
      ['0:r0=1; 1:r0=0', 1],
      ['0:r0=1; 1:r0=1', 1],
    ]);
  });
});

function test(body: string, condition = 'exists (true)'): string {
  return `C test\n{ x = -1; [y] = 0x10; }\nP0(atomic_int* x, atomic_int* y) {\n${body}\n}\n${condition}\n`;
}

describe('the C that it reads', () => {
  it.each([
    ['int r0 = *x;', '0:r0=-1'],
    ['int r0 = 1 + 2 * 3 - (4 & 6) << 1;', '0:r0=6'],
    ['int r0 = 0; if (*y == 16 && !(*x >= 0)) { r0 = 1; } else r0 = 2;', '0:r0=1'],
    ['int r0, r1 = 2, r2; r2 = r1 + true; bool b = false;', '0:r0=0 /\\ 0:r2=3 /\\ 0:b=0'],
    ['int r0 = 3; while (r0 > 0) { atomic_fetch_sub(y, 1); r0 = r0 - 1; }', 'y=13'],
    ['int e = 16; int r0 = atomic_compare_exchange_strong(y, &e, 7);', '0:r0=1 /\\ y=7'],
    ['int e = 3; int r0 = atomic_compare_exchange_strong(y, &e, 7);', '0:r0=0 /\\ 0:e=16 /\\ [y]=16'],
    ['int r0 = atomic_compare_exchange_strong(y, x, 7);', '0:r0=0 /\\ x=16 /\\ y=16'],
    ['*x = 16; int r0 = atomic_compare_exchange_strong(y, &x, 7);', '0:r0=1 /\\ x=16 /\\ y=7'],
    ['int r0 = atomic_exchange_explicit(x, 5, memory_order_acq_rel);', '~(0:r0=5 \\/ not (x=5))'],
    ['int e = -1; int r0 = atomic_compare_exchange_strong(x, &e, 0xFFFFFFFFFFFFFFFE);', '0:r0=1 /\\ x=-2'],
    ['int e = 0xFFFFFFFFFFFFFFFF; int r0 = atomic_compare_exchange_strong(x, &e, 7);', '0:r0=1 /\\ x=7'],
    ['int r0 = *x;', '0:r0=0xFFFFFFFFFFFFFFFF'],
    ['int r0 = *x < 0 ? 1 : *y ? 2 : 3; int r1 = 0 ? 1 : 0 ? 2 : 3;', '0:r0=1 /\\ 0:r1=3'],
    ['int r0 = 1 ? 2 ? 3 : 4 : 5; int r1 = 1 || 0 ? 6 : 7;', '0:r0=3 /\\ 0:r1=6'],
    ['int r0 = 1; int r1 = 0 ? r0++ : 5; int r2 = 1 ? 2 : (r0 = 9);', '0:r0=1 /\\ 0:r1=5 /\\ 0:r2=2'],
    ['int r0 = 5; int r1 = r0++; int r2 = ++r0; int r3 = r0--; --r0;', '0:r0=5 /\\ 0:r1=5 /\\ 0:r2=7 /\\ 0:r3=7'],
    ['int r0 = 5; int r1 = r0---1; int r2 = -r0++ - --r0;', '0:r0=4 /\\ 0:r1=4 /\\ 0:r2=-8'],
    ['int r0 = 6; r0 += 2; int r1 = r0 -= 1; int r2 = (r0 *= 3) + 1;', '0:r0=21 /\\ 0:r1=7 /\\ 0:r2=22'],
    ['int r0 = 12, r1 = 12, r2 = 12; r0 &= 10; r1 |= 3; r2 ^= 5;', '0:r0=8 /\\ 0:r1=15 /\\ 0:r2=9'],
    ['int r0 = -5, r1 = 3; r0 >>= 1; r1 <<= 2 + 1;', '0:r0=-3 /\\ 0:r1=24'],
    ['int r0, r1; r0 = r1 = 4; r0 += r1 *= 2;', '0:r0=12 /\\ 0:r1=8'],
    ['int r0; if ((r0 = atomic_load(y)) == 16) r0 += atomic_fetch_add(x, r0);', '0:r0=15 /\\ x=15'],
    ['int r0 = 0; for (int i = 0, j = 5; i < j; i++, j -= 1) r0 += j - i;', '0:r0=9 /\\ 0:i=3 /\\ 0:j=2'],
    ['int i; for (i = 4, *x = 0; i; --i) atomic_fetch_add(x, i); for (; i < 3; ) i++;', 'x=10 /\\ 0:i=3'],
    [
      'for (int i = 0; i < 2; i++) { for (int j = 0; j < 2; ++j) *y = *y + 1; }\nfor (int i = 7; i--; );',
      'y=20 /\\ 0:i=-1',
    ],
    ['int r0 = 0; do r0++; while (r0 < 3); do { int r1 = r0; r0 *= r1; } while (0);', '0:r0=9 /\\ 0:r1=3'],
    ['int r0 = 1; do { if (r0 > 2) r0 = 100; else ++r0; } while (r0 != 100); int r1 = +r0;', '0:r1=100'],
    ['if (1) { int r0 = 1; } else { int r0 = 2; } { int r0 = 3; }', '0:r0=3'],
    ['int r0 = (int)atomic_fetch_xor(y, 1) | -8; // a comment\n /* another */', '0:r0=-8 /\\ y=17'],
  ])('%s', (body, condition) => {
    expect(run(test(body, `forall (${condition})`))).toMatchObject({ executions: 1, holds: true });
  });

  it('has numbers of 64 bits, with a sign and whatever their type is called, that wrap', () => {
    const body =
      'uint32_t r0 = 0x7fffffffffffffff; r0 = r0 + 1; atomic_fetch_add(y, r0); int r1 = r0 < 0; int r2 = 1 << 65;';
    const end = '0:r0=-9223372036854775808 /\\ y=-9223372036854775792 /\\ 0:r1=1 /\\ 0:r2=2';
    expect(run(test(body, `forall (${end})`))).toMatchObject({ executions: 1, holds: true });
  });

  it('has no numbers of more bits', () => {
    const where: readonly [line: number, text: (number: string) => string][] = [
      [2, (number) => `C test\n{ x = ${number}; }\nP0(int* x) {}\nforall (x=${number})`],
      [4, (number) => test(`int r0 = ${number};`, `forall (0:r0=${number})`)],
      [6, (number) => test('', `exists (x=-1 /\\ ~(y=${number}))`)],
      [6, (number) => test('', `filter (y!=${number})\nexists (x=-1)`)],
    ];
    for (const [line, text] of where) {
      for (const number of ['9223372036854775807', '-9223372036854775808', '0x7fffffffffffffff', '0Xffffffffffffffff'])
        expect(run(text(number)).holds).toBe(true);
      for (const number of ['18446744073709551616', '0x10000000000000000', '1'.repeat(40)])
        expect(() => run(text(number))).toThrow(
          `test.litmus:${line}: a number has 64 bits: it is from -2^63 to 2^64-1`,
        );
    }
    expect(() => run('C test\n{ x = -9223372036854775809; }')).toThrow('test.litmus:2: a number has 64 bits');
    expect(() => run(test('', 'exists (x=-0x8000000000000001)'))).toThrow('test.litmus:6: a number has 64 bits');
  });

  it('may call words and registers what every object has', () => {
    const text = `C test
{ __proto__ = 3; constructor = 4; }
P0(atomic_int* __proto__, atomic_int* constructor) { int toString = *__proto__; int valueOf; }
P1(atomic_int* constructor) { int __proto__ = *constructor; }
forall (0:toString=3 /\\ 0:valueOf=0 /\\ 1:__proto__=4 /\\ [__proto__]=3 /\\ constructor=4)`;
    expect(run(text)).toMatchObject({ executions: 1, positive: 1, holds: true });
    expect(() => run(text.replace('0:valueOf', '1:valueOf'))).toThrow(
      'test.litmus:5: the condition names the register',
    );
  });

  it('may have threads that do nothing', () => {
    const text = 'C idle\n{}\nP0() {}\nP1(atomic_int* x) { ; }\nP2(atomic_int* x) { *x = 1; }\nforall (x=1)\n';
    expect(run(text)).toMatchObject({ executions: 1, holds: true, findings: [] });
  });

  it('has seq-cst accesses of atomic objects where none is named, and plain ones of others', () => {
    const sb = (types: string): string => {
      const thread = (index: number, own: string, other: string): string =>
        `P${index}(${types.replaceAll('@', 'x')}, ${types.replaceAll('@', 'y')}) {\n  *${own} = 1;\n  int r0 = *${other};\n}\n`;
      return `C SB\n{}\n${thread(0, 'x', 'y')}${thread(1, 'y', 'x')}exists (0:r0=0 /\\ 1:r0=0)\n`;
    };
    for (const types of ['atomic_int* @', 'volatile _Atomic int *@', 'atomic_uint *const @'])
      expect(run(sb(types))).toMatchObject({ executions: 3, holds: false, findings: [] });
    for (const types of ['int* @', 'int * _Atomic @']) {
      const { executions, holds, findings } = run(sb(types));
      expect({ executions, holds, kinds: findings.map(({ kind }) => kind) }).toEqual({
        executions: 4,
        holds: true,
        kinds: ['data race', 'data race'],
      });
    }
  });

  it('has exchanges that fail without reason', () => {
    const body = 'int e = 16; int r0 = atomic_compare_exchange_weak(y, &e, 7);';
    expect(run(test(body, 'forall (0:r0=1)'))).toMatchObject({ executions: 2, positive: 1, negative: 1 });
  });

  it.each([
    ['int a = 0;\nmtx_lock(x);', 'test.litmus:5: `mtx_lock` is not supported'],
    [
      'atomic_store_explicit(x, 1, memory_order_acquire);',
      'test.litmus:4: `memory_order_acquire` is no order for this operation',
    ],
    ['int r0 = WRITE_ONCE(x, 1);', 'test.litmus:4: `WRITE_ONCE` is not supported'],
    ['int r0 = 4 / 2;', 'test.litmus:4: `/` is not supported'],
    ['int r0 = 1;\nr0 = (r0 + 4) % 2;', 'test.litmus:5: `%` is not supported'],
    ['int r0 = 1; r0 /= 1;', 'test.litmus:4: `/=` is not supported'],
    ['int r0 = 1; r0 %= 1;', 'test.litmus:4: `%=` is not supported'],
    ['int r0 = 1;\nwhile (r0) { break; }', 'test.litmus:5: `break` is not supported'],
    ['while (0) { continue; }', 'test.litmus:4: `continue` is not supported'],
    ['switch (1) { case 1: ; }', 'test.litmus:4: `switch` is not supported'],
    ['goto end; end: ;', 'test.litmus:4: `goto` is not supported'],
    ['end: ;', 'test.litmus:4: end is not declared'],
    ['return;', 'test.litmus:4: `return` is not supported'],
    ['int r0 = sizeof(int);', 'test.litmus:4: `sizeof` is not supported'],
    ['int r0 = 2 * sizeof r0;', 'test.litmus:4: `sizeof` is not supported'],
    ['float r0 = 1;', 'test.litmus:4: `float` is no type that is supported'],
    ['int r0 = (double)1;', 'test.litmus:4: `double` is no type that is supported'],
    ['struct pair r0;', 'test.litmus:4: `struct` is no type that is supported'],
    ['static int r0;', 'test.litmus:4: `static` is not supported'],
    ['int while = 1;', 'test.litmus:4: `while` has no place here'],
    ['else ;', 'test.litmus:4: `else` has no place here'],
    ['int true = 2;', 'test.litmus:4: `true` has no place here'],
    ...['1.5', '.5', '1e3', '10u', '0x', '0x1.8p1', '010', '1_000'].map((number): [string, string] => [
      `int r0 = ${number};`,
      `test.litmus:4: \`${number}\` is not supported: numbers are whole, decimal or hexadecimal`,
    ]),
    ['*(x + 1) = 2;', 'test.litmus:4: a word is expected here, not ('],
    ['int r0 = *(x + 1);', 'test.litmus:4: a word is expected here, not ('],
    ['int r0 = atomic_load(x + 1);', 'test.litmus:4: ) is expected here, not +'],
    ['x++;', 'test.litmus:4: x is a word: read it as *x'],
    ['x += 1;', 'test.litmus:4: x is a word: read it as *x'],
    ['*x += 1;', 'test.litmus:4: `+=` changes a register: there is none here'],
    ['int r0 = 0;\nr0 = *x++;', 'test.litmus:5: `++` changes a register: there is none here'],
    ['++*x;', 'test.litmus:4: a register is expected here, not *'],
    ['int r0 = 1; (r0) = 2;', 'test.litmus:4: `=` changes a register: there is none here'],
    ['int r0 = 1; r0 + 1 = 2;', 'test.litmus:4: `=` changes a register: there is none here'],
    ['int r0 = 1; r0++ ++;', 'test.litmus:4: `++` changes a register: there is none here'],
    ['int r0 = 1; r0 ? r0 : r0 = 2;', 'test.litmus:4: `=` changes a register: there is none here'],
    ['int r0 = 1 ? 2;', 'test.litmus:4: : is expected here, not ;'],
    ['int r0[2];', 'test.litmus:4: an array is not supported'],
    ['int r0 = x[1];', 'test.litmus:4: an array is not supported'],
    ['x[1] = 2;', 'test.litmus:4: an array is not supported'],
    ['int r0 = 0; r0 = r0.field;', 'test.litmus:4: `.` is not supported'],
    ['int r0 = 0; r0 = r0->field;', 'test.litmus:4: `->` is not supported'],
    ['int r0 = 0, r1 = (r0, 2);', 'test.litmus:4: ) is expected here, not ,'],
    ['for (int i = 0; i < 2) {}', 'test.litmus:4: ; is expected here, not )'],
    ['for (;; int i = 0) {}', 'test.litmus:4: an expression is expected here, not int'],
    ['do {} while (0)', 'test.litmus:5: ; is expected here, not }'],
    ['int r0 = 1;\nint r0 = 2;', 'test.litmus:5: r0 is declared already'],
    ['int r0 = 1;\nif (r0) { int r0 = 2; }', 'test.litmus:5: r0 is declared already'],
    ['int x = 1;', 'test.litmus:4: x is a word already'],
    ['for (int i = 0; i < 2; i++) ;\ni = 1;', 'test.litmus:5: i is not declared'],
    ['if (1) int r0 = 2;\nr0 = 1;', 'test.litmus:5: r0 is not declared'],
    ['int *p = x;', 'test.litmus:4: a local pointer is not supported'],
    ['int r0, *p;', 'test.litmus:4: a local pointer is not supported'],
    ['r0 = 1;', 'test.litmus:4: r0 is not declared'],
    ['*z = 1;', 'test.litmus:4: z is no parameter of this thread'],
    ['atomic_compare_exchange_strong(x, z, 1);', 'test.litmus:4: z is no parameter of this thread'],
    ['atomic_compare_exchange_strong(x, &z, 1);', 'test.litmus:4: z is not declared'],
    [
      'int e = 0; atomic_compare_exchange_strong(x, e, 1);',
      'test.litmus:4: the register that holds what is expected is given as `&e`',
    ],
    ['atomic_compare_exchange_strong(x, 5, 1);', 'test.litmus:4: a word is expected here, not 5'],
    ['int r0 = atomic_load_explicit(x, toString);', 'test.litmus:4: `toString` is no memory order'],
    ['atomic_thread_fence(memory_order_constructor);', 'test.litmus:4: `memory_order_constructor` is no memory order'],
    ['int r0 = __proto__(x);', 'test.litmus:4: `__proto__` is not supported'],
    ['int r0 = atomic_constructor_explicit(x, 1);', 'test.litmus:4: `atomic_constructor_explicit` is not supported'],
    ['int r0 = constructor;', 'test.litmus:4: constructor is not declared'],
    ['int r0 = toString(x, 1);', 'test.litmus:4: `toString` is not supported'],
    [`int r0 = ${'('.repeat(200)}1${')'.repeat(200)};`, 'test.litmus:4: this is nested more than 100 deep'],
    [`int r0 = 0; ${'if (r0) '.repeat(200)};`, 'test.litmus:4: this is nested more than 100 deep'],
    ['const r0 = 1;', 'test.litmus:4: `r0` is no type that is supported'],
    ['int r0 = (const)1;', 'test.litmus:4: `)` is no type that is supported'],
    ['int r0 = $;', 'test.litmus:4: no litmus test has a "$"'],
  ])('refuses %s', (body, message) => {
    expect(() => run(test(body))).toThrow(message);
  });

  it('refuses other languages, other conditions and what is not there', () => {
    expect(() => run('X86 SB\n{}\n')).toThrow('test.litmus:1: a test in C begins with `C name`, not with `X86 SB`');
    expect(() => run(test('', 'final (x=1)'))).toThrow(
      'test.litmus:6: a condition (exists, ~exists, forall) is expected here, not final',
    );
    const named = [
      ['z=1', 'the word z'],
      ['2:r0=1', 'thread 2'],
      ['0:r0=1', 'the register r0 of P0'],
    ] as const;
    for (const [what, is] of named)
      for (const question of [`exists (x=1 \\/\n${what})\n\n`, `filter (x=1 \\/\n${what})\n\nexists (true)`])
        expect(() => run(test('', question))).toThrow(`test.litmus:7: the condition names ${is}, which there is not`);
  });

  it.each([
    ['atomic_int x[2] = {0, 1};', 'an array in memory is not supported'],
    ['x = 0; p = &x;', 'a pointer in memory is not supported'],
    ['x = 0; p = x;', 'a pointer in memory is not supported'],
    ['int* p = x;', 'a pointer in memory is not supported'],
    ['float x = 1;', '`float` is no type that is supported'],
    ['0:r0 = 1;', 'an initial value of a register is not supported: assign it in the thread'],
    ['x = 1; x = 2;', 'x has an initial value already'],
    ['int x;\nx = 0;', 'x has an initial value already', 3],
    ['const x = 1;', '`x` is no type that is supported'],
  ])('refuses the initial values { %s }', (initial, why, line = 2) => {
    expect(() => run(`C test\n{ ${initial} }\nP0(atomic_int* x) {}\nexists (x=0)`)).toThrow(
      `test.litmus:${line}: ${why}`,
    );
  });

  it.each([
    ['atomic_int* x,\nint* x', 'two parameters are called x'],
    ['atomic_int* x,\n', '`)` is no type that is supported'],
    ['\n, int* x', '`,` is no type that is supported'],
    ['int* x,\nconst *y', '`*` is no type that is supported'],
    ['\nvolatile y', '`y` is no type that is supported'],
    ['\nconst spinlock_t* x', '`spinlock_t` is no type that is supported'],
    ['int* x\nint* y', ') is expected here, not int'],
  ])('refuses the parameters (%s)', (parameters, why) => {
    expect(() => run(`C test\n{}\nP0(${parameters}) {}\nexists (x=0)`)).toThrow(`test.litmus:4: ${why}`);
  });

  it('has comments of C, and those of OCaml only around the threads: in these `(*x)` reads x', () => {
    const reading = test('int r0 = (*y);  // what y (an int *) holds\n(*x);\nr0 = r0 + (*y) + (1 *r0*) 2;');
    expect(() => run(reading)).toThrow('test.litmus:6: an expression is expected here, not )');
    const text = `C test
(* x { is } *) "of (* 1" Key=} // (*
{ (* y = 5; *) x = 1; /* (* */ }
(* P0(atomic_int* x) {} *)
void P0(atomic_int* x, int* y) { int r0 = 0; if (*x == (*x)) { r0 = (*x); } /* two (int *) */ (*y); { } (*x); }
(* first *)
P1(int* x) { /* none */ } (* last *)
exists (* that (*) (x=1 /\\ 0:r0=1)`;
    expect(parseLitmus('test.litmus', text).words).toEqual(
      new Map([
        ['x', 1n],
        ['y', 0n],
      ]),
    );
    expect(run(text)).toMatchObject({ executions: 1, holds: true });
    expect(() => run(text.replace('P1(int', 'P1(*x, int (*y), int'))).toThrow(
      'test.litmus:7: `*` is no type that is supported',
    );
    expect(() => run(text.replace('{ /* none */', '{ (* none *)'))).toThrow('test.litmus:7: none is no parameter');
  });

  it('has strings only in the description, before the initial values', () => {
    const text = 'C test\n"a { of }"\n"P0(\n" Key=1\n{ x = 1; }\nP0(int* x) { int r0 = 1; }\nexists (x=1)';
    expect(run(text)).toMatchObject({ executions: 1, holds: true });
    const no = 'a string has its place before the initial values, and an end';
    for (const [from, line] of [
      ['x =', 5],
      ['x)', 6],
      ['1; }\ne', 6],
      ['exists', 7],
      ['=1)', 7],
    ] as const)
      expect(() => run(text.replace(from, `"s\n" ${from}`))).toThrow(`test.litmus:${line}: ${no}`);
    expect(() => run(`${text}"`)).toThrow(`test.litmus:7: ${no}`);
    expect(() => run('C test\n"a "\n" b\n{}')).toThrow(`test.litmus:3: ${no}`);
  });

  it.each(['r0 = 1', 'r0 += 1', 'r0++', '--r0', 'atomic_compare_exchange_strong(x, &r0, 1)'])(
    'does not change a const register: %s',
    (change) => {
      const text = (types: string): string => test(`${types} a = 0, r0 = 16; { int r1 = r0 + a;\n${change}; }`);
      expect(run(text('int')).holds).toBe(true);
      for (const types of ['const int', 'int const'])
        expect(() => run(text(types))).toThrow('test.litmus:5: r0 is const');
    },
  );

  it('knows a register as const in its own block', () => {
    const body = '{ const int r0 = 1, r1 = r0; } { int r0 = 2; r0++; }';
    expect(run(test(body, 'forall (0:r0=3 /\\ 0:r1=1)')).holds).toBe(true);
  });

  it.each([
    '*y = 1',
    'atomic_store(y, 1)',
    'atomic_store_explicit(&y, 1, memory_order_release)',
    'int r0 = atomic_fetch_add(y, 1)',
    'int r0 = 5 + atomic_exchange(y, 1)',
    'atomic_compare_exchange_weak(y, x, 1)',
    'atomic_compare_exchange_strong(x, y, 1)',
  ])('does not write through a pointer to a const type: %s', (write) => {
    const text = (type: string): string =>
      `C test\n{}\nP0(int* x, ${type} y) { int a = *y + (*y) + atomic_load(y);\n${write}; }\nP1(int* y) { }\nforall (true)`;
    for (const type of ['int*', 'int* const']) expect(run(text(type)).holds).toBe(true);
    for (const type of ['const int*', 'atomic_int volatile const*', 'int const* const'])
      expect(() => run(text(type))).toThrow('test.litmus:4: y points to a const type');
  });

  it.each(['r0', 'r0 + 1', '(r0 = 1)', '++r0', 'r0--', '*x ? 1 : r0', 'atomic_compare_exchange_weak(x, &r0, 1)'])(
    'does not name a register in its own initial value: %s',
    (value) => {
      for (const before of ['int', 'int r1 = 1,', '{ int r0 = 1; } int'])
        expect(() => run(test(`${before}\nr0 = ${value};`))).toThrow(
          'test.litmus:5: r0 is named in its own initial value',
        );
    },
  );

  it('has registers that are 0 until something is assigned to them', () => {
    const body = 'int r0, r1 = r0 + 1; r0 += 1; if (0) { int r2 = 5; }';
    expect(run(test(body, 'forall (0:r0=1 /\\ 0:r1=1 /\\ 0:r2=0)')).holds).toBe(true);
  });

  it('sees the race of a read in parentheses', () => {
    const text = 'C test\n{}\nP0(int* x) { *x = 1; }\nP1(int* x) {\n(*x); // of an (int *)\n}\nexists (x=1)';
    expect(run(text).findings.map(({ kind }) => kind)).toEqual(['data race']);
  });

  it.each(['', '"P0(x) { }" Key=P0\n', 'void ', '(* { *)'])('has initial values, be they none, behind %j', (before) => {
    const text = `C test\n${before}P0(atomic_int* x) {}\nP0(atomic_int* x) { *x = 1; }\nexists (x=1)`;
    const line = before.split('\n').length + 1;
    expect(() => run(text)).toThrow(`test.litmus:${line}: the \`{\` of the initial values is expected before P0`);
  });

  it('takes threads that are functions of C', () => {
    const text = 'C test\n{}\nvoid P0(atomic_int* x) { atomic_store(x, 1); }\nvoid\nP1(atomic_int* x) {}\nforall (x=1)';
    expect(run(text)).toMatchObject({ executions: 1, holds: true });
    expect(() => run(text.replace('P1', 'Q1'))).toThrow('test.litmus:4: a condition');
  });

  it('leaves out what the filter does', () => {
    const text = readFileSync(join(folder, 'SB.litmus'), 'utf8');
    const report = run(text.replace('exists', 'locations [x;]\nfilter (0:r0=0 /\\ y=1)\nforall'));
    expect(report).toMatchObject({ executions: 4, positive: 1, negative: 1, holds: false });
    expect([...report.outcomes.keys()].sort()).toEqual(['0:r0=0; 1:r0=0; x=1', '0:r0=0; 1:r0=1; x=1']);
    const other = run(text.replace(/exists[\s\S]*/, 'filter (0:r0=0)\nforall (x=1)'));
    expect(other).toMatchObject({ positive: 2, negative: 0, holds: true, outcomes: new Map([['x=1', 2]]) });
  });

  it.each([
    ['int r0 = 0;\nwhile (1) { r0 = r0 + 1; }', '5, of P0, has gone round 1000000 times: it does not end'],
    ['while (1) {}', '4, of P0, has gone round 1000000 times: it does not end'],
    ['int r0 = *x;\n\nwhile (1 || *x) {}', '6, of P0, has gone round 1000000 times: it does not end'],
    ['for (;;) {}', '4, of P0, has gone round 1000000 times: it does not end'],
    ['do {} while (1);', '4, of P0, has gone round 1000000 times: it does not end'],
  ])('refuses what never ends and touches nothing: %s', (body, message) => {
    const parsed = parseLitmus('test.litmus', test(body));
    expect(() => checkLitmus(parsed)).toThrow(
      `the \`${/while \(1 |for|do|while/.exec(body)?.[0].slice(0, 5).trim()}\` in line ${message}`,
    );
  });
});

describe('loops', () => {
  const publish = '*y = 7; atomic_store_explicit(x, 1, memory_order_release);';
  const waiting = (first: string, loop: string, after = ''): string =>
    `C test\n{}\nP0(atomic_int* x, int* y) { ${first} }\nP1(atomic_int* x, int* y) { ${loop} ${after} }\n`;

  it.each([
    'while (atomic_load(x) == 0) {}',
    'int r0 = 0; while (r0 == 0) r0 = atomic_load(x);',
    'int r0 = 0; while (!(r0 == 1)) { int r1 = atomic_load(x); r0 = r1; }',
    'int e = 1; while (!atomic_compare_exchange_strong(x, &e, 2)) { e = 1; }',
    'int e = 1; while (!atomic_compare_exchange_weak(x, &e, 2)) e = 1;',
    'for (; atomic_load(x) == 0; ) {}',
    'for (int r0 = 0; r0 == 0; r0 = atomic_load(x)) ;',
    'for (int e = 1; !atomic_compare_exchange_strong(x, &e, 2); e = 1) {}',
    'int r0; do { r0 = atomic_load(x); } while (r0 == 0);',
    'int r0; do ; while ((r0 = atomic_load(x)) == 0);',
    'int r0; while ((r0 = atomic_load(x)) == 0) ;',
  ])('that wait go on when they may: %s', (loop) => {
    const report = run(`${waiting(publish, loop, 'int r = *y;')}forall (1:r=7)`);
    expect(report).toMatchObject({ executions: 1, holds: true, exhausted: true, findings: [] });
    const stuck = run(`${waiting('atomic_store(x, 3);', loop.replace('== 0', '!= 1'))}exists (true)`);
    expect(stuck).toMatchObject({ executions: 0, exhausted: true, spunThreads: [] });
    expect(stuck.findings.map(({ kind }) => kind)).toContain('stuck thread');
  });

  it('that load something else meanwhile end with any of it', () => {
    const loop = 'int r0 = 7; while (atomic_load(x) == 0) { r0 = atomic_load(z); }';
    const text = `C test\n{}\nP0(atomic_int* x, atomic_int* z) { atomic_store(z, 1); atomic_store(x, 1); }
P1(atomic_int* x, atomic_int* z) { ${loop} }\nlocations [1:r0;]\nexists (1:r0=1)`;
    const report = run(text);
    expect(report).toMatchObject({ holds: true, exhausted: true, findings: [] });
    expect([...report.outcomes.keys()].sort()).toEqual(['1:r0=0', '1:r0=1', '1:r0=7']);
  });

  it('that write before they wait in another one go on', () => {
    const owner = (name: string): string =>
      `${name}(atomic_int* l) { while (atomic_exchange(l, 1)) { while (atomic_load(l)) {} } atomic_store(l, 0); }\n`;
    const report = run(`C test\n{}\n${owner('P0')}${owner('P1')}forall (l=0)`);
    expect(report).toMatchObject({ executions: 4, holds: true, exhausted: true, findings: [] });
  });

  it('that count their turns are no spins', () => {
    const loop = 'int r0 = 0; while (r0 < 2 && atomic_load(x) == 0) r0 = r0 + 1;';
    const report = run(`${waiting('atomic_store(x, 1);', loop)}exists (1:r0=2)`);
    expect(report).toMatchObject({ executions: 3, holds: true, exhausted: true });
    for (const counting of [
      'int r0; for (r0 = 0; r0 < 2 && atomic_load(x) == 0; r0++) ;',
      'int r0 = -1; do r0++; while (r0 < 2 && atomic_load(x) == 0);',
    ])
      expect(run(`${waiting('atomic_store(x, 1);', counting)}exists (1:r0=2)`)).toMatchObject({
        executions: 3,
        holds: true,
        exhausted: true,
      });
  });
});

describe('implications in conditions', () => {
  it.each([
    ['false => x=5', true],
    ['x=-1 => y=16', true],
    ['x=-1 => y=5', false],
    ['x=5 => y=5', true],
    ['(x=-1 => y=5) => false', true],
    ['x=5 => y=5 => false', true],
    ['x=-1 => y=16 => x=-1', true],
    ['x=-1 => y=16 => false', false],
    ['~x=-1 => false', true],
    ['(x=-1 /\\ y=5) => false', true],
    ['x=-1 => (y=5 \\/ y=16)', true],
    ['(x=5 => false) /\\ (x=-1 => true) \\/ false', true],
  ])('forall (%s): %s', (condition, holds) => {
    expect(run(test('', `forall (${condition})`)).holds).toBe(holds);
    expect(run(test('', `forall ${condition}`)).holds).toBe(holds);
  });

  it.each([
    ['x=1 /\\ y=1 => x=2', '`=>` beside `/\\` needs parentheses'],
    ['x=1 \\/ y=1 =>\nx=2', '`=>` beside `\\/` needs parentheses'],
    ['x=1 \\/ y=1 /\\ x=3 => x=2', '`=>` beside `\\/` needs parentheses'],
    ['x=1 => y=1 /\\ x=2', '`=>` beside `/\\` needs parentheses'],
    ['x=1 => y=1 => y=2 \\/ x=2', '`=>` beside `\\/` needs parentheses'],
  ])('are refused where herd does not read them as most people do: %s', (condition, why) => {
    expect(() => run(test('', `exists (${condition})`))).toThrow(`test.litmus:6: ${why}`);
  });

  it('may be many, though not within each other', () => {
    const many = (count: number): string => `forall (${'x=5 => '.repeat(count)}true)`;
    expect(run(test('', many(90))).holds).toBe(true);
    expect(() => run(test('', many(100_000)))).toThrow('test.litmus:6: this is nested more than 100 deep');
    expect(run(test('', `forall (~(${'x=5 \\/ '.repeat(50_000)} false))`)).holds).toBe(true);
    expect(run(test(`int r0 = 0${' + 1'.repeat(50_000)};`, 'forall (0:r0=50000)')).holds).toBe(true);
  });
});
