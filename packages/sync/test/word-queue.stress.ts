import { Pool } from '@pool/core';
import { describe, it } from 'vitest';
import { WordQueue } from '../src/index.ts';
import { bereave, play, type Stage } from './support/streams.ts';
import { PATIENCE, rounds } from './support/threads.ts';

const PER_SENDER = rounds(1_000_000, 20_000);

function stage(capacity: number): Stage & { queue: WordQueue } {
  const pool = Pool.create({ words: 2 ** 16, maxWords: 2 ** 24, segments: 0 });
  const base = pool.reserve(WordQueue.size(capacity));
  const queue = WordQueue.create(pool, base, capacity);
  return { pool, base, queue, close: () => queue.close(), recover: () => undefined };
}

describe.each([
  { name: 'spsc', senders: 1, receivers: 1, capacity: 64 },
  { name: 'mpsc', senders: 3, receivers: 1, capacity: 8 },
  { name: 'spmc', senders: 1, receivers: 3, capacity: 8 },
  { name: 'mpmc', senders: 2, receivers: 2, capacity: 1024 },
  { name: 'stampede', senders: 2, receivers: 2, capacity: 2 },
])('$name: $senders senders, $receivers receivers, $capacity cells', ({ capacity, ...troupe }) => {
  it('delivers everything once, each sender in order, and then ends', async () => {
    await play(stage(capacity), { kind: 'word queue', perSender: PER_SENDER, ...troupe });
  });
});

describe('threads that are terminated at random moments', () => {
  it(
    'lose at most the word that a receiver had in its hands, and hold up nobody who does not wait',
    async () => {
      await bereave(() => {
        const { queue, ...rest } = stage(64);
        return { ...rest, rest: () => queue.tryReceive() };
      }, 'word queue');
    },
    PATIENCE,
  );
});
