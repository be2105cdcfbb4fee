import { FreeList } from '@pool/alloc';
import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { SegmentedQueue, type SegmentedQueueOptions } from '../src/index.ts';
import { assertLinearizable } from './support/linearizability.ts';
import { queueModel } from './support/queue-models.ts';
import { historyOf, massacre, play, type Stage } from './support/streams.ts';
import { PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(500_000, 10_000);

function stage(options: SegmentedQueueOptions, blocks = 512): Stage {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const list = { blocks, blockWords: SegmentedQueue.segmentSize(options) };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
  const base = pool.reserve(SegmentedQueue.size(options));
  const queue = SegmentedQueue.create(pool, base, storage, options);
  return {
    pool,
    base,
    storage: storage.handle,
    close: () => queue.close(),
    recover(owner) {
      const found = queue.recover(owner);
      storage.recover(owner);
      return found;
    },
  };
}

describe.each([
  { name: 'spsc', senders: 1, receivers: 1, segmentCells: 64, segments: 512 },
  { name: 'mpsc', senders: 3, receivers: 1, segmentCells: 16, segments: 512 },
  { name: 'spmc', senders: 1, receivers: 3, segmentCells: 16, segments: 512 },
  { name: 'mpmc', senders: 2, receivers: 2, segmentCells: 2, segments: 512 },
  { name: 'stampede', senders: 4, receivers: 4, segmentCells: 2, segments: 2 },
  { name: 'parked', senders: 2, receivers: 2, segmentCells: 4, segments: 3, park: true },
])('$name: $senders senders, $receivers receivers, segments of $segmentCells', (scene) => {
  const { senders, receivers, park = false, segmentCells, segments } = scene;
  it('delivers everything once, each sender in order, and then ends', async () => {
    const troupe = { kind: 'segmented queue', senders, receivers, park, perSender: PER_SENDER } as const;
    await play(stage({ segmentCells, segments }), troupe);
  });
});

describe('threads that are terminated at random moments', () => {
  it.each([4, 1024])(
    'lose nothing that was acknowledged, and hold up nobody (segments of %s)',
    async (segmentCells) => {
      await massacre(stage({ segmentCells, segments: 64 }, 64), 'segmented queue');
    },
    PATIENCE,
  );
});

describe('what four threads see', () => {
  it('is what one could have seen', async () => {
    for (let round = 0; round < rounds(50, 5); round++)
      assertLinearizable(
        await historyOf(stage({ segmentCells: 2, segments: 512 }), 'segmented queue', 4, 30),
        queueModel(Number.POSITIVE_INFINITY),
      );
  }, 120_000);
});
