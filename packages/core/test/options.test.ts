import { describe, expect, it } from 'vitest';
import { type Address, AddressError, Pool, type PoolOptions, ValueError } from '../src/index.ts';

describe('what is not an option', () => {
  it.each([{ engine: 'fast' }, { engine: null }, { checked: 'yes' }, { checked: 1 }])('%o is refused', (options) => {
    expect(() => Pool.create({ words: 10, ...options } as unknown as PoolOptions)).toThrow(ValueError);
  });

  it('a timeout that is no number does not wait for ever', () => {
    const pool = Pool.create({ words: 10 });
    const at = pool.reserve(1);
    for (const timeout of ['x', Number.NaN, null] as unknown as number[])
      expect(() => pool.wait(at, 0n, { timeout })).toThrow(ValueError);
  });

  it('what is no typed array is not copied in silence', () => {
    const pool = Pool.create({ words: 10 });
    const at: Address = pool.reserve(4);
    for (const nothing of [[1, 2], 'ab', {}] as unknown as Uint8Array[]) {
      expect(() => pool.copyIn(at, nothing)).toThrow(ValueError);
      expect(() => pool.copyOut(at, nothing)).toThrow(ValueError);
    }
  });
});

it.each([Object.create(null), { toString: 3 }, { toString: () => Symbol() }])(
  'an error tells of a value that has no text',
  (value) => {
    expect(new ValueError(value, 'an integer').message).toBe('value of type object: an integer');
    expect(new AddressError(value, 8).message).toBe(
      'address of type object is not in the pool, which has the words 0..7',
    );
  },
);
