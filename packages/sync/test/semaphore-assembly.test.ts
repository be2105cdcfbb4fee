import { type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Semaphore } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const OWNERS = 8;
const PERMITS = 7;
const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const SUCCESSOR: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 4 };
const HARNESS = `
func try_acquire(owner, count) -> done {
  call done, semaphore_try_acquire(OBJECT, owner, count)
  ret done
}
func acquire(owner, count) -> done {
  call done, semaphore_acquire(OBJECT, owner, count)
  ret done
}
func release(owner, count) -> done {
  call done, semaphore_release(OBJECT, owner, count)
  ret done
}
`;

class Pair extends ProgramBesideHost {
  readonly semaphore: Semaphore;

  constructor(start = 0n) {
    super(Semaphore.size(OWNERS), 'semaphore.pasm', HARNESS);
    this.semaphore = Semaphore.create(this.pool, this.base, PERMITS, { owners: OWNERS, start });
  }

  call(entry: 'try_acquire' | 'acquire' | 'release', count: number, owner = PROGRAM): boolean {
    return this.run(entry, BigInt(packOwner(owner)), BigInt(count)) === 1n;
  }
}

describe('the semaphore in assembly', () => {
  it.each([0n, 2n ** 21n - 4n])('is the same as the one in TypeScript, whoever does what, from tag %d on', (start) => {
    const step = fc.record({
      program: fc.boolean(),
      act: fc.constantFrom('acquire', 'acquire', 'release', 'recover'),
      count: fc.integer({ min: 1, max: PERMITS }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const pair = new Pair(start);
        const held = { host: 0, program: 0 };
        for (const { program, act, count } of steps) {
          const who = program ? 'program' : 'host';
          const available = PERMITS - held.host - held.program;
          expect(pair.semaphore.available).toBe(available);
          if (act === 'acquire') {
            const done = program ? pair.call('try_acquire', count) : pair.semaphore.tryAcquire(count);
            expect(done).toBe(count <= available);
            if (done) held[who] += count;
          } else if (act === 'release') {
            const enough = held[who] >= count;
            if (program) expect(pair.call('release', count)).toBe(enough);
            else if (enough) pair.semaphore.release(count);
            if (enough) held[who] -= count;
          } else if (program) {
            expect(pair.semaphore.recover(PROGRAM)?.count ?? 0).toBe(held.program);
            held.program = 0;
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('wakes a host that waits, and does not wait where there is no need', async () => {
    const pair = new Pair();
    expect(pair.call('acquire', PERMITS)).toBe(true);
    const waiting = pair.semaphore.acquireAsync(2);
    expect(pair.call('release', 3)).toBe(true);
    expect([await waiting, pair.semaphore.available, pair.semaphore.held]).toEqual(['ok', 1, 2]);
  });

  it("gives back what its row's owner before held", () => {
    const pair = new Pair();
    pair.call('acquire', 4);
    expect(pair.call('acquire', 6, SUCCESSOR)).toBe(true);
    expect(pair.semaphore.available).toBe(1);
    expect(pair.semaphore.recover(PROGRAM)).toBeUndefined();
    expect(pair.semaphore.recover(SUCCESSOR)?.count).toBe(6);
  });
});
