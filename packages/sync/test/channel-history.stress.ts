/** What threads that send and receive through a channel are told, and whether one thread could have been told the same. */
import { FreeList } from '@pool/alloc';
import { type Address, Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { type ChannelOptions, channel, channelSegmentSize, channelSize } from '../src/index.ts';
import { channelModel, withReceivesUnderWay } from './support/channel-models.ts';
import { assertLinearizable, type Completed } from './support/linearizability.ts';
import { rounds, run } from './support/threads.ts';
import { DATA_WORDS } from './tasks/task.ts';

/** The ends that a thread has, and after how many turns it gives them up. */
interface Role {
  readonly ends: 'sender' | 'receiver' | 'both';
  readonly count: number;
}

const UNENDING = 2 ** 20;

async function historyOf(options: ChannelOptions<'words'>, roles: readonly Role[]): Promise<Completed[]> {
  const pool = Pool.create({ words: 2 ** 15, segments: 0 });
  const unbounded = options.capacity === Number.POSITIVE_INFINITY;
  const list = { blocks: 64, blockWords: unbounded ? channelSegmentSize(options) : 16 };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
  const at = pool.reserve(channelSize(options));
  const data = pool.reserve(DATA_WORDS);
  pool.storeNumber((data + 2) as Address, roles.length);
  const [tx, rx] = channel(pool, at, { ...options, storage });
  const single = options.kind === 'spsc';
  const running = roles.map(({ ends, count }, thread) => ({
    name: 'channelHistory' as const,
    pool: pool.handle,
    at,
    data,
    thread,
    count,
    ...(ends !== 'receiver' && { sender: (single ? tx : tx.clone()).handOver() }),
    ...(ends !== 'sender' && { receiver: (single ? rx : rx.clone()).handOver() }),
    ...(unbounded && { storage: storage.handle }),
  }));
  if (!single) {
    tx.close();
    rx.close();
  }
  return (await Promise.all(running.map((task) => run<Completed[]>(task)))).flat();
}

const CHANNELS: readonly ChannelOptions<'words'>[] = [
  { kind: 'mpmc', capacity: 2 },
  { kind: 'mpmc', capacity: 8, start: 2n ** 31n - 9n },
  { kind: 'mpmc', capacity: Number.POSITIVE_INFINITY, segmentCells: 2, segments: 64 },
  { kind: 'mpmc', capacity: 0 },
];
const SINGLE: readonly ChannelOptions<'words'>[] = [
  { kind: 'spsc', capacity: 2 },
  { kind: 'spsc', capacity: 64 },
  { kind: 'spsc', capacity: 0 },
];
/** Each in the order in which they leave. */
const SCENES: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  {
    name: 'four that send and receive',
    roles: [1, 2, 3, 4].map((part) => ({ ends: 'both', count: 30 * part })),
  },
  {
    name: 'two that send, and leave two that receive',
    roles: [
      { ends: 'sender', count: 75 },
      { ends: 'sender', count: 75 },
      { ends: 'receiver', count: UNENDING },
      { ends: 'receiver', count: UNENDING },
    ],
  },
  {
    name: 'two that receive, and leave two that send',
    roles: [
      { ends: 'receiver', count: 75 },
      { ends: 'receiver', count: 75 },
      { ends: 'sender', count: UNENDING },
      { ends: 'sender', count: UNENDING },
    ],
  },
];
const BETWEEN_TWO = SCENES.slice(1).map(({ name, roles }) => ({
  name: name.replaceAll('two that', 'one to'),
  roles: roles.filter((_, thread) => thread % 2 === 0).map((role) => ({ ...role, count: role.count * 2 })),
}));

describe.each([
  ...CHANNELS.map((options) => ({ options, scenes: SCENES })),
  ...SINGLE.map((options) => ({ options, scenes: BETWEEN_TWO })),
])('a channel ($options.kind) with room for $options.capacity', ({ options, scenes }) => {
  it.each(scenes)('is linearizable: $name', { timeout: rounds(600_000, 60_000) }, async ({ roles }) => {
    let sideBySide = 0;
    for (let round = 0; round < rounds(40, 1); round++) {
      const history = await historyOf(options, roles);
      const bounds = {
        senders: roles.filter(({ ends }) => ends !== 'receiver').length,
        receivers: roles.filter(({ ends }) => ends !== 'sender').length,
        capacity: options.capacity,
        exact: options.kind === 'spsc' && options.capacity > 0,
      };
      assertLinearizable(
        options.capacity === 0 ? withReceivesUnderWay(history) : history,
        channelModel(bounds, history),
      );
      sideBySide += history.filter(({ called, returned }) => returned - called > 1).length;
    }
    expect(sideBySide, 'the threads worked side by side').toBeGreaterThan(0);
  });
});
