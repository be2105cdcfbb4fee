import { FreeList, RecyclingIndex } from '@pool/alloc';
import { type Address, type Owner, type OwnerId, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { Random } from '../src/testing/random.ts';
import { Party, rounds } from './support/threads.ts';
import type { ComingAndGoing } from './workers/coming-and-going.ts';

const FILE = 'coming-and-going.ts';
const THINGS = 32;
const ENDLESS: number = Number.MAX_SAFE_INTEGER;

/** A strategy, and what all workers that use it are told. */
function set(kind: ComingAndGoing['kind']) {
  const pool = Pool.create({ words: 16_384, owners: 8, segments: 0 });
  const line = (): Address => pool.reserve(16);
  const common = { pool: pool.handle, kind, marks: pool.reserve(THINGS), stop: line(), progress: line() };
  if (kind === 'free list') {
    const options = { blocks: THINGS, blockWords: 16, owners: 8 };
    const list = FreeList.create(pool, pool.reserve(FreeList.size(options)), options, pool.owner);
    return {
      pool,
      line,
      common: { ...common, handle: list.handle },
      recover: (owner: Owner) => list.recover(owner),
      live: () => list.stats().live,
      take: () => list.allocate(16),
    };
  }
  const options = { limit: THINGS, owners: 8 };
  const index = RecyclingIndex.create(pool, pool.reserve(RecyclingIndex.size(options)), options, pool.owner);
  return {
    pool,
    line,
    common: { ...common, handle: index.handle },
    recover: (owner: Owner) => index.recover(owner),
    live: () => index.taken,
    take(): number | undefined {
      const taken = index.take();
      return taken < 0 ? undefined : taken;
    },
  };
}

/** Nothing is live, and every thing is to be had, once. */
function expectWhole({ live, take }: ReturnType<typeof set>): void {
  expect(live()).toBe(0);
  const all: number[] = [];
  for (let thing = take(); thing !== undefined && all.length <= THINGS; thing = take()) all.push(thing);
  expect(all).toHaveLength(THINGS);
  expect(new Set(all).size).toBe(THINGS);
}

/** Kills a worker after so many of its steps, and recovers; returns how many things it had. */
async function die(
  { pool, line, common, recover }: ReturnType<typeof set>,
  seed: number,
  moment: number,
): Promise<number> {
  const [progress, owner] = [line(), line()];
  const victim = new Party(FILE, { ...common, steps: ENDLESS, progress, owner, seed } satisfies ComingAndGoing);
  while (!victim.ended && (pool.loadNumber(progress) < moment || pool.loadNumber(owner) === 0))
    await new Promise((resolve) => setImmediate(resolve));
  await victim.kill();
  const name = pool.loadNumber(owner);
  const dead: Owner = { id: (name % 2 ** 16) as OwnerId, generation: Math.floor(name / 2 ** 16) };
  expect(pool.owners.markDead(dead)).toBe(true);
  const left = recover(dead);
  expect(recover(dead)).toBe(0);
  expect(pool.owners.bury(dead)).toBe(true);
  return left;
}

describe.each(['free list', 'recycling index'] as const)('%s', (kind) => {
  it('hands nothing out twice and loses nothing, with four threads at it', async () => {
    const stage = set(kind);
    const steps = rounds(2_000_000, 60_000);
    const parties = [1, 2, 3, 4].map(
      (seed) =>
        new Party<{ taken: number; refused: number }>(FILE, {
          ...stage.common,
          steps,
          owner: stage.line(),
          seed,
        } satisfies ComingAndGoing),
    );
    const answers = await Promise.all(parties.map(({ gone }) => gone));
    for (const { taken } of answers) expect(taken).toBeGreaterThan(steps / 10);
    expectWhole(stage);
  }, 600_000);

  it('loses nothing to workers that are killed at random moments, while another goes on', async () => {
    const stage = set(kind);
    const { pool, common } = stage;
    const random = new Random(7);
    const survivor = new Party(FILE, {
      ...common,
      steps: ENDLESS,
      owner: stage.line(),
      seed: 1,
    } satisfies ComingAndGoing);
    let left = 0;
    try {
      for (let death = 0; death < rounds(200, 10); death++) left += await die(stage, death, random.below(5_000));
    } finally {
      pool.storeNumber(common.stop, 1);
      await survivor.gone;
    }
    expect(left, 'blocks that the dead had').toBeGreaterThan(0);
    expectWhole(stage);
  }, 600_000);
});
