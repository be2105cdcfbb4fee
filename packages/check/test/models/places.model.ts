/** What is handed out without ever coming back by itself: bump allocation, and places that parties hand over by agreement. */
import { Bump, Protocol } from '@pool/alloc';
import type { Address, Owner, OwnerId } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { check, type ModelProgram, type ModelThread } from '../../src/index.ts';
import { model } from './model.ts';

const BASE = 0 as Address;

function owner(id: number): Owner {
  return { id: id as OwnerId, generation: 1 };
}

describe('a bump allocator', () => {
  const allocate =
    (id: number) =>
    (thread: ModelThread): void => {
      const at = Bump.attach(thread.words, BASE, owner(id)).allocate(1);
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
});
