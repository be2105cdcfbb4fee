/**
 * What can happen to a heap between two operations on words: another owner's turn, or a death, after which recovery finds
 * whatever was half done. In either case the heap is whole afterwards.
 */
import { type Address, type Owner, Pool, type Words } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { Heap, type HeapOptions } from '../src/index.ts';
import { Random } from '../src/testing/random.ts';
import { Thread } from './support/interleave.ts';
import { rounds } from './support/threads.ts';

const OPTIONS: HeapOptions = { words: 8192, maxWords: 2 ** 15, growBy: 8192 };

type Program = (heap: Heap, others: readonly Address[]) => void;

/** Each is run by an owner of its own, to whom `others` are blocks that another one answers for. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'cutting a slab': (heap) => {
    heap.allocate(8);
  },
  'using up a slab, and the next': (heap) => {
    for (let count = 0; count < 9; count++) heap.allocate(512);
  },
  'freeing a magazine’s block': (heap) => {
    const at = heap.allocate(3) as Address;
    heap.allocate(3);
    heap.free(at);
  },
  'giving a magazine back': (heap) => {
    heap.free(heap.allocate(100) as Address);
    heap.release();
  },
  'returning blocks to slabs of others': (heap, others) => {
    for (const at of others) heap.free(at);
  },
  'taking pages and giving them back': (heap) => {
    const at = heap.allocate(600) as Address;
    heap.allocate(600);
    heap.free(at);
  },
  'taking over a slab and giving it back': (heap) => {
    heap.free(heap.allocate(512) as Address);
    heap.allocate(16);
    heap.release();
  },
  growing: (heap) => {
    heap.allocate(8192);
  },
};
/** Of each two programs, a random sample of the places where they can be held up. */
const ROUNDS = 12;
const NAMES = Object.keys(PROGRAMS);

interface Stage {
  readonly pool: Pool;
  readonly heap: Heap;
  /** Two live blocks of pages that are halves of one. */
  readonly halves: readonly [Address, Address];
  readonly begin: (program: Program, share: number) => { thread: Thread<void>; owner: Pool['owner'] };
}

/** A heap in which a bystander has live blocks: a full slab it has let go of, a slab of its own, and pages of which two are halves of one. */
function set(): Stage {
  const pool = Pool.create({ words: Heap.size(OPTIONS) + 64, maxWords: 2 ** 16, owners: 5, segments: 0 });
  const heap = Heap.create(pool, pool.reserve(Heap.size(OPTIONS)), OPTIONS, pool.owner);
  const blocks = [512, 512, 512, 512, 512, 512, 512, 512, 16, 16, 700, 700, 700].map(
    (words) => heap.allocate(words) as Address,
  );
  const shares = [blocks.filter((_, index) => index % 2 === 0), blocks.filter((_, index) => index % 2 === 1)];
  const begin = (program: Program, share: number) => {
    const { owner } = Pool.attach(pool.handle);
    const run = (words: Words): void =>
      program(
        Heap.attach(words, heap.handle, owner, (count) => (words as Pool).tryReserve(count)),
        shares[share] ?? [],
      );
    return { thread: new Thread(pool, run), owner };
  };
  return { pool, heap, halves: [blocks[11] as Address, blocks[12] as Address], begin };
}

/** Frees whatever is live, and then every word is to be had: in one piece, as at the beginning, and once. */
function expectWhole({ pool, heap }: Stage): void {
  for (const { at, state } of [...heap.blocks()]) if (state === 'live') heap.free(at);
  heap.release();
  const { capacity, ...rest } = heap.stats();
  expect(rest).toMatchObject({ used: 0, free: capacity, largestFree: 8192, live: 0 });
  const ungrowing = Heap.attach(pool, heap.handle, pool.owner, () => undefined);
  for (let had = 0; had < capacity; had += 8192) expect(ungrowing.allocate(8192), `of ${capacity} words`).toBeDefined();
  expect(ungrowing.allocate(1), 'a block of words that are somebody’s').toBeUndefined();
}

describe.each(NAMES)('a death while %s', (name) => {
  const program = PROGRAMS[name] as Program;

  it('leaves nothing that recovery does not find, whatever step it comes after', () => {
    let deaths = 0;
    for (let ended = false; !ended; deaths++) {
      const stage = set();
      const { pool, heap, begin } = stage;
      const { thread, owner } = begin(program, 0);
      for (let step = 0; step < deaths && thread.pending !== undefined; step++) thread.step();
      ended = thread.pending === undefined;
      const before = heap.stats().live;
      pool.owners.markDead(owner);
      const own = [...heap.blocks()].filter((each) => each.state === 'live' && each.owner?.id === owner.id).length;
      expect(heap.recover(owner)).toBe(own);
      expect(heap.recover(owner)).toBe(0);
      expect(heap.stats().live).toBe(before - own);
      expect([...heap.blocks()].every((each) => each.owner?.id !== owner.id)).toBe(true);
      expectWhole(stage);
    }
    expect(deaths).toBeGreaterThan(5);
  });

  it.each(NAMES)('does no harm to an owner held up while %s', (bystander) => {
    const random = new Random(1);
    const length = (which: Program): number => {
      const { thread } = set().begin(which, 1);
      let steps = 0;
      for (; thread.pending !== undefined; steps++) thread.step();
      return steps;
    };
    const other = PROGRAMS[bystander] as Program;
    const [dying, living] = [length(program), length(other)];
    for (let round = 0; round < ROUNDS; round++) {
      const stage = set();
      const { pool, heap, begin } = stage;
      const dead = begin(program, 0);
      const live = begin(other, 1);
      const [deadAt, heldUpAt] = [random.below(dying + 1), random.below(living + 1)];
      const early = random.below(2) === 0 ? dead : live;
      for (const { thread } of [early, early === dead ? live : dead])
        for (let step = 0; step < (thread === dead.thread ? deadAt : heldUpAt) && thread.pending !== undefined; step++)
          thread.step();
      pool.owners.markDead(dead.owner);
      heap.recover(dead.owner);
      live.thread.finish();
      expect(heap.recover(dead.owner), `dead at ${deadAt}, held up at ${heldUpAt}`).toBe(0);
      pool.owners.markDead(live.owner);
      heap.recover(live.owner);
      expectWhole(stage);
    }
  });
});

describe.each(NAMES)('an owner held up while %s', (name) => {
  it.each(NAMES)('lets another go on while %s, and nothing needs recovery', (other) => {
    const finishing =
      (which: string): Program =>
      (heap, others) => {
        (PROGRAMS[which] as Program)(heap, others);
        heap.release();
      };
    for (let heldUpAt = 0, ended = false; !ended; heldUpAt += rounds(1, 3)) {
      const stage = set();
      stage.heap.release();
      const { thread } = stage.begin(finishing(name), 0);
      for (let step = 0; step < heldUpAt && thread.pending !== undefined; step++) thread.step();
      ended = thread.pending === undefined;
      stage.begin(finishing(other), 1).thread.finish();
      thread.finish();
      expectWhole(stage);
    }
  });
});

it('makes one of two halves that are freed at once, even if one of the two owners dies', () => {
  let deaths = 0;
  for (let met = 0, ended = false; !ended; met++)
    for (let deadAt = met; ; deadAt++, deaths++) {
      const stage = set();
      const { pool, heap, halves } = stage;
      const [dies, lives] = halves;
      expect(Math.abs(dies - lives)).toBe(1024);
      const { thread, owner } = stage.begin((own) => own.free(dies), 0);
      for (let step = 0; step < met && thread.pending !== undefined; step++) thread.step();
      heap.free(lives);
      for (let step = met; step < deadAt && thread.pending !== undefined; step++) thread.step();
      ended = thread.pending === undefined && deadAt === met;
      pool.owners.markDead(owner);
      heap.recover(owner);
      expectWhole(stage);
      if (thread.pending === undefined) break;
    }
  expect(deaths).toBeGreaterThan(100);
});

it.each([
  { meanwhile: 'is claimed', gone: false },
  { meanwhile: 'changes hands', gone: true },
])('finds what a dead owner has in a slab that $meanwhile meanwhile', ({ gone }) => {
  const options: HeapOptions = { words: 4096 };
  for (let heldUpAt = 0, ended = false; !ended; heldUpAt++) {
    const pool = Pool.create({ words: Heap.size(options) + 64, owners: 4, segments: 0 });
    const heap = Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner);
    const [dead, host, living] = [0, 1, 2].map(() => Pool.attach(pool.handle).owner) as [Owner, Owner, Owner];
    // All the pages are one slab of seven blocks, nobody's. One is the dead owner's, one is free.
    const blocks = Array.from({ length: 7 }, () => heap.allocate(512) as Address);
    heap.transfer(blocks[3] as Address, dead);
    heap.release();
    heap.free(blocks[5] as Address);
    pool.owners.markDead(dead);

    const recovering = new Thread(pool, (words) => Heap.attach(words, heap.handle, host).recover(dead));
    for (let step = 0; step < heldUpAt && recovering.pending !== undefined; step++) recovering.step();
    ended = recovering.pending === undefined;
    const own = Heap.attach(pool, heap.handle, living);
    own.allocate(512);
    if (gone) own.release();
    expect(recovering.finish(), `held up at ${heldUpAt}`).toBe(1);
    if (!gone) own.release();
    expect([...heap.blocks()].filter((each) => each.owner?.id === dead.id)).toEqual([]);
  }
});
