/** The mutex: one at a time, what the holder wrote is seen, and nobody sleeps through an unlock or a death. */
import { type Address, packOwner, type Words } from '@pool/core';
import { MUTEX, Mutex } from '@pool/sync';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted, SILENT } from './model.ts';
import { program as assembled } from './routines.ts';

const BASE = 16 as Address;
const COUNT = 0 as Address;
const PARK = { strategy: 'park' } as const;
const { state: STATE } = MUTEX.at(BASE);

function mutex({ words }: Pick<ModelThread, 'words'>, id: number): Mutex {
  return Mutex.attach(words, BASE, { owner: owner(id) });
}

function count({ words }: ModelThread): void {
  words.storePlain(COUNT, words.loadPlain(COUNT) + 1n);
}

const lockAndCount =
  (id: number) =>
  (thread: ModelThread): void => {
    const token = mutex(thread, id).lock(PARK);
    count(thread);
    token.unlock();
  };

const program = (threads: ModelProgram['threads']): ModelProgram => ({
  names: { count: COUNT, state: STATE },
  initial: (words) => void Mutex.create(words, BASE, { owner: owner(1) }),
  threads,
});

const DEATH = new Error('this thread is dead');

/** Words of a thread that dies as it wakes. */
function mortal(words: Words): Words {
  return new Proxy(words, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...operands: unknown[]): unknown => {
        const result: unknown = Reflect.apply(member, target, operands);
        if (name === 'wait') throw DEATH;
        return result;
      };
    },
  });
}

describe('a mutex', () => {
  // Who has waited for a millisecond is preferred; threads that are checked may not look at a clock that goes.
  beforeAll(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterAll(() => void vi.restoreAllMocks());

  model(
    'excludes, publishes and wakes',
    {
      ...program({ a: lockAndCount(1), b: lockAndCount(2) }),
      final: (end) => end.assert(end.words.load(COUNT) === 2n, 'both have counted'),
    },
    {
      planted: [
        { name: 'the state is changed by load and store', bug: { torn: (at) => at === STATE }, shows: 'data race' },
        { name: 'the state is relaxed', bug: { updates: (at) => at === STATE }, shows: 'data race', weak: true },
        SILENT,
      ],
    },
  );

  model('is refused to a second one that only tries', {
    ...program({
      a: lockAndCount(1),
      b: (thread) => {
        const token = mutex(thread, 2).tryLock();
        if (token === undefined) return;
        count(thread);
        token.unlock();
      },
    }),
  });

  describe('whose holder died', () => {
    const DEAD = 3;
    const torn: Planted = {
      name: 'the state is changed by load and store',
      bug: { torn: (at) => at === STATE },
      shows: 'final condition',
    };
    const relaxed: Planted = {
      name: 'the state is relaxed',
      bug: { updates: (at) => at === STATE },
      shows: 'data race',
      weak: true,
    };

    /** The dead holder was at its counting. */
    const held: NonNullable<ModelProgram['initial']> = (words) =>
      void Mutex.create(words, BASE, { owner: owner(DEAD) }).lock();
    const recovers =
      (id: number) =>
      (thread: ModelThread): void =>
        thread.observe(thread.name, mutex(thread, id).recover(owner(DEAD)) !== undefined);
    const takes =
      (id: number) =>
      (thread: ModelThread): void => {
        const token = mutex(thread, id).lock(PARK);
        thread.observe(thread.name, token.ownerDied ? 'told' : 'locked');
        count(thread);
        token.unlock();
      };
    model(
      'tells one of two who take it',
      {
        ...program({ a: takes(1), b: takes(2) }),
        initial(words) {
          held(words);
          Mutex.attach(words, BASE, { owner: owner(0) }).recover(owner(DEAD));
        },
      },
      { outcomes: ['a=told b=locked', 'a=locked b=told'], planted: [{ ...torn, shows: 'data race' }, relaxed] },
    );

    model(
      'is recovered by one of two',
      {
        ...program({ host: recovers(0), other: recovers(4) }),
        initial: held,
        final(end) {
          end.assert(end.observed('host') !== end.observed('other'), 'one has found it');
          const next = Mutex.attach(end.words, BASE, { owner: owner(1) });
          const told = [next.tryLock(), next.tryLock()].map((token) => token?.ownerDied);
          end.assert(told[0] === true && told[1] === undefined, 'the next is told');
        },
      },
      { outcomes: ['host=true other=false', 'host=false other=true'], planted: [torn] },
    );

    model(
      'tells who waits for it',
      { ...program({ host: recovers(0), waits: takes(1) }), initial: held },
      { outcomes: ['host=true waits=told'], planted: [SILENT] },
    );

    const unlocks = assembled(`include "pool:sync/mutex.pasm"
window queues words ${BASE + Mutex.size()} {
}
func thread_holder() {
  call _, mutex_unlock(${BASE}, ${packOwner(owner(1))})
  ret
}
`);
    model(
      'wakes who waits for it when whoever was woken has died',
      {
        ...program({
          ...unlocks.threads,
          waits(thread) {
            thread.assume((thread.words.loadNumber(STATE) & 1) === 1); // it is not the first to wait
            mutex(thread, 2).lock(PARK).unlock();
          },
          dies(thread) {
            try {
              mutex({ words: mortal(thread.words) }, DEAD)
                .lock(PARK)
                .unlock();
            } catch (error) {
              if (error !== DEATH) throw error;
              mutex(thread, 0).recover(owner(DEAD)); // by its host, once it is gone
            }
          },
        }),
        initial: (words) => void Mutex.create(words, BASE, { owner: owner(1) }).lock(),
      },
      { planted: [SILENT] },
    );
  });
});
