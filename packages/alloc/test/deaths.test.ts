/** A death after every single operation on words, while another owner is held up anywhere: nothing is lost or doubled. */
import { type Owner, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { Thread } from './support/interleave.ts';
import { eachOnce, SUBJECTS, type Subject, type Things } from './support/things.ts';
import { rounds } from './support/threads.ts';

type Program = (things: Things, own: readonly number[]) => unknown;

const PROGRAMS: Readonly<Record<string, Program>> = {
  take: (things) => things.take(),
  give: (things, [first]) => things.give(first as number),
  'give and take': (things, [first, second]) => {
    things.give(first as number);
    things.give(second as number);
    return things.take();
  },
  'take two, and give them and another back': (things, [own]) => {
    const [first, second] = [things.take(), things.take()];
    if (second !== undefined) things.give(second);
    things.give(own as number);
    if (first !== undefined) things.give(first);
  },
};

/** Two owners have two things each, two are free, and `fresh` were never used. */
function set(subject: Subject, fresh: number) {
  const pool = Pool.create({ words: 4096, owners: 5, segments: 0 });
  const things = subject.create(pool, 6 + fresh);
  const [dying, other] = [Pool.attach(pool.handle).owner, Pool.attach(pool.handle).owner] as const;
  const all = Array.from({ length: 6 }, () => things.take() as number);
  const [own, others] = [all.slice(0, 2), all.slice(2, 4)];
  for (const thing of all.slice(4)) things.give(thing);
  for (const thing of own) things.transfer(thing, dying);
  for (const thing of others) things.transfer(thing, other);
  const begin = (owner: Owner, having: readonly number[], program: Program): Thread<unknown> => {
    const thread = new Thread(pool, (words) => program(subject.attach(words, things.handle, owner), having));
    thread.until('storeNumber', subject.rows(things.handle) + 16 * owner.id + 1);
    thread.step();
    return thread;
  };
  return { pool, things, dying, other, begin, own, others };
}

interface Fate {
  readonly subject: Subject;
  readonly fresh: number;
  readonly doomed: Program;
  readonly bystander: Program;
}

/** Stops the one after `deadAt` steps for good, and the other after `heldUpAt` until the dead one is recovered. */
function die({ subject, fresh, doomed, bystander }: Fate, deadAt: number, heldUpAt: number): 'dead' | 'ended' {
  const { pool, things, dying, other, begin, own, others } = set(subject, fresh);
  const dead = begin(dying, own, doomed);
  const live = begin(other, others, bystander);
  for (let step = 0; step < heldUpAt && live.pending !== undefined; step++) live.step();
  for (let step = 0; step < deadAt; step++) {
    if (dead.pending === undefined) return 'ended';
    dead.step();
  }
  pool.owners.markDead(dying);
  things.recover(dying);
  live.finish();
  expect(things.recover(dying), 'recovered a second time').toBe(0);
  pool.owners.markDead(other);
  things.recover(other);
  expect(things.live()).toBe(0);
  expect(eachOnce(things, [])).toBe(true);
  return 'dead';
}

const NAMES = Object.keys(PROGRAMS);
const STEPS = 40;
/** The short form holds the other owner up at every third place. */
const EVERY: number = rounds(1, 3);

describe.each(Object.keys(SUBJECTS))('%s', (name) => {
  const subject = SUBJECTS[name] as Subject;
  describe.each(NAMES)('a death during: %s', (doomed) => {
    it.each(NAMES)('while another owner is held up during: %s', (bystander) => {
      let deaths = 0;
      for (const fresh of [0, 1]) {
        const fate = { subject, fresh, doomed: PROGRAMS[doomed] as Program, bystander: PROGRAMS[bystander] as Program };
        for (let heldUpAt = 0; heldUpAt <= STEPS; heldUpAt += EVERY)
          for (let deadAt = 0; die(fate, deadAt, heldUpAt) === 'dead'; deadAt++) deaths++;
      }
      expect(deaths).toBeGreaterThan((2 * STEPS * 3) / EVERY);
    });
  });
});
