import { type Address, Pool, SEGMENT_TABLE_OWNER, ValueError } from '@pool/core';
import { expect, it } from 'vitest';
import { Bump, leakReport } from '../src/index.ts';

function set() {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const options = { words: 1024 };
  const bump = Bump.create(pool, pool.reserve(Bump.size(options)), options, pool.owner);
  return { pool, bump, other: Pool.attach(pool.handle).owner };
}

it('names what is live by size and owner', () => {
  const { bump, other } = set();
  const [first, second, third, fourth] = [16, 16, 64, 16].map((words) => bump.allocate(words) as Address);
  bump.transfer(fourth as Address, other);
  bump.transfer(third as Address, other);
  bump.free(second as Address);
  expect(leakReport(bump)).toBe(
    [
      'bump: 3 blocks live, 96 words',
      `  1 block of 16 words, owner 0 (generation 1): ${first}`,
      `  1 block of 16 words, owner 1 (generation 1): ${fourth}`,
      `  1 block of 64 words, owner 1 (generation 1): ${third}`,
    ].join('\n'),
  );
});

it('lists as many addresses as it is told to, under the names it is told', () => {
  const { bump } = set();
  const blocks = Array.from({ length: 5 }, () => bump.allocate(1) as Address);
  expect(leakReport(bump, { addresses: 2, name: ({ id }) => `thread ${id}` })).toBe(
    `bump: 5 blocks live, 5 words\n  5 blocks of 1 word, thread 0: ${blocks[0]}, ${blocks[1]}, and 3 more`,
  );
});

it('names the segment table, which is no owner with a row', () => {
  const { bump } = set();
  bump.transfer(bump.allocate(16) as Address, SEGMENT_TABLE_OWNER);
  const line = 'bump: 1 block live, 16 words\n  1 block of 16 words, the segment table';
  expect(leakReport(bump, { addresses: 0 })).toBe(line);
  expect(leakReport(bump, { addresses: 0, name: ({ id }) => `thread ${id}` })).toBe(line);
});

it.each([-1, 1.5, Number.NaN])('lists no %d addresses', (addresses) => {
  expect(() => leakReport(set().bump, { addresses })).toThrow(ValueError);
});

it('says so when nothing is live', () => {
  expect(leakReport(set().bump)).toBe('bump: nothing is live');
});
