/** What is handed out without ever coming back by itself: bump allocation, fixed places, and those that parties hand over by agreement. */
import { BUMP, Bump, Protocol, StaticAllocator } from '@pool/alloc';
import { type Address, AddressError, type Words } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../../src/index.ts';
import { model, owner, type Planted } from './model.ts';

const BASE = 0 as Address;

/** Whether it was done, and not refused because no live block is there. */
const done = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return false;
  }
};

describe('a bump allocator', () => {
  const FIRST = BUMP.offsets.room as Address;
  const allocate =
    (id: number, words = 1) =>
    (thread: ModelThread): void => {
      const at = Bump.attach(thread.words, BASE, owner(id)).allocate(words);
      if (at === undefined) return;
      thread.words.storePlain(at, BigInt(id));
      thread.observe(thread.name, at);
    };
  model(
    'gives different words to two',
    {
      initial: (words) => void Bump.create(words, BASE, { words: 16 }, owner(0)),
      threads: { a: allocate(1), b: allocate(2) },
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'each has its own'),
    },
    { planted: [{ name: 'its top is moved by load and store', bug: { torn: () => true }, shows: 'data race' }] },
  );

  model(
    'gives the last words to one of two',
    {
      initial: (words) => void Bump.create(words, BASE, { words: 16 }, owner(0)),
      threads: { a: allocate(1, 8), b: allocate(2, 8) },
    },
    {
      outcomes: [`a=${FIRST}`, `b=${FIRST}`],
      planted: [{ name: 'its top is moved by load and store', bug: { torn: () => true }, shows: 'data race' }],
    },
  );

  const laid = (words: Words): void => {
    const bump = Bump.create(words, BASE, { words: 16 }, owner(0));
    bump.allocate(1);
    bump.transfer(FIRST, owner(3));
  };
  const frees = (thread: ModelThread): void =>
    thread.observe(
      'freed',
      done(() => Bump.attach(thread.words, BASE, owner(1)).free(FIRST)),
    );
  const recovers = (thread: ModelThread): void =>
    thread.observe('recovered', Bump.attach(thread.words, BASE, owner(2)).recover(owner(3)) === 1);
  model(
    'has a block of the dead freed or recovered, not both',
    {
      initial: laid,
      threads: { frees, recovers },
      final: (end) => end.assert(end.observed('freed') !== end.observed('recovered'), 'once'),
    },
    {
      outcomes: ['freed=true recovered=false', 'freed=false recovered=true'],
      planted: [{ name: 'holders are changed by load and store', bug: { torn: () => true }, shows: 'final condition' }],
    },
  );

  model(
    'finds a block while others are allocated',
    {
      initial: laid,
      threads: { a: allocate(1), frees },
      final: (end) => {
        const live = [...Bump.attach(end.words, BASE, owner(0)).blocks()].filter(({ state }) => state === 'live');
        end.assert(live.length === 1 && live[0]?.at === end.observed('a'), 'the other one is live');
      },
    },
    {
      outcomes: [`a=${FIRST + 1} freed=true`],
      planted: [{ name: 'its stores are relaxed', bug: { stores: () => true }, shows: 'final condition', weak: true }],
    },
  );
});

describe('a static allocator', () => {
  const handle = { base: BASE, sizes: [1, 1] };
  const allocator = ({ words }: Pick<ModelThread, 'words'>, id: number): StaticAllocator =>
    StaticAllocator.attach(words, handle, owner(id));
  const laid = (words: Words): StaticAllocator => StaticAllocator.create(words, BASE, handle.sizes, owner(0));
  const TORN: Planted = {
    name: 'holders are changed by load and store',
    bug: { torn: () => true },
    shows: 'final condition',
  };

  /** The first place that is nobody's. */
  const allocates =
    (id: number) =>
    (thread: ModelThread): void => {
      const own = allocator(thread, id);
      const at = own.allocate(1) ?? own.allocate(1, 1);
      thread.observe(thread.name, at ?? 'none');
    };
  model(
    'gives different places to two',
    {
      initial: (words) => void laid(words),
      threads: { a: allocates(1), b: allocates(2) },
      final: (end) => {
        end.assert(end.observed('a') !== end.observed('b'), 'each has its own');
        end.assert(allocator(end, 0).stats().free === 0, 'both are taken');
      },
    },
    { planted: [TORN] },
  );

  model(
    'shows the next one who has a place what the last one did',
    {
      initial: (words) => {
        const first = laid(words);
        first.transfer(first.allocate(1) as Address, owner(1));
      },
      threads: {
        last({ words }) {
          const own = allocator({ words }, 1);
          const at = own.place(0);
          words.storePlain(at, 7n);
          own.free(at);
        },
        next(thread) {
          const at = allocator(thread, 2).allocate(1);
          thread.observe('had', at !== undefined);
          if (at !== undefined) thread.assert(thread.words.loadPlain(at) === 7n, 'the last one is done');
        },
      },
    },
    {
      outcomes: ['had=true', 'had=false'],
      planted: [{ name: 'holders are relaxed', bug: { updates: () => true }, shows: 'data race', weak: true }],
    },
  );

  model(
    'has a place of the dead freed or recovered, not both',
    {
      initial: (words) => {
        const first = laid(words);
        first.transfer(first.allocate(1) as Address, owner(3));
      },
      threads: {
        frees(thread) {
          const own = allocator(thread, 1);
          thread.observe(
            'freed',
            done(() => own.free(own.place(0))),
          );
        },
        recovers: (thread) => thread.observe('recovered', allocator(thread, 2).recover(owner(3)) === 1),
      },
      final: (end) => end.assert(end.observed('freed') !== end.observed('recovered'), 'once'),
    },
    { outcomes: ['freed=true recovered=false', 'freed=false recovered=true'], planted: [TORN] },
  );
});

describe('a protocol', () => {
  const agreed = { base: BASE, sizes: [1], checked: true };
  const party = (thread: ModelThread, id: number): Protocol => Protocol.attach(thread.words, agreed, owner(id));

  const giver = (thread: ModelThread): void => {
    const own = party(thread, 1);
    const at = own.place(0);
    own.claim(at);
    thread.words.storePlain(at, 7n);
    own.offer(at, owner(2));
  };
  const taker =
    (looks: boolean) =>
    (thread: ModelThread): void => {
      const own = party(thread, 2);
      const at = own.place(0);
      if (looks && !own.isOffered(at)) return;
      own.accept(at);
      thread.assert(thread.words.loadPlain(at) === 7n);
    };
  const program = (looks: boolean): ModelProgram => ({
    initial: (words) => void Protocol.create(words, BASE, agreed, owner(1)),
    threads: { giver, taker: taker(looks) },
  });

  model('hands over what was written', program(true), {
    planted: [
      {
        name: 'its steps are relaxed',
        bug: { updates: () => true, loads: () => true },
        shows: 'data race',
        weak: true,
      },
    ],
  });

  it('is found broken by a party that does not wait for its turn', () => {
    const { findings } = check(program(false));
    expect(findings.map(({ kind }) => kind)).toContain('ownership violation');
  });

  const unchecked = { base: BASE, sizes: [1], checked: false };
  model(
    'hands over what was written without looking, too, if the parties keep to it',
    {
      initial: (words) => void Protocol.create(words, BASE, unchecked, owner(1)),
      threads: {
        giver({ words }) {
          const own = Protocol.attach(words, unchecked, owner(1));
          const at = own.place(0);
          own.claim(at);
          words.storePlain(at, 7n);
          own.offer(at, owner(2));
        },
        taker(thread) {
          const own = Protocol.attach(thread.words, unchecked, owner(2));
          const at = own.place(0);
          thread.observe('offered', own.isOffered(at));
          if (!own.isOffered(at)) return;
          own.accept(at);
          thread.assert(thread.words.loadPlain(at) === 7n);
        },
      },
    },
    {
      outcomes: ['offered=true', 'offered=false'],
      planted: [{ name: 'its steps are relaxed', bug: { stores: () => true }, shows: 'data race', weak: true }],
    },
  );

  const counts =
    (id: number) =>
    (thread: ModelThread): void => {
      const own = party(thread, id);
      const at = own.allocate(1);
      thread.observe(thread.name, at !== undefined);
      if (at === undefined) return;
      thread.words.storePlain(at, thread.words.loadPlain(at) + 1n);
      own.free(at);
    };
  model(
    'gives a place that is nobody’s to one at a time',
    {
      initial: (words) => void Protocol.create(words, BASE, agreed, owner(1)),
      threads: { a: counts(1), b: counts(2) },
    },
    {
      outcomes: ['a=true b=true', 'a=true b=false', 'a=false b=true'],
      planted: [
        { name: 'its steps are loads and stores', bug: { torn: () => true }, shows: 'data race' },
        {
          name: 'its steps are relaxed',
          bug: { updates: () => true, loads: () => true },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );
});
