import { ExhaustedError, Pool, ValueError } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { NotHeldError, recover, WaitGroup, type WaitGroupOptions } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const OWNERS = 4;
const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

function scene(options: WaitGroupOptions = {}) {
  const pool = Pool.create({ words: 512, owners: OWNERS, segments: 0 });
  const other = Pool.attach(pool.handle);
  pools.push(pool, other);
  const base = pool.reserve(WaitGroup.size(OWNERS));
  return { pool, other, base, mine: WaitGroup.create(pool, base, options), theirs: WaitGroup.attach(other, base) };
}

describe('a wait group', () => {
  it('waits until every task is done', async () => {
    const { mine, theirs } = scene();
    expect(mine.wait()).toBe('ok');
    theirs.add(2);
    mine.add();
    expect([mine.open, mine.wait({ timeout: 1 })]).toEqual([3, 'timed-out']);
    const waiting = mine.waitAsync();
    theirs.done(2);
    mine.done();
    expect(await waiting).toBe('ok');
  });

  it('ends only what its owner began', () => {
    const { mine, theirs } = scene();
    mine.add();
    expect(() => theirs.done()).toThrow(NotHeldError);
    mine.add(65534);
    expect(() => theirs.add()).toThrow(ExhaustedError);
    for (const count of [0, 1.5, 65536]) expect(() => mine.done(count)).toThrow(ValueError);
  });

  it('lets anybody end what anybody began, if tasks belong to nobody', () => {
    const { pool, other, mine, theirs } = scene({ owners: 0 });
    mine.add(2);
    theirs.done(2);
    expect(mine.wait({ timeout: 0 })).toBe('ok');
    mine.add();
    expect(recover(pool, [mine], other.owner)).toEqual([]);
    expect(mine.open).toBe(1);
  });

  it('loses no wake-up, wherever the last task ends', () => {
    everyMoment((interrupt) => {
      const { other, base, mine } = scene();
      mine.add();
      const waiter = WaitGroup.attach(
        interrupt(other, () => mine.done()),
        base,
      );
      expect(waiter.wait(PARKING)).toBe('ok');
    });
  });

  it('ends the tasks of the dead, and says so until that is seen to', async () => {
    const { pool, other, base, mine, theirs } = scene();
    theirs.add(3);
    const waiting = mine.waitAsync();
    expect(recover(pool, [mine], other.owner)).toEqual([{ kind: 'wait group', base, found: 'tasks', count: 3 }]);
    expect(await waiting).toBe('owner-died');
    expect(mine.wait()).toBe('owner-died');
    mine.forgetDeath();
    expect(mine.recover(other.owner)).toBeUndefined();
    expect(mine.wait()).toBe('ok');
  });

  it('has no task open after a death at any operation', () => {
    everyDeath((pool) => {
      const base = pool.reserve(WaitGroup.size(OWNERS));
      const survivor = WaitGroup.create(pool, base);
      return {
        act(words) {
          const victim = WaitGroup.attach(words, base);
          victim.add(2);
          victim.done();
        },
        check(victim) {
          const { open } = survivor;
          expect(recover(pool, [survivor], victim.owner)[0]?.count ?? 0).toBe(open);
          expect(survivor.wait({ timeout: 0, spins: 0 })).toBe(open > 0 ? 'owner-died' : 'ok');
        },
      };
    });
  });
});
