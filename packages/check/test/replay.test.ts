/** Threads are run again and again: what they may not do is said, not overlooked. */
import { describe, expect, it } from 'vitest';
import { type CheckReport, check, ModelError, type ModelThread } from '../src/index.ts';

const writer = (t: ModelThread): void => t.store(0, 1);

describe('a thread', () => {
  it('that is not deterministic is refused', () => {
    let calls = 0;
    const threads = {
      fickle: (t: ModelThread) => {
        t.load(0);
        t.store(1, ++calls);
        t.load(2);
      },
      other: (t: ModelThread) => {
        t.store(2, 1);
        t.load(1);
        t.store(0, 1);
      },
    };
    expect(() => check({ threads })).toThrow(
      /thread fickle is not deterministic: run again with the same reads, it wrote/,
    );
  });

  it('that swallows the error which cuts it is refused', () => {
    const threads = {
      swallower: (t: ModelThread) => {
        try {
          t.assume(t.load(0) === 1n);
        } catch {
          // a program that must not do this
        }
      },
      writer,
    };
    expect(() => check({ threads })).toThrow(ModelError);
    expect(() => check({ threads })).toThrow(/thread swallower swallows the error that cuts it/);
  });

  it.each<[string, after: (t: ModelThread) => void, isRefused: boolean]>([
    ['ends, is refused', () => {}, true],
    ['throws something else, is refused', () => JSON.parse('{'), true],
    ['goes on until the error is thrown again, has stored nothing', (t) => t.store(1, 1), false],
  ])('that catches the error which cuts it, and then %s', (_, after, isRefused) => {
    const catching = (t: ModelThread): void => {
      try {
        t.assume(false);
      } catch {
        after(t);
      }
    };
    const explore = (): CheckReport => check({ threads: { catching, reader: (t) => t.observe('stored', t.load(1)) } });
    if (isRefused) expect(explore).toThrow(/thread catching swallows the error that cuts it/);
    else expect(explore()).toMatchObject({ executions: 0, blocked: 1, findings: [] });
  });

  it('whose `finally` goes on after a cut does nothing there', () => {
    const report = check({
      threads: {
        tidy: (t) => {
          try {
            t.assume(t.load(0) === 1n);
          } finally {
            t.store(1, 1);
          }
        },
        writer,
        reader: (t) => t.observe('tidied', t.load(1)),
      },
    });
    expect(report).toMatchObject({ blocked: 1, findings: [] });
    expect([...report.outcomes.keys()].sort()).toEqual(['tidied=0', 'tidied=1']);
  });

  it('that throws has failed, with its message, and the others go on', () => {
    const report = check({
      threads: {
        thrower: (t) => {
          if (t.load(0) === 1n) throw new RangeError('one too many');
        },
        writer,
      },
    });
    expect(report).toMatchObject({ executions: 1, blocked: 1, exhausted: true });
    expect(report.findings).toMatchObject([{ kind: 'assertion', message: 'thrower: RangeError: one too many' }]);
  });

  it('may branch where memory does not decide', () => {
    const report = check({ threads: { a: (t) => t.observe('branch', t.choose(2) * 10 + t.choose(3)) } });
    expect(report.outcomes).toEqual(new Map([0, 1, 2, 10, 11, 12].map((branch) => [`branch=${branch}`, 1])));
  });
});
