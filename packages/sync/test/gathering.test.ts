import { Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import { Gathering } from '../src/waiting/gathering.ts';

/** How many pauses go by before the look that finds each of these. */
function pauses(enough: number, found: number[], of: (enough: number) => Gathering = Gathering.ofWords): number[] {
  const { words, sequence } = record(Pool.create({ words: 64, segments: 0 }));
  const gathering = of(enough);
  return found.map((count) => {
    const before = sequence().length;
    gathering.pause(words);
    gathering.found(count);
    return sequence().length - before;
  });
}

describe('things that come', () => {
  it('single are not waited for', () => {
    expect(pauses(1000, [1, 1, 0, 1])).toEqual([0, 0, 0, 0]);
  });

  it('in crowds are waited for longer and longer, up to a bound', () => {
    expect(pauses(1000, new Array(10).fill(500))).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 64, 64]);
  });

  it('one by one, but each as long in the making as some pauses, are waited for as long as that pays', () => {
    const { ofRecords } = Gathering;
    expect(pauses(1000, new Array(11).fill(500), ofRecords)).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    expect(pauses(1000, [2, 2, 2, 2, 2, 2, 2, 4, 4, 1], ofRecords)).toEqual([0, 1, 2, 4, 8, 16, 32, 16, 32, 64]);
  });

  it('in smaller crowds than the wait is worth are waited for less', () => {
    expect(pauses(1000, [2, 4, 8, 8, 3, 1, 1, 1])).toEqual([0, 1, 2, 4, 8, 4, 2, 1]);
  });

  it('in crowds that fill what there is are not waited for, lest the other side wait for room', () => {
    expect(pauses(16, [4, 8, 16, 16, 16])).toEqual([0, 1, 2, 1, 0]);
  });
});
