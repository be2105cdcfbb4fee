import { type Allocator, EpochReuse } from '@pool/alloc';
import { type Address, NO_HANDLE, Pool, type Slot, unpackOwner } from '@pool/core';
import { expect, test } from 'vitest';
import { type Combination, lay, type Opened, open, POLICIES, STORAGES } from './support/combinations.ts';
import { Party, rounds } from './support/threads.ts';
import type { Lived, SegmentLife } from './workers/segment-life.ts';

const ROOM = { segments: 24, largest: 3000, owners: 16 };
const SLOTS = 3;

function stage(combination: Combination) {
  const pool = Pool.create({ words: 2 ** 18, maxWords: 2 ** 23, owners: ROOM.owners, segments: ROOM.segments });
  const laid = lay(pool, combination, ROOM);
  const slots = Array.from({ length: SLOTS }, () => pool.reserve(1) as number as Slot);
  const stop = pool.reserve(1);
  const start = (steps: number, seed: number) => {
    const [progress, owner] = [pool.reserve(1), pool.reserve(1)];
    const task: SegmentLife = { pool: pool.handle, laid, slots, steps, stop, progress, owner, seed };
    return { party: new Party<Lived>('segment-life.ts', task), progress, owner };
  };
  return { pool, slots, stop, start, opened: open(pool, laid) };
}

/** How many published segments stand in no slot, and are kept by nobody else. */
function orphans(pool: Pool, slots: readonly Slot[], { segments, reuse }: Opened): number {
  const shown = new Set(slots.map((slot) => pool.load(slot as number as Address)));
  const published = [...segments.list()].filter(({ handle }) => !shown.has(handle));
  const kept = reuse instanceof EpochReuse ? reuse.garbage : 0;
  return reuse.name === 'ring' ? 0 : published.length - kept;
}

/** Once nobody is at it any more: all that is published is retired, and then every entry and all room is free, and free once. */
function assertWhole(slots: readonly Slot[], { segments, storage }: Opened): void {
  for (const slot of slots) segments.swap(slot, NO_HANDLE);
  for (const { handle, state } of segments.list()) {
    expect(state).toBe('published');
    try {
      segments.retire(handle);
    } catch (error) {
      expect(error).toMatchObject({ fault: 'stale' }); // it waits for readers that are gone by now
    }
  }
  const drafts = Array.from({ length: ROOM.segments + 1 }, () => segments.draft(ROOM.largest));
  expect(drafts.filter((draft) => draft !== undefined)).toHaveLength(ROOM.segments);
  const ranges = [...segments.list()].map(({ at, byteLength }) => [at, at + byteLength / 8] as const);
  expect(ranges).toHaveLength(ROOM.segments);
  ranges.sort(([one], [other]) => one - other);
  for (const [index, [begin]] of ranges.entries())
    if (index > 0) expect(begin).toBeGreaterThanOrEqual(ranges[index - 1]?.[1] as number);
  for (const draft of drafts) draft?.discard();
  const { stats } = storage as Partial<Allocator>;
  if (stats) expect(stats.call(storage).used).toBe(0);
}

const STEPS = rounds(400_000, 15_000);

test.each(
  POLICIES.flatMap((policy) => [
    { policy, storage: 'static' as const },
    { policy, storage: 'general' as const },
  ]),
)(
  '$policy over $storage: four threads, and no reader takes new bytes for old',
  async (combination) => {
    const { slots, start, opened } = stage(combination);
    const workers = [1, 2, 3, 4].map((seed) => start(STEPS, seed));
    const lived = await Promise.all(workers.map(({ party }) => party.gone));
    for (const { published, read } of lived) {
      expect(published).toBeGreaterThan(0);
      expect(read).toBeGreaterThan(0);
    }
    assertWhole(slots, opened);
  },
  600_000,
);

const DEATHS = rounds(200, 10);

test.each(
  POLICIES.flatMap((policy) => STORAGES.map((storage) => ({ policy, storage }))).filter(
    // The long campaign is for all of them; one of each shows the same in short.
    ({ storage }) => process.env.POOL_LONG !== undefined || storage === 'general',
  ),
)(
  '$policy over $storage: threads that die at random moments lose no entry and no room',
  async (combination) => {
    const { pool, slots, stop, start, opened } = stage(combination);
    const { segments } = opened;
    const bystander = start(Number.POSITIVE_INFINITY, 99);
    let dead = 0;
    for (let death = 0; death < DEATHS; death++) {
      const doomed = start(Number.POSITIVE_INFINITY, death);
      const lifetime = 20 + ((death * 7919) % 500);
      while (pool.loadNumber(doomed.progress) < lifetime && !doomed.party.ended) await new Promise(setImmediate);
      await doomed.party.kill();
      const owner = unpackOwner(pool.loadNumber(doomed.owner));
      expect(pool.owners.markDead(owner)).toBe(true);
      segments.recover(owner);
      expect(segments.recover(owner)).toBe(0);
      expect(pool.owners.bury(owner)).toBe(true);
      dead++;
    }
    pool.storeNumber(stop, 1);
    const lived = await bystander.party.gone;
    expect(lived.published).toBeGreaterThan(0);
    // A handle that a thread had in hand dies with it, and so nobody retires its segment; it stands in the list.
    expect(orphans(pool, slots, opened)).toBeLessThanOrEqual(dead);
    assertWhole(slots, opened);
  },
  600_000,
);
