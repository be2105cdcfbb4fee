import { describe, expect, it } from 'vitest';
import { assemble, FormatError, instantiate, type Limits, LinkError, load } from '../src/index.ts';

function endless() {
  const assembled = assemble({ name: 'endless', text: 'func main() {\nagain:\n  br again\n}\n' });
  if (!assembled.ok) throw new Error('the test program does not assemble');
  return load(assembled.bytes);
}

describe('limits bind', () => {
  it.each([
    { fuel: Number.NaN },
    { fuel: -1 },
    { fuel: 1.5 },
    { fuel: 2 ** 60 },
    { fuel: '100' as unknown as number },
    { fuel: 100n as unknown as number },
    { callDepth: Number.NaN },
    { callDepth: 1.5 },
    { callDepth: 2 ** 17 },
    { memoryBytes: Number.NaN },
    { memoryBytes: 0.5 },
    { longestWait: Number.NaN },
    { longestWait: -5 },
  ] satisfies Limits[])('and nothing starts with %o', (limits) => {
    expect(() => instantiate(endless(), { limits })).toThrow(LinkError);
    expect(() => instantiate(endless(), { limits })).toThrow(Object.keys(limits)[0]);
  });

  it('and more fuel is a number too', () => {
    const instance = instantiate(endless(), { limits: { fuel: 10 } });
    expect(instance.run().kind).toBe('exhausted');
    for (const fuel of [Number.NaN, -1, 1.5, '5' as unknown as number, 5n as unknown as number])
      expect(() => instance.resume(fuel)).toThrow(LinkError);
    expect(instance.resume(10).kind).toBe('exhausted');
  });

  it.each([Number.NaN, -1, 1.5, 5n as unknown as number])('and a session takes no %s for fuel', (fuel) => {
    const session = instantiate(endless(), { limits: { fuel: 10 } }).start();
    expect(() => session.addFuel(fuel)).toThrow('the fuel to add is a whole number of at least 0');
    expect(session.fuelLeft).toBe(10);
  });

  it.each([Number.NaN, -1, '9' as unknown as number, 9n as unknown as number])('and nobody runs at most %s', (most) => {
    const session = instantiate(endless()).start();
    for (const run of ['continue', 'next', 'finish'] as const)
      expect(() => session[run](most)).toThrow('how much to run at most is a number of at least 0');
    expect(session.at.instruction).toBe(0);
    const profiler = instantiate(endless()).startProfile();
    expect(() => profiler.continue(most)).toThrow('how much to run at most');
  });

  it.each([undefined, null, 'program', [1, 2], new ArrayBuffer(8)])('and %o is no program', (bytes) => {
    expect(() => load(bytes as unknown as Uint8Array)).toThrow(FormatError);
  });
});

describe('arguments are words', () => {
  const assembled = assemble({ name: 'echo', text: 'func main(first, second) -> second {\n  ret second\n}\n' });
  if (!assembled.ok) throw new Error('the test program does not assemble');
  const echo = instantiate(load(assembled.bytes));
  const second = (value: unknown) => echo.run('main', [0, value as number]);

  it.each([
    [-1, 2n ** 64n - 1n],
    [-(2n ** 63n), 2n ** 63n],
    [2n ** 64n - 1n, 2n ** 64n - 1n],
    [2 ** 53 - 1, 2n ** 53n - 1n],
    [-0, 0n],
  ])('%s arrives', (value, word) => {
    expect(second(value)).toMatchObject({ kind: 'done', value: word });
  });

  it.each([
    [1.5, 'argument second of main is a whole number, not 1.5 (a double is given by its bits, as a bigint)'],
    [Number.NaN, 'argument second of main is a whole number, not NaN (a double'],
    [2 ** 60, 'not 1152921504606847000 (a larger one than 2^53 is a bigint)'],
    [2n ** 64n, 'argument second of main is a word of 64 bits, from -2^63 to 2^64 - 1, not 18446744073709551616n'],
    [-(2n ** 63n) - 1n, 'not -9223372036854775809n'],
    ['7', 'argument second of main is a number or a bigint, not "7"'],
    [undefined, 'not undefined'],
    [null, 'not null'],
    [{}, 'not an object'],
  ])('%s does not', (value, message) => {
    expect(() => second(value)).toThrow(LinkError);
    expect(() => second(value)).toThrow(message);
    expect(() => echo.start('main', [0, value as number])).toThrow(message);
    expect(() => echo.profile('main', [0, value as number])).toThrow(message);
  });
});
