import { type Address, AttachError, CorruptError, HOST_DOMAIN, Pool, type Slot, WindowWords } from '@pool/core';
import { record } from '@pool/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { DeadlockError, MUTEX, Mutex, NotHeldError, recover } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

/** A mutex, and a second owner's view of it. */
function scene() {
  const pool = Pool.create({ words: 256, segments: 0 });
  const other = Pool.attach(pool.handle);
  pools.push(pool, other);
  const base = pool.reserve(Mutex.size());
  const mutex = Mutex.create(pool, base);
  return { pool, other, base, mutex, theirs: Mutex.attach(other, base), state: MUTEX.at(base).state };
}

describe('a mutex', () => {
  it('is held by one at a time', () => {
    const { mutex, theirs, pool } = scene();
    const token = mutex.tryLock();
    expect(token?.locked).toBe(true);
    expect(mutex.holder).toEqual(pool.owner);
    expect(theirs.tryLock()).toBeUndefined();
    expect(theirs.lock({ timeout: 1 })).toBeUndefined();
    token?.unlock();
    expect(mutex.holder).toBeUndefined();
    expect(theirs.tryLock()?.locked).toBe(true);
  });

  it('is locked and unlocked by two atomic operations when nobody else wants it', () => {
    const { pool, base, state } = scene();
    const { words, sequence } = record(pool);
    const mutex = Mutex.attach(words, base);
    const before = sequence().length;
    mutex.lock().unlock();
    expect(
      sequence()
        .slice(before)
        .map((operation) => operation.split(',')[0]),
    ).toEqual([`compareExchangeNumber(${state}`, `compareExchangeNumber(${state}`]);
  });

  it('is unlocked by its token only, and once', () => {
    const { mutex, theirs } = scene();
    const token = mutex.lock();
    token.unlock();
    const successor = theirs.lock();
    expect(() => token.unlock()).toThrow(NotHeldError);
    token.dispose(); // does nothing: it holds nothing
    expect(successor.locked).toBe(true);
    expect(mutex.tryLock()).toBeUndefined();
    expect(() => successor.relock()).toThrow(DeadlockError);
  });

  it('is unlocked at the end of a block', () => {
    const { mutex } = scene();
    {
      using token = mutex.lock();
      expect(token.locked).toBe(true);
    }
    expect(mutex.holder).toBeUndefined();
  });

  it('tells a thread that it would wait for itself', async () => {
    const { mutex } = scene();
    const token = mutex.lock();
    expect(() => mutex.lock()).toThrow(DeadlockError);
    const task = mutex.lockAsync(); // another task of this thread may wait
    token.unlock();
    (await task).unlock();
  });

  it.each(['park', 'spin', 'spin-then-park'] as const)('ends a wait when time is up (%s)', (strategy) => {
    const { mutex, theirs } = scene();
    const token = mutex.lock();
    expect(theirs.lock({ timeout: 5, strategy })).toBeUndefined();
    token.unlock();
    expect(theirs.lock({ timeout: 5, strategy })?.locked).toBe(true);
  });

  it('loses no wake-up when the unlock falls between the announcement and the park', () => {
    const { mutex, other, base } = scene();
    const token = mutex.lock();
    let parks = 0;
    const { words } = record(other, {
      before(name) {
        if (name === 'wait' && parks++ === 0) token.unlock();
      },
    });
    expect(Mutex.attach(words, base).lock({ timeout: 60_000, strategy: 'park' })?.locked).toBe(true);
    expect(parks).toBe(1);
  });

  it('loses no wake-up wherever the unlock falls', () => {
    const moments = everyMoment((interrupt) => {
      const { mutex, other, base } = scene();
      const token = mutex.lock();
      const waiter = Mutex.attach(
        interrupt(other, () => token.unlock()),
        base,
      );
      expect(waiter.lock(PARKING)?.locked).toBe(true);
    });
    expect(moments).toBeGreaterThan(3);
  });

  it('wakes a waiter that parked behind another', async () => {
    const { mutex, theirs } = scene();
    const token = mutex.lock();
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (index) => {
      const taken = await theirs.lockAsync();
      order.push(index);
      taken.unlock();
    });
    token.unlock();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
    expect(mutex.holder).toBeUndefined();
  });

  it('leaves no mark when all is over', async () => {
    const { mutex, theirs, pool, state } = scene();
    const token = mutex.lock();
    const waiting = theirs.lockAsync();
    token.unlock();
    (await waiting).unlock();
    expect(pool.load(state)).toBe(0n);
  });

  it('prefers one who has waited long to a newcomer, but for tryLock', () => {
    const { mutex, pool, other, base, state } = scene();
    pool.storeNumber(state, 4 + 1); // free, and marked: somebody starves
    expect(theirsLock(other, base)).toEqual(['wait', 'timed-out']);
    pool.storeNumber(state, 4 + 1);
    expect(mutex.tryLock()?.locked).toBe(true);

    /** A newcomer stands back for a while, and then takes it all the same. */
    function theirsLock(words: Pool, at: Address): unknown[] {
      const recording = record(words);
      expect(Mutex.attach(recording.words, at).lock().locked).toBe(true);
      pool.storeNumber(state, 0);
      const park = recording.operations.find(({ name }) => name === 'wait');
      return [park?.name, park?.result];
    }
  });

  it('marks that somebody starves once a waiter has parked for long', () => {
    const { mutex, theirs, pool, state } = scene();
    mutex.lock();
    expect(theirs.lock({ timeout: 10 })).toBeUndefined();
    expect(pool.loadNumber(state) & 4).toBe(4);
  });
});

describe('an asynchronous lock', () => {
  it('ends on time', async () => {
    const { mutex, theirs } = scene();
    mutex.lock();
    await expect(theirs.lockAsync({ timeout: 5 })).resolves.toBeUndefined();
  });

  it('rejects when aborted, and the next waiter is woken', async () => {
    const { mutex, theirs } = scene();
    const token = mutex.lock();
    const controller = new AbortController();
    const aborted = theirs.lockAsync({ signal: controller.signal });
    const patient = theirs.lockAsync();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    token.unlock();
    (await patient).unlock();
    await expect(theirs.lockAsync({ signal: controller.signal })).rejects.toThrow('enough');
    expect(mutex.holder).toBeUndefined();
  });
});

describe('when the holder dies', () => {
  it('the next taker is told, and only that one', () => {
    const { pool, other, mutex, theirs, base } = scene();
    theirs.lock();
    expect(recover(pool, [mutex], other.owner)).toEqual([{ kind: 'mutex', base, found: 'lock', count: 1 }]);
    const token = mutex.lock();
    expect(token.ownerDied).toBe(true);
    token.unlock();
    expect(mutex.lock().ownerDied).toBe(false);
  });

  it('recovery finds it once, whoever asks', () => {
    const { pool, other, mutex, theirs } = scene();
    theirs.lock();
    expect([mutex.recover(other.owner)?.count, mutex.recover(other.owner), mutex.recover(pool.owner)]).toEqual([
      1,
      undefined,
      undefined,
    ]);
  });

  it('a late recovery does not touch a successor with the same row', () => {
    const { pool, other, mutex, theirs } = scene();
    theirs.lock();
    const dead = other.owner;
    recover(pool, [mutex], dead);
    const successor = Pool.attach(pool.handle);
    pools.push(successor);
    expect(successor.owner.id).toBe(dead.id);
    const token = Mutex.attach(successor, mutex.base).lock();
    expect(mutex.recover(dead)).toBeUndefined();
    expect(recover(pool, [mutex], dead)).toEqual([]);
    expect(mutex.holder).toEqual(successor.owner);
    token.unlock();
  });

  it('a waiter that is parked goes on', async () => {
    const { pool, other, mutex, theirs } = scene();
    theirs.lock();
    const waiting = mutex.lockAsync();
    recover(pool, [mutex], other.owner);
    expect((await waiting).ownerDied).toBe(true);
  });

  it('is free again after a death at any operation, and says so', () => {
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(Mutex.size());
      const survivor = Mutex.create(pool, base);
      return {
        act(words) {
          const victim = Mutex.attach(words, base);
          victim.lock().unlock();
          const token = victim.lock();
          pool.fetchAddNumber(MUTEX.at(base).state, 1); // as if somebody had parked meanwhile
          token.unlock();
          victim.lock();
        },
        check(victim, died) {
          const held = survivor.holder !== undefined;
          if (!died) expect(held).toBe(true);
          expect(recover(pool, [survivor], victim.owner)[0] !== undefined).toBe(held);
          const token = survivor.lock({ timeout: 0, spins: 0 });
          expect(token?.ownerDied).toBe(held);
          token?.unlock();
          expect(survivor.lock().ownerDied).toBe(false);
        },
      };
    });
    expect(deaths).toBeGreaterThan(6);
  });

  it('the wake that died with a waiter reaches the next', async () => {
    const { pool, other, mutex, theirs, state } = scene();
    const token = mutex.lock();
    const waiting = mutex.lockAsync();
    // Another waiter was woken instead and died on its way: the word is free, and nobody else was told.
    pool.storeNumber(state, 0);
    expect(() => token.unlock()).toThrow(CorruptError);
    expect(theirs.recover(other.owner)).toBeUndefined();
    (await waiting).unlock();
  });
});

describe('the words of a mutex', () => {
  it('say what they are', () => {
    const { pool, base } = scene();
    expect(() => Mutex.attach(pool, (base + 1) as Address)).toThrow(AttachError);
  });

  it('are Corrupt when they name nobody that there can be', () => {
    const { pool, mutex, state } = scene();
    for (const word of [2n ** 51n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store(state, word);
      expect(() => mutex.tryLock()).toThrow(CorruptError);
      expect(() => mutex.lock({ timeout: 5 })).toThrow(CorruptError);
    }
  });

  it('need a name for the holder where the words know none', () => {
    const { pool, base } = scene();
    const words = new WindowWords(pool, {
      name: 'w',
      base,
      words: 16,
      slotBase: 0 as Slot,
      slots: 0,
      domain: HOST_DOMAIN,
    });
    const at = 0 as Address;
    expect(() => Mutex.attach(words, at)).toThrow('pass `owner`');
    Mutex.attach(words, at, { owner: pool.owner }).lock().unlock();
  });
});
