import { expect, it } from 'vitest';
import { LINE_WORDS, Pool } from '../src/index.ts';

it.each([
  { words: 10, owners: 2, segments: 0 },
  { words: 1_000, owners: 7, segments: 33 },
  { words: 10, owners: 1_000, segments: 5_000, maxWords: 200_000 },
])('the tables of a pool of %o lie one behind the other, and what is reserved behind them', (options) => {
  const pool = Pool.create(options);
  let end = 0;
  for (const { at, words } of pool.tables) {
    expect(at).toBe(end);
    expect(words % LINE_WORDS).toBe(0);
    end += words;
  }
  expect(pool.maxWords - pool.unreserved).toBe(end);
  expect(pool.reserve(5)).toBe(end);
  expect(pool.tables.map(({ name, rows }) => [name, rows])).toEqual([
    ['header', 0],
    ['owner table', options.owners],
    ['segment table', options.segments],
  ]);
  expect(Pool.attach(pool.handle).tables).toEqual(pool.tables);
});
