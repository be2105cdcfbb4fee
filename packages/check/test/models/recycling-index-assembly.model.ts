/** The recycling index in assembly: the scenarios of its twin in TypeScript, and both on the same words. */
import { RECYCLING_INDEX, RecyclingIndex } from '@pool/alloc';
import { type Address, LINE_WORDS, type Words } from '@pool/core';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, owner } from './model.ts';
import { program } from './routines.ts';

const BASE = 0 as Address;
const OWNERS = 4;
const ONE = { limit: 1, owners: OWNERS };
const HOLDER = RECYCLING_INDEX.offsets.rest + OWNERS * LINE_WORDS;
const DATA = RecyclingIndex.size(ONE) as Address;
const TORN = { name: 'its holder is written by load and store', bug: { torn: (at: number) => at === HOLDER } };

/** The name of that owner as programs have it. */
function packed(id: number): number {
  return 2 ** 16 + id;
}

const INDEX = `include "pool:sync/recycling-index.pasm"
const DATA = ${DATA}
window queues words DATA + 1 {
}
data own_turns = words 0
`;

const entering = (name: string, id: number, text: string): string => `func thread_${name}() -> seen {
  call recycling_index_enter(0, ${packed(id)}, own_turns)
${text}
}
`;

const take = (name: string, id: number): string =>
  entering(name, id, `  call number, recycling_index_take(0, ${packed(id)})\n  i64.add seen, number, 1\n  ret seen`);

const give = (name: string, id: number): string =>
  entering(name, id, `  call seen, recycling_index_give(0, ${packed(id)}, own_turns, 0)\n  ret seen`);

/** Adds one to the data while it has the index. */
const count = (name: string, id: number): string =>
  entering(
    name,
    id,
    `  call number, recycling_index_take(0, ${packed(id)})
  br_eq number, RECYCLING_NONE, none
  shared_load n, queues[DATA]
  i64.add n, n, 1
  shared_store queues[DATA], n
  call seen, recycling_index_give(0, ${packed(id)}, own_turns, number)
  br_if seen, given
  trap "it was not given back"
given:
  ret seen
none:
  ret 0`,
  );

/** What it finds in the data, and 1, if it gets the index. */
const look = (name: string, id: number): string =>
  entering(
    name,
    id,
    `  call number, recycling_index_take(0, ${packed(id)})
  br_eq number, RECYCLING_NONE, none
  shared_load seen, queues[DATA]
  i64.add seen, seen, 1
  ret seen
none:
  ret 0`,
  );

function taken(words: Words): void {
  RecyclingIndex.create(words, BASE, ONE, owner(0));
  RecyclingIndex.attach(words, BASE, owner(3)).take();
}

function used(words: Words): void {
  taken(words);
  RecyclingIndex.attach(words, BASE, owner(0)).give(0);
}

describe('the recycling index in assembly', () => {
  model(
    'gives an index that came back to one of two',
    { ...program(`${INDEX}${take('a', 1)}${take('b', 2)}`), initial: used },
    { outcomes: ['a=1 b=0', 'a=0 b=1'] },
  );

  model(
    'gives a fresh index to one of two',
    {
      ...program(`${INDEX}${take('a', 1)}${take('b', 2)}`),
      initial: (words) => void RecyclingIndex.create(words, BASE, ONE, owner(0)),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=1 b=0', 'a=0 b=1'], planted: [{ ...TORN, shows: 'final condition' }] },
  );

  model(
    'shows who takes an index what was done by who had it before',
    {
      ...program(`${INDEX}${count('a', 1)}${look('b', 2)}`),
      initial: used,
      final: (end) => {
        const [a, b] = [end.observed('a'), end.observed('b')];
        end.assert(b !== 1n || a === 0n, 'who comes second sees the count');
      },
    },
    {
      outcomes: ['a=1 b=2', 'a=1 b=0', 'a=0 b=1'],
      planted: [
        { ...TORN, shows: 'final condition' },
        {
          name: 'its orders are relaxed',
          bug: { updates: () => true, loads: () => true, stores: () => true },
          shows: 'final condition',
          weak: true,
        },
      ],
    },
  );

  model(
    'takes an index back from one of two',
    {
      ...program(`${INDEX}${give('a', 1)}${give('b', 3)}`),
      initial: (words) => void RecyclingIndex.create(words, BASE, { ...ONE, limit: 2 }, owner(3)).take(),
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one gave it back');
        const last = RecyclingIndex.attach(end.words, BASE, owner(0));
        const all = [last.take(), last.take(), last.take()].join();
        end.assert(all === '0,1,-1', `in the end ${all} were to be had`);
      },
    },
    { outcomes: ['a=1 b=0', 'a=0 b=1'], planted: [{ ...TORN, shows: 'final condition' }] },
  );

  const routine = program(`${INDEX}${count('a', 1)}`);
  model(
    'shares an index with its twin in TypeScript',
    {
      ...routine,
      initial: used,
      threads: {
        ...routine.threads,
        b: (thread: ModelThread) => {
          const own = RecyclingIndex.attach(thread.words, BASE, owner(2));
          thread.observe('b', own.take() === 0 ? thread.words.load(DATA) + 1n : 0n);
        },
      },
    },
    { outcomes: ['a=1 b=2', 'a=1 b=0', 'a=0 b=1'], planted: [{ ...TORN, shows: 'assertion' }] },
  );
});
