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
    { fuel: '100' as unknown as number },
    { fuel: 100n as unknown as number },
    { callDepth: Number.NaN },
    { callDepth: 1.5 },
    { callDepth: 2 ** 17 },
    { memoryBytes: Number.NaN },
    { longestWait: Number.NaN },
    { longestWait: -5 },
  ] satisfies Limits[])('and nothing starts with %o', (limits) => {
    expect(() => instantiate(endless(), { limits })).toThrow(LinkError);
    expect(() => instantiate(endless(), { limits })).toThrow(Object.keys(limits)[0]);
  });

  it('and more fuel is a number too', () => {
    const instance = instantiate(endless(), { limits: { fuel: 10 } });
    expect(instance.run().kind).toBe('exhausted');
    for (const fuel of [Number.NaN, -1, '5' as unknown as number])
      expect(() => instance.resume(fuel)).toThrow(LinkError);
    expect(instance.resume(10).kind).toBe('exhausted');
  });

  it.each([undefined, null, 'program', [1, 2], new ArrayBuffer(8)])('and %o is no program', (bytes) => {
    expect(() => load(bytes as unknown as Uint8Array)).toThrow(FormatError);
  });
});
