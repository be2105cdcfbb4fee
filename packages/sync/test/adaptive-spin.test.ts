import { describe, expect, it } from 'vitest';
import { AdaptiveSpin, LONG_PROBE, PROBES_PER_LONG, WAITS_PER_PROBE } from '../src/waiting/adaptive-spin.ts';

const MOST = 1000;

/** One whose spins have all been in vain. */
function parkingAtOnce(): AdaptiveSpin {
  const spin = new AdaptiveSpin();
  for (let length = MOST; length > 0; length = Math.floor(length / 2)) {
    expect(spin.next(MOST)).toBe(length);
    spin.missed(MOST);
  }
  return spin;
}

describe('an adaptive spin', () => {
  it('begins with the whole length', () => {
    expect(new AdaptiveSpin().next(MOST)).toBe(MOST);
  });

  it('halves with each miss, down to parking at once, and doubles with each success', () => {
    const spin = new AdaptiveSpin();
    const lengths: number[] = [];
    for (let miss = 0; miss < 11; miss++) {
      lengths.push(spin.next(MOST));
      spin.missed(MOST);
    }
    expect(lengths).toEqual([1000, 500, 250, 125, 62, 31, 15, 7, 3, 1, 0]);
    const again = new AdaptiveSpin();
    again.missed(MOST);
    again.missed(MOST);
    again.found(MOST);
    expect(again.next(MOST)).toBe(500);
    again.found(MOST);
    again.found(MOST);
    expect(again.next(MOST)).toBe(MOST);
  });

  it('tries a whole spin now and then, and stays with it when it pays', () => {
    const spin = parkingAtOnce();
    const waits = Array.from({ length: 3 * WAITS_PER_PROBE }, () => spin.next(MOST));
    expect(waits.filter((looks) => looks >= MOST)).toHaveLength(3);
    expect(waits.filter((looks) => looks === 0)).toHaveLength(3 * WAITS_PER_PROBE - 3);
    spin.found(MOST);
    expect(spin.next(MOST)).toBe(MOST);
  });

  it('makes some of those long enough for a scheduler to move a thread, rarer with each in vain', () => {
    const spin = parkingAtOnce();
    const probes: number[] = [];
    while (probes.length < 2 * PROBES_PER_LONG + 1) {
      const looks = spin.next(MOST);
      if (looks === 0) continue;
      probes.push(looks);
      spin.missed(MOST);
    }
    const long = probes.flatMap((looks, index) => (looks === MOST * LONG_PROBE ? [index + 1] : []));
    expect(long).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]);
    spin.found(MOST);
    while (spin.next(MOST) > 0) spin.missed(MOST);
    expect(Array.from({ length: WAITS_PER_PROBE - 1 }, () => spin.next(MOST)).at(-1)).toBe(MOST * LONG_PROBE);
  });

  it('never spins longer than it is allowed to', () => {
    const spin = new AdaptiveSpin();
    expect([spin.next(0), spin.next(5), spin.next(MOST)]).toEqual([0, 5, MOST]);
    spin.found(5);
    expect(spin.next(MOST)).toBe(5);
  });
});
