import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { SpscRing, type SpscRingOptions } from '../src/index.ts';
import { massacre, play, type Stage } from './support/streams.ts';
import { PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(2_000_000, 50_000);

function stage(options: SpscRingOptions): Stage {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const base = pool.reserve(SpscRing.size(options));
  const ring = SpscRing.create(pool, base, options);
  // A sender that is done leaves its end to the next; here nobody comes after it.
  const close = (): void => {
    for (const row of pool.owners.list()) ring.recover(row);
    ring.sender().close();
  };
  const standIn = (role: 'sender' | 'receiver') => {
    const end = role === 'sender' ? { sender: ring.sender() } : { receiver: ring.receiver() };
    return {
      trySend: (value: bigint) => end.sender?.trySend(value) ?? 'no sender',
      tryReceive: () => end.receiver?.tryReceive() ?? 'no receiver',
      leave: () => (end.sender ?? end.receiver)?.leave(),
    };
  };
  return { pool, base, close, recover: (owner) => ring.recover(owner), standIn };
}

describe.each([
  { capacity: 2, ack: 'each' },
  { capacity: 64, ack: 'batch' },
  { capacity: 64, ack: 'batch', park: true, start: 2n ** 32n - 9n },
  { capacity: 1024, ack: 'each', start: 2n ** 50n - 9n },
] as const)('a ring of $capacity, ack $ack', ({ park, ...options }: SpscRingOptions & { park?: boolean }) => {
  it('delivers everything once, in order, and then ends', async () => {
    const troupe = { kind: 'spsc ring', senders: 1, receivers: 1, perSender: PER_SENDER } as const;
    await play(stage(options), { ...troupe, ...(park && { park }) });
  });
});

describe('threads that are terminated at random moments', () => {
  it.each([
    { victims: ['sender'], ack: 'each' },
    { victims: ['receiver'], ack: 'each' },
    { victims: ['sender'], ack: 'batch' },
    // What a dead receiver had taken and not told of, at most a quarter ring, its successor receives again.
    { victims: ['receiver'], ack: 'batch', again: 16 },
  ] as const)(
    'lose nothing that was acknowledged, and are followed by another $victims.0 (ack $ack)',
    async ({ ack, ...options }) => {
      await massacre(stage({ capacity: 64, ack }), 'spsc ring', options);
    },
    PATIENCE,
  );
});
