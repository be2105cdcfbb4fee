/** Counters of cells in segments, of queues and channels without bound. */
import { type Address, IndexSet, LINE_WORDS, type Pool, type Storage } from '@pool/core';
import { again, type Bounded, type Counter, PATIENCE, part, woken } from './counters.ts';

/** More than a segment has room for, again and again. */
function passThrough(queue: Bounded): Promise<unknown[]> {
  return again(async (turn) => {
    const values = [1, 2, 3].map((value) => BigInt(turn * 3 + value));
    return [
      values.map((value) => queue.trySend(value)),
      queue.length,
      values.map(() => queue.tryReceive()),
      queue.tryReceive(),
      await woken(queue.receiveAsync(PATIENCE), () => queue.trySend(88n)),
    ];
  });
}

/** Ranges that are had again when they are freed. */
export function storageOf(pool: Pool): Storage {
  const free: Address[] = [];
  return {
    name: 'test',
    largest: 4096,
    allocate: (words) => free.pop() ?? pool.reserve(words),
    free: (at) => void free.push(at),
  };
}

export const SEGMENTED = { segmentCells: 2, segments: 2 } as const;

export const cells = (pool: Pool, block: number, stride: number) =>
  [0, stride].map((cell) => part(pool, (block + 2 * LINE_WORDS + cell) as Address, 29, 2n ** 24n));

/** @param stride words from a cell to the next. Two segments, which are used by turns; the first one is spare, and its counters are moved. */
export function segmented(
  name: string,
  open: (pool: Pool) => { queue: Bounded; at: number },
  stride: number,
): Counter[] {
  const opened = (pool: Pool) => {
    const { queue, at } = open(pool);
    const entry = (at + 2 * LINE_WORDS + IndexSet.size(SEGMENTED.segments)) as Address;
    for (let value = 0n; value < 3n; value++) queue.trySend(value);
    for (let value = 0n; value < 4n; value++) queue.tryReceive();
    return { entry, act: () => passThrough(queue) };
  };
  return [
    {
      name: `${name}, generations of a segment`,
      bits: 28,
      open(pool, start) {
        const { entry, act } = opened(pool);
        const { read, write } = part(pool, entry, 28, 2n ** 24n);
        write(start);
        return { read, act };
      },
    },
    {
      name: `${name}, laps of a segment`,
      bits: 29,
      open(pool, start) {
        const { entry, act } = opened(pool);
        const laps = cells(pool, pool.loadNumber((entry + 1) as Address), stride);
        for (const { write } of laps) write(start);
        return { read: () => laps[0]?.read() as bigint, act };
      },
    },
  ];
}
