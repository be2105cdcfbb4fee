/** Each kind of finding on the smallest program that has it, and on the same program put right. */
import type { Address } from '@pool/core';
import { describe, expect, it } from 'vitest';
import {
  type CheckOptions,
  check,
  Exploration,
  type Finding,
  formatFinding,
  formatFindingDot,
  interleave,
  type ModelProgram,
  type ModelThread,
} from '../src/index.ts';

const X = 0;
const FLAG = 1;
const NAMES = { x: X, flag: FLAG };

function found(program: ModelProgram, options?: CheckOptions): Finding[] {
  const report = check(program, options);
  expect(report.exhausted).toBe(true);
  return [...report.findings];
}

function kinds(program: ModelProgram, options?: CheckOptions): string[] {
  return found(program, options).map(({ kind }) => kind);
}

function messagePassing(order: 'relaxed' | 'release'): ModelProgram {
  return {
    names: NAMES,
    threads: {
      writer: (t) => {
        t.store(X, 42, 'plain');
        t.store(FLAG, 1, order);
      },
      reader: (t) => {
        if (t.load(FLAG) === 1n) t.assert(t.load(X, 'plain') === 42n, 'the data has arrived');
      },
    },
  };
}

describe('data races', () => {
  it('of a plain word that is published by a relaxed store are found, whichever thread runs first', () => {
    expect(found(messagePassing('relaxed')).map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'data race: reader and writer access x, and nothing orders them',
      'assertion: reader: the data has arrived',
    ]);
    expect(kinds(messagePassing('relaxed'), { model: 'sc' })).toEqual(['data race']);
  });

  it('are not where a release store and an acquire load order the accesses', () => {
    expect(kinds(messagePassing('release'))).toEqual([]);
  });

  it('are not between two reads, nor between atomic accesses', () => {
    const reads = (t: ModelThread): void => void t.load(X, 'plain');
    const writes = (t: ModelThread): void => t.store(X, 1, 'relaxed');
    expect(kinds({ threads: { a: reads, b: reads } })).toEqual([]);
    expect(kinds({ threads: { a: writes, b: writes } })).toEqual([]);
    expect(kinds({ threads: { a: reads, b: writes } })).toEqual(['data race']);
  });
});

describe('counterexamples', () => {
  it('say step by step how it comes about, and no more than matters', () => {
    const [race, assertion] = found({
      ...messagePassing('relaxed'),
      threads: { ...messagePassing('relaxed').threads, bystander: (t) => t.store(9, 1) },
    });
    expect(formatFinding(race as Finding)).toBe(
      [
        'data race: reader and writer access x, and nothing orders them',
        '1  writer  store x = 42 (plain)',
        '2  writer  store flag = 1 (relaxed)',
        '3  reader  load flag gives 1 (acquire)',
        '4  reader  load x gives 42 (plain)',
        'rf  2 -> 3, 1 -> 4',
      ].join('\n'),
    );
    expect(formatFinding(assertion as Finding)).toBe(
      [
        'assertion: reader: the data has arrived',
        '1  writer  store x = 42 (plain)',
        '2  writer  store flag = 1 (relaxed)',
        '3  reader  load flag gives 1 (acquire)',
        '4  reader  load x gives 0 (plain), not the last write above',
        '(no order of these steps explains every read: this execution shows weak memory)',
        'rf  2 -> 3',
        'fr  4 -> 1',
      ].join('\n'),
    );
  });

  it('are drawn for Graphviz, with what orders the threads', () => {
    const program: ModelProgram = {
      names: NAMES,
      threads: {
        writer: (t) => t.store(X, 1),
        reader: (t) => t.assert(t.load(X) === 0n, 'nobody "writes"'),
      },
    };
    const dot = formatFindingDot(found(program)[0] as Finding);
    expect(dot).toMatch(/^digraph "assertion: reader: nobody \\"writes\\"" \{/);
    expect(dot).toContain('label="W release x = 1"');
    expect(dot).toMatch(/e0 -> e1 \[.*label="rf, sw".*\];/);
  });

  it('show an update as one step', () => {
    const [finding] = found({
      names: NAMES,
      threads: {
        a: (t) => void t.fetchAdd(X, 2),
        b: (t) => t.assert(t.fetchAdd(X, 3) === 0n),
      },
    });
    const { steps, edges } = interleave((finding as Finding).execution);
    expect(steps).toEqual([
      { thread: 'a', text: 'update x: 0 to 2 (acquire, release)' },
      { thread: 'b', text: 'update x: 2 to 5 (acquire, release)' },
    ]);
    // None between the two parts of a step, and of each part those that it has with other steps.
    expect([...edges].sort((one, other) => (one.kind < other.kind ? -1 : 1))).toEqual(
      ['co', 'sw'].map((kind) => ({ kind, from: 0, to: 1 })),
    );
  });
});

describe('final conditions', () => {
  it('are looked at when all threads have ended', () => {
    const increment = (t: ModelThread): void => t.store(X, t.load(X) + 1n);
    const program: ModelProgram = {
      threads: { a: increment, b: increment },
      final: (end) => end.assert(end.words.load(X as never) === 2n, 'both have counted'),
    };
    expect(found(program)).toMatchObject([{ kind: 'final condition', message: 'both have counted' }]);
    const atomic = (t: ModelThread): void => void t.fetchAdd(X, 1);
    expect(kinds({ ...program, threads: { a: atomic, b: atomic } })).toEqual([]);
  });

  it('see what threads observed, and outcomes count it', () => {
    const program: ModelProgram = {
      threads: { a: (t) => t.store(X, 1), b: (t) => t.observe('r', t.load(X)) },
      final: (end) => end.assert(end.observed('r') !== 1n, 'the store was not seen'),
    };
    const report = check(program);
    expect(report.outcomes).toEqual(
      new Map([
        ['r=1', 1],
        ['r=0', 1],
      ]),
    );
    expect(report.findings).toMatchObject([{ kind: 'final condition', message: 'the store was not seen' }]);
  });
});

describe('threads that wait', () => {
  function handOff(options: { readonly comparesAgain: boolean; readonly notifies: boolean }): ModelProgram {
    return {
      names: NAMES,
      threads: {
        waiter: ({ words }) => {
          const expected = options.comparesAgain ? 0n : words.load(FLAG as never);
          while (words.load(FLAG as never) === 0n) words.wait(FLAG as never, expected);
        },
        notifier: ({ words }) => {
          words.store(FLAG as never, 1n);
          if (options.notifies) words.notify(FLAG as never);
        },
      },
    };
  }

  it('are never left behind by a waiter that compares as it parks', () => {
    const report = check(handOff({ comparesAgain: true, notifies: true }));
    expect(report).toMatchObject({ findings: [], blocked: 0, exhausted: true });
    expect(report.executions).toBeGreaterThan(2);
  });

  it('miss their wake-up if nobody notifies', () => {
    const [finding, ...others] = found(handOff({ comparesAgain: true, notifies: false }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: 'lost wake-up',
      message: 'nobody wakes waiter at flag, though the word has changed',
    });
  });

  it('deadlock if each is to notify the other first', () => {
    const one = (own: number, other: number) => (t: ModelThread) => {
      t.words.wait(own as never, 0n);
      t.store(other, 1);
      t.words.notify(other as never);
    };
    expect(found({ threads: { a: one(X, FLAG), b: one(FLAG, X) } })).toMatchObject([
      { kind: 'deadlock', message: 'nobody is left to wake a at word 0 and b at word 1' },
    ]);
  });

  it('end a timed wait at any step', () => {
    const report = check({ threads: { a: (t) => t.observe('ended', t.words.wait(X as never, 0n, { timeout: 5 })) } });
    expect(report).toMatchObject({ outcomes: new Map([['ended=timed-out', 1]]), findings: [] });
  });
});

describe('waits and notifications in counterexamples', () => {
  const parks = (t: ModelThread): void => void t.words.wait(X as never, 0n);
  const notifies = (t: ModelThread): void => void t.words.notify(X as never);
  /** The shortest execution in which everybody came to an end and that was observed. */
  function ending(threads: ModelProgram['threads'], observed: Readonly<Record<string, unknown>> = {}) {
    const report = check({
      names: NAMES,
      threads,
      final: (end) => {
        if (Object.entries(observed).every(([name, value]) => end.observed(name) === value)) end.witness('it ends');
      },
    });
    const { execution } = report.witnesses[0] as (typeof report.witnesses)[0];
    const { steps, edges, sequential } = interleave(execution);
    expect(sequential).toBe(true);
    for (const { from, to } of edges) expect(from).toBeLessThan(to);
    const dot = formatFindingDot(report.witnesses[0] as (typeof report.witnesses)[0]);
    return { steps: steps.map(({ thread, text }) => `${thread} ${text}`), dot };
  }

  it('are a step each, in the words of the program', () => {
    const [lost] = found({ names: NAMES, threads: { waiter: parks, notifier: notifies } });
    expect(formatFinding(lost as Finding)).toBe(
      [
        'lost wake-up: nobody wakes waiter at x',
        '1  notifier  notifies x: wakes nobody',
        '2  waiter    waits at x',
        'sw  1 -> 2',
        'co  1 -> 2',
      ].join('\n'),
    );
  });

  it('name who is woken, in whatever order they came', () => {
    const { steps, dot } = ending({ a: parks, b: parks, c: notifies });
    expect([...steps].sort()).toEqual([
      'a waits at x',
      'a wakes up, out of waiting(x)',
      'b waits at x',
      'b wakes up, out of waiting(x)',
      'c notifies x: wakes a, b',
    ]);
    expect(steps.indexOf('c notifies x: wakes a, b')).toBe(2);
    for (const label of ['looks who waits at x', 'is to wait at x: it holds 0', 'waits at x', 'notifies x: wakes a, b'])
      expect(dot).toContain(`[label="${label}"]`);
    expect(dot).not.toMatch(/[RW] seq-cst/);
  });

  it('say that a wait was not begun, and what the word held', () => {
    const stores = (t: ModelThread): void => t.store(X, 1);
    const result = (t: ModelThread): void => t.observe('wait', t.words.wait(X as never, 0n));
    expect(ending({ a: result, b: stores }, { wait: 'not-equal' }).steps).toEqual([
      'b store x = 1 (release)',
      'a does not wait at x: it holds 1',
    ]);
  });

  it('are two steps of a wait that is not begun, where others must come in between', () => {
    let executions = 0;
    const { witnesses } = check({
      names: NAMES,
      threads: {
        b: (t) => {
          t.words.notify(X as never);
          t.store(X, 1);
        },
        a: (t) => t.observe('wait', t.words.wait(X as never, 0n)),
      },
      final: (end) => end.witness(`execution ${executions++}: ${end.observed('wait')}`),
    });
    const all = witnesses.map(({ execution }) => interleave(execution));
    expect(all.every(({ sequential, edges }) => sequential && edges.every(({ from, to }) => from < to))).toBe(true);
    expect(all.map(({ steps }) => steps.map(({ thread, text }) => `${thread} ${text}`)).sort()).toEqual([
      [
        'a looks who waits at x',
        'b notifies x: wakes nobody',
        'b store x = 1 (release)',
        'a does not wait at x: it holds 1',
      ],
      ['a waits at x', 'b notifies x: wakes a', 'b store x = 1 (release)', 'a wakes up, out of waiting(x)'],
      ['b notifies x: wakes nobody', 'b store x = 1 (release)', 'a does not wait at x: it holds 1'],
    ]);
  });

  it('tell how a timed wait ends', () => {
    const timed = (t: ModelThread): void => t.observe('wait', t.words.wait(X as never, 0n, { timeout: 5 }));
    expect(ending({ a: timed }).steps).toEqual(['a waits at x', 'a stops waiting at x: time is up']);
    expect(ending({ a: timed, b: notifies }, { wait: 'ok' }).steps).toEqual([
      'a waits at x',
      'b notifies x: wakes a',
      'a wakes up, out of waiting(x)',
    ]);
  });

  it('leave branches and updates of the program as they are', () => {
    const chooses = (t: ModelThread): void => {
      t.choose(2);
      t.words.wait(X as never, 1n);
      t.fetchAdd(FLAG, 1);
      t.assert(false);
    };
    const [finding] = found({ names: NAMES, threads: { a: chooses } });
    expect(interleave((finding as Finding).execution).steps.map(({ text }) => text)).toEqual([
      'takes branch 0',
      'does not wait at x: it holds 0',
      'update flag: 0 to 1 (acquire, release)',
    ]);
  });
});

describe('spin loops', () => {
  const spin = (t: ModelThread): void => {
    while (t.load(FLAG) === 0n) t.words.pause();
  };

  it('are pruned on request', () => {
    const program: ModelProgram = { threads: { spinner: spin, setter: (t) => t.store(FLAG, 1) } };
    const report = check(program, { spinAssume: true });
    expect(report).toMatchObject({ executions: 1, blocked: 1, exhausted: true, findings: [] });
  });

  it('that nobody ends are stuck', () => {
    const program: ModelProgram = { threads: { spinner: spin, other: (t) => t.store(X, 1) } };
    expect(found(program, { spinAssume: true })).toMatchObject([
      { kind: 'stuck thread', message: 'spinner spins for ever, and nobody is left to end it' },
    ]);
  });

  it.each<[string, executions: number, (t: ModelThread) => void]>([
    // Either thread comes first, and the other finds the lock held or free.
    ['until', 4, (t) => t.until(() => t.load(FLAG) === 0n)],
    // The first pause comes after a write, so the other may find the lock held once more.
    [
      'pauses',
      6,
      (t) => {
        while (t.load(FLAG) !== 0n) t.words.pause();
      },
    ],
  ])('within a turn that writes do not make a spin of it: %s', (_, executions, wait) => {
    const owner = (t: ModelThread): void => {
      t.until(() => {
        if (t.exchange(FLAG, 1) === 0n) return true;
        wait(t);
        return false;
      });
      t.store(FLAG, 0);
    };
    const report = check({ threads: { a: owner, b: owner } }, { spinAssume: true });
    expect(report).toMatchObject({ executions, exhausted: true, findings: [] });
  });

  it('that ended leave what was written before them to the turn around them', () => {
    const turns = (t: ModelThread): void => {
      for (let turn = 0; t.exchange(X, 1) === 1n && turn < 3; turn++) {
        t.until(() => t.load(FLAG) === 0n);
        t.words.pause();
      }
    };
    const report = check({ threads: { a: turns, b: (t) => t.store(X, 1) } }, { spinAssume: true });
    expect(report).toMatchObject({ executions: 2, blocked: 0, exhausted: true, findings: [] });
  });

  it('are cut by a bound, which the report names', () => {
    const program: ModelProgram = { threads: { spinner: spin, setter: (t) => t.store(FLAG, 1) } };
    const cut = { blocked: 1, exhausted: false, cutThreads: ['spinner'] };
    expect(check(program, { unroll: 3 })).toMatchObject({ ...cut, cutBy: ['unroll'], executions: 4 }); // three turns that read 0, and then 1
    expect(check(program, { eventsPerThread: 3 })).toMatchObject({ ...cut, cutBy: ['eventsPerThread'], executions: 3 });
    const taken: ModelProgram = {
      initial: (words) => words.store(X as never, 1n),
      threads: {
        spinner(t) {
          while (t.exchange(X, 1) === 1n) t.words.pause();
        },
        setter: (t) => t.store(X, 0),
      },
    };
    expect(check(taken, { unroll: 3 })).toMatchObject({ ...cut, cutBy: ['unroll'], executions: 4, findings: [] });
    const both = check(program, { unroll: 2, eventsPerThread: 2 });
    expect(both).toMatchObject({ exhausted: false, cutThreads: ['spinner'], cutBy: ['eventsPerThread'] });
  });
});

describe('uninitialised words', () => {
  it('are reported when read before anybody has written', () => {
    const program: ModelProgram = {
      names: NAMES,
      uninitialised: (at) => at === X,
      threads: { a: (t) => t.store(X, 1, 'relaxed'), b: (t) => void t.load(X, 'relaxed') },
    };
    expect(found(program)).toMatchObject([
      { kind: 'uninitialised read', message: 'b reads x, which nobody has written' },
    ]);
    expect(kinds({ ...program, initial: (words) => words.store(X as never, 0n) })).toEqual([]);
  });
});

describe('bounds', () => {
  const program: ModelProgram = {
    threads: Object.fromEntries([1, 2, 3, 4].map((n) => [`t${n}`, (t: ModelThread) => void t.fetchAdd(X, 1)])),
  };

  it('end an exploration, and say that it is not exhausted', () => {
    expect(check(program, { executions: 10 })).toMatchObject({
      executions: 10,
      exhausted: false,
      stoppedBy: 'executions',
    });
    expect(check(program, { executions: 24 })).toMatchObject({ executions: 24, exhausted: true, stoppedBy: undefined });
  });

  it('may be of time, and an exploration goes on where it was', () => {
    const long: ModelProgram = {
      threads: Object.fromEntries(
        [1, 2, 3, 4, 5, 6, 7].map((n) => [`t${n}`, (t: ModelThread) => void t.fetchAdd(X, 1)]),
      ),
    };
    expect(check(long, { milliseconds: 0 })).toMatchObject({ exhausted: false, stoppedBy: 'milliseconds' });
    const exploration = new Exploration(long);
    let slices = 1;
    while (!exploration.advance(0)) slices += 1;
    expect(slices).toBeGreaterThan(1);
    expect(exploration.report()).toMatchObject({ executions: 5040, exhausted: true, stoppedBy: undefined });
  });
});

describe('assertions whose exception is caught', () => {
  const storing = (t: ModelThread): void => t.store(X, 1);
  const asserting = (t: ModelThread): void => t.assert(t.load(X) === 0n, 'x is zero');
  const told = ({ kind, message }: Finding): string => `${kind}: ${message}`;

  it.each<[string, (t: ModelThread) => void]>([
    [
      'by an empty `catch`',
      (t) => {
        try {
          asserting(t);
        } catch {}
      },
    ],
    [
      'by a `finally` that returns',
      (t) => {
        try {
          asserting(t);
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: this is what is tested
          return;
        }
      },
    ],
    [
      'and replaced by another one',
      (t) => {
        try {
          asserting(t);
        } catch {
          throw new Error('something else');
        }
      },
    ],
    [
      'and followed by one more that fails, and by a wait for what never comes',
      (t) => {
        try {
          asserting(t);
        } catch {
          try {
            t.assert(false, 'another');
          } catch {}
          t.until(() => t.load(FLAG) === 1n);
        }
      },
    ],
  ])('%s are found all the same', (_, a) => {
    expect(found({ threads: { a, b: storing } }).map(told)).toEqual(['assertion: a: x is zero']);
  });

  it('leave nothing to the next run: in those where they hold, the thread ends', () => {
    const a = (t: ModelThread): void => {
      try {
        asserting(t);
      } catch {}
      t.observe('ended', true);
    };
    const { executions, blocked, outcomes } = check({ threads: { a, b: storing } });
    expect({ executions, blocked, outcomes: [...outcomes] }).toEqual({
      executions: 1,
      blocked: 1,
      outcomes: [['ended=true', 1]],
    });
  });

  it('are none of a thread that was cut before', () => {
    const a = (t: ModelThread): void => {
      let passed = false;
      try {
        t.assume(t.load(X) === 1n);
        passed = true;
      } finally {
        t.assert(passed, 'what a thread leaves when it is cut');
      }
    };
    expect(kinds({ threads: { a, b: storing } })).toEqual([]);
  });

  it('are found in the final condition, the first one with how the execution ended', () => {
    const final: ModelProgram['final'] = (end) => {
      try {
        end.assert(end.words.load(X as Address) === 0n, 'x is zero', 'x=1');
      } catch {
        end.assert(false, 'another', 'x=2');
      }
    };
    const report = check({ threads: { a: storing, b: () => {} }, final });
    expect(report.findings.map(told)).toEqual(['final condition: x is zero']);
    expect(formatFinding(report.findings[0] as Finding)).toContain('ends with x=1');
    const swallowed: ModelProgram['final'] = (end) => {
      try {
        end.assert(false, 'nothing ends so');
      } catch {}
    };
    expect(kinds({ threads: { a: storing }, final: swallowed })).toEqual(['final condition']);
  });
});
