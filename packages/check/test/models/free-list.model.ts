/** The free list: what one has, no other has, and what it held before is read out. */
import { FREE_LIST, FreeList } from '@pool/alloc';
import type { Address } from '@pool/core';
import { describe } from 'vitest';
import type { ModelThread } from '../../src/index.ts';
import { model, owner } from './model.ts';

const BASE = 0 as Address;
const OWNERS = 4;

describe('a free list', () => {
  const options = { blocks: 1, blockWords: 1, owners: OWNERS };
  const list = ({ words }: ModelThread, id: number): FreeList => FreeList.attach(words, BASE, owner(id));
  const allocate =
    (id: number) =>
    (thread: ModelThread): void => {
      const own = list(thread, id);
      const at = own.allocate(1);
      thread.observe(thread.name, at !== undefined);
      if (at === undefined) return;
      thread.words.storePlain(at, BigInt(id));
      thread.assert(thread.words.loadPlain(at) === BigInt(id), 'the block is its own');
      own.free(at);
    };
  const { head, fresh } = FREE_LIST.offsets;

  model(
    'gives its only block to one at a time',
    {
      initial: (words) => {
        const laid = FreeList.create(words, BASE, options, owner(0));
        laid.free(laid.allocate(1) as Address);
      },
      threads: { a: allocate(1), b: allocate(2) },
    },
    {
      planted: [
        { name: 'its head is moved by load and store', bug: { torn: (at) => at === head }, shows: 'data race' },
        { name: 'its head is relaxed', bug: { updates: (at) => at === head }, shows: 'data race', weak: true },
      ],
    },
  );

  model(
    'gives a fresh block to one of two',
    {
      initial: (words) => void FreeList.create(words, BASE, options, owner(0)),
      threads: { a: allocate(1), b: allocate(2) },
    },
    {
      planted: [
        { name: 'fresh blocks are counted by load and store', bug: { torn: (at) => at >= fresh }, shows: 'data race' },
      ],
    },
  );
});
