/** What a thread does wrong is a finding of the executions in which it does it; what cannot be checked ends the check. */
import { type Address, AddressError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { type CheckReport, check, formatFinding, ModelError, type ModelThread } from '../src/index.ts';

const [DATA, INDEX] = [0, 1];
/** What the other thread may have written is not checked before it is used. */
const FAR = 1000;

function checkAccess(access: (thread: ModelThread, at: number) => unknown): CheckReport {
  return check({
    names: { data: DATA, index: INDEX },
    words: 4,
    threads: {
      user(thread) {
        const at = Number(thread.load(INDEX));
        access(thread, at);
        thread.observe('used', at);
      },
      writer: (thread) => thread.store(INDEX, FAR),
    },
  });
}

describe('a thread that asks for a word that there is not', () => {
  it.each<[string, (thread: ModelThread, at: number) => unknown]>([
    ['load', (thread, at) => thread.load(at)],
    ['store', (thread, at) => thread.store(at, 1)],
    ['fetchAdd', (thread, at) => thread.fetchAdd(at, 1, 'relaxed')],
    ['compareExchange', (thread, at) => thread.compareExchange(at, 0, 1)],
    ['words.load', ({ words }, at) => words.load(at as Address)],
    ['words.storeNumber', ({ words }, at) => words.storeNumber(at as Address, 1)],
    ['words.wait', ({ words }, at) => words.wait(at as Address, 1n)],
    ['words.notify', ({ words }, at) => words.notify(at as Address)],
    ['words.copyOut', ({ words }, at) => words.copyOut(at as Address, new Uint8Array(3))],
  ])('is a finding, and the other executions are seen: %s', (_, access) => {
    const report = checkAccess(access);
    expect(report).toMatchObject({ executions: 1, blocked: 1, exhausted: true, outcomes: new Map([['used=0', 1]]) });
    expect(report.findings.map(formatFinding)).toEqual([
      [
        'assertion: user: AddressError: address 1000 is not in the model, which has the words 0..3',
        '1  writer  store index = 1000 (release)',
        '2  user    load index gives 1000 (acquire)',
        'sw  1 -> 2',
      ].join('\n'),
    ]);
  });

  it.each([-1, 0.5, 4, 2 ** 32, Number.NaN, 1n as never])('is found for the address %s', (at) => {
    const { findings, exhausted } = check({ words: 4, threads: { a: (thread) => thread.store(at, 1) } });
    expect(exhausted).toBe(true);
    expect(findings).toMatchObject([
      { kind: 'assertion', message: expect.stringMatching(/^a: AddressError: address .* is not in the model, /) },
    ]);
  });

  it('is one though it catches the exception, unless that is what `Words` promises to whoever calls them', () => {
    const caught = (access: (thread: ModelThread) => unknown): CheckReport =>
      check({
        threads: {
          a(thread) {
            try {
              access(thread);
            } catch (error) {
              expect(error).toBeInstanceOf(AddressError);
            }
          },
        },
      });
    expect(caught((thread) => thread.load(-1))).toMatchObject({ executions: 0, findings: [{ kind: 'assertion' }] });
    expect(caught(({ words }) => words.load(-1 as Address))).toMatchObject({ executions: 1, findings: [] });
  });

  it('is one in a turn of a spin that is tried again', () => {
    const spin = (thread: ModelThread): void => {
      for (let turns = 0; thread.load(INDEX) === 0n; turns++) {
        if (turns === 5) thread.load(FAR);
        thread.words.pause();
      }
    };
    const report = check({ words: 4, threads: { spin, b: (thread) => thread.store(INDEX, 1) } }, { spinAssume: true });
    expect(report).toMatchObject({ executions: 6, exhausted: true, findings: [{ kind: 'assertion' }] });
  });
});

it('`initial` that asks for one is no violation: there is nothing to check', () => {
  const initial = check.bind(undefined, { words: 4, initial: (words) => words.store(4 as Address, 1n), threads: {} });
  expect(initial).toThrow(AddressError);
});

describe('what makes a program none to check is told, though the thread catch it', () => {
  const faults: readonly [string, (thread: ModelThread) => unknown, string][] = [
    ['no order', (thread) => thread.store(DATA, 1, 'relase' as never), 'relase is no order of a store'],
    ['no order of a failure', (t) => t.compareExchange(0, 0, 1, 'relaxed', 'release' as never), 'release is no order'],
    ['no choice', (thread) => thread.choose(0), 'a choice has at least one branch, not 0'],
    ['what is not modelled', ({ words }) => words.waitAsync(0 as Address, 0n), 'waitAsync is not modelled'],
  ];
  const after: readonly [string, (thread: ModelThread) => void][] = [
    ['ends', () => {}],
    ['goes on', (thread) => thread.store(DATA, 1)],
    [
      'throws something else',
      () => {
        throw new Error('an order that was not as it should be');
      },
    ],
    ['asserts', (thread) => thread.assert(false)],
  ];

  it.each(faults.flatMap((fault) => after.map((then) => [...fault, ...then] as const)))(
    '%s: %s, %s',
    (_, fault, message, _then, then) => {
      const checking = (): CheckReport =>
        check({
          threads: {
            a(thread) {
              try {
                fault(thread);
              } catch {
                then(thread);
              }
            },
          },
        });
      expect(checking).toThrow(ModelError);
      expect(checking).toThrow(message);
    },
  );

  it('where other threads let it come to that', () => {
    const reader = (thread: ModelThread): void => {
      const orders = ['relaxed', 'acquired'] as const;
      try {
        thread.load(DATA, orders[Number(thread.load(INDEX))] as never);
      } catch {}
    };
    expect(() => check({ threads: { reader, b: (thread) => thread.store(INDEX, 1) } })).toThrow('acquired is no order');
  });

  it('of a thread that does not do the same again', () => {
    let runs = 0;
    const fickle = (thread: ModelThread): void => {
      runs += 1;
      try {
        thread.load(runs === 1 ? DATA : INDEX);
        thread.load(DATA);
      } catch {}
    };
    expect(() => check({ threads: { fickle, b: (thread) => thread.store(DATA, 1) } })).toThrow(
      'thread fickle is not deterministic: run again with the same reads, it did something else at its operation 0',
    );
  });

  it('of a thread that pauses for ever', () => {
    const pauses = ({ words }: ModelThread): void => {
      try {
        for (;;) words.pause();
      } catch {}
    };
    expect(() => check({ threads: { pauses } })).toThrow('has paused 1000000 times without touching memory');
  });

  it('in a turn of a spin, if an execution comes to that turn', () => {
    const spin = (turn: number) => (thread: ModelThread) => {
      for (let turns = 0; thread.load(INDEX) === 0n; turns++) {
        try {
          if (turns === turn) thread.fence('relaxed' as never);
        } catch {}
        thread.words.pause();
      }
    };
    const options = { spinAssume: true, spinRounds: 10 };
    expect(() => check({ threads: { spin: spin(5) } }, options)).toThrow('relaxed is no order of a fence');
    expect(check({ threads: { spin: spin(50) } }, options)).toMatchObject({ findings: [{ kind: 'stuck thread' }] });
  });
});

it.each<[string, () => void]>([
  ['swallowed', () => {}],
  ['replaced', () => expect.unreachable('an error of the thread')],
])('the error that cuts a thread is not to be %s', (_, then) => {
  const waits = (thread: ModelThread): void => {
    try {
      thread.words.wait(DATA as Address, 0n);
    } catch {
      then();
    }
  };
  expect(() => check({ threads: { waits } })).toThrow('thread waits swallows the error that cuts it');
});
