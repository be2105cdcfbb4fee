import { type Address, AddressError, AttachError, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { BUMP, Bump } from '../src/index.ts';
import { allocatorSuite } from '../src/testing/index.ts';
import { Thread } from './support/interleave.ts';

function set(words = 256) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const bump = Bump.create(pool, pool.reserve(Bump.size({ words })), { words }, pool.owner);
  return { pool, bump };
}

describe('bump', () => {
  const suite = allocatorSuite<Address>({
    name: 'bump',
    reuse: 'all',
    create(pool, words) {
      const options = { words: 2 * words };
      return Bump.create(pool, pool.reserve(Bump.size(options)), options, pool.owner).handle;
    },
    attach: (pool, handle) => Bump.attach(pool, handle, pool.owner),
  });
  it.each(suite)('$name', ({ run }) => run());

  it('gives what comes next, small blocks side by side', () => {
    const { bump } = set();
    const first = bump.allocate(1) as Address;
    expect([2, 3, 16, 1, 20].map((words) => (bump.allocate(words) as Address) - first)).toEqual([2, 4, 16, 32, 48]);
  });

  it('gives the same words again after a reset, and not before', () => {
    const { bump } = set();
    const before: Address[] = [];
    for (let at = bump.allocate(16); at !== undefined; at = bump.allocate(16)) before.push(at);
    for (const at of before) bump.free(at);
    expect(bump.stats()).toMatchObject({ used: 0, live: 0, largestFree: expect.any(Number) });
    expect(bump.allocate(16)).toBeUndefined();
    bump.reset();
    expect(() => bump.sizeOf(before[0] as Address)).toThrow(AddressError);
    const after: Address[] = [];
    for (let at = bump.allocate(16); at !== undefined; at = bump.allocate(16)) after.push(at);
    expect(after).toEqual(before);
  });

  it('finds every block past one whose taker died before it signed', () => {
    const { pool, bump } = set(1024);
    const blocks = [bump.allocate(8), bump.allocate(8)] as Address[];
    for (let round = 0; round < 3; round++) {
      const doomed = new Thread(pool, (words) => Bump.attach(words, bump.handle, pool.owner).allocate(8));
      doomed.until('compareExchangeNumber', BUMP.at(bump.handle).top);
      doomed.step();
      for (let index = 0; index <= round; index++) blocks.push(bump.allocate(8) as Address);
    }
    for (const at of blocks) expect(bump.sizeOf(at)).toBe(8);
    expect(() => bump.sizeOf(((blocks[1] as number) + 8) as Address)).toThrow(AddressError);
    expect(bump.stats().live).toBe(blocks.length);
    for (const at of blocks) bump.free(at);
    expect(bump.stats().used).toBe(0);
  });

  it('gives two threads that read the same top a block each', () => {
    const { pool, bump } = set();
    const held = new Thread(pool, (words) => Bump.attach(words, bump.handle, pool.owner).allocate(16));
    held.until('compareExchangeNumber', BUMP.at(bump.handle).top);
    const first = bump.allocate(16) as Address;
    expect(held.finish()).toBe(first + 16);
  });

  it('refuses to attach to anything else', () => {
    const { pool } = set();
    expect(() => Bump.attach(pool, pool.reserve(64), pool.owner)).toThrow(AttachError);
  });
});
