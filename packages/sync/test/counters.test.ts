/** Objects whose counters stand just before where a 32-bit number, a double or a word ends, or they themselves come round. */
import { Pool, ValueError } from '@pool/core';
import { describe, expect, it } from 'vitest';
import type { Counter } from './support/counters.ts';
import { OF_CHANNELS } from './support/counters-of-channels.ts';
import { OF_LOCKS } from './support/counters-of-locks.ts';
import { OF_MESSAGES } from './support/counters-of-messages.ts';
import { OF_QUEUES, WORD_QUEUE_POSITIONS, wordQueueAt } from './support/counters-of-queues.ts';

const ENDS = [31, 32, 48, 53, 63, 64];

const newPool = (): Pool => Pool.create({ words: 2048, owners: 4, segments: 0 });

async function lived({ open, bits }: Counter, start: bigint) {
  const { read, act } = open(newPool(), start);
  expect(read()).toBe(start);
  const told = await act();
  return { told, counted: BigInt.asUintN(bits, read() - start) };
}

describe.each([...OF_QUEUES, ...OF_MESSAGES, ...OF_LOCKS, ...OF_CHANNELS])('$name', (counter) => {
  const { bits, ends = false } = counter;
  it.each(ENDS.filter((end) => end < bits).concat(ends ? [] : bits))(
    'answers the same where it passes 2^%s',
    async (end) => {
      const ordinary = await lived(counter, 0n);
      expect(ordinary.counted).toBeGreaterThan(0n);
      // In the middle of it, and where the same places of a ring come as from 0 on.
      const before = ordinary.counted < 8n ? (ordinary.counted + 1n) / 2n : (ordinary.counted / 8n) * 4n;
      expect(await lived(counter, BigInt.asUintN(bits, 2n ** BigInt(end) - before))).toEqual(ordinary);
    },
  );
});

describe('the positions of a word queue', () => {
  it('end at 2^52: sends are rejected loudly, and what was sent before is received', () => {
    const queue = wordQueueAt(newPool(), WORD_QUEUE_POSITIONS - 3n);
    for (let turn = 0; turn < 2; turn++) {
      const sent = queue.trySend(BigInt(turn));
      expect([sent, queue.length]).toEqual(['ok', turn + 1]);
    }
    expect(queue.tryReceive()).toBe(0n);
    for (let turn = 0; turn < 2; turn++) expect(() => queue.trySend(2n)).toThrow(ValueError);
    expect([queue.tryReceive(), queue.tryReceive(), queue.length]).toEqual([1n, 'empty', 0]);
    queue.close();
    expect([queue.trySend(2n), queue.tryReceive()]).toEqual(['closed', 'closed']);
  });
});
