import { RECYCLING_INDEX, RecyclingIndex } from '@pool/alloc';
import { type Address, type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layoutConstants } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const OWNERS = 8;
const HOST: Owner = { id: 2 as OwnerId, generation: 9 };
const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const NONE = 2n ** 64n - 1n;
const HARNESS = `
func enter(owner) {
  call recycling_index_enter(OBJECT, owner, memory)
  ret
}
func last_turn_of_the_batch() {
  i64.load turn, [memory]
  i64.or turn, turn, 0xf_ffff
  i64.store [memory], turn
  ret
}
func take(owner) -> number {
  call number, recycling_index_take(OBJECT, owner)
  ret number
}
func give(owner, number) -> given {
  call given, recycling_index_give(OBJECT, owner, memory, number)
  ret given
}
`;

class Pair extends ProgramBesideHost {
  readonly index: RecyclingIndex;
  readonly #owner = BigInt(packOwner(PROGRAM));

  constructor(limit: number) {
    const options = { limit, owners: OWNERS };
    super(
      RecyclingIndex.size(options),
      'recycling-index.pasm',
      HARNESS,
      layoutConstants('RECYCLING_INDEX', RECYCLING_INDEX),
    );
    this.index = RecyclingIndex.create(this.pool, this.base, options, HOST);
    this.run('enter', this.#owner);
  }

  take(): number {
    const number = this.run('take', this.#owner);
    return number === NONE ? -1 : Number(number);
  }
  give(number: number): boolean {
    return this.run('give', this.#owner, BigInt(number)) === 1n;
  }
}

describe('the recycling index in assembly', () => {
  it('is the same as the one in TypeScript, whoever does what', () => {
    const step = fc.record({ program: fc.boolean(), take: fc.boolean(), which: fc.nat(40) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 60, size: 'max' }), (limit, steps) => {
        const pair = new Pair(limit);
        const queue: number[] = [];
        const taken: number[] = [];
        let fresh = 0;
        for (const { program, take, which } of steps) {
          if (take) {
            const expected = queue.shift() ?? (fresh < limit ? fresh++ : -1);
            expect(program ? pair.take() : pair.index.take()).toBe(expected);
            if (expected < 0) continue;
            taken.push(expected);
            expect(pair.index.holder(expected)).toEqual(program ? PROGRAM : HOST);
          } else if (taken.length > 0) {
            const [number] = taken.splice(which % taken.length, 1) as [number];
            if (program) expect([pair.give(number), pair.give(number)]).toEqual([true, false]);
            else pair.index.give(number);
            queue.push(number);
          } else expect(pair.give(which)).toBe(false);
          expect(pair.index.taken).toBe(taken.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives every time that a number is free a word of its own, across batches of turns', () => {
    const pair = new Pair(1);
    const words = new Set<bigint>();
    const { rest } = RECYCLING_INDEX.at(pair.base);
    const holder = (rest + OWNERS * 16) as Address;
    for (let round = 0; round < 8; round++) {
      if (round % 2 === 0) pair.run('last_turn_of_the_batch');
      expect([pair.take(), pair.give(0)]).toEqual([0, true]);
      words.add(pair.pool.load(holder));
    }
    expect(words.size).toBe(8);
  });

  it('loses what its owner took to recovery, and nothing else', () => {
    const pair = new Pair(6);
    expect([pair.take(), pair.index.take(), pair.take()]).toEqual([0, 1, 2]);
    expect([pair.index.recover(PROGRAM), pair.index.recover(PROGRAM)]).toEqual([2, 0]);
    expect([pair.index.taken, pair.index.holder(1)]).toEqual([1, HOST]);
    expect([pair.take(), pair.index.take(), pair.take(), pair.take(), pair.take(), pair.take()]).toEqual([
      0, 2, 3, 4, 5, -1,
    ]);
  });
});
