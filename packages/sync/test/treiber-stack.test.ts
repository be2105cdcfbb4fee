import { type Address, AttachError, CorruptError, LINE_WORDS, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREIBER_STACK, TreiberStack, type TreiberStackOptions } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';

function stackOf(options: TreiberStackOptions, pool: Pool = Pool.create({ words: TreiberStack.size(options) })) {
  const base = pool.reserve(TreiberStack.size(options));
  return { pool, base, stack: TreiberStack.create(pool, base, options) };
}

/** The stack as a thread uses it that never comes back once it has changed words so many times. */
function heldUp(pool: Pool, base: Address, changes: number): TreiberStack {
  let left = Number.POSITIVE_INFINITY;
  const { words } = record(pool, {
    before(name) {
      if (!name.startsWith('load') && left-- === 0) throw new Error('held up');
    },
  });
  const stack = TreiberStack.attach(words, base);
  left = changes;
  return stack;
}

describe.each([0n, 2n ** 29n - 3n, 2n ** 31n - 3n, 2n ** 32n - 3n, 2n ** 53n - 3n, 2n ** 64n - 3n])(
  'a stack whose tags begin at %s',
  (start) => {
    it('behaves as an array', () => {
      const word = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
      fc.assert(
        fc.property(fc.constantFrom(1, 3, 8), fc.array(fc.option(word), { maxLength: 60 }), (capacity, steps) => {
          const { stack } = stackOf({ capacity, start });
          const model: bigint[] = [];
          for (const value of steps) {
            expect(stack.isEmpty).toBe(model.length === 0);
            if (value === null) expect(stack.tryPop()).toBe(model.pop() ?? 'empty');
            else expect(stack.tryPush(value)).toBe(model.length < capacity ? 'ok' : 'full');
            if (value !== null && model.length < capacity) model.push(value);
          }
        }),
      );
    });
  },
);

describe('a stack', () => {
  it('carries numbers, and leaves a word that is none on top', () => {
    const { stack } = stackOf({ capacity: 2 });
    expect(stack.tryPushNumber(Number.MAX_SAFE_INTEGER)).toBe('ok');
    expect(stack.tryPopNumber()).toBe(Number.MAX_SAFE_INTEGER);
    stack.tryPush(2n ** 60n);
    expect(() => stack.tryPopNumber()).toThrow(CorruptError);
    expect([stack.tryPop(), stack.tryPopNumber()]).toEqual([2n ** 60n, 'empty']);
    expect(() => stack.tryPush(-1n)).toThrow(ValueError);
    expect(() => stack.tryPushNumber(0.5)).toThrow(ValueError);
    expect(stack.repair()).toBe(0);
  });

  it('is not fooled when the node it saw is first again, whatever came after it; with a tag of one bit it would be', () => {
    /** How many words can be pushed when two of four nodes are with threads that are held up. */
    const room = (tagBits: number): number => {
      let most = 0;
      betweenSteps(
        () => Pool.create({ words: 256 }),
        ({ words, arm }) => {
          const { pool, base, stack } = stackOf({ capacity: 4, tagBits }, words);
          let happened = false;
          arm(() => {
            happened = true;
            stack.tryPush(1n);
            for (let held = 0; held < 2; held++) expect(() => heldUp(pool, base, 1).tryPush(2n)).toThrow('held up');
            stack.tryPop();
          });
          let pushed = stack.tryPush(3n) === 'ok' ? 1 : 0;
          arm(() => {});
          while (pushed < 9 && stack.tryPush(3n) === 'ok') pushed += 1;
          if (happened) most = Math.max(most, pushed);
        },
      );
      return most;
    };
    expect([room(29), room(1)]).toEqual([2, 4]);
  });

  it('is whole again after a death at any step, but for a node that repair finds', () => {
    let found = 0;
    for (const operation of ['tryPush', 'tryPop'] as const) {
      for (let steps = 0; steps < 8; steps++) {
        const { pool, base, stack } = stackOf({ capacity: 4 });
        stack.tryPush(1n);
        stack.tryPush(2n);
        try {
          heldUp(pool, base, steps)[operation](3n);
        } catch (death) {
          expect((death as Error).message).toContain('held up');
        }
        found += stack.repair();
        const values: unknown[] = [];
        for (let value = stack.tryPop(); value !== 'empty'; value = stack.tryPop()) values.push(value);
        expect([[2n, 1n], [3n, 2n, 1n], [1n]]).toContainEqual(values);
        for (let count = 0; count < 4; count++) expect(stack.tryPush(7n)).toBe('ok');
        expect(stack.tryPush(7n)).toBe('full');
      }
    }
    expect(found).toBeGreaterThan(2);
  });
});

describe('the words of a stack', () => {
  it('keeps its heads on different lines, and publishes a node after it was written', () => {
    const { top, free, nodes } = TREIBER_STACK.offsets;
    expect([free - top, nodes - free].every((distance) => distance >= LINE_WORDS)).toBe(true);
    const { pool, base } = stackOf({ capacity: 2 });
    const { words, sequence } = record(pool);
    const at = TREIBER_STACK.at(base);
    const stack = TreiberStack.attach(words, base);
    const begin = sequence().length;
    stack.tryPushNumber(9);
    expect(sequence().slice(begin)).toEqual([
      `loadNumber(${at.free})`,
      `loadNumber(${at.nodes})`,
      `compareExchangeNumber(${at.free}, 1, ${2 ** 24 + 2})`,
      `storePlainNumber(${at.nodes + 1}, 9)`,
      `loadNumber(${at.top})`,
      `storeNumber(${at.nodes}, 0)`,
      `compareExchangeNumber(${at.top}, 0, ${2 ** 24 + 1})`,
    ]);
  });

  it('refuses to attach where no stack stands, or one that cannot be', () => {
    const { pool, base } = stackOf({ capacity: 2 });
    expect(() => TreiberStack.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 2n ** 23n, 2n ** 24n, 2n ** 64n - 1n]) {
      pool.store(TREIBER_STACK.at(base).capacity, nonsense);
      expect(() => TreiberStack.attach(pool, base)).toThrow(AttachError);
    }
    expect(() => TreiberStack.size({ capacity: 0 })).toThrow(ValueError);
  });

  it('says Corrupt, and ends, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    let corrupt = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('top', 'free', 'nodes'), fc.nat(7), word), { maxLength: 4 }),
        (writes) => {
          const { pool, base, stack } = stackOf({ capacity: 4 });
          stack.tryPush(1n);
          for (const [spot, offset, value] of writes)
            pool.store((TREIBER_STACK.at(base)[spot] + (spot === 'nodes' ? offset : 0)) as Address, value);
          for (const operation of [
            () => stack.tryPush(1n),
            () => stack.tryPop(),
            () => stack.isEmpty,
            () => stack.repair(),
          ]) {
            try {
              operation();
            } catch (error) {
              expect(error).toBeInstanceOf(CorruptError);
              corrupt += 1;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(corrupt).toBeGreaterThan(50);
  });
});
