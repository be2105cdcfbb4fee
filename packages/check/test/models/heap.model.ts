/** The heap where threads meet: at pages that are cut and put together, and at slabs that one frees into while another lets go. */
import { Heap, type HeapOptions } from '@pool/alloc';
import { type Address, AddressError, LINE_WORDS, type Words } from '@pool/core';
import { describe } from 'vitest';
import type { FinalState, ModelProgram, ModelThread } from '../../src/index.ts';
import { model, owner, type Planted } from './model.ts';

const BASE = 16 as Address;
const SLOT = 0 as Address;
/** Words that the smallest heap has. */
const ALL = 4096;
const TORN: Planted = {
  name: 'words are changed by load and store',
  bug: { torn: () => true },
  shows: 'final condition',
};
const UNFENCED: Planted = {
  name: 'the fences are left out',
  bug: { fences: true },
  shows: 'final condition',
  weak: true,
};

function heap(words: Words, id: number): Heap {
  return Heap.attach(words, BASE, owner(id));
}

function lay(words: Words, strategy: NonNullable<HeapOptions['strategy']>): Heap {
  return Heap.create(words, BASE, { words: ALL, strategy }, owner(0));
}

/** Whether this thread freed a block, and no other did. */
function frees(own: Heap, at: Address): boolean {
  try {
    own.free(at);
    return true;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return false;
  }
}

describe('a heap of pages', () => {
  const PAGE = 16;
  /** All is taken but `left` words, in one block. */
  const filled = (words: Words, left: number): Heap => {
    const laid = lay(words, 'buddy');
    for (let size = ALL / 2; size >= left; size /= 2) laid.allocate(size);
    return laid;
  };
  const allocates =
    (id: number) =>
    (thread: ModelThread): void => {
      const at = heap(thread.words, id).allocate(PAGE);
      thread.assume(at !== undefined); // the other may have both halves in its hands for as long as this one looks
      thread.observe(thread.name, at ?? 0);
    };

  model(
    'cuts a block in two for two',
    {
      initial: (words) => void filled(words, 2 * PAGE),
      threads: { a: allocates(1), b: allocates(2) },
      final: (end) => {
        const [a, b] = ['a', 'b'].map((name) => Number(end.observed(name)) as Address) as [Address, Address];
        end.assert(Math.abs(a - b) === PAGE, `they have ${a} and ${b}`);
        const last = heap(end.words, 3);
        for (const at of [a, b]) last.free(at);
        end.assert(last.allocate(2 * PAGE) === Math.min(a, b), 'the halves are one again');
      },
    },
    { planted: [TORN] },
    { spinAssume: true },
  );

  let halves: readonly Address[] = [];
  const freesHalf =
    (id: number) =>
    (thread: ModelThread): void =>
      heap(thread.words, id).free(halves[id] as Address);
  model(
    'puts two halves together that two free at once',
    {
      initial: (words) => {
        const laid = filled(words, 2 * PAGE);
        halves = [laid.allocate(PAGE), laid.allocate(PAGE)] as Address[];
      },
      threads: { a: freesHalf(0), b: freesHalf(1) },
      final: (end) => end.assert(heap(end.words, 3).allocate(2 * PAGE) === halves[0], 'the halves are one again'),
    },
    { planted: [TORN] },
  );
});

describe('a heap of slabs', () => {
  /** The largest class: a slab of it is all the pages there are. */
  const BLOCK = 512;
  const BLOCKS = 7;

  model(
    'gives the pages of a slab back whose last block is freed while its owner lets go of it',
    {
      initial: (words) => void lay(words, 'general'),
      threads: {
        owner({ words }) {
          const own = heap(words, 1);
          words.store(SLOT, BigInt(own.allocate(BLOCK) as Address));
          own.release();
        },
        other(thread) {
          const at = Number(thread.words.load(SLOT)) as Address;
          thread.observe('freed', at > 0);
          if (at > 0) heap(thread.words, 2).free(at);
        },
      },
      final: (end) => {
        const size = end.observed('freed') ? ALL : BLOCK;
        end.assert(heap(end.words, 3).allocate(size) !== undefined, `${size} words are to be had`);
      },
    },
    { outcomes: ['freed=true', 'freed=false'], planted: [TORN, UNFENCED] },
  );

  let block = 0 as Address;
  /** Every block of the only slab is live, and the slab is nobody's. */
  const full = (words: Words): void => {
    const laid = lay(words, 'general');
    for (let count = 0; count < BLOCKS; count++) block = laid.allocate(BLOCK) as Address;
    laid.release();
  };

  model(
    'shows the next owner of a block what the last one did',
    {
      initial: full,
      threads: {
        last({ words }) {
          words.storePlain(block, 1n);
          heap(words, 1).free(block);
        },
        next(thread) {
          const at = heap(thread.words, 2).allocate(BLOCK);
          thread.observe('had', at !== undefined);
          if (at === undefined) return;
          thread.assert(at === block, 'it is the one that was freed');
          thread.words.storePlain(at, 2n);
        },
      },
    },
    {
      outcomes: ['had=true', 'had=false'],
      planted: [
        {
          name: 'updates are relaxed and the fences left out',
          bug: { updates: () => true, fences: true },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );

  const freesBlock =
    (id: number) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, frees(heap(thread.words, id), block));
  model(
    'takes a block back from one of two',
    {
      initial: full,
      threads: { a: freesBlock(1), b: freesBlock(2) },
      final: (end: FinalState) => {
        end.assert(end.observed('a') !== end.observed('b'), 'one freed it');
        end.assert(heap(end.words, 3).allocate(BLOCK) === block, 'it is to be had');
      },
    },
    { outcomes: ['a=true b=false', 'a=false b=true'], planted: [TORN] },
  );

  model(
    'gives a slab that has room to one of two',
    {
      initial: (words) => {
        full(words);
        heap(words, 3).free(block);
      },
      threads: Object.fromEntries(
        ['a', 'b'].map((name, index) => [
          name,
          (thread: ModelThread): void => thread.observe(name, heap(thread.words, 1 + index).allocate(BLOCK) === block),
        ]),
      ),
      final: (end) => end.assert(end.observed('a') !== end.observed('b'), 'one has it'),
    },
    { outcomes: ['a=true b=false', 'a=false b=true'], planted: [TORN] },
  );

  const DEAD = owner(4);
  /** With relaxed accesses for plain ones: recovery looks at words that a slab's owner writes plainly, and believes none of them. */
  const relaxed = (thread: ModelThread): Words => {
    const accesses: Partial<Words> = {
      loadPlain: (at) => thread.load(at, 'relaxed'),
      storePlain: (at, value) => thread.store(at, value, 'relaxed'),
      storePlainNumber: (at, value) => thread.store(at, value, 'relaxed'),
    };
    return new Proxy(thread.words, {
      get(target, name) {
        const member: unknown = Reflect.get(name in accesses ? accesses : target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  };
  model(
    'is whole again when one frees what it has in the slab of a dead owner and another recovers that',
    {
      initial: (words) => {
        lay(words, 'general');
        const dead = Heap.attach(words, BASE, DEAD);
        dead.allocate(BLOCK);
        block = dead.allocate(BLOCK) as Address;
        dead.transfer(block, owner(1));
      },
      threads: {
        living: ({ words }) => heap(words, 1).free(block),
        host: (thread) => thread.observe('recovered', heap(thread.words, 2).recover(DEAD)),
      },
      final: (end) => end.assert(heap(end.words, 3).allocate(ALL) !== undefined, 'all words are to be had'),
    },
    { outcomes: ['recovered=1'], planted: [TORN, UNFENCED] },
  );

  model(
    'has a block of a dead owner back, whoever has its slab meanwhile',
    {
      initial: (words) => {
        const laid = lay(words, 'general');
        const blocks = Array.from({ length: BLOCKS }, () => laid.allocate(BLOCK) as Address);
        laid.transfer(blocks[3] as Address, DEAD);
        laid.release();
        heap(words, 3).free(blocks[5] as Address);
      },
      threads: {
        living(thread) {
          const own = heap(relaxed(thread), 1);
          own.allocate(BLOCK);
          own.release();
        },
        host: (thread) => thread.observe('recovered', heap(thread.words, 2).recover(DEAD)),
      },
      final: (end) => end.assert(heap(end.words, 3).allocate(BLOCK) !== undefined, 'its block is to be had'),
    },
    { outcomes: ['recovered=1'], planted: [TORN] },
  );
});

describe('a heap that grows', () => {
  const NEXT = 0 as Address;
  const FRESH = 32_768;
  // As heap-layout.ts has it: how many pages are claimed, and an entry for each chunk, of which the first is there.
  const [CLAIMED, CHUNKS] = [BASE + 5, BASE + LINE_WORDS];
  const isEntry = (at: number): boolean => at > CHUNKS && at < CHUNKS + 3;
  /** Words that nobody has had. */
  const fresh =
    (words: Words) =>
    (count: number): Address =>
      words.fetchAddNumber(NEXT, count) as Address;
  const growing = (words: Words, id: number): Heap => Heap.attach(words, BASE, owner(id), fresh(words));
  const allocates =
    (id: number) =>
    (thread: ModelThread): void =>
      thread.observe(thread.name, growing(thread.words, id).allocate(ALL) ?? 'none');
  /** All is taken, and so many more chunks of that size may be added. */
  const program = (more: number): ModelProgram => ({
    initial: (words) => {
      words.storeNumber(NEXT, FRESH);
      const options = { words: ALL, maxWords: (1 + more) * ALL, growBy: ALL };
      Heap.create(words, BASE, options, owner(0), fresh(words)).allocate(ALL);
    },
    threads: { a: allocates(1), b: allocates(2) },
  });

  model(
    'adds a chunk for each of two',
    {
      ...program(2),
      final: (end) => {
        const last = growing(end.words, 3);
        for (const name of ['a', 'b']) last.free(Number(end.observed(name)) as Address);
        end.assert(last.stats().free === 2 * ALL, 'both are free');
      },
    },
    {
      planted: [
        {
          name: 'chunks are entered by load and store',
          bug: { torn: isEntry },
          shows: 'final condition',
        },
      ],
    },
  );

  model(
    'adds the last chunk for one of two',
    {
      ...program(1),
      final: (end) => end.assert((end.observed('a') === 'none') !== (end.observed('b') === 'none'), 'one has it'),
    },
    {
      planted: [
        {
          name: 'pages are claimed by load and store',
          bug: { torn: (at) => at === CLAIMED },
          shows: 'final condition',
        },
        {
          name: 'chunks are entered relaxed',
          bug: { updates: isEntry },
          shows: 'data race',
          weak: true,
        },
      ],
    },
  );
});
