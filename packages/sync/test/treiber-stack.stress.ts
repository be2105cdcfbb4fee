import { Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { TreiberStack } from '../src/index.ts';
import { assertLinearizable } from './support/linearizability.ts';
import { STACK_MODEL } from './support/queue-models.ts';
import { historyOf, massacre, play, type Stage } from './support/streams.ts';
import { DEATHS, PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(500_000, 10_000);
/** What tells receivers that no more will come. */
const END = 2n ** 53n;

function stage(capacity: number): Stage & { stack: TreiberStack } {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 26, segments: 0 });
  const base = pool.reserve(TreiberStack.size({ capacity }));
  const stack = TreiberStack.create(pool, base, { capacity });
  const close = (): void => {
    while (!stack.isEmpty) pool.pause();
    stack.tryPush(END);
  };
  return { pool, base, stack, close, recover: () => undefined };
}

describe.each([
  { senders: 1, receivers: 1, capacity: 64 },
  { senders: 2, receivers: 2, capacity: 1024 },
  { senders: 3, receivers: 3, capacity: 2 },
])('$senders pushing, $receivers popping, $capacity nodes', ({ capacity, ...troupe }) => {
  it('delivers everything once', async () => {
    await play(stage(capacity), { kind: 'treiber stack', perSender: PER_SENDER, ordered: false, ...troupe });
  });
});

describe('threads that are terminated at random moments', () => {
  it(
    'take at most a node each along, which repair finds',
    async () => {
      const scene = stage(2048);
      await massacre(scene, 'treiber stack');
      expect(scene.stack.repair()).toBeLessThanOrEqual(DEATHS);
      scene.stack.tryPop(); // the end
      for (let count = 0; count < 2048; count++) expect(scene.stack.tryPush(1n)).toBe('ok');
    },
    PATIENCE,
  );
});

describe('what four threads see', () => {
  it('is what one could have seen', async () => {
    for (let round = 0; round < rounds(50, 5); round++)
      assertLinearizable(await historyOf(stage(2048), 'treiber stack', 4, 30), STACK_MODEL);
  }, 120_000);
});
