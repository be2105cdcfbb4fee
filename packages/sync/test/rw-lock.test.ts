import { Pool } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { DeadlockError, NotHeldError, RwLock, type RwLockOptions, recover } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const OWNERS = 4;
const NOW = { timeout: 0, spins: 0 } as const;
const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

/** A lock as three owners see it. */
function scene(options: RwLockOptions = {}) {
  const pool = Pool.create({ words: 512, owners: OWNERS, segments: 0 });
  const others = [Pool.attach(pool.handle), Pool.attach(pool.handle)] as const;
  pools.push(pool, ...others);
  const base = pool.reserve(RwLock.size(OWNERS));
  const mine = RwLock.create(pool, base, options);
  const [theirs, third] = others.map((other) => RwLock.attach(other, base)) as [RwLock, RwLock];
  return { pool, others, base, mine, theirs, third };
}

describe('a read-write lock', () => {
  it('has many readers or one writer', () => {
    const { mine, theirs, third } = scene();
    const readers = [mine.read(), theirs.read(), theirs.tryRead()];
    expect(third.tryWrite()).toBeUndefined();
    for (const reader of readers) reader?.unlock();
    const writer = third.write();
    expect(writer.exclusive).toBe(true);
    expect(mine.tryRead()).toBeUndefined();
    expect(mine.tryWrite()).toBeUndefined();
    writer.dispose();
    writer.dispose();
    expect(() => writer.unlock()).toThrow(NotHeldError);
    expect(mine.tryWrite()?.locked).toBe(true);
  });

  it('makes a reader of a writer', () => {
    const { mine, theirs } = scene();
    const token = mine.write();
    token.downgrade();
    expect(theirs.tryRead()?.locked).toBe(true);
    expect(theirs.tryWrite()).toBeUndefined();
    expect(() => token.downgrade()).toThrow(NotHeldError);
    token.unlock();
  });

  it('a writer that waits is not passed by readers, nor a reader by writers', async () => {
    const { mine, theirs, third } = scene();
    const order: string[] = [];
    const reader = mine.read();
    const writing = theirs.writeAsync().then((token) => {
      order.push('writer');
      return token;
    });
    expect(third.tryRead()).toBeUndefined();
    const reading = third.readAsync().then((token) => {
      order.push('reader');
      return token;
    });
    reader.unlock();
    const writer = await writing;
    const late = mine.writeAsync();
    writer.unlock();
    (await reading).unlock();
    (await late).unlock();
    expect(order).toEqual(['writer', 'reader']);
  });

  it('readers that stand next to each other go in together', async () => {
    const { mine, theirs, third } = scene();
    const writer = mine.write();
    const reading = [theirs.readAsync(), third.readAsync()];
    writer.unlock();
    const readers = await Promise.all(reading); // neither waits for the other's unlock
    expect(readers.every(({ locked }) => locked)).toBe(true);
  });

  it('tells a thread that it would wait for itself', () => {
    const { mine } = scene();
    const writer = mine.write();
    expect(() => mine.read()).toThrow(DeadlockError);
    writer.downgrade();
    expect(() => mine.write()).toThrow(DeadlockError);
    writer.unlock();
    expect(mine.write().locked).toBe(true);
  });

  it('ends a wait on time, and rejects one that is aborted', async () => {
    const { mine, theirs, third } = scene();
    const writer = mine.write();
    expect(theirs.read({ timeout: 2 })).toBeUndefined();
    expect(theirs.write({ timeout: 2, strategy: 'spin' })).toBeUndefined();
    const controller = new AbortController();
    const waiting = theirs.writeAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    writer.unlock();
    expect(third.read(NOW)?.locked).toBe(true); // nobody is left in line
  });

  it.each(['read', 'write'] as const)('loses no wake-up, wherever the unlock falls (%s)', (how) => {
    everyMoment((interrupt) => {
      const { others, mine, base } = scene();
      const token = mine.write();
      const waiter = RwLock.attach(
        interrupt(others[0], () => token.unlock()),
        base,
      );
      expect(waiter[how](PARKING)?.locked).toBe(true);
    });
  });

  it('has the same answers wherever its counters begin', () => {
    for (const start of [2n ** 21n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 64n].map((wrap) => wrap - 3n)) {
      const { mine, theirs } = scene({ start });
      for (let turn = 0; turn < 8; turn++) {
        const token = mine.write();
        expect(theirs.read(NOW)).toBeUndefined();
        token.downgrade();
        const reader = theirs.read(NOW);
        expect(mine.tryWrite()).toBeUndefined();
        token.unlock();
        reader?.unlock();
      }
    }
  });
});

describe('when a holder dies', () => {
  it('a reader is forgotten', () => {
    const { pool, others, base, mine, theirs } = scene();
    theirs.read();
    theirs.read();
    expect(recover(pool, [mine], others[0].owner)).toEqual([{ kind: 'rw lock', base, found: 'read lock', count: 2 }]);
    expect(mine.write(NOW)?.ownerDied).toBe(false);
  });

  it("a writer's successors are told, until one of them is a writer", () => {
    const { pool, others, base, mine, theirs, third } = scene();
    theirs.write();
    const dead = others[0].owner;
    expect(recover(pool, [mine], dead)).toEqual([{ kind: 'rw lock', base, found: 'write lock', count: 1 }]);
    for (const reader of [mine.read(), third.read()]) {
      expect(reader.ownerDied).toBe(true);
      reader.unlock();
    }
    const writer = mine.write();
    expect(writer.ownerDied).toBe(true);
    expect(mine.recover(dead)).toBeUndefined();
    writer.downgrade();
    expect(third.read().ownerDied).toBe(false);
  });

  it('those who wait go on, at whatever operation it died', () => {
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(RwLock.size(OWNERS));
      const survivor = RwLock.create(pool, base);
      const reader = survivor.read();
      return {
        act(words) {
          const victim = RwLock.attach(words, base);
          victim.read().unlock();
          victim.write(NOW);
          reader.unlock();
          const token = victim.write();
          token.downgrade();
          token.unlock();
          victim.write();
        },
        check(victim, died) {
          reader.dispose();
          const found = recover(pool, [survivor], victim.owner)[0];
          if (!died) expect(found?.found).toBe('write lock');
          const token = survivor.write(NOW);
          expect(token?.exclusive).toBe(true);
          expect(token?.ownerDied).toBe(found?.found === 'write lock');
          token?.unlock();
        },
      };
    });
    expect(deaths).toBeGreaterThan(40);
  });
});
