import {
  type Address,
  AddressError,
  bitsOfDouble,
  CHANGED,
  CorruptError,
  cellSteps,
  DetachedError,
  doubleOfBits,
  FILLED,
  MOST_LANES,
  NOT_FREE,
  NOT_FULL,
  STAMP_LANE,
  STAMP_LAP,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offset, VARIANTS } from './support/variants.ts';

const LAP = STAMP_LAP;
const [CLAIM, FULL] = [1044, 8];
/** A cell here is a stamp, and behind it a word for each lane. */
const COLUMN = 1;
const LANES = 3;
/** A cell with all its lanes. */
const CELL_WORDS = 2 + LANES;
const inLane = (lane: number): number => FULL + lane * STAMP_LANE;

describe.each(Object.entries(VARIANTS))('steps on the cells of %s words', (_, open) => {
  it('fills a free cell and drains a full one, as numbers and as words', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    words.storeNumber(at, 3 * LAP);
    expect(steps.fill(at, 3, 0, CLAIM, COLUMN, 2 ** 53 - 1, FULL)).toBe(FILLED);
    expect([words.loadNumber(at), words.load(offset(at, 1))]).toEqual([3 * LAP + FULL, 2n ** 53n - 1n]);
    expect(steps.drain(at, 3, FULL, COLUMN, LANES)).toBe(2 ** 53 - 1);
    expect(words.loadNumber(at)).toBe(4 * LAP);
    expect(steps.fillWord(at, 4, 0, CLAIM, COLUMN, 2n ** 64n - 1n, FULL)).toBe(FILLED);
    expect(steps.drainWord(at, 4, FULL, COLUMN, LANES)).toBe(2n ** 64n - 1n);
    expect(words.loadNumber(at)).toBe(5 * LAP);
  });

  it.each([1, 2, 3])('fills and drains in lane %i, in any lap', (lane) => {
    const { words, at } = open();
    const steps = cellSteps(words);
    const last = 2 ** 29 - 1;
    words.storeNumber(at, last * LAP);
    expect(steps.fillOwn(at, last, 0, 1 + lane, 2 ** 53 - 1, inLane(lane))).toBe(FILLED);
    expect([words.loadNumber(at), words.load(offset(at, 1 + lane))]).toEqual([
      last * LAP + inLane(lane),
      2n ** 53n - 1n,
    ]);
    expect(steps.drain(at, last, FULL, COLUMN, LANES)).toBe(2 ** 53 - 1);
    expect(words.loadNumber(at)).toBe(0);
    expect(steps.fillOwnWord(at, 0, 0, 1 + lane, 2n ** 64n - 1n, inLane(lane))).toBe(FILLED);
    expect(steps.drainWord(at, 0, FULL, COLUMN, LANES)).toBe(2n ** 64n - 1n);
    expect(words.loadNumber(at)).toBe(LAP);
    words.fill(at, CELL_WORDS, 0n);
    words.store(at, BigInt(inLane(lane)));
    words.store(offset(at, 1 + lane), 2n ** 53n);
    expect(steps.drain(at, 0, FULL, COLUMN, LANES)).toBe(NOT_FULL);
    expect(words.loadNumber(at)).toBe(inLane(lane));
  });

  it('carries doubles by their bits, and leaves a NaN where it is', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    const doubles = [
      0,
      -0,
      1,
      -1,
      0.1,
      2 ** 31,
      2 ** 53,
      5e-324,
      -1e308,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ];
    for (const [lap, value] of doubles.entries()) {
      expect(steps.fillOwnDouble(at, lap, 0, 3, value, inLane(2))).toBe(FILLED);
      expect([words.loadNumber(at), words.load(offset(at, 3))]).toEqual([lap * LAP + inLane(2), bitsOfDouble(value)]);
      expect(steps.fillOwnDouble(at, lap, 0, 3, 7, inLane(2))).toBe(NOT_FREE);
      expect(steps.drainDouble(at, lap, FULL, COLUMN, 1)).toBeNaN(); // fewer lanes
      expect(steps.drainDouble(at, lap, FULL, COLUMN, LANES)).toBe(value);
      expect(words.loadNumber(at)).toBe((lap + 1) * LAP);
      expect(steps.drainDouble(at, lap, FULL, COLUMN, LANES)).toBeNaN();
    }
    const lap = doubles.length;
    expect(steps.fillOwnDouble(at, lap, 0, 2, Number.NaN, inLane(1))).toBe(FILLED);
    expect(steps.drainDouble(at, lap, FULL, COLUMN, LANES)).toBeNaN();
    expect(words.loadNumber(at)).toBe(lap * LAP + inLane(1));
    expect(doubleOfBits(steps.drainWord(at, lap, FULL, COLUMN, LANES) as bigint)).toBeNaN();
  });

  it('touches nothing where the stamp is another one', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    words.storeNumber(at, LAP);
    words.store(offset(at, 1), 7n);
    words.store(offset(at, 2), 8n);
    expect([steps.fill(at, 0, 0, CLAIM, COLUMN, 1, FULL), steps.fillWord(at, 0, 0, CLAIM, COLUMN, 1n, FULL)]).toEqual([
      NOT_FREE,
      NOT_FREE,
    ]);
    expect([steps.fillOwn(at, 0, 0, 2, 1, inLane(1)), steps.fillOwnWord(at, 0, 0, 2, 1n, inLane(1))]).toEqual([
      NOT_FREE,
      NOT_FREE,
    ]);
    expect([steps.drain(at, 0, FULL, COLUMN, LANES), steps.drainWord(at, 0, FULL, COLUMN, LANES)]).toEqual([
      NOT_FULL,
      undefined,
    ]);
    expect([0, 1, 2].map((index) => words.load(offset(at, index)))).toEqual([BigInt(LAP), 7n, 8n]);
  });

  it.each([
    ['a lane that there is not', inLane(LANES + 1)],
    ['the last one that a stamp can say', inLane(MOST_LANES)],
    ['a mark', inLane(1) + 1],
    ['both marks', inLane(1) + 3],
    ['a name above the lanes', inLane(MOST_LANES + 1)],
    ['less', FULL - 4],
    ['another lap', LAP + inLane(1)],
  ])('drains nothing where the stamp says %s', (_, stamp) => {
    const { words, at } = open();
    const steps = cellSteps(words);
    words.storeNumber(at, stamp);
    expect(steps.drain(at, 0, FULL, COLUMN, LANES)).toBe(NOT_FULL);
    expect(steps.drainWord(at, 0, FULL, COLUMN, LANES)).toBeUndefined();
    expect(words.loadNumber(at)).toBe(stamp);
  });

  it('leaves a value where it is that no number carries', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    words.storeNumber(at, FULL);
    words.store(offset(at, 1), 2n ** 53n);
    expect(steps.drain(at, 0, FULL, COLUMN, LANES)).toBe(NOT_FULL);
    expect(words.loadNumber(at)).toBe(FULL);
    expect(steps.drainWord(at, 0, FULL, COLUMN, LANES)).toBe(2n ** 53n);
  });

  it('posts a value: it stands in its slot before the counter says so', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    words.storeNumber(offset(at, 1), 5);
    expect(steps.post(at, 2 ** 53 - 1, offset(at, 1), 9)).toBe(5);
    expect([words.load(at), words.load(offset(at, 1))]).toEqual([2n ** 53n - 1n, 9n]);
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, 1n as unknown as number]) {
      expect(() => steps.post(at, bad, offset(at, 1), 10)).toThrow(ValueError);
      expect(() => steps.post(at, 1, offset(at, 1), bad)).toThrow(ValueError);
    }
    for (const bad of [-1, 0.5, 2 ** 29, 2 ** 32, Number.NaN]) {
      expect(() => steps.post(bad as Address, 1, offset(at, 1), 10)).toThrow(AddressError);
      expect(() => steps.post(offset(at, 2), 1, bad as Address, 10)).toThrow(AddressError);
    }
    expect([words.load(at), words.load(offset(at, 1))]).toEqual([2n ** 53n - 1n, 9n]);
  });

  it('moves a word and then another one that follows it, or neither', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    const [then, both] = [offset(at, 1), (): number[] => [words.loadNumber(at), words.loadNumber(offset(at, 1))]];
    expect(steps.moveBoth(at, 0, 2 ** 53 - 1, then, 0, 7)).toBe(true);
    expect(both()).toEqual([2 ** 53 - 1, 7]);
    expect(steps.moveBoth(at, 0, 1, then, 7, 8)).toBe(false);
    expect(both()).toEqual([2 ** 53 - 1, 7]);
    expect(steps.moveBoth(at, 2 ** 53 - 1, 1, then, 6, 8)).toBe(true); // another one was faster to move the second
    expect(both()).toEqual([1, 7]);
    expect([steps.moveAndSee(at, 1, 2, then), steps.moveAndSee(at, 1, 3, then)]).toEqual([7, -1]);
    expect(both()).toEqual([2, 7]);
    words.store(then, 2n ** 53n);
    expect(() => steps.moveAndSee(at, 2, 3, then)).toThrow(CorruptError);
    words.storeNumber(then, 7);
    words.storeNumber(at, 2);
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, 1n as unknown as number]) {
      expect(() => steps.moveBoth(at, bad, 5, then, 7, 8)).toThrow(ValueError);
      expect(() => steps.moveBoth(at, 2, bad, then, 7, 8)).toThrow(ValueError);
      expect(() => steps.moveAndSee(at, bad, 5, then)).toThrow(ValueError);
      expect(() => steps.moveAndSee(at, 2, bad, then)).toThrow(ValueError);
    }
    for (const bad of [-1, 0.5, 2 ** 29, 2 ** 32, Number.NaN] as Address[]) {
      expect(() => steps.moveBoth(bad, 0, 5, then, 7, 8)).toThrow(AddressError);
      expect(() => steps.moveAndSee(bad, 0, 5, then)).toThrow(AddressError);
    }
    expect(both()).toEqual([2, 7]);
  });

  it('claims units at a tail whose entry is free, and moves the tail past them', () => {
    const { words, at: tail } = open();
    const steps = cellSteps(words);
    const [entries, last] = [offset(tail, 8), 2 ** 48 - 4];
    const state = (): bigint[] =>
      [tail, ...[0, 1, 2, 3].map((unit) => offset(entries, unit))].map((at) => words.load(at));
    const lay = (position: number, lap: number): void => {
      words.storeNumber(tail, position);
      for (let unit = 0; unit < 4; unit++) words.storeNumber(offset(entries, unit), lap * 8);
    };
    lay(5, 1);
    expect(steps.claimUnits(tail, entries, 3, 2, 2 ** 53 - 1, 4)).toBe(5);
    expect(state()).toEqual([7n, 8n, 2n ** 53n - 1n, 8n, 8n]);
    lay(last, 2 ** 46 - 1); // the last lap of positions
    expect(steps.claimUnits(tail, entries, 3, 3, 9, last)).toBe(last);
    expect(words.loadNumber(tail)).toBe(2 ** 48 - 1);
    expect(steps.claimUnits(tail, entries, 3, 1, 9, 2 ** 48 - 3)).toBe(2 ** 48 - 1);
    expect(words.loadNumber(tail)).toBe(0);
    lay(6, 1);
    const before = state();
    const refused = [
      steps.claimUnits(tail, entries, 3, 3, 9, 6), // goes round the end
      steps.claimUnits(tail, entries, 3, 2, 9, 4), // would leave no unit free
      steps.claimUnits(tail, entries, 3, 1, 9, 2), // there is no room
      steps.claimUnits(tail, entries, 3, 1, 9, 7), // a head that is ahead of the tail
    ];
    words.storeNumber(offset(entries, 2), 16);
    refused.push(steps.claimUnits(tail, entries, 3, 1, 9, 6)); // an entry of another lap
    words.storeNumber(offset(entries, 2), 8);
    expect(refused).toEqual([-1, -1, -1, -1, -1]);
    expect(state()).toEqual(before);
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, 1n as unknown as number]) {
      expect(() => steps.claimUnits(tail, entries, 3, 1, bad, 6)).toThrow(ValueError);
      expect(() => steps.claimUnits(tail, entries, 3, 1, 9, bad)).toThrow(ValueError);
    }
    for (const bad of [-1, 0.5, 2 ** 29, 2 ** 32, Number.NaN] as Address[])
      expect(() => steps.claimUnits(bad, entries, 3, 1, 9, 6)).toThrow(AddressError);
    for (const bad of [0.5, 2 ** 29, 2 ** 32, Number.NaN] as Address[])
      expect(() => steps.claimUnits(tail, bad, 3, 1, 9, 6)).toThrow(AddressError);
    expect(state()).toEqual(before);
  });

  it('claims nothing where the tail holds no number', () => {
    const { words, at: tail } = open();
    const entries = offset(tail, 8);
    words.store(tail, 2n ** 53n);
    expect(() => cellSteps(words).claimUnits(tail, entries, 3, 1, 9, 0)).toThrow(CorruptError);
    expect(words.load(entries)).toBe(0n);
  });

  it('rejects what is no address and no value before it writes', () => {
    const { words, at } = open();
    const steps = cellSteps(words);
    for (const bad of [-1, 0.5, 2 ** 29, 2 ** 32 - 1, 2 ** 32, Number.NaN] as Address[]) {
      expect(() => steps.fill(bad, 0, 0, CLAIM, COLUMN, 1, FULL)).toThrow(AddressError);
      expect(() => steps.fillOwn(bad, 0, 0, 2, 1, inLane(1))).toThrow(AddressError);
      expect(() => steps.drain(bad, 0, FULL, COLUMN, LANES)).toThrow(AddressError);
      expect(() => steps.fillOwnDouble(bad, 0, 0, 2, 1, inLane(1))).toThrow(AddressError);
      expect(() => steps.drainDouble(bad, 0, FULL, COLUMN, LANES)).toThrow(AddressError);
      expect(() => steps.fillOwnWord(bad, 0, 0, 2, 1n, inLane(1))).toThrow(AddressError);
      expect(() => steps.drainWord(bad, 0, FULL, COLUMN, LANES)).toThrow(AddressError);
    }
    for (const bad of [1n, '1', null, undefined, {}] as never[])
      expect(() => steps.fillOwnDouble(at, 0, 0, 2, bad, inLane(1))).toThrow(ValueError);
    for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, 1n as unknown as number]) {
      expect(() => steps.fill(at, 0, 0, CLAIM, COLUMN, bad, FULL)).toThrow(ValueError);
      expect(() => steps.fillOwn(at, 0, 0, 2, bad, inLane(1))).toThrow(ValueError);
    }
    for (const bad of [-1n, 2n ** 64n, 1 as unknown as bigint]) {
      expect(() => steps.fillWord(at, 0, 0, CLAIM, COLUMN, bad, FULL)).toThrow(ValueError);
      expect(() => steps.fillOwnWord(at, 0, 0, 2, bad, inLane(1))).toThrow(ValueError);
    }
    const outside = 2 ** 29;
    expect(() => steps.fillOwn(at, 0, 0, outside, 1, inLane(1))).toThrow(AddressError);
    expect(() => steps.fillOwnDouble(at, 0, 0, outside, 1, inLane(1))).toThrow(AddressError);
    expect([0, 1, 2].map((index) => words.load(offset(at, index)))).toEqual([0n, 0n, 0n]);
  });

  it('does nothing once the thread has detached', () => {
    const { pool, words, at } = open();
    const steps = cellSteps(words);
    pool.detach();
    expect(() => steps.fill(at, 0, 0, CLAIM, COLUMN, 1, FULL)).toThrow(DetachedError);
    expect(() => steps.fillOwn(at, 0, 0, 2, 1, inLane(1))).toThrow(DetachedError);
    expect(() => steps.drain(at, 0, FULL, COLUMN, LANES)).toThrow(DetachedError);
    expect(() => steps.fillOwnDouble(at, 0, 0, 2, 1, inLane(1))).toThrow(DetachedError);
    expect(() => steps.drainDouble(at, 0, FULL, COLUMN, LANES)).toThrow(DetachedError);
    expect(() => steps.fillOwnWord(at, 0, 0, 2, 1n, inLane(1))).toThrow(DetachedError);
    expect(() => steps.drainWord(at, 0, FULL, COLUMN, LANES)).toThrow(DetachedError);
    expect(() => steps.post(at, 1, at, 1)).toThrow(DetachedError);
    expect(() => steps.moveBoth(at, 0, 1, at, 0, 1)).toThrow(DetachedError);
    expect(() => steps.claimUnits(at, at, 3, 1, 1, 0)).toThrow(DetachedError);
    expect(() => steps.moveAndSee(at, 0, 1, at)).toThrow(DetachedError);
  });
});

describe('steps that others come between', () => {
  it('a cell whose stamp is changed between claim and publication says so, and keeps the change', () => {
    const { words: real, at } = VARIANTS.accelerated();
    const { words } = record(real, {
      before(name, [address]) {
        if (name === 'storeNumber' && address === at + 1) real.fetchAddNumber(at, 1);
      },
    });
    expect(cellSteps(words).fill(at, 0, 0, CLAIM, COLUMN, 5, FULL)).toBe(CHANGED);
    expect([real.loadNumber(at), real.loadNumber(offset(at, 1))]).toEqual([CLAIM + 1, 5]);
  });

  it('a cell that another sender has taken is not filled, and what it says is left as it is', () => {
    const { words: real, at } = VARIANTS.accelerated();
    const { words } = record(real, {
      before(name, [address]) {
        if (name !== 'compareExchangeNumber' || address !== at) return;
        real.storeNumber(offset(at, 3), 7);
        real.storeNumber(at, inLane(2));
      },
    });
    expect(cellSteps(words).fillOwn(at, 0, 0, 2, 5, inLane(1))).toBe(NOT_FREE);
    expect(cellSteps(real).drain(at, 0, FULL, COLUMN, LANES)).toBe(7);
  });

  it('a value that is read from under a receiver is not received', () => {
    const { words: real, at } = VARIANTS.accelerated();
    real.storeNumber(at, FULL);
    const { words } = record(real, {
      before(name, [address]) {
        if (name === 'compareExchangeNumber' && address === at) real.storeNumber(at, LAP + FULL);
      },
    });
    expect(cellSteps(words).drain(at, 0, FULL, COLUMN, LANES)).toBe(NOT_FULL);
    expect(real.loadNumber(at)).toBe(LAP + FULL);
  });

  it('are the same steps in WebAssembly as written out, whatever stands there', () => {
    const [fast, plain] = [VARIANTS.accelerated(), VARIANTS.plain()];
    const laps = [0, 1, 2 ** 29 - 1];
    const lap = fc.constantFrom(...laps);
    const low = fc.constantFrom(
      0,
      1,
      CLAIM,
      FULL,
      inLane(1),
      inLane(2),
      inLane(LANES),
      inLane(LANES + 1),
      inLane(1) + 2,
    );
    const held = fc.tuple(lap, low).map(([lap, low]) => lap * LAP + low);
    const value = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53 - 1));
    const way = fc.constantFrom('fill', 'own', 'drain', 'own double', 'drain double', 'own word', 'drain word');
    const lane = fc.integer({ min: 1, max: LANES });
    const step = fc.record({ way, lap, lane, value, held: fc.option(held, { freq: 2 }) });
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (program) => {
        const results = [fast, plain].map(({ words, at }) => {
          words.fill(at, CELL_WORDS, 0n);
          const steps = cellSteps(words);
          return program.map(({ way, lap, lane, value, held }) => {
            if (held !== null) words.storeNumber(at, held);
            const result = {
              fill: () => steps.fill(at, lap, 0, CLAIM, COLUMN, value, FULL),
              own: () => steps.fillOwn(at, lap, 0, 1 + lane, value, inLane(lane)),
              drain: () => steps.drain(at, lap, FULL, COLUMN, LANES),
              'own double': () => steps.fillOwnDouble(at, lap, 0, 1 + lane, -value / 3, inLane(lane)),
              'drain double': () => steps.drainDouble(at, lap, FULL, COLUMN, LANES),
              'own word': () => steps.fillOwnWord(at, lap, 0, 1 + lane, 2n ** 64n - 1n - BigInt(value), inLane(lane)),
              'drain word': () => steps.drainWord(at, lap, FULL, COLUMN, LANES),
            }[way]();
            const none = result === undefined || Number.isNaN(result) || (way === 'drain' && result < 0);
            seen.add(way.startsWith('drain') && !none ? `${way} value` : `${way} ${result}`);
            return [result, ...Array.from({ length: CELL_WORDS }, (_, index) => words.load(offset(at, index)))];
          });
        });
        expect(results[0]).toEqual(results[1]);
      }),
      { numRuns: 300 },
    );
    expect([...seen].map(String).toSorted()).toEqual([
      'drain -1',
      'drain double NaN',
      'drain double value',
      'drain value',
      'drain word undefined',
      'drain word value',
      'fill 0',
      'fill 1',
      'own 0',
      'own 1',
      'own double 0',
      'own double 1',
      'own word 0',
      'own word 1',
    ]);
  });
});
