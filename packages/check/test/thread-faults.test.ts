/** What a thread does wrong is a finding of the executions in which it does it; what cannot be checked ends the check. */
import { type Address, AddressError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { type CheckReport, check, formatFinding, type ModelThread } from '../src/index.ts';

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
