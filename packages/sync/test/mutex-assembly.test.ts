import { type Owner, type OwnerId, packOwner } from '@pool/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mutex, type MutexToken } from '../src/index.ts';
import { ProgramBesideHost } from './support/program.ts';

const PROGRAM: Owner = { id: 5 as OwnerId, generation: 2 ** 31 + 3 };
const HARNESS = `
func try_lock(owner) -> status {
  call status, mutex_try_lock(OBJECT, owner)
  ret status
}
func lock(owner) -> status {
  call status, mutex_lock(OBJECT, owner)
  ret status
}
func unlock(owner) -> status {
  call status, mutex_unlock(OBJECT, owner)
  ret status
}
`;
const ANSWERS = ['busy', 'locked', 'owner-died'];

class Pair extends ProgramBesideHost {
  readonly mutex: Mutex;
  readonly #owner = BigInt(packOwner(PROGRAM));

  constructor() {
    super(Mutex.size(), 'mutex.pasm', HARNESS);
    this.mutex = Mutex.create(this.pool, this.base);
  }

  lock(entry: 'try_lock' | 'lock'): string | undefined {
    return ANSWERS[Number(this.run(entry, this.#owner))];
  }
  unlock(): boolean {
    return this.run('unlock', this.#owner) === 1n;
  }
}

describe('the mutex in assembly', () => {
  it('excludes hosts and is excluded by them, and tells of deaths either way', () => {
    const step = fc.record({ program: fc.boolean(), act: fc.constantFrom('lock', 'unlock', 'die') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const pair = new Pair();
        let token: MutexToken | undefined;
        let holder: 'host' | 'program' | undefined;
        let died = false;
        for (const { program, act } of steps) {
          const who = program ? 'program' : 'host';
          if (act === 'lock') {
            const expected = holder ? 'busy' : died ? 'owner-died' : 'locked';
            if (program) expect(pair.lock('try_lock')).toBe(expected);
            else {
              const taken = pair.mutex.tryLock();
              expect(taken ? (taken.ownerDied ? 'owner-died' : 'locked') : 'busy').toBe(expected);
              token = taken ?? token;
            }
            if (!holder) [holder, died] = [who, false];
          } else if (act === 'unlock') {
            if (program) expect(pair.unlock()).toBe(holder === 'program');
            else if (holder === 'host') token?.unlock();
            if (holder === who) holder = undefined;
          } else {
            const found = pair.mutex.recover(program ? PROGRAM : pair.pool.owner);
            expect(found !== undefined).toBe(holder === who);
            if (holder === who) [holder, died] = [undefined, true];
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('hands over to a host that waits, and does not wait where there is no need', async () => {
    const pair = new Pair();
    expect(pair.lock('lock')).toBe('locked');
    const waiting = pair.mutex.lockAsync();
    expect(pair.unlock()).toBe(true);
    const token = await waiting;
    expect([token.locked, pair.lock('try_lock')]).toEqual([true, 'busy']);
    token.unlock();
    expect([pair.lock('lock'), pair.unlock(), pair.unlock()]).toEqual(['locked', true, false]);
  });
});
