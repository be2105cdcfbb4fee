/** The recycling index: what one has, no other has, who takes an index sees what was done with it, and a death loses nothing. */
import { RECYCLING_INDEX, RecyclingIndex } from '@pool/alloc';
import { type Address, LINE_WORDS, ValueError, type Words } from '@pool/core';
import { describe } from 'vitest';
import type { FinalState, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted } from './model.ts';

const BASE = 0 as Address;
const OWNERS = 4;
const ONE = { limit: 1, owners: OWNERS };
const { fresh: FRESH, head: HEAD, tail: TAIL, rest } = RECYCLING_INDEX.offsets;
/** The holder's word of the index 0, and the cell that all positions use. */
const HOLDER = rest + OWNERS * LINE_WORDS;
const CELL = HOLDER + LINE_WORDS;
const DATA = RecyclingIndex.size(ONE) as Address;
const NAMES = { fresh: FRESH, head: HEAD, tail: TAIL, holder: HOLDER, cell: CELL, data: DATA };

const TORN: Planted = {
  name: 'its holder is written by load and store',
  bug: { torn: (at) => at === HOLDER },
  shows: 'final condition',
};

function indices(words: Words, id: number): RecyclingIndex {
  return RecyclingIndex.attach(words, BASE, owner(id));
}

/** One index, which owner 3 has. */
function taken(words: Words): void {
  RecyclingIndex.create(words, BASE, ONE, owner(0));
  indices(words, 3).take();
}

/** One index, which came back already. */
function used(words: Words): void {
  taken(words);
  indices(words, 0).give(0);
}

const take =
  (id: number) =>
  (thread: ModelThread): void =>
    thread.observe(thread.name, indices(thread.words, id).take());

/** Whether it was this thread that gave the index back. */
function gives(own: RecyclingIndex): boolean {
  try {
    own.give(0);
    return true;
  } catch (error) {
    if (error instanceof ValueError) return false;
    throw error;
  }
}

/** The one index is to be had, and once. */
function isThere(end: FinalState): void {
  const last = indices(end.words, 0);
  const [first, second] = [last.take(), last.take()];
  end.assert(first === 0 && second === -1, `in the end ${first} and ${second} were to be had`);
}

describe('a recycling index', () => {
  model(
    'gives an index that came back to one of two',
    { names: NAMES, initial: used, threads: { a: take(1), b: take(2) } },
    { outcomes: ['a=0 b=-1', 'a=-1 b=0'] },
  );
  model(
    'gives a fresh index to one of two',
    {
      names: NAMES,
      initial: (words) => void RecyclingIndex.create(words, BASE, ONE, owner(0)),
      threads: { a: take(1), b: take(2) },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    {
      outcomes: ['a=0 b=-1', 'a=-1 b=0'],
      planted: [TORN],
    },
  );

  const counts =
    (id: number) =>
    (thread: ModelThread): void => {
      const own = indices(thread.words, id);
      const got = own.take() === 0;
      thread.observe(thread.name, got);
      if (!got) return;
      thread.words.storePlain(DATA, thread.words.loadPlain(DATA) + 1n);
      own.give(0);
    };
  model(
    'shows who takes an index what was done by those who had it before',
    {
      names: NAMES,
      initial: used,
      threads: { a: counts(1), b: counts(2) },
      final: (end) => {
        const had = [end.observed('a'), end.observed('b')].filter(Boolean).length;
        end.assert(end.words.load(DATA) === BigInt(had), 'everyone who had it has counted');
        isThere(end);
      },
    },
    {
      outcomes: ['a=true b=true', 'a=true b=false', 'a=false b=true'],
      planted: [
        { name: 'its holder is written by load and store', bug: { torn: (at) => at === HOLDER }, shows: 'assertion' },
        { name: 'its updates are relaxed', bug: { updates: () => true }, shows: 'data race', weak: true },
      ],
    },
  );

  const give =
    (id: number) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, gives(indices(thread.words, id)));
  model(
    'takes an index back from one of two',
    {
      names: NAMES,
      initial: (words) => void RecyclingIndex.create(words, BASE, { limit: 2, owners: OWNERS }, owner(3)).take(),
      threads: { a: give(1), b: give(3) },
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one gave it back');
        const last = indices(end.words, 0);
        const all = [last.take(), last.take(), last.take()].join();
        end.assert(all === '0,1,-1', `in the end ${all} were to be had`);
      },
    },
    {
      outcomes: ['a=true b=false', 'a=false b=true'],
      planted: [TORN],
    },
  );

  const recovers =
    (id: number) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, indices(thread.words, id).recover(owner(3)));
  model(
    'has what a dead owner had again, once, whoever recovers it',
    { names: NAMES, initial: taken, threads: { a: recovers(0), b: recovers(1) }, final: isThere },
    { outcomes: ['a=0 b=1', 'a=1 b=0'] },
  );
});
