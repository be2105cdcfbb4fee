import { type Address, CorruptError, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { AdaptiveSpin } from '../src/waiting/adaptive-spin.ts';
import { Doorbell } from '../src/waiting/doorbell.ts';
import { awaitAsync, awaitBlocking } from '../src/waiting/parking.ts';
import { betweenSteps } from './support/between-steps.ts';

const [BELL, FLAG] = [8 as Address, 16 as Address];

function scene(start = 0) {
  const pool = Pool.create({ words: 64, segments: 0 });
  pool.storeNumber(BELL, start);
  return { pool, bell: new Doorbell(pool, BELL) };
}

/** What a thread does that waits for the flag. */
function waiter(words: Pool) {
  const bell = new Doorbell(words, BELL);
  const attempt = (): true | undefined => (words.loadNumber(FLAG) === 1 ? true : undefined);
  return { attempt, park: () => bell.park(() => attempt() !== undefined) };
}

describe('a doorbell', () => {
  it('that nobody waits at is read and not rung', () => {
    const { pool } = scene();
    const { words, sequence } = record(pool);
    new Doorbell(words, BELL).ring();
    expect(sequence()).toEqual(['fence()', `loadNumber(${BELL})`]);
  });

  it('is marked once for all that wait, and rung once for all', () => {
    const { pool, bell } = scene();
    const never = (): boolean => false;
    expect([bell.park(never), bell.park(never)]).toEqual([
      { at: BELL, expected: 1 },
      { at: BELL, expected: 1 },
    ]);
    const { words, sequence } = record(pool);
    const ringing = new Doorbell(words, BELL);
    ringing.ring();
    ringing.ring();
    expect(sequence()).toEqual([
      'fence()',
      `loadNumber(${BELL})`,
      `compareExchangeNumber(${BELL}, 1, 2)`,
      `notify(${BELL})`,
      'fence()',
      `loadNumber(${BELL})`,
    ]);
  });

  it('lets nobody park once what is waited for is true, or while it is being rung', () => {
    const { pool, bell } = scene();
    expect(bell.park(() => true)).toBeUndefined();
    bell.ring(); // the mark that the look left
    const { words } = record(pool, {
      before(name) {
        if (name === 'compareExchangeNumber') pool.storeNumber(BELL, 40);
      },
    });
    expect(new Doorbell(words, BELL).park(() => false)).toBeUndefined();
  });

  it.each([2 ** 31 - 2, 2 ** 32 - 2, 2 ** 53 - 2])('goes on past %i rings', async (start) => {
    const { pool, bell } = scene(start);
    for (let lap = 0; lap < 3; lap++) {
      pool.storeNumber(FLAG, 0);
      const waiting = awaitAsync(pool, waiter(pool), { timeout: 5_000 });
      pool.storeNumber(FLAG, 1);
      bell.ring();
      expect(await waiting).toBe(true);
    }
    expect(pool.loadNumber(BELL)).toBe(start + 6 < 2 ** 53 ? start + 6 : start + 6 - 2 ** 53);
  });

  it('says Corrupt where no number of rings can stand', () => {
    const { pool, bell } = scene();
    pool.store(BELL, 2n ** 60n);
    expect(() => bell.ring()).toThrow(CorruptError);
    expect(() => bell.park(() => false)).toThrow(CorruptError);
  });

  it('wakes a waiter whenever it is rung between two of its steps', () => {
    const steps = betweenSteps(
      () => Pool.create({ words: 64, segments: 0 }),
      ({ words, arm }) => {
        const options = { strategy: 'park', timeout: 5_000 } as const;
        arm(() => {
          words.storeNumber(FLAG, 1);
          new Doorbell(words, BELL).ring();
        });
        expect(awaitBlocking(words, BELL, waiter(words), new AdaptiveSpin(), options)).toBe(true);
      },
    );
    expect(steps).toBeGreaterThan(3);
  });

  it('is heard by each of two that begin to wait while it is rung', async () => {
    for (let moment = 0; moment < 4; moment++) {
      const { pool, bell } = scene();
      const first = awaitAsync(pool, waiter(pool), { timeout: 5_000 });
      const others: Promise<true | undefined>[] = [];
      let passed = 0;
      const { words } = record(pool, {
        before() {
          if (passed++ === moment) others.push(awaitAsync(pool, waiter(pool), { timeout: 5_000 }));
        },
      });
      words.storeNumber(FLAG, 1);
      new Doorbell(words, BELL).ring();
      bell.ring();
      expect(await Promise.all([first, ...others])).not.toContain(undefined);
    }
  });
});
