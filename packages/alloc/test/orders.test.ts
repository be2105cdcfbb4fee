/** Three owners come and go in orders drawn at random, with long hold-ups: nothing is handed out twice, and nothing lost. */
import { Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { Random } from '../src/testing/random.ts';
import { schedule, Thread } from './support/interleave.ts';
import { eachOnce, SUBJECTS, type Subject } from './support/things.ts';
import { rounds } from './support/threads.ts';

/** Takes two and gives one back, in turn what it took first and last, `rounds` times; returns what it has at the end. */
function program(subject: Subject, handle: Parameters<Subject['attach']>[1], pool: Pool, rounds: number) {
  return new Thread(pool, (words) => {
    const things = subject.attach(words, handle, pool.owner);
    const own: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const thing of [things.take(), things.take()]) if (thing !== undefined) own.push(thing);
      const back = round % 2 === 0 ? own.shift() : own.pop();
      if (back !== undefined) things.give(back);
    }
    return own;
  });
}

/** Whether everything is in its place after the order that is drawn from a seed. */
function anyOrder(subject: Subject, seed: number): boolean {
  const random = new Random(seed);
  const pool = Pool.create({ words: 4096, owners: 5, segments: 0 });
  const things = subject.create(pool, 3 + random.below(6));
  for (const thing of Array.from({ length: random.below(4) }, () => things.take())) things.give(thing as number);
  const threads = [2, 2, 3].map((rounds) => program(subject, things.handle, Pool.attach(pool.handle), rounds));
  schedule(threads, (below) => random.below(below));
  const own = threads.flatMap((thread) => thread.finish());
  return things.live() === own.length && eachOnce(things, own);
}

describe.each(Object.keys(SUBJECTS))('%s', (name) => {
  const orders = rounds(5_000, 300);
  it(`is whole after any of ${orders} orders`, () => {
    const seeds = Array.from({ length: orders }, (_, seed) => seed);
    expect(seeds.filter((seed) => !anyOrder(SUBJECTS[name] as Subject, seed))).toEqual([]);
  });
});
