import { describe, expect, it } from 'vitest';
import { assemble, formatErrors, instantiate, load } from '../src/index.ts';
import { instance } from './support/programs.ts';

describe('many data declarations', () => {
  it('stand one after the other, 8-aligned, also where a length asks for an earlier end', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `data d${index} = zero ${1 + (index % 9)}`);
    const text = [
      'memory 8 max 8',
      ...many,
      'data last = zero data_start_of_last - d0 + 8',
      'const data_start_of_last = d19999 + 8',
      'func main() -> at {',
      '  i64.const at, last',
      '  ret at',
      '}',
      '',
    ].join('\n');
    const assembled = assemble({ name: 'data.pasm', text });
    if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
    let expected = 64;
    for (let index = 0; index < 20_000; index++) expected += 1 + (index % 9) > 8 ? 16 : 8;
    expect(instantiate(load(assembled.bytes)).run()).toMatchObject({ kind: 'done', value: BigInt(expected) });
  });

  it('refuses fuel that is no number in a session too', () => {
    const assembled = assemble({ name: 'a.pasm', text: 'func main() {\nx:\n  br x\n}\n' });
    if (!assembled.ok) throw new Error(formatErrors(assembled.errors));
    const session = instantiate(load(assembled.bytes), { limits: { fuel: 5 } }).start();
    for (const fuel of [Number.NaN, -1, '7', 5n, undefined])
      expect(() => session.addFuel(fuel as number)).toThrow('fuel');
  });
});

it('has one NaN, whatever made it', () => {
  const text = `data all = words 0.0 / 0.0, -(0.0 / 0.0), NAN, MINUS
func main(at) -> r {
  i64.load r, [at + all]
  ret r
}
func computed() -> r {
  f64.const r, -(0.0 / 0.0)
  ret r
}
`;
  const minus = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer)[0] as number;
  const subject = instance(text, { constants: { NAN: Number.NaN, MINUS: minus } });
  for (const at of [0, 8, 16, 24]) expect(subject.run('main', [at])).toMatchObject({ value: 0x7ff8_0000_0000_0000n });
  expect(subject.run('computed')).toMatchObject({ value: 0x7ff8_0000_0000_0000n });
});
