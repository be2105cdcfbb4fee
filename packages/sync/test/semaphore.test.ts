import { type Address, AttachError, CorruptError, Pool, ValueError } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { NotHeldError, recover, Semaphore, type SemaphoreOptions } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const OWNERS = 4;
const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

/** A semaphore as three owners see it. */
function scene(permits: number, options: SemaphoreOptions = {}) {
  const pool = Pool.create({ words: 512, owners: OWNERS, segments: 0 });
  const others = [Pool.attach(pool.handle), Pool.attach(pool.handle)] as const;
  pools.push(pool, ...others);
  const base = pool.reserve(Semaphore.size(OWNERS));
  const mine = Semaphore.create(pool, base, permits, options);
  const [theirs, third] = others.map((other) => Semaphore.attach(other, base)) as [Semaphore, Semaphore];
  return { pool, others, base, mine, theirs, third };
}

describe.each([
  { name: 'an unfair semaphore', fair: false },
  { name: 'a fair semaphore', fair: true },
])('$name', ({ fair }) => {
  it('lets so many pass', () => {
    const { mine, theirs } = scene(3, { fair });
    expect(mine.tryAcquire(2)).toBe(true);
    expect(theirs.tryAcquire(2)).toBe(false);
    expect(theirs.acquire()).toBe('ok');
    expect([mine.held, theirs.held, mine.available]).toEqual([2, 1, 0]);
    mine.release(2);
    theirs.release();
    expect([mine.held, theirs.held, mine.available]).toEqual([0, 0, 3]);
  });

  it('takes back no more than one holds', () => {
    const { mine, theirs } = scene(3, { fair });
    mine.acquire(2);
    theirs.acquire();
    expect(() => theirs.release(2)).toThrow(NotHeldError);
    expect(() => mine.release(3)).toThrow(NotHeldError);
    expect(mine.available).toBe(0);
  });

  it.each(['park', 'spin', 'spin-then-park'] as const)('ends a wait on time, and out of line (%s)', (strategy) => {
    const { mine, theirs } = scene(2, { fair });
    mine.acquire();
    expect(theirs.acquire(2, { timeout: 5, strategy })).toBe('timed-out');
    expect(mine.tryAcquire()).toBe(true);
  });

  it('serves those who wait, each with what it asked for', async () => {
    const { mine, theirs, third } = scene(4, { fair });
    mine.acquire(4);
    const waiting = [theirs.acquireAsync(3), third.acquireAsync(1), theirs.acquireAsync(1)];
    mine.release(4);
    await Promise.race(waiting);
    third.held > 0 && third.release(1);
    theirs.held > 0 && theirs.release(theirs.held);
    expect(await Promise.all(waiting)).toEqual(['ok', 'ok', 'ok']);
  });

  it('rejects a wait that is aborted, and forgets it', async () => {
    const { mine, theirs } = scene(1, { fair });
    mine.acquire();
    const controller = new AbortController();
    const waiting = theirs.acquireAsync(1, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    mine.release();
    expect(mine.tryAcquire()).toBe(true);
    await expect(theirs.acquireAsync(1, { timeout: 2 })).resolves.toBe('timed-out');
  });

  it('loses no wake-up, wherever the release falls', () => {
    const moments = everyMoment((interrupt) => {
      const { others, mine, base } = scene(1, { fair });
      mine.acquire();
      const waiter = Semaphore.attach(
        interrupt(others[0], () => mine.release()),
        base,
      );
      expect(waiter.acquire(1, PARKING)).toBe('ok');
    });
    expect(moments).toBeGreaterThan(10);
  });

  it('has the same answers wherever its counters begin', () => {
    for (const start of [2n ** 21n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n].map((wrap) => wrap - 3n)) {
      const { mine, theirs } = scene(2, { fair, start });
      for (let turn = 0; turn < 8; turn++) {
        expect(mine.tryAcquire(2)).toBe(true);
        expect(theirs.acquire(1, { timeout: 0, spins: 0 })).toBe('timed-out');
        mine.release();
        expect(theirs.acquire()).toBe('ok');
        mine.release();
        theirs.release();
        expect([mine.held, theirs.held, mine.available]).toEqual([0, 0, 2]);
      }
    }
  });

  it('has all its permits again after a death at any operation', () => {
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(Semaphore.size(OWNERS));
      const survivor = Semaphore.create(pool, base, 3, { fair });
      survivor.acquire();
      return {
        act(words) {
          const victim = Semaphore.attach(words, base);
          victim.acquire(2);
          victim.release();
          victim.acquire(2, { timeout: 1, spins: 0 });
          victim.release();
          victim.acquire();
        },
        check(victim, died) {
          const held = 2 - survivor.available;
          const found = recover(pool, [survivor], victim.owner)[0];
          expect(found?.count ?? 0).toBe(held);
          if (!died) expect(held).toBe(1);
          expect(survivor.recover(victim.owner)).toBeUndefined();
          expect(survivor.available).toBe(2);
          expect(survivor.acquire(2, { timeout: 0, spins: 0 })).toBe('ok');
          survivor.release(3);
          expect(survivor.available).toBe(3);
        },
      };
    });
    expect(deaths).toBeGreaterThan(30);
  });

  it('is not touched by a late recovery, once a successor has the row', () => {
    const { pool, others, base, mine, theirs } = scene(3, { fair });
    theirs.acquire(2);
    const dead = others[0].owner;
    others[0].detach(); // in good order, but with permits
    const successor = Pool.attach(pool.handle);
    pools.push(successor);
    expect(successor.owner.id).toBe(dead.id);
    const after = Semaphore.attach(successor, base);
    after.acquire(); // what its predecessor left comes back first
    expect([after.held, mine.available]).toEqual([1, 2]);
    expect(mine.recover(dead)).toBeUndefined();
    expect([after.held, mine.available]).toEqual([1, 2]);
  });

  it('has all its permits again after a death of who recovers, at any operation', () => {
    everyDeath((pool) => {
      const base = pool.reserve(Semaphore.size(OWNERS));
      const survivor = Semaphore.create(pool, base, 3, { fair });
      const dead = Pool.attach(pool.handle);
      Semaphore.attach(dead, base).acquire(2);
      return {
        act: (words) => void Semaphore.attach(words, base).recover(dead.owner),
        check() {
          survivor.recover(dead.owner);
          expect(survivor.available).toBe(3);
          dead.detach();
        },
      };
    });
  });
});

describe('a fair semaphore', () => {
  it.each([0n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 53n - 1n, 2n ** 64n - 1n])(
    'lets nobody pass one who came before, however little they want (tickets from %i)',
    async (start) => {
      const { mine, theirs, third } = scene(3, { fair: true, start });
      mine.acquire(2);
      const large = theirs.acquireAsync(3);
      expect(third.tryAcquire()).toBe(false);
      const small = third.acquireAsync(1);
      mine.release(2);
      expect(await large).toBe('ok');
      expect(third.held).toBe(0);
      theirs.release(3);
      expect(await small).toBe('ok');
    },
  );

  it.each([2n ** 32n - 1n, 2n ** 64n - 1n])('serves who came first where its tickets wrap (%i)', async (start) => {
    const { mine, theirs, third } = scene(2, { fair: true, start });
    mine.acquire();
    const large = theirs.acquireAsync(2); // has the last ticket, and whoever comes after it the first
    expect(third.acquire(1, { timeout: 0, spins: 0 })).toBe('timed-out');
    mine.release();
    expect(await large).toBe('ok');
  });

  it('goes on when the first in line dies', async () => {
    const { pool, others, mine, theirs, third } = scene(2, { fair: true });
    mine.acquire();
    theirs.acquireAsync(2, { keepAlive: false }).catch(() => {}); // nobody hears of it any more
    const small = third.acquireAsync(1);
    const dead = others[0];
    recover(pool, [mine], dead.owner);
    expect(await small).toBe('ok');
    mine.release();
  });
});

describe('permits of nobody', () => {
  it('are released by whoever likes', () => {
    const { mine, theirs, others } = scene(0, { owners: 0 });
    expect(theirs.tryAcquire()).toBe(false);
    mine.release(2);
    expect(theirs.acquire(2)).toBe('ok');
    expect(mine.recover(others[0].owner)).toBeUndefined();
    expect(mine.available).toBe(0);
    expect(() => {
      mine.release(65535);
      mine.release(1);
    }).toThrow(ValueError);
  });
});

describe('the words of a semaphore', () => {
  it('say what they are', () => {
    const { pool, base } = scene(1);
    expect(() => Semaphore.attach(pool, (base + 16) as Address)).toThrow(AttachError);
    pool.store((base + 2) as Address, 2n ** 15n); // rows past the end of the pool
    expect(() => Semaphore.attach(pool, base)).toThrow(AttachError);
  });

  it('end in an answer or in Corrupt, whatever a hostile program writes into them', () => {
    const words = [0n, 1n, 2n ** 21n, 2n ** 37n - 1n, 2n ** 37n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n];
    let corrupt = 0;
    for (let index = 3; index < Semaphore.size(OWNERS); index++)
      for (const word of words)
        for (const fair of [false, true]) {
          const { pool, base, mine, theirs, others } = scene(2, { fair });
          theirs.acquire();
          pool.store((base + index) as Address, word);
          for (const use of [
            () => mine.acquire(1, { timeout: 0, spins: 0 }),
            () => theirs.release(),
            () => mine.recover(others[0].owner),
          ])
            try {
              use();
            } catch (error) {
              if (!(error instanceof CorruptError || error instanceof NotHeldError)) throw error;
              corrupt++;
            }
          for (const pool of pools.splice(0)) pool.detach();
        }
    expect(corrupt).toBeGreaterThan(10);
  }, 60_000);

  it('refuse numbers that cannot be', () => {
    const { pool, base, mine } = scene(2);
    for (const count of [0, -1, 1.5, 3, Number.NaN]) expect(() => mine.tryAcquire(count)).toThrow(ValueError);
    expect(() => Semaphore.create(pool, base, 2 ** 16)).toThrow(ValueError);
    expect(() => Semaphore.create(pool, base, 1, { fair: true, owners: 0 })).toThrow(ValueError);
    expect(() => Semaphore.create(pool, base, 1, { owners: 1, owner: { ...pool.owner, id: 3 as never } })).toThrow(
      'rows',
    );
  });
});
