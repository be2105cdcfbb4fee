import { type Address, IndexSet, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

function open(capacity: number) {
  const pool = Pool.create({ words: IndexSet.size(capacity), owners: 1, segments: 0 });
  const at = pool.reserve(IndexSet.size(capacity));
  return { pool, at, set: new IndexSet(pool, at, capacity) };
}

function drain(set: IndexSet, from = 0): number[] {
  const taken: number[] = [];
  for (let index = set.take(from); index >= 0; index = set.take(from)) taken.push(index);
  return taken;
}

test.each([0, 1, 31, 32, 33, 1024, 1025, 40_000])('a set of %i indices gives each once, then none', (capacity) => {
  const { set } = open(capacity);
  expect(set.take()).toBe(-1);
  set.addRange(0, capacity);
  expect(set.count()).toBe(capacity);
  expect(drain(set)).toEqual(Array.from({ length: capacity }, (_, index) => index));
  expect([set.take(), set.count()]).toEqual([-1, 0]);
});

test('a search begins where it is told and comes round', () => {
  const { set } = open(5000);
  for (const index of [3, 900, 901, 4999]) set.add(index);
  expect(drain(set, 901)).toEqual([901, 4999, 3, 900]);
});

test('adding twice is adding once, and of two removals one succeeds', () => {
  const { set } = open(100);
  set.add(50);
  set.add(50);
  expect([set.has(50), set.count(), set.remove(50), set.remove(50), set.has(50)]).toEqual([
    true,
    1,
    true,
    false,
    false,
  ]);
});

test.each([-1, 100, 1.5, Number.NaN])('an index of %s is refused, and a beginning of a search is not', (index) => {
  const { set } = open(100);
  set.add(7);
  for (const use of [
    () => set.add(index),
    () => set.remove(index),
    () => set.has(index),
    () => set.addRange(index, 101),
  ])
    expect(use).toThrow(ValueError);
  expect(set.take(index)).toBe(7);
});

test('a search reads few words, however large the set is', () => {
  const { pool, at } = open(2 ** 20);
  const { words, operations } = record(pool);
  const set = new IndexSet(words, at, 2 ** 20);
  set.add(2 ** 19 + 12_345);
  const before = operations.length;
  expect(set.take()).toBe(2 ** 19 + 12_345);
  expect(operations.length - before).toBeLessThan(16);
});

test('a set does what a set of numbers does', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), at: fc.nat(2999) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat(2999) }),
    fc.record({ do: fc.constant('take' as const), at: fc.nat(2999) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { set } = open(3000);
      const model = new Set<number>();
      for (const { do: what, at } of steps) {
        if (what === 'add') {
          set.add(at);
          model.add(at);
        } else if (what === 'remove') {
          expect(set.remove(at)).toBe(model.delete(at));
        } else {
          const sorted = [...model].sort((left, right) => left - right);
          const expected = sorted.find((index) => index >= at) ?? sorted[0] ?? -1;
          expect(set.take(at)).toBe(expected);
          model.delete(expected);
        }
      }
      expect(drain(set)).toEqual([...model].sort((left, right) => left - right));
    }),
    { numRuns: 60 },
  );
});

class Died extends Error {}

/** Runs `first`, and `then` in the middle of it, before its operation number `step`; whether there was such an operation. */
function interrupted(pool: Pool, at: Address, step: number, first: (set: IndexSet) => void, then: () => void): boolean {
  let count = 0;
  const { words } = record(pool, { before: () => count++ === step && then() });
  try {
    first(new IndexSet(words, at, 4000));
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
  return count > step;
}

const NEIGHBOURS = [64, 65, 96, 1500, 3999];

test('an index that is added while another thread clears stale summaries, at any step of it, is found', () => {
  for (const added of NEIGHBOURS)
    for (let step = 0; ; step++) {
      const { pool, at, set } = open(4000);
      set.add(64);
      set.add(2000);
      set.remove(64); // the summaries above it are stale now
      let taken = -1;
      const there = interrupted(
        pool,
        at,
        step,
        (other) => {
          taken = other.take();
        },
        () => set.add(added),
      );
      if (!there) break;
      const left = [added, 2000].filter((index) => index !== taken);
      expect(taken).not.toBe(-1);
      expect(drain(set).sort((one, other) => one - other)).toEqual(left.sort((one, other) => one - other));
    }
});

test('two threads that take at once, whatever the step, take different indices', () => {
  for (let step = 0; ; step++) {
    const { pool, at, set } = open(4000);
    for (const index of NEIGHBOURS) set.add(index);
    const taken: number[] = [];
    if (
      !interrupted(
        pool,
        at,
        step,
        (other) => taken.push(other.take()),
        () => taken.push(set.take()),
      )
    )
      break;
    expect([...taken, ...drain(set)].sort((one, other) => one - other)).toEqual(NEIGHBOURS);
  }
});

test('whatever step of an addition a thread dies at, adding again or a repair shows all that is there', () => {
  for (const mend of ['add', 'repair'])
    for (let step = 0; ; step++) {
      const { pool, at, set } = open(4000);
      const died = interrupted(
        pool,
        at,
        step,
        (other) => other.add(70),
        () => {
          throw new Died();
        },
      );
      if (!died) break;
      set.add(71); // under the same summary bits
      const there = set.has(70) ? [70] : [];
      if (mend === 'add') set.add(70);
      else set.repair();
      expect(drain(set)).toEqual(mend === 'add' ? [70, 71] : [...there, 71]);
    }
});

test('a thread that dies while it clears hides nothing that is added later', () => {
  for (let step = 0; ; step++) {
    const { pool, at, set } = open(4000);
    set.add(64);
    set.remove(64);
    const died = interrupted(
      pool,
      at,
      step,
      (other) => other.take(),
      () => {
        throw new Died();
      },
    );
    if (!died) break;
    set.add(64);
    expect(drain(set)).toEqual([64]);
  }
});
