import { describe, expect, it } from 'vitest';
import { AdaptiveSpin, WAITS_PER_PROBE } from '../src/waiting/adaptive-spin.ts';

const MOST = 1000;

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
    const spin = new AdaptiveSpin();
    while (spin.next(MOST) > 0) spin.missed(MOST);
    const waits = Array.from({ length: 2 * WAITS_PER_PROBE }, () => spin.next(MOST));
    expect(waits.filter((looks) => looks === MOST)).toHaveLength(2);
    expect(waits.filter((looks) => looks === 0)).toHaveLength(2 * WAITS_PER_PROBE - 2);
    spin.found(MOST);
    expect(spin.next(MOST)).toBe(MOST);
  });

  it('never spins longer than it is allowed to', () => {
    const spin = new AdaptiveSpin();
    expect([spin.next(0), spin.next(5), spin.next(MOST)]).toEqual([0, 5, MOST]);
    spin.found(5);
    expect(spin.next(MOST)).toBe(5);
  });
});
