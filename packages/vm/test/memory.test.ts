import { describe, expect, test } from 'vitest';
import { instance, run, trapOf } from './support/programs.ts';

const VALUE = 0x8182_8384_8586_8788n;

describe('loads and stores', () => {
  test.each([
    ['load', VALUE],
    ['load8_u', 0x88n],
    ['load8_s', 0xffff_ffff_ffff_ff88n],
    ['load16_u', 0x8788n],
    ['load16_s', 0xffff_ffff_ffff_8788n],
    ['load32_u', 0x8586_8788n],
    ['load32_s', 0xffff_ffff_8586_8788n],
  ])('i64.%s reads what was stored, at every alignment', (name, expected) => {
    for (let at = 0; at < 9; at++)
      expect(
        run(`memory 1\nfunc main(at, v) -> r {\n i64.store [at + 3], v\n i64.${name} r, [at + 3]\n ret r\n}`, [
          at,
          VALUE,
        ]),
      ).toBe(expected);
  });

  test.each([
    ['store', 8],
    ['store8', 1],
    ['store16', 2],
    ['store32', 4],
  ])('i64.%s writes %i bytes and no more', (name, width) => {
    const subject = instance(`memory 1\nfunc main(v) {\n i64.const p, 5\n i64.${name} [p], v\n ret\n}`);
    subject.memory.fill(0xee);
    subject.run('main', [0x0807_0605_0403_0201n]);
    const expected = [0xee, 0xee, 0xee, 0xee, 0xee, 1, 2, 3, 4, 5, 6, 7, 8, 0xee].map((byte, index) =>
      index >= 5 && index < 5 + width ? byte : 0xee,
    );
    expect([...subject.memory.subarray(0, 14)]).toEqual(expected);
  });

  test.each([
    ['load', 8],
    ['load8_u', 1],
    ['load8_s', 1],
    ['load16_u', 2],
    ['load16_s', 2],
    ['load32_u', 4],
    ['load32_s', 4],
  ])('i64.%s traps where its last byte is outside', (name, width) => {
    const text = `memory 1\nfunc main(at) -> r {\n i64.${name} r, [at]\n ret r\n}`;
    expect(run(text, [65_536 - width])).toBe(0n);
    for (const at of [65_537n - BigInt(width), 65_536n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n])
      expect(trapOf(text, [at])).toBe('out of bounds memory access');
  });

  test.each([
    ['store', 8],
    ['store8', 1],
    ['store16', 2],
    ['store32', 4],
  ])('i64.%s traps where its last byte is outside, and writes nothing', (name, width) => {
    const subject = instance(`memory 1\nfunc main(at, v) {\n i64.${name} [at], v\n ret\n}`);
    expect(subject.run('main', [65_537 - width, -1])).toMatchObject({ kind: 'trap' });
    expect(subject.memory.every((byte) => byte === 0)).toBe(true);
    expect(subject.run('main', [65_536 - width, -1])).toMatchObject({ kind: 'done' });
  });

  test('address and offset are added without wrapping', () => {
    const text = 'memory 1\nfunc main(at) -> r {\n i64.load8_u r, [at + 0x7fffffff]\n ret r\n}';
    expect(trapOf(text, [2n ** 32n - 0x7fff_ffffn])).toBe('out of bounds memory access');
    expect(trapOf(text, [2n ** 64n - 0x7fff_ffffn])).toBe('out of bounds memory access');
  });

  test('a program without memory has none', () => {
    expect(trapOf('func main() -> r {\n i64.load8_u r, [0]\n ret r\n}')).toBe('out of bounds memory access');
  });
});

describe('size and growth', () => {
  const text =
    'memory 1 max 3\nfunc main(pages) -> r {\n memory.grow r, pages\n ret r\n}\nfunc size() -> r {\n memory.size r\n ret r\n}';

  test('grows by pages, up to its limit, and says -1 past it', () => {
    const subject = instance(text);
    expect(subject.run('main', [0])).toMatchObject({ value: 1n });
    expect(subject.run('main', [2])).toMatchObject({ value: 1n });
    expect(subject.run('size')).toMatchObject({ value: 3n });
    for (const pages of [1n, 2n ** 32n, 2n ** 64n - 1n])
      expect(subject.run('main', [pages])).toMatchObject({ value: 2n ** 64n - 1n });
    expect(subject.memory.length).toBe(3 * 65_536);
  });

  test("the host's limit is kept as well", () => {
    expect(instance(text, { limits: { memoryBytes: 2 * 65_536 } }).run('main', [2])).toMatchObject({
      value: 2n ** 64n - 1n,
    });
    expect(() => instance('memory 2\nfunc main() {\n ret\n}', { limits: { memoryBytes: 65_536 } })).toThrow(
      'begins with 2 pages',
    );
  });

  test('bytes are kept, new ones are zero and can be reached at once', () => {
    expect(
      run(`memory 1 max 2
func main() -> r {
  i64.const p, 65528
  i64.store [p], 77
  memory.grow _, 1
  i64.store [p + 8], 1
  i64.load r, [p]
  i64.load s, [p + 8]
  i64.add r, r, s
  i64.load s, [p + 16]
  i64.add r, r, s
  ret r
}`),
    ).toBe(78n);
  });
});

describe('bulk', () => {
  test.each([
    [8, 10],
    [10, 8],
  ])('memory.copy from %i to %i, overlapping', (source, target) => {
    const subject = instance('memory 1\nfunc main(to, from, n) {\n memory.copy to, from, n\n ret\n}');
    subject.memory.set([1, 2, 3, 4, 5, 6], source);
    subject.run('main', [target, source, 6]);
    expect([...subject.memory.subarray(target, target + 6)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('memory.fill takes the lowest byte', () => {
    const subject = instance('memory 1\nfunc main(to, v, n) {\n memory.fill to, v, n\n ret\n}');
    subject.run('main', [3, 0x1234, 4]);
    expect([...subject.memory.subarray(0, 9)]).toEqual([0, 0, 0, 0x34, 0x34, 0x34, 0x34, 0, 0]);
  });

  test.each(['memory.copy', 'memory.fill'])(
    '%s outside traps before it writes; nothing at the very end is allowed',
    (name) => {
      const subject = instance(`memory 1\nfunc main(to, from, n) {\n ${name} to, from, n\n ret\n}`);
      subject.memory.fill(1, 0, 64);
      for (const given of [
        [65_530, 0, 7],
        [2n ** 64n - 1n, 0, 2],
        [0, 0, 2n ** 64n - 1n],
      ])
        expect(subject.run('main', given)).toMatchObject({
          kind: 'trap',
          trap: { reason: 'out of bounds memory access' },
        });
      expect(subject.run('main', [65_536, 0, 0])).toMatchObject({ kind: 'done' });
      expect(subject.memory.subarray(65_000).every((byte) => byte === 0)).toBe(true);
    },
  );

  test('charges one unit for each 64 bytes', () => {
    const spent = (length: number) => {
      const subject = instance('memory 16\nfunc main(n) {\n memory.fill n, n, n\n ret\n}', { limits: { fuel: 1e6 } });
      subject.run('main', [length]);
      return 1e6 - subject.fuelLeft;
    };
    expect(spent(6400) - spent(0)).toBe(100);
    expect(spent(6463) - spent(0)).toBe(100);
  });
});

test('data is there when the program begins, and a second run sees what the first left', () => {
  const subject = instance(`
data text = "aZ\\x00\\n", 255
data numbers = words 1, -1, 1.5
data far @ 0x100 = bytes 9, 'b'
data room = zero 10
func main() -> r {
  i64.const p, numbers
  i64.load r, [p + 8]
  i64.store [p + 8], 5
  ret r
}`);
  expect([...subject.memory.subarray(64, 69)]).toEqual([97, 90, 0, 10, 255]);
  expect(new Float64Array(subject.memory.buffer, 72 + 16, 1)[0]).toBe(1.5);
  expect([...subject.memory.subarray(0x100, 0x102)]).toEqual([9, 98]);
  expect(subject.run()).toMatchObject({ value: 2n ** 64n - 1n });
  expect(subject.run()).toMatchObject({ value: 5n });
});
