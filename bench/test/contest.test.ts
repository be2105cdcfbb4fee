import { describe, expect, it } from 'vitest';
import { type Contest, measure, quantile } from '../src/contest.ts';
import { CONTESTS } from '../src/contests/index.ts';

const EFFORT = { rounds: 3, roundMilliseconds: 1 };

function honest(operations: number): number {
  let sum = 0;
  for (let index = 0; index < operations; index++) sum += Math.sqrt(index) >= 0 ? 1 : 0;
  return sum;
}

function contest(ours: (operations: number) => number, rival = honest): Contest {
  return { id: 'a', title: 'a', rival: 'b', open: () => ({ ours, rival, expected: (n) => n, close() {} }) };
}

/** Does the work but for some of the first times that it is asked. */
function wrongAtFirst(times: number): { run(operations: number): number; asked: number } {
  const contestant = {
    asked: 0,
    run: (operations: number) => (contestant.asked++ < times ? -1 : honest(operations)),
  };
  return contestant;
}

describe('a contest', () => {
  it('has no result when a contestant did not do the work', async () => {
    await expect(
      measure(
        contest(() => 0),
        EFFORT,
        {},
      ),
    ).rejects.toThrow('a, ours: 1 operations gave 0, not 1: the work was not done');
  });

  it('asks a rival again that did not do the work, and tells so', async () => {
    const rival = wrongAtFirst(1);
    const { notes, ratio } = await measure(contest(honest, rival.run), EFFORT, {});
    expect(notes).toEqual({ 'runs of the rival that gave a wrong answer, and were repeated:': '1' });
    expect(ratio).toBeGreaterThan(0);
    expect((await measure(contest(honest), EFFORT, {})).notes).toBeUndefined();
  });

  it('has no result when the rival goes wrong more often than there are rounds', async () => {
    const rival = wrongAtFirst(EFFORT.rounds + 1);
    await expect(measure(contest(honest, rival.run), EFFORT, {})).rejects.toThrow('a, the rival: 1 operations');
    expect(rival.asked).toBe(EFFORT.rounds + 1);
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
