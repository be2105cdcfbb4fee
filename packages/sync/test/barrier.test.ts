import { type Address, AttachError, CorruptError, ExhaustedError, type OwnerId, Pool, ValueError } from '@pool/core';
import { afterEach, describe, expect, it } from 'vitest';
import { Barrier, recover } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import { everyDeath } from './support/death.ts';
import { everyMoment, PARKING } from './support/moments.ts';

const NOW = { timeout: 0, spins: 0 } as const;
const pools: Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.detach();
});

/** A barrier as each of its parties sees it. */
function scene(parties: number, start = 0n) {
  const pool = Pool.create({ words: 128, owners: 5, segments: 0 });
  const all = [pool, ...Array.from({ length: parties }, () => Pool.attach(pool.handle))];
  pools.push(...all);
  const base = pool.reserve(Barrier.size(parties));
  const first = Barrier.create(pool, base, parties, { start });
  const barriers = [first, ...all.slice(1).map((other) => Barrier.attach(other, base))];
  return { pool, all, base, barriers: barriers as [Barrier, Barrier, Barrier, ...Barrier[]] };
}

describe('a barrier', () => {
  it('ends a round when all have arrived, again and again', async () => {
    const { barriers } = scene(3, 2n ** 24n - 2n);
    const [a, b, c] = barriers;
    for (let round = 0; round < 5; round++) {
      const waiting = [a.waitAsync(), b.waitAsync()];
      expect(a.arrived).toBe(2);
      expect(c.wait()).toBe('leader');
      expect(await Promise.all(waiting)).toEqual(['ok', 'ok']);
      expect(a.arrived).toBe(0);
    }
  });

  it('forgets the arrival of one who gives up', async () => {
    const { barriers } = scene(2);
    const [a, b] = barriers;
    expect(a.wait(NOW)).toBe('timed-out');
    const controller = new AbortController();
    const aborted = a.waitAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect([a.arrived, b.wait(NOW)]).toEqual([0, 'timed-out']);
    const waiting = a.waitAsync();
    expect([b.wait(), await waiting]).toEqual(['leader', 'ok']);
  });

  it('has ended for one who gives up too late', async () => {
    const { barriers } = scene(2);
    const [a, b] = barriers;
    const controller = new AbortController();
    const waiting = a.waitAsync({ signal: controller.signal });
    expect(b.wait()).toBe('leader');
    controller.abort();
    expect(await waiting).toBe('ok');
    expect(a.arrived).toBe(0);
  });

  it('has so many parties, and a place that is left can be taken', () => {
    const { barriers } = scene(2);
    const [a, b, c] = barriers;
    a.join();
    b.join();
    b.join();
    expect(() => c.join()).toThrow(ExhaustedError);
    a.leave();
    c.join();
    expect(() => a.wait(NOW)).toThrow(ExhaustedError);
    for (const parties of [0, 1.5, 65536]) expect(() => Barrier.size(parties)).toThrow(ValueError);
  });

  it.each([0n, 2n ** 24n - 1n])('tells those who wait of a reset, even if they look late (round %i)', async (start) => {
    const { barriers } = scene(3, start);
    const [a, b, c] = barriers;
    const waiting = [a.waitAsync(), b.waitAsync()];
    a.reset();
    a.reset();
    expect(await Promise.all(waiting)).toEqual(['broken', 'broken']);
    const again = [a.waitAsync(), b.waitAsync()];
    expect(c.wait()).toBe('leader');
    a.reset();
    expect(await Promise.all(again)).toEqual(['ok', 'ok']); // their round was whole; the one after was not
  });

  it('loses no wake-up, wherever the last arrival falls', () => {
    everyMoment((interrupt) => {
      const { all, base, barriers } = scene(2);
      const [other] = barriers;
      let led: unknown;
      const waiter = Barrier.attach(
        interrupt(all[1] as Pool, () => {
          if (other.arrived === 1) led = other.wait(NOW);
          return led === 'leader';
        }),
        base,
      );
      expect(waiter.wait(PARKING)).toBe(led === 'leader' ? 'ok' : 'timed-out');
    });
  });
});

describe('when a party dies', () => {
  it('those who wait, and who come, are told until a reset', async () => {
    const { pool, all, base, barriers } = scene(3);
    const [a, b, c] = barriers;
    c.join();
    const waiting = a.waitAsync();
    const dead = (all[2] as Pool).owner;
    expect(recover(pool, [a], dead)).toEqual([{ kind: 'barrier', base, found: 'party', count: 1 }]);
    expect([await waiting, b.wait(), a.broken]).toEqual(['broken', 'broken', true]);
    a.reset();
    expect(a.recover(dead)).toBeUndefined();
    expect(a.broken).toBe(false);
    const successor = Pool.attach(pool.handle);
    pools.push(successor);
    const again = [a.waitAsync(), b.waitAsync()];
    expect(Barrier.attach(successor, base).wait()).toBe('leader');
    expect(await Promise.all(again)).toEqual(['ok', 'ok']);
  });

  it('a late recovery does not break it again once it was reset', () => {
    betweenSteps(
      () => Pool.create({ words: 128, owners: 5, segments: 0 }),
      ({ words, arm }) => {
        const base = words.reserve(Barrier.size(2));
        const late = Barrier.create(words, base, 2);
        const other = Barrier.attach(words, base, { owner: { id: 3 as OwnerId, generation: 1 } });
        const dead = { id: 4 as OwnerId, generation: 1 };
        Barrier.attach(words, base, { owner: dead }).join();
        let found = 0;
        let isReset = false;
        const recover = (barrier: Barrier) => {
          const count = barrier.recover(dead)?.count ?? 0; // in the midst of which another one may find it
          found += count;
        };
        arm(() => {
          recover(other);
          other.reset();
          isReset = true;
        });
        recover(late);
        expect([found, late.broken]).toEqual([1, !isReset]);
      },
    );
  });

  it('who was no party, or has left, is not missed', () => {
    const { pool, all, barriers } = scene(2);
    const [a, b] = barriers;
    b.join();
    b.leave();
    expect(recover(pool, [a], (all[1] as Pool).owner)).toEqual([]);
    expect(a.broken).toBe(false);
  });

  it('the others are never left waiting, at whatever operation it died', () => {
    everyDeath((pool) => {
      const base = pool.reserve(Barrier.size(2));
      const survivor = Barrier.create(pool, base, 2);
      survivor.join();
      return {
        act(words) {
          const victim = Barrier.attach(words, base);
          victim.wait(NOW);
          victim.wait(NOW);
        },
        check(victim) {
          const joined = recover(pool, [survivor], victim.owner)[0] !== undefined;
          expect(survivor.broken).toBe(joined);
          if (joined) {
            expect(survivor.wait(NOW)).toBe('broken');
            survivor.reset();
          }
          expect([survivor.arrived, survivor.wait(NOW)]).toEqual([0, 'timed-out']);
          const successor = Pool.attach(pool.handle);
          Barrier.attach(successor, base).join();
          successor.detach();
        },
      };
    });
  });
});

describe('the words of a barrier', () => {
  it('say what they are', () => {
    const { pool, base } = scene(2);
    expect(() => Barrier.attach(pool, (base + 16) as Address)).toThrow(AttachError);
    for (const parties of [0n, 65536n, 2n ** 64n - 1n, 60000n]) {
      pool.store((base + 2) as Address, parties);
      expect(() => Barrier.attach(pool, base)).toThrow(AttachError);
    }
  });

  it('end in an answer or in Corrupt, whatever a hostile program writes into them', () => {
    let corrupt = 0;
    for (const index of [1, 3, 4, 16, 17])
      for (const word of [1n, 2n, 2n ** 25n - 1n, 2n ** 49n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n]) {
        const { pool, all, base, barriers } = scene(2);
        barriers[1].join();
        pool.store((base + index) as Address, word);
        for (const use of [
          () => barriers[0].wait(NOW),
          () => barriers[0].recover((all[1] as Pool).owner),
          () => barriers[0].reset(),
        ])
          try {
            use();
          } catch (error) {
            if (!(error instanceof CorruptError || error instanceof ExhaustedError)) throw error;
            corrupt++;
          }
        for (const pool of pools.splice(0)) pool.detach();
      }
    expect(corrupt).toBeGreaterThan(3);
  });
});
