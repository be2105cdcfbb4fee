/** What is no program, no option and no order is refused, rather than checked as something else. */
import { Pool, ValueError } from '@pool/core';
import { expect, it } from 'vitest';
import { type CheckOptions, check, ModelError, type ModelProgram, type ModelThread } from '../src/index.ts';

const SHARED = Pool.create({ words: 1, segments: 0 });

const one = (body: (thread: ModelThread) => void) => ({ threads: { a: body, b: () => {} }, words: 4 });

it.each([
  { model: 'SC' },
  { model: 'constructor' },
  { equivalence: '__proto__' },
  { equivalence: 'q' },
  { unroll: 0 },
  { unroll: 1.5 },
  { spinRounds: 0 },
  { spinRounds: Number.POSITIVE_INFINITY },
  { eventsPerThread: 0 },
  { executions: 0 },
  { executions: Number.NaN },
  { milliseconds: -5 },
  { milliseconds: Number.NaN },
  { share: { index: 2, count: 2 } },
  { share: { index: 0, count: 0 } },
  { share: { dealt: 3 } },
  { share: { dealt: new Int32Array(1) } },
  { share: { dealt: { words: [0], at: 0 } } },
  { share: { dealt: { words: SHARED } } },
  { share: { dealt: { words: SHARED, at: 8 }, index: 0, count: 2 } },
  { share: 2 },
] as unknown as CheckOptions[])('the options %j', (options) => {
  expect(() =>
    check(
      one((thread) => thread.store(0, 1)),
      options,
    ),
  ).toThrow(ValueError);
});

it.each<[string, (thread: ModelThread) => unknown]>([
  ['a misspelt order', (thread) => thread.store(1, 1, 'relase' as never)],
  ['an order that every object has', (thread) => thread.store(1, 1, 'toString' as never)],
  ['an update that every object has', (thread) => thread.fetchAdd(1, 1, '__proto__' as never)],
  ['a fence that every object has', (thread) => thread.fence('constructor' as never)],
  ['a load that releases', (thread) => thread.load(1, 'release' as never)],
  ['a store that acquires', (thread) => thread.store(1, 1, 'acquire' as never)],
  ['a failure that releases', (thread) => thread.compareExchange(1, 0, 1, 'acq-rel', 'release' as never)],
  ['a fence of no order', (thread) => thread.fence('seq_cst' as never)],
  ['a plain update', (thread) => thread.fetchAdd(1, 1, 'plain' as never)],
  ['a plain exchange', (thread) => thread.exchange(1, 1, 'plain' as never)],
  ['a plain compare-exchange', (thread) => thread.compareExchange(1, 0, 1, 'plain' as never)],
  ['a plain fence', (thread) => thread.fence('plain' as never)],
  ['a relaxed fence', (thread) => thread.fence('relaxed' as never)],
])('%s', (_, body) => {
  expect(() => check(one((thread) => void body(thread)))).toThrow(ModelError);
});

it('a thread that goes on after its function has returned', () => {
  const later = async (thread: ModelThread): Promise<void> => thread.assert(false, 'seen by nobody');
  expect(() => check(one(later as (thread: ModelThread) => void))).toThrow('thread a is asynchronous');
});

it.each(['thread a', '`initial`', '`final`'])('%s that is a generator, of which nothing runs', (what) => {
  const nothing = function* (): Generator<void> {
    yield;
  };
  const program = what === 'thread a' ? one(nothing) : { ...one(() => {}), [what.replaceAll('`', '')]: nothing };
  expect(() => check(program)).toThrow(`${what} is a generator`);
});

it.each(['initial', 'final'] as const)('a function `%s` that goes on after it has returned', (name) => {
  const later = async (): Promise<void> => Promise.reject(new Error('seen by nobody'));
  expect(() => check({ ...one(() => {}), [name]: later })).toThrow(
    new ModelError(`\`${name}\` is asynchronous: what is checked ends when its function returns`),
  );
});

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'a program to check has `threads`: functions by name'],
  ['no object', 3, 'a program to check has `threads`: functions by name'],
  ['a program that does not say its threads', {}, 'a program to check has `threads`: functions by name'],
  ['threads that are null', { threads: null }, 'a program to check has `threads`: functions by name'],
  ['a program without threads', { threads: {} }, 'a program without threads has nothing to check'],
  ['a thread that is no function', { threads: { a: 3 } }, 'thread a is no function'],
  [
    'a misspelt part',
    { ...one(() => {}), finally: () => {} },
    'a program has no `finally`: there are threads, words, names, uninitialised, initial, final',
  ],
  ['a final condition that is no function', { ...one(() => {}), final: true }, '`final` of a program is no function'],
  ['words that are no number', { ...one(() => {}), words: '4' }, '`words` of a program is no number'],
  ['half a word', { ...one(() => {}), words: 0.5 }, '0.5 is no number of words'],
  ['names that are null', { ...one(() => {}), names: null }, '`names` of a program is no object'],
])('%s', (_, program, message) => {
  expect(() => check(program as ModelProgram)).toThrow(new ModelError(message));
});

it.each([
  [
    { bogus: 1 },
    'options: there is no `bogus`: there are model, equivalence, spinAssume, spinRounds, unroll, eventsPerThread, plant, share, executions, milliseconds',
  ],
  [{ toString: 1 }, 'options: there is no `toString`: there are model, '],
  [{ plant: { constructor: 1 } }, '`plant`: there is no `constructor`: there are loads, '],
  [{ plant: { foo: 1 } }, '`plant`: there is no `foo`: there are loads, stores, updates, torn, notifications, fences'],
  [{ plant: 1 }, '`plant`: an object is needed'],
  [null, 'options: an object is needed'],
])('the options %j, by name', (options, message) => {
  const checking = () =>
    check(
      one(() => {}),
      options as CheckOptions,
    );
  expect(checking).toThrow(ValueError);
  expect(checking).toThrow(message);
});
