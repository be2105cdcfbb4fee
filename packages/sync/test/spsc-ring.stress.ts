import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { SpscRing, type SpscRingOptions } from '../src/index.ts';
import { LONG, play, type Stage } from './support/streams.ts';

const PER_SENDER = LONG ? 2_000_000 : 50_000;

function stage(options: SpscRingOptions, closes: boolean): Stage {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const base = pool.reserve(SpscRing.size(options));
  const ring = SpscRing.create(pool, base, options);
  // A sender that is done leaves its end to the next; here nobody comes after it.
  const close = (): void => {
    if (closes) for (const row of pool.owners.list()) ring.recover(row);
    ring.sender().close();
  };
  return { pool, base, close, recover: (owner) => ring.recover(owner) };
}

describe.each([
  { capacity: 2, ack: 'each' },
  { capacity: 64, ack: 'batch' },
  { capacity: 64, ack: 'batch', park: true, start: 2n ** 32n - 9n },
  { capacity: 1024, ack: 'each', start: 2n ** 50n - 9n },
] as const)('a ring of $capacity, ack $ack', ({ park, ...options }: SpscRingOptions & { park?: boolean }) => {
  it('delivers everything once, in order, and then ends', async () => {
    const troupe = { kind: 'spsc ring', senders: 1, receivers: 1, perSender: PER_SENDER } as const;
    await play(stage(options, true), { ...troupe, ...(park && { park }) });
  });
});
