/** A program that is put back to where it was does there what it did before, if the pool answers the same; and else another thing. */
import type { Words } from '@pool/core';
import { assemble, formatErrors, type Instance, instantiate, load, type MachineState, type Outcome } from '@pool/vm';
import { describe, expect, it } from 'vitest';
import { granted } from './support/granted.ts';

const TEXT = `window job words 64 {
  x
}
data table = words 100, 200, 300
func add(sum) -> more {
  i64.load kept, [table + 8]
  i64.add kept, kept, 1
  i64.store [table + 8], kept
  br read
read:
  shared_load seen, job.x
  i64.add more, sum, seen
  i64.add more, more, kept
  ret more
}
func main(limit) -> sum {
  i64.const sum, 0
  i64.const n, 0
again:
  call sum, add(sum)
  i64.add n, n, 1
  br_ge_u n, limit, done
  call sum, add(sum)
  i64.add sum, sum, 1000
  i64.add n, n, 1
  br_lt_u n, limit, again
done:
  ret sum
}
`;

function subject(fuel?: number): { readonly instance: Instance; readonly words: Words; readonly at: number } {
  const result = assemble({ name: 'steps.pasm', text: TEXT });
  if (!result.ok) throw new Error(formatErrors(result.errors));
  const { pool, grant } = granted(64, 0);
  const limits = fuel === undefined ? {} : { fuel };
  return {
    instance: instantiate(load(result.bytes), { words: pool, windows: [grant], limits }),
    words: pool,
    at: grant.base,
  };
}

function ended(outcome: Outcome | undefined): bigint | undefined {
  if (outcome?.kind !== 'done') throw new Error(`${outcome?.kind}`);
  return outcome.value;
}

describe('from one shared instruction to the next', () => {
  it('stops before each, and carries it out when it goes on', () => {
    const { instance, words, at } = subject();
    const steps = instance.startShared('main', [3]);
    const answers = [1n, 10n, 100n];
    for (const answer of answers) {
      expect(steps.step()).toBeUndefined();
      words.store(at as never, answer);
    }
    expect(ended(steps.step())).toBe(1111n + 201n + 202n + 203n);
  });

  it('goes on from each state that was kept: registers, calls, private memory, fuel', () => {
    const { instance, words, at } = subject(1000);
    const steps = instance.startShared('main', [3]);
    const states: MachineState[] = [];
    while (steps.step() === undefined) states.push(steps.save());
    const left = steps.fuelLeft;
    expect(states).toHaveLength(3);
    words.store(at as never, 7n);
    for (const [index, state] of [...states.entries()].reverse()) {
      steps.restore(state);
      let outcome = steps.step();
      let stops = index + 1;
      for (; outcome === undefined; outcome = steps.step()) stops += 1;
      expect(stops).toBe(3);
      expect(ended(outcome)).toBe(1000n + 201n + 202n + 203n + 7n * BigInt(3 - index));
      expect(steps.fuelLeft).toBe(left);
    }
  });

  it('goes on with other words', () => {
    const { instance } = subject();
    const steps = instance.startShared('main', [1]);
    steps.step();
    const other = subject();
    other.words.store(other.at as never, 9n);
    steps.use(other.words);
    expect(ended(steps.step())).toBe(9n + 201n);
  });

  it('keeps a state in the buffers of one that is not needed any more, and knows what that moves', () => {
    const { instance } = subject();
    const steps = instance.startShared('main', [2]);
    const beginning = steps.save();
    const { bytes: moved, work } = steps.price;
    expect(moved).toBeGreaterThan(65_536);
    expect(work).toBe(moved / 64);
    steps.step();
    const { bytes } = beginning;
    expect(steps.save(beginning)).toBe(beginning);
    expect(beginning.bytes).toBe(bytes);
    expect(beginning.depth).toBe(1);
  });

  it('ends without fuel where a run does', () => {
    for (let fuel = 0; fuel < 40; fuel++) {
      const { instance } = subject(fuel);
      const expected = instance.run('main', [2]);
      const other = subject(fuel).instance;
      const steps = other.startShared('main', [2]);
      let outcome = steps.step();
      while (outcome === undefined) outcome = steps.step();
      expect(outcome).toEqual(expected);
      expect(other.fuelLeft).toBe(instance.fuelLeft);
    }
  });

  it('is over when the instance is started anew', () => {
    const { instance } = subject();
    const steps = instance.startShared('main', [1]);
    const state = steps.save();
    instance.run('main', [1]);
    for (const late of [() => steps.step(), () => steps.save(), () => steps.restore(state), () => steps.fuelLeft])
      expect(late).toThrow('has been started anew');
  });
});
