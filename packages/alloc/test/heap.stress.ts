import { Heap, type HeapOptions } from '@pool/alloc';
import { type Address, type Owner, type OwnerId, Pool } from '@pool/core';
import { expect, it } from 'vitest';
import { Random } from '../src/testing/random.ts';
import { Party, rounds } from './support/threads.ts';
import type { HeapChurn } from './workers/heap-churn.ts';

const FILE = 'heap-churn.ts';
const ADDRESSES: number = 2 ** 29;
const SLOTS = 64;

/** What a worker says when it is done. */
interface Churned {
  readonly allocated: number;
  readonly refused: number;
  readonly foreign: number;
}

/** A heap that begins small, and what all workers that use it are told. */
function set(maxWords: number) {
  const options: HeapOptions = { words: 2 ** 14, maxWords, growBy: 2 ** 15 };
  const pool = Pool.create({ words: 2 ** 16, maxWords: maxWords + 2 ** 16, owners: 12, segments: 0 });
  const heap = Heap.create(pool, pool.reserve(Heap.size(options)), options, pool.owner);
  const line = (): Address => pool.reserve(16);
  const common = {
    pool: pool.handle,
    heap: heap.handle,
    slots: pool.reserve(SLOTS),
    slotCount: SLOTS,
    leaves: true,
    stop: line(),
    progress: line(),
    steps: Number.MAX_SAFE_INTEGER,
  };
  return { pool, heap, line, common, maxWords };
}

/** Frees what was left in the slots. */
function emptySlots({ pool, heap, common: { slots } }: ReturnType<typeof set>): void {
  for (let slot: number = slots; slot < slots + SLOTS; slot++) {
    const block = pool.exchangeNumber(slot as Address, 0);
    if (block !== 0) heap.free((block % ADDRESSES) as Address);
  }
}

/** Nothing is live, and every word is to be had, once. */
function expectWhole({ pool, heap, maxWords }: ReturnType<typeof set>): void {
  heap.release();
  const { capacity, ...rest } = heap.stats();
  expect(capacity).toBeLessThanOrEqual(maxWords);
  expect(rest).toMatchObject({ used: 0, free: capacity, live: 0 });
  const ungrowing = Heap.attach(pool, heap.handle, pool.owner, () => undefined);
  let had = 0;
  for (let words = ungrowing.largest; words >= 128; ) {
    if (ungrowing.allocate(words) === undefined) words /= 2;
    else had += words;
  }
  expect(had).toBe(capacity);
}

function ownerIn(pool: Pool, at: Address): Owner {
  const signed = pool.loadNumber(at);
  return { id: (signed % 2 ** 16) as OwnerId, generation: Math.floor(signed / 2 ** 16) };
}

it.each([
  { room: 'room for all', maxWords: 2 ** 20 },
  { room: 'room for some', maxWords: 2 ** 16 },
])(
  'four threads, mixed sizes, $room: no block is in two hands, none is lost',
  async ({ maxWords }) => {
    const stage = set(maxWords);
    const steps = rounds(400_000_000, 5_000_000);
    const parties = [1, 2, 3, 4].map(
      (seed) => new Party<Churned>(FILE, { ...stage.common, steps, owner: stage.line(), seed } satisfies HeapChurn),
    );
    for (const { allocated, foreign } of await Promise.all(parties.map(({ gone }) => gone))) {
      expect(allocated).toBeGreaterThan(steps / 10);
      expect(foreign).toBeGreaterThan(steps / 100);
    }
    emptySlots(stage);
    expectWhole(stage);
  },
  1_800_000,
);

it('workers are killed at random moments while two others go on: nothing is lost, nothing is in two hands', async () => {
  const stage = set(2 ** 18);
  const { pool, heap, line, common } = stage;
  const random = new Random(11);
  const survivors = [1, 2].map((seed) => {
    const owner = line();
    return { owner, party: new Party<Churned>(FILE, { ...common, owner, seed } satisfies HeapChurn) };
  });
  let left = 0;
  try {
    for (let death = 0; death < rounds(200, 10); death++) {
      const [progress, owner] = [line(), line()];
      const moment = random.below(5_000);
      const seed = 100 + death;
      const victim = new Party(FILE, { ...common, leaves: false, progress, owner, seed } satisfies HeapChurn);
      while (!victim.ended && (pool.loadNumber(progress) < moment || pool.loadNumber(owner) === 0))
        await new Promise((resolve) => setImmediate(resolve));
      await victim.kill();
      const dead = ownerIn(pool, owner);
      expect(pool.owners.markDead(dead)).toBe(true);
      left += heap.recover(dead);
      expect(heap.recover(dead)).toBe(0);
      expect(pool.owners.bury(dead)).toBe(true);
    }
  } finally {
    pool.storeNumber(common.stop, 1);
    await Promise.all(survivors.map(({ party }) => party.gone));
  }
  expect(left, 'blocks that the dead had').toBeGreaterThan(0);
  emptySlots(stage);
  // What a victim took out of a slot and had not freed is still in the name of the survivor who left it there.
  for (const { owner } of survivors) {
    pool.owners.markDead(ownerIn(pool, owner));
    heap.recover(ownerIn(pool, owner));
  }
  expectWhole(stage);
}, 1_800_000);
