import { instantiate } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { check } from '../src/verifier/verify.ts';
import { bytesOf, instance, program, run } from './support/programs.ts';

const FOUR = `
func main(index) -> r {
  br_table index, [zero, one, two, one], other
zero:
  ret 10
one:
  ret 11
two:
  ret 12
other:
  ret 99
}`;

describe('br_table', () => {
  test.each([
    [0n, 10n],
    [1n, 11n],
    [2n, 12n],
    [3n, 11n],
    [4n, 99n],
    [2n ** 32n, 99n],
    [2n ** 63n, 99n],
    [2n ** 64n - 1n, 99n],
  ])('%i goes to %i', (index, expected) => {
    expect(run(FOUR, [index])).toBe(expected);
  });

  test('has one entry or hundreds, over several lines', () => {
    expect(run('func main(i) -> r {\n br_table i, [a], b\na:\n ret 1\nb:\n ret 2\n}', [0])).toBe(1n);
    const labels = Array.from({ length: 600 }, (_, index) => `l${index}`);
    const arms = labels.map((label, index) => `${label}:\n ret ${1000 + index}`).join('\n');
    const text = `func main(i) -> r {\n br_table i, [\n${labels.join(',\n')}\n ], none\n${arms}\nnone:\n ret 0\n}`;
    const subject = instance(text);
    for (const index of [0, 1, 255, 256, 599])
      expect(subject.run('main', [index])).toMatchObject({ value: BigInt(1000 + index) });
    expect(subject.run('main', [600])).toMatchObject({ value: 0n });
  });

  test('may be the last instruction, and go backwards', () => {
    const text = `
func main(n) -> r {
  i64.const r, 0
  br start
more:
  i64.add r, r, n
  i64.sub n, n, 1
start:
  i64.lt_u small, n, 1
  br_table small, [more], end
end:
  ret r
}`;
    expect(run(text, [10])).toBe(55n);
    expect(() => program('func main(n) -> r {\nagain:\n br end\nend:\n br_table n, [again], end\n}')).not.toThrow();
  });

  test('costs one unit, however many entries it has, and what it goes to is paid there', () => {
    const subject = instance(FOUR, { limits: { fuel: 3 } });
    expect(subject.run('main', [2])).toMatchObject({ kind: 'done', fuelLeft: 0 });
    const short = instance(FOUR, { limits: { fuel: 1 } });
    expect(short.run('main', [2])).toMatchObject({ kind: 'exhausted', at: { line: 9 } });
    expect(short.resume(2)).toMatchObject({ kind: 'done', value: 12n });
  });
});

describe('what is written before a branch table', () => {
  const FLOW = (arm: string) => `
func main(i) -> r {
  i64.const a, 1
  br_table i, [one, two], other
one:
  i64.const b, 2
  br join
two:
  ${arm}
other:
  i64.const b, 4
join:
  i64.add r, a, b
  ret r
}`;

  test('is merged over the default and every entry', () => {
    expect(run(FLOW('i64.const b, 3\n  br join'), [1])).toBe(4n);
    expect(run(FLOW('i64.const b, 3\n  br join'), [7])).toBe(5n);
    const missing = () => bytesOf(FLOW('br join'));
    expect(missing).toThrow('register b is read here, and some path to here has not written it');
  });

  test('blocks end behind the entries', () => {
    const [main] = program(FOUR).functions;
    expect(main?.flow.blocks.slice(0, 2)).toEqual([
      { start: 0, end: 5 },
      { start: 5, end: 7 },
    ]);
    expect(check(program(FOUR).program).violations).toEqual([]);
  });
});

test('an instance of a program that is nothing but a table runs', () => {
  const verified = program('func main(i) -> r {\n br_table i, [a, a, a], a\na:\n ret i\n}');
  expect(instantiate(verified).run('main', [2])).toMatchObject({ kind: 'done', value: 2n });
});
