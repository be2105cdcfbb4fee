/** The set of free indices: nobody takes what another has, and who takes an index sees what was written before it was added. */
import { type Address, IndexSet } from '@pool/core';
import { describe } from 'vitest';
import type { ModelProgram, ModelThread } from '../../src/index.ts';
import { model, type Planted } from './model.ts';

const SET = 16 as Address;
const DATA = 0 as Address;
const LEAF = 16;
const SUMMARY = 18;

function set({ words }: ModelThread, capacity: number): IndexSet {
  return new IndexSet(words, SET, capacity);
}

describe('an index set', () => {
  const take = (thread: ModelThread): void => thread.observe(thread.name, set(thread, 2).take());

  model(
    'gives an index to one of two',
    {
      initial: (words) => new IndexSet(words, SET, 2).add(1),
      threads: { a: take, b: take },
      final: (end) => end.assert((end.observed('a') === 1) !== (end.observed('b') === 1), 'one has it'),
    },
    {
      outcomes: ['a=1 b=-1', 'a=-1 b=1'],
      planted: [
        { name: 'the bit is cleared by load and store', bug: { torn: (at) => at === LEAF }, shows: 'final condition' },
      ],
    },
  );

  model(
    'publishes what was written before an index was added',
    {
      threads: {
        giver: (thread) => {
          thread.words.storePlain(DATA, 7n);
          set(thread, 2).add(0);
        },
        taker: (thread) => {
          if (set(thread, 2).take() === 0) thread.assert(thread.words.loadPlain(DATA) === 7n, 'it is written');
        },
      },
    },
    {
      planted: [{ name: 'the leaf is relaxed', bug: { updates: (at) => at === LEAF }, shows: 'data race', weak: true }],
    },
  );

  model(
    'loses nothing between a clearing and a raising of a summary bit',
    {
      initial: (words) => {
        const stale = new IndexSet(words, SET, 64);
        stale.add(40);
        stale.remove(40); // the summary bit of the second leaf stays behind
      },
      threads: {
        adder: (thread) => set(thread, 64).add(40),
        taker: (thread) => thread.observe('taken', set(thread, 64).take()),
      },
      final: (end) => {
        if (end.observed('taken') === -1)
          end.assert(new IndexSet(end.words, SET, 64).take() === 40, 'the index is found');
      },
    },
    {
      outcomes: ['taken=-1', 'taken=40'],
      planted: [
        {
          name: 'summaries are written by load and store',
          bug: { torn: (at) => at === SUMMARY },
          shows: 'final condition',
        },
      ],
    },
  );
});

describe('an index set of two leaves', () => {
  const CAPACITY = 40;
  const [LOW, HIGH] = [3, 35];
  const TORN: Planted = {
    name: 'words are changed by load and store',
    bug: { torn: () => true },
    shows: 'final condition',
  };
  const take = (thread: ModelThread): void => thread.observe(thread.name, set(thread, CAPACITY).take());
  const adds =
    (index: number) =>
    (thread: ModelThread): void =>
      set(thread, CAPACITY).add(index);

  /** Both summary bits are raised, and stale for what is not in at first. Every index of `there` is taken once, by a taker or at the end. */
  const program = (
    threads: ModelProgram['threads'],
    takers: readonly string[],
    first: readonly number[],
    there: readonly number[],
  ): ModelProgram => ({
    threads,
    initial: (words) => {
      const laid = new IndexSet(words, SET, CAPACITY);
      for (const index of [LOW, HIGH]) laid.add(index);
      for (const index of [LOW, HIGH]) if (!first.includes(index)) laid.remove(index);
    },
    final: (end) => {
      const left = new IndexSet(end.words, SET, CAPACITY);
      const found = takers.map((name) => Number(end.observed(name))).filter((index) => index >= 0);
      for (let index = left.take(); index >= 0; index = left.take()) found.push(index);
      found.sort((one, other) => one - other);
      end.assert(found.join() === there.join(), `${found} came out, and ${there} were in`);
    },
  });

  model(
    'has what is added while another clears',
    program({ adder: adds(HIGH), one: take, other: take }, ['one', 'other'], [], [HIGH]),
    { planted: [TORN] },
  );

  model(
    'has what two add under one summary bit',
    program({ adder: adds(HIGH), second: adds(HIGH + 1), one: take }, ['one'], [], [HIGH, HIGH + 1]),
    { planted: [TORN] },
  );

  model(
    'has what is taken and comes back',
    program(
      {
        adder: (thread) => {
          const own = set(thread, CAPACITY);
          const index = own.take();
          if (index >= 0) own.add(index);
        },
        one: take,
      },
      ['one'],
      [HIGH],
      [HIGH],
    ),
    { planted: [TORN] },
  );
});
