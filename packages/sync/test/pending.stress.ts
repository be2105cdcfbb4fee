/** Crowds of asynchronous operations in several real threads, of which many give up. */
import { FreeList } from '@pool/alloc';
import { describe, expect, it } from 'vitest';
import {
  type ChannelOptions,
  channel,
  channelSegmentSize,
  channelSize,
  Mutex,
  RwLock,
  Semaphore,
} from '../src/index.ts';
import { LockScene, OWNERS } from './support/lock-scene.ts';
import { rounds, run } from './support/threads.ts';
import type { LockTask } from './tasks/task.ts';

const SEGMENTS = { segmentCells: 16, segments: 64 } as const;

describe('crowds of messages', () => {
  it.each<ChannelOptions<'words'>>([
    { capacity: 0, kind: 'mpmc' },
    { capacity: 8, kind: 'mpmc' },
    { capacity: Number.POSITIVE_INFINITY, kind: 'mpmc', ...SEGMENTS },
    { capacity: 64, kind: 'spsc' },
  ])('arrive once if they were sent, and not if not: $kind, room for $capacity', async (given) => {
    const list = {
      blocks: SEGMENTS.segments,
      blockWords: channelSegmentSize({ capacity: Number.POSITIVE_INFINITY, ...SEGMENTS }),
    };
    const stage = new LockScene(channelSize(given) + FreeList.size(list) + 4096);
    const storage = FreeList.create(stage.pool, stage.place(channelSize(given) + 128), list, stage.pool.owner);
    const options = { ...given, storage };
    const [tx, rx] = channel(stage.pool, stage.at, options);
    const of = (thread: number): LockTask => ({
      ...stage.task('crowdOfMessages', thread, rounds(20_000, 1_000)),
      storage: storage.handle,
    });
    const tasks: LockTask[] = [];
    if (given.kind !== 'spsc')
      tasks.push({ ...of(2), sender: tx.clone().handOver() }, { ...of(3), receiver: rx.clone().handOver() });
    tasks.push({ ...of(0), sender: tx.handOver() }, { ...of(1), receiver: rx.handOver() });
    const passed = await Promise.all(tasks.map(async (task) => ({ task, values: await run<number[]>(task) })));
    const all = (side: 'sender' | 'receiver'): number[] =>
      passed.flatMap(({ task, values }) => (task[side] ? values : [])).toSorted((a, b) => a - b);
    expect(all('receiver')).toEqual(all('sender'));
    expect(all('receiver').length).toBeGreaterThan(0);
  });
});

describe('crowds at a lock', () => {
  it.each([
    ['mutex', Mutex.size(), (stage: LockScene) => Mutex.create(stage.pool, stage.at)],
    ['read-write lock', RwLock.size(OWNERS), (stage: LockScene) => RwLock.create(stage.pool, stage.at)],
    ['semaphore', Semaphore.size(OWNERS), (stage: LockScene) => Semaphore.create(stage.pool, stage.at, 1)],
    [
      'semaphore',
      Semaphore.size(OWNERS),
      (stage: LockScene) => Semaphore.create(stage.pool, stage.at, 1, { fair: true }),
    ],
  ] as const)('are let in one at a time, and nobody who stays is left outside: a %s', async (what, size, create) => {
    const stage = new LockScene(size);
    create(stage);
    const count = rounds(200, 10);
    const tasks = [0, 1].map((thread) => ({ ...stage.task('crowdAtLock', thread, count), what }));
    const entered = await Promise.all(tasks.map((task) => run<number>(task)));
    expect(stage.pool.loadNumber(stage.data)).toBe(entered.reduce((sum, one) => sum + one, 0));
    expect(Math.min(...entered)).toBeGreaterThanOrEqual((count * 100) / 2);
  });
});
