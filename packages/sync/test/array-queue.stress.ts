import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { ArrayQueue } from '../src/index.ts';
import { assertLinearizable } from './support/linearizability.ts';
import { queueModel } from './support/queue-models.ts';
import { historyOf, massacre, play, type Stage } from './support/streams.ts';
import { PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(500_000, 10_000);

function stage(capacity: number, start = 0n): Stage {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const base = pool.reserve(ArrayQueue.size({ capacity }));
  const queue = ArrayQueue.create(pool, base, { capacity, start });
  return { pool, base, close: () => queue.close(), recover: (owner) => queue.recover(owner) };
}

describe.each([
  { name: 'spsc', senders: 1, receivers: 1, capacity: 64 },
  { name: 'mpsc', senders: 3, receivers: 1, capacity: 8 },
  { name: 'spmc', senders: 1, receivers: 3, capacity: 8 },
  { name: 'mpmc', senders: 2, receivers: 2, capacity: 1024 },
  { name: 'stampede', senders: 4, receivers: 4, capacity: 2 },
  { name: 'parked', senders: 2, receivers: 2, capacity: 4, park: true, start: 2n ** 31n - 9n },
])('$name: $senders senders, $receivers receivers, $capacity cells', ({ capacity, start, ...troupe }) => {
  it('delivers everything once, each sender in order, and then ends', async () => {
    await play(stage(capacity, start), { kind: 'array queue', perSender: PER_SENDER, ...troupe });
  });
});

describe('threads that are terminated at random moments', () => {
  it(
    'lose nothing that was acknowledged, and hold up nobody',
    async () => {
      await massacre(stage(64), 'array queue');
    },
    PATIENCE,
  );
});

describe('what four threads see', () => {
  it('is what one could have seen', async () => {
    for (let round = 0; round < rounds(50, 5); round++)
      assertLinearizable(await historyOf(stage(4), 'array queue', 4, 30), queueModel(4));
  }, 120_000);
});
