/** Whatever the text, the litmus reader reads it or refuses it by name and line; and an expression means what it does in C. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLitmus, LitmusError, parseLitmus } from '../src/index.ts';

const folder = join(import.meta.dirname, '..', 'litmus');
const shipped = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));

function expectReadOrRefused(text: string): void {
  try {
    parseLitmus('any.litmus', text);
  } catch (error) {
    if (!(error instanceof LitmusError)) throw error;
    expect(error.message.startsWith(`any.litmus:${error.line}: `)).toBe(true);
    expect(error.line).toBeGreaterThanOrEqual(1);
    expect(error.line).toBeLessThanOrEqual(text.split('\n').length);
  }
}

const WORDS =
  'int atomic_int float P0 P1 x y r0 r1 if else while do for switch break return sizeof true false not exists forall filter locations atomic_load atomic_load_explicit atomic_store atomic_fetch_add atomic_compare_exchange_weak memory_order_relaxed toString __proto__ constructor 0 1 0x10 010 1.5 { } ( ) [ ] ; , : ? = == != < > <= >= => -> + - * / % & && | || ^ ~ ! << >> ++ -- += -= <<= >>= /\\ \\/ . # $ /* */ // " \n'.split(
    ' ',
  );
const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(' '));

describe('any text is read, or refused with its line', () => {
  it('such as characters in any order', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), expectReadOrRefused), { numRuns: 500 });
    const behind = fc.string({ maxLength: 80 });
    fc.assert(
      fc.property(behind, (text) => expectReadOrRefused(`C test\n{}${text}`)),
      { numRuns: 500 },
    );
  });

  it('such as words of the language in any order, wherever they stand', () => {
    const parts = fc.record({ initial: soup, parameters: soup, body: soup, question: soup, rest: soup });
    fc.assert(
      fc.property(parts, fc.nat(5), ({ initial, parameters, body, question, rest }, given) => {
        // One of them after the other is as it may be, so that the reader comes to the next.
        const or = (place: number, text: string, right: string): string => (given <= place ? text : right);
        expectReadOrRefused(
          `C test\n{ ${or(0, initial, 'x = 0;')} }\nP0(${or(1, parameters, 'atomic_int* x, int* y')}) { int r0;\n${or(2, body, '*x = 1;')} }\n${or(3, question, 'exists (x=1')}${or(4, rest, ')')}`,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('such as the tests that ship with something left out, put in or said twice', () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(12), text: soup });
    fc.assert(
      fc.property(fc.constantFrom(...shipped), fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let changed = text;
        for (const { at, length, text: added } of changes) {
          const from = Math.floor(at * changed.length);
          changed = changed.slice(0, from) + added.slice(0, length) + changed.slice(from + length);
        }
        expectReadOrRefused(changed);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['parentheses', '('],
    ['negations', '!'],
    ['steps', '++'],
    ['signs', '- '],
    ['choices', '1 ? '],
    ['other choices', '1 ? 2 : '],
    ['assignments', 'r0 = '],
    ['blocks', ';{'],
    ['conditions', '1; if (1) '],
    ['loops', '1; do '],
    ['sums', '1 + '],
    ['declarations', '1, a'],
    ['digits', '1'],
    ['lines', '1\n'],
    ['remarks', '1 /* */ // "\n + '],
    ['quotes', '"" '],
  ])('such as endless %s', (_, piece) => {
    for (const count of [90, 110, 2 ** 17])
      for (const end of ['', ' r0; }\nexists (x=1)'])
        expectReadOrRefused(`C test\n{}\nP0(atomic_int* x) { int r0 = ${piece.repeat(count)}${end}`);
  });

  it('such as one that is too long', () => {
    const text = `C test\n{}\nP0(int* x) {}\nexists (x=1) // ${'.'.repeat(2 ** 20)}`;
    expect(() => parseLitmus('long.litmus', text)).toThrow(
      'long.litmus:1: a litmus test has 1048576 characters at most',
    );
  });
});

/** Of C, as text and as what it does: parentheses are written only where the level of what stands within demands them. */
interface Sample {
  readonly text: string;
  readonly level: number;
  readonly run: (registers: bigint[]) => bigint;
}

const [ASSIGNMENT, CONDITIONAL, UNARY, PRIMARY] = [0, 1, 12, 13];
const truth = (is: boolean): bigint => (is ? 1n : 0n);
const isTrue = (value: bigint): boolean => value !== 0n;
const BINARY: readonly (readonly [string, level: number, (one: bigint, two: bigint) => bigint])[] = [
  ['|', 4, (one, two) => one | two],
  ['^', 5, (one, two) => one ^ two],
  ['&', 6, (one, two) => one & two],
  ['==', 7, (one, two) => truth(one === two)],
  ['!=', 7, (one, two) => truth(one !== two)],
  ['<', 8, (one, two) => truth(one < two)],
  ['>=', 8, (one, two) => truth(one >= two)],
  ['<<', 9, (one, two) => one << (two & 63n)],
  ['>>', 9, (one, two) => one >> (two & 63n)],
  ['+', 10, (one, two) => one + two],
  ['-', 10, (one, two) => one - two],
  ['*', 11, (one, two) => one * two],
];
const COMPOUND = BINARY.filter(([, level]) => level !== 7 && level !== 8);

const word = (value: bigint): bigint => BigInt.asIntN(64, value);
const within = (level: number, { text, level: own }: Sample): string => (own < level ? `(${text})` : text);
const register = fc.nat(2);

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Sample => {
      return { text: `${value}`, level: PRIMARY, run: () => word(value) };
    }),
    register.map((at): Sample => ({ text: `r${at}`, level: PRIMARY, run: (all) => all[at] as bigint })),
    fc.tuple(register, fc.constantFrom(1n, -1n), fc.boolean()).map(([at, by, isPrefix]): Sample => {
      const mark = by === 1n ? '++' : '--';
      return {
        text: isPrefix ? `${mark}r${at}` : `r${at}${mark}`,
        level: isPrefix ? UNARY : PRIMARY,
        run: (all) => {
          const old = all[at] as bigint;
          all[at] = word(old + by);
          return isPrefix ? all[at] : old;
        },
      };
    }),
    fc.tuple(fc.constantFrom('-', '~', '!'), tie('sample')).map(([mark, operand]): Sample => {
      const run = (all: bigint[]): bigint => {
        const value = operand.run(all);
        return word(mark === '-' ? -value : mark === '~' ? ~value : truth(value === 0n));
      };
      return { text: `${mark} ${within(UNARY, operand)}`, level: UNARY, run };
    }),
    fc
      .tuple(fc.constantFrom(...BINARY), tie('sample'), tie('sample'))
      .map(([[mark, level, does], one, two]): Sample => {
        const run = (all: bigint[]): bigint => {
          const left = one.run(all);
          return word(does(left, two.run(all)));
        };
        return { text: `${within(level, one)} ${mark} ${within(level + 1, two)}`, level, run };
      }),
    fc.tuple(fc.boolean(), tie('sample'), tie('sample')).map(([isOr, one, two]): Sample => {
      const level = isOr ? 2 : 3;
      const run = (all: bigint[]): bigint =>
        truth(isOr ? isTrue(one.run(all)) || isTrue(two.run(all)) : isTrue(one.run(all)) && isTrue(two.run(all)));
      return { text: `${within(level, one)} ${isOr ? '||' : '&&'} ${within(level + 1, two)}`, level, run };
    }),
    fc.tuple(tie('sample'), tie('sample'), tie('sample')).map(([condition, then, otherwise]): Sample => {
      const text = `${within(CONDITIONAL + 1, condition)} ? ${then.text} : ${within(CONDITIONAL, otherwise)}`;
      const run = (all: bigint[]): bigint => (isTrue(condition.run(all)) ? then.run(all) : otherwise.run(all));
      return { text, level: CONDITIONAL, run };
    }),
    fc.tuple(register, fc.option(fc.constantFrom(...COMPOUND)), tie('sample')).map(([at, compound, right]): Sample => {
      const run = (all: bigint[]): bigint => {
        const old = all[at] as bigint;
        const value = right.run(all);
        all[at] = compound === null ? value : word(compound[2](old, value));
        return all[at];
      };
      return { text: `r${at} ${compound?.[0] ?? ''}= ${right.text}`, level: ASSIGNMENT, run };
    }),
  ),
}));

it('an expression gives what it does in C, its operands from the left, and leaves the registers so', () => {
  fc.assert(
    fc.property(
      sample,
      fc.tuple(fc.bigInt({ min: -5n, max: 5n }), fc.bigInt({ min: -5n, max: 5n })),
      (one, [r0, r1]) => {
        const registers = [r0, r1, 0n];
        const result = one.run(registers);
        const text = `C test\n{}\nP0(int* x) { int r0 = ${r0}, r1 = ${r1}, r2; *x = ${one.text}; }\nlocations [x; 0:r0; 0:r1; 0:r2]\nforall (true)`;
        const { outcomes } = checkLitmus(parseLitmus('test.litmus', text));
        expect([...outcomes.keys()]).toEqual([
          `x=${result}; 0:r0=${registers[0]}; 0:r1=${registers[1]}; 0:r2=${registers[2]}`,
        ]);
      },
    ),
    { numRuns: 1000 },
  );
});
