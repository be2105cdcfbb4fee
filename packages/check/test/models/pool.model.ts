/** What a pool does on its own words: reservations overlap nowhere, a row is one owner's, and its successor sees what it did. */
import { type Address, ExhaustedError, type Owner, type OwnerTable, type Words } from '@pool/core';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, owner, type Planted } from './model.ts';
import { PooledModel } from './pooled.ts';

const LENGTH = 16;
const TORN: Planted = {
  name: 'words are changed by load and store',
  bug: { torn: () => true },
  shows: 'final condition',
};

describe('a pool', () => {
  /** With so many lines that nobody has reserved. */
  const almostFull = (lines: number): PooledModel => {
    const made = new PooledModel({ words: 64, owners: 1, segments: 0 });
    made.pool.reserve(made.pool.unreserved - lines * LENGTH);
    return made;
  };
  const reserves =
    (pools: PooledModel) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, pools.on(thread.words).tryReserve(LENGTH) ?? 'none');

  const two = almostFull(2);
  model(
    'reserves different words for two',
    {
      initial: two.initial,
      threads: { a: reserves(two), b: reserves(two) },
      final: (end) => {
        const [a, b] = [Number(end.observed('a')), Number(end.observed('b'))];
        end.assert(Math.abs(a - b) === LENGTH, `they are at ${a} and ${b}`);
      },
    },
    { planted: [TORN] },
  );

  const one = almostFull(1);
  model(
    'reserves the last words for one of two',
    {
      initial: one.initial,
      threads: { a: reserves(one), b: reserves(one) },
      final: (end) => end.assert((end.observed('a') === 'none') !== (end.observed('b') === 'none'), 'one has them'),
    },
    { planted: [TORN] },
  );
});

describe('an owner table', () => {
  const BASE = 0 as Address;
  const DATA = 64 as Address;
  // The class is not exported, since people get theirs from a pool.
  const { owners } = new PooledModel({ words: 64, owners: 1, segments: 0 }).pool;
  const Table = owners.constructor as new (words: Words, base: Address, rows: number) => OwnerTable;
  const table = (words: Words, rows = 1): OwnerTable => new Table(words, BASE, rows);
  const FIRST: Owner = owner(0);
  const claimed = (words: Words): void => void table(words).claim();

  const claims = (thread: ModelThread): void => thread.observe(thread.name, table(thread.words, 2).claim().id);
  model(
    'gives two a row each',
    {
      threads: { a: claims, b: claims },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'each has its own'),
    },
    { outcomes: ['a=0 b=1', 'a=1 b=0'], planted: [TORN] },
  );

  model(
    'shows the next owner of a row what the last one did',
    {
      initial: claimed,
      threads: {
        last: ({ words }) => {
          words.storePlain(DATA, 7n);
          table(words).release(FIRST);
        },
        next: (thread) => {
          try {
            thread.observe('generation', table(thread.words).claim().generation);
            thread.assert(thread.words.loadPlain(DATA) === 7n, 'the last one is done');
          } catch (error) {
            if (!(error instanceof ExhaustedError)) throw error;
            thread.observe('generation', 'none');
          }
        },
      },
    },
    {
      outcomes: ['generation=2', 'generation=none'],
      planted: [{ name: 'releasing is relaxed', bug: { updates: () => true }, shows: 'data race', weak: true }],
    },
  );

  const buries = (thread: ModelThread): void => thread.observe(thread.name, table(thread.words).bury(FIRST));
  model(
    'lets one of two bury the dead',
    {
      initial: (words) => {
        claimed(words);
        table(words).markDead(FIRST);
      },
      threads: { a: buries, b: buries },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one did'),
    },
    { outcomes: ['a=true b=false', 'a=false b=true'], planted: [TORN] },
  );

  model(
    'takes an owner for dead, or lets it leave in good order',
    {
      initial: claimed,
      threads: {
        leaver: (thread) => thread.observe('leaves', table(thread.words).release(FIRST)),
        host: (thread) => thread.observe('dies', table(thread.words).markDead(FIRST)),
      },
      final: (end) => {
        end.assert(end.observed('leaves') !== end.observed('dies'), 'one of the two');
        const { status } = table(end.words).read(FIRST.id);
        end.assert(status === (end.observed('dies') ? 'dead' : 'free'), `the row is ${status}`);
      },
    },
    { outcomes: ['leaves=true dies=false', 'leaves=false dies=true'], planted: [TORN] },
  );
});
