import { AttachError, Pool, ValueError } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECYCLING_INDEX, RecyclingIndex } from '../src/index.ts';
import { Thread } from './support/interleave.ts';

function set(limit: number) {
  const pool = Pool.create({ words: 4096, owners: 4, segments: 0 });
  const options = { limit, owners: 4 };
  const index = RecyclingIndex.create(pool, pool.reserve(RecyclingIndex.size(options)), options, pool.owner);
  const other = Pool.attach(pool.handle);
  return { pool, index, other, theirs: RecyclingIndex.attach(other, structuredClone(index.handle), other.owner) };
}

describe('a recycling index', () => {
  it('counts up while nothing has come back, and then serves what rested longest', () => {
    const { index, theirs } = set(8);
    expect([index.take(), theirs.take(), index.take(), theirs.take()]).toEqual([0, 1, 2, 3]);
    for (const back of [2, 0, 3]) theirs.give(back);
    expect([index.take(), index.take(), theirs.take(), theirs.take()]).toEqual([2, 0, 3, 4]);
  });

  it('answers -1 when all are taken, until one comes back', () => {
    const { index, theirs } = set(3);
    expect([index.take(), index.take(), theirs.take(), index.take(), theirs.take()]).toEqual([0, 1, 2, -1, -1]);
    theirs.give(1);
    expect([index.take(), index.take()]).toEqual([1, -1]);
  });

  it('names an index that nobody has', () => {
    const { index, theirs } = set(3);
    const taken = index.take();
    theirs.give(taken);
    for (const wrong of [taken, 1, 2, 3, -1, 0.5, Number.NaN]) {
      expect(() => index.give(wrong)).toThrow(ValueError);
      expect(() => index.give(wrong)).toThrow(`${wrong}`);
      expect(() => index.transfer(wrong, theirs.holder(0) ?? { id: 0 as never, generation: 1 })).toThrow(ValueError);
    }
    expect(index.taken).toBe(0);
  });

  it('knows who has what, and gives back what a dead owner had', () => {
    const { pool, index, other, theirs } = set(8);
    const [mine, given, lost] = [index.take(), index.take(), theirs.take()];
    index.transfer(given, other.owner);
    expect([mine, given, lost].map((each) => theirs.holder(each))).toEqual([pool.owner, other.owner, other.owner]);
    expect([index.holder(5), index.holder(8), index.holder(-1)]).toEqual([undefined, undefined, undefined]);
    pool.owners.markDead(other.owner);
    expect([index.recover(other.owner), index.recover(other.owner), index.taken]).toEqual([2, 0, 1]);
  });

  it('behaves as a queue of numbers with a counter behind it', () => {
    const steps = fc.array(fc.record({ party: fc.boolean(), give: fc.nat() }), { maxLength: 120 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), steps, (limit, actions) => {
        const { index, theirs } = set(limit);
        const queue: number[] = [];
        const out: number[] = [];
        let next = 0;
        for (const { party, give } of actions) {
          const mine = party ? index : theirs;
          if (give % 2 && out.length > 0) {
            const [back] = out.splice(give % out.length, 1) as [number];
            mine.give(back);
            queue.push(back);
          } else {
            const expected = queue.shift() ?? (next < limit ? next++ : -1);
            expect(mine.take()).toBe(expected);
            if (expected >= 0) out.push(expected);
          }
          expect(index.taken).toBe(out.length);
        }
      }),
    );
  });

  it('goes round its laps', () => {
    const { index, theirs } = set(2);
    for (let lap = 0; lap < 100; lap++) {
      const taken = index.take();
      theirs.give(taken);
      expect(taken).toBeGreaterThanOrEqual(0);
    }
    expect([index.take(), index.take(), index.take()].sort()).toEqual([-1, 0, 1]);
  });

  it.each(['take', 'give'] as const)('is whole after a %s that was held up, at any step, for whole laps', (held) => {
    for (let rounds = 0; rounds <= 6; rounds++)
      for (let steps = 0, ended = false; !ended; steps++) {
        const { pool, index, other } = set(3);
        const mine = index.take();
        const rest = index.take();
        index.give(rest);
        const thread = new Thread(pool, (words) => {
          const own = RecyclingIndex.attach(words, index.handle, other.owner);
          if (held === 'give') own.give(mine);
          else return own.take();
          return -1;
        });
        for (let step = 0; step < steps && thread.pending !== undefined; step++) thread.step();
        ended = thread.pending === undefined;
        for (let round = 0; round < rounds; round++) {
          const taken = index.take();
          if (taken >= 0) index.give(taken);
        }
        const taken = thread.finish();
        const out = [...(held === 'take' ? [mine] : []), ...(taken >= 0 ? [taken] : [])];
        for (const pass of ['first', 'second']) {
          for (let next = index.take(); next >= 0 && out.length <= 3; next = index.take()) out.push(next);
          expect(out.sort(), `${steps} steps, ${rounds} rounds, the ${pass} time`).toEqual([0, 1, 2]);
          for (const back of out.splice(0)) index.give(back);
        }
      }
  });

  it('refuses to attach to anything else, and limits that cannot be', () => {
    const { pool, index } = set(2);
    expect(() => RecyclingIndex.attach(pool, pool.reserve(64), pool.owner)).toThrow(AttachError);
    pool.store(RECYCLING_INDEX.at(index.handle).magic, 1n);
    expect(() => RecyclingIndex.attach(pool, index.handle, pool.owner)).toThrow(AttachError);
    for (const limit of [0, -1, 1.5, 2 ** 23 + 1]) expect(() => RecyclingIndex.size({ limit })).toThrow(ValueError);
  });
});
