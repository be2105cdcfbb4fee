import { manual } from '@pool/core';
import { describe, it } from 'vitest';
import { counted, EpochReuse, ring, ringSize } from '../src/index.ts';
import { type ReuseStrategy, reuseSuite } from '../src/testing/index.ts';

const SHAPE = { owners: 8, segments: 8 };

const STRATEGIES: readonly ReuseStrategy<never>[] = [
  { name: 'manual', kept: 'agreement', create: () => undefined as never, attach: () => manual() },
  { name: 'counted', kept: 'readers', create: () => undefined as never, attach: () => counted() },
  {
    name: 'ring',
    kept: 'age',
    create: (pool) => ({ base: pool.reserve(ringSize(4)), places: 4 }) as never,
    attach: (_, placed) => ring(placed),
  },
  {
    name: 'epoch',
    kept: 'readers',
    create: (pool) => ({ ...SHAPE, base: pool.reserve(EpochReuse.size(SHAPE)) }) as never,
    attach: (pool, placed) => new EpochReuse(pool, placed),
  },
];

describe.each(STRATEGIES)('$name', (strategy) => {
  it.each(reuseSuite(strategy))('$name', ({ run }) => run());
});
