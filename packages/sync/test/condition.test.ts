import { type Address, AttachError, Pool } from '@pool/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Condition, Mutex, type MutexToken, NotHeldError, recover } from '../src/index.ts';
import { everyMoment, PARKING, PATIENCE } from './support/moments.ts';

const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

function scene(start = 0n) {
  const pool = Pool.create({ words: 128, owners: 4, segments: 0 });
  const other = Pool.attach(pool.handle);
  pools.push(pool, other);
  const [lock, base] = [pool.reserve(Mutex.size()), pool.reserve(Condition.size())];
  const mutex = Mutex.create(pool, lock);
  const condition = Condition.create(pool, base, { start });
  return { pool, other, lock, base, mutex, condition, theirMutex: Mutex.attach(other, lock) };
}

describe('a condition', () => {
  it('lets go of the mutex while it waits, and has it again afterwards', async () => {
    const { other, mutex, theirMutex, condition } = scene();
    const token = mutex.lock();
    const waiting = condition.waitAsync(token);
    expect(token.locked).toBe(false);
    const theirs = theirMutex.lock();
    condition.notify();
    expect(mutex.holder).toEqual(other.owner);
    theirs.unlock();
    expect([await waiting, token.locked]).toEqual(['ok', true]);
    token.unlock();
    expect(() => condition.wait(token)).toThrow(NotHeldError);
  });

  it.each(['park', 'spin', 'spin-then-park'] as const)('has the mutex when time is up, too (%s)', (strategy) => {
    const { mutex, condition } = scene();
    const token = mutex.lock();
    expect(condition.wait(token, { timeout: 3, strategy })).toBe('timed-out');
    expect(token.locked).toBe(true);
    expect(condition.waitFor(token, () => false, { timeout: 3, strategy })).toBe('timed-out');
    expect(token.locked).toBe(true);
  });

  it.each([
    { strategy: 'park', way: 'wait', not: 'pause' },
    { strategy: 'spin', way: 'pause', not: 'wait' },
  ] as const)('takes the mutex again as it was told to wait ($strategy)', ({ strategy, way, not }) => {
    const { pool, other, base, mutex, theirMutex } = scene();
    const token = mutex.lock();
    let theirs: MutexToken | undefined;
    // What the other one does is done while this one waits: first for the condition, then for the mutex.
    const others = (): 'ok' => {
      if (theirs === undefined) {
        theirs = theirMutex.lock();
        Condition.attach(other, base).notify();
      } else theirs.unlock();
      return 'ok';
    };
    const [ways, never] = [vi.spyOn(pool, way).mockImplementation(others), vi.spyOn(pool, not)];
    expect(Condition.attach(pool, base).wait(token, { strategy })).toBe('ok');
    expect([token.locked, ways.mock.calls.length, never.mock.calls.length]).toEqual([true, 2, 0]);
  });

  it('has the mutex when it is aborted, too, and the next waiter is woken', async () => {
    const { mutex, condition } = scene();
    const token = mutex.lock();
    const controller = new AbortController();
    const aborted = condition.waitAsync(token, { signal: controller.signal });
    const second = mutex.lock();
    const patient = condition.waitAsync(second, { timeout: PATIENCE });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(token.locked).toBe(true);
    token.unlock();
    condition.notify();
    expect(await patient).toBe('ok');
  });

  it('wakes as many as it is told, in order', async () => {
    const { mutex, condition } = scene();
    const order: number[] = [];
    const waiting = [0, 1, 2].map((index) => {
      const token = mutex.lock();
      return condition.waitAsync(token, { timeout: PATIENCE }).then((result) => {
        order.push(index);
        token.unlock();
        return result;
      });
    });
    condition.notify(2);
    await Promise.all(waiting.slice(0, 2));
    expect(order).toEqual([0, 1]);
    condition.notifyAll();
    expect(await Promise.all(waiting)).toEqual(['ok', 'ok', 'ok']);
  });

  it('loses no wake-up, wherever the notification falls once the mutex is free', () => {
    const moments = everyMoment((interrupt) => {
      const { pool, other, lock, base, mutex, theirMutex } = scene();
      let waits = false;
      let notified = false;
      const words = interrupt(pool, () => {
        const theirs = waits ? theirMutex.tryLock() : undefined; // only who has the mutex changes what is waited for
        if (theirs === undefined) return false;
        theirs.unlock();
        Condition.attach(other, base).notify();
        notified = true;
        return true;
      });
      const token = Mutex.attach(words, lock).lock();
      const condition = Condition.attach(words, base);
      waits = true;
      expect(condition.wait(token, PARKING)).toBe(notified ? 'ok' : 'timed-out');
      expect(mutex.holder).toEqual(pool.owner);
    });
    expect(moments).toBeGreaterThan(3);
  });

  it('has the same answers wherever its counter begins', async () => {
    for (const start of [2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n].map((wrap) => wrap - 1n)) {
      const { mutex, condition } = scene(start);
      const token = mutex.lock();
      for (let turn = 0; turn < 3; turn++) {
        const waiting = condition.waitAsync(token, { timeout: PATIENCE });
        condition.notify();
        expect(await waiting).toBe('ok');
        expect(condition.wait(token, { timeout: 0, spins: 0 })).toBe('timed-out');
      }
    }
  });

  it('tells the waiter that a holder has died in the meantime', async () => {
    const { pool, other, mutex, theirMutex, condition } = scene();
    const token = mutex.lock();
    const waiting = condition.waitAsync(token, { timeout: PATIENCE });
    theirMutex.lock();
    recover(pool, [mutex, condition], other.owner); // and the wake that it may have owed
    expect(await waiting).toBe('ok');
    expect(token.ownerDied).toBe(true);
  });

  it('stands where it was laid', () => {
    const { pool, lock } = scene();
    expect(() => Condition.attach(pool, lock as Address)).toThrow(AttachError);
  });
});
