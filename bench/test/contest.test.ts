import { describe, expect, it } from 'vitest';
import { type Contest, measure, quantile } from '../src/contest.ts';
import { CONTESTS } from '../src/contests/index.ts';

const EFFORT = { rounds: 3, roundMilliseconds: 1 };

function contest(work: (operations: number) => number): Contest {
  const honest = (operations: number): number => {
    let sum = 0;
    for (let index = 0; index < operations; index++) sum += Math.sqrt(index) >= 0 ? 1 : 0;
    return sum;
  };
  return {
    id: 'a',
    title: 'a',
    rival: 'b',
    open: () => ({ ours: work, rival: honest, expected: (n) => n, close() {} }),
  };
}

describe('a contest', () => {
  it('has no result when a contestant did not do the work', async () => {
    await expect(
      measure(
        contest(() => 0),
        EFFORT,
        {},
      ),
    ).rejects.toThrow('the work was not done');
  });

  it('has figures, a ratio and the versions it was measured with', async () => {
    const result = await measure(
      contest((operations) => {
        let sum = 0;
        for (let index = 0; index < operations; index++) sum += 1;
        return sum;
      }),
      EFFORT,
      { node: 'x' },
    );
    expect(result).toMatchObject({ id: 'a', unit: 'ns/op', versions: { node: 'x' } });
    expect(result.ours).toBeGreaterThan(0);
    expect(result.ratio).toBeGreaterThan(0);
  });

  it('is named once, and has a bar only against a rival, a floor only without one', () => {
    expect(new Set(CONTESTS.map(({ id }) => id)).size).toBe(CONTESTS.length);
    for (const { id, bar, floor, rival } of CONTESTS)
      expect([id, bar !== undefined && rival === undefined, floor !== undefined && rival !== undefined]).toEqual([
        id,
        false,
        false,
      ]);
    for (const { title } of CONTESTS) expect(title).not.toBe('');
  });

  it('takes medians and quartiles between its values', () => {
    expect([quantile([3, 1, 2], 0.5), quantile([1, 2, 3, 4], 0.5), quantile([0, 10], 0.25)]).toEqual([2, 2.5, 2.5]);
  });
});
