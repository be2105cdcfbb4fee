/** Whoever closes an end settles what is pending there, in this very thread: there may be nobody else to wake it. */
import { FreeList } from '@pool/alloc';
import { Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import {
  attachReceiver,
  type ChannelOptions,
  channel,
  channelSize,
  type Receiver,
  type Sender,
  SpscRing,
  selectAsync,
} from '../src/index.ts';

const MESSAGES: Record<string, unknown> = { words: 5n, numbers: 0.5, bytes: new Uint8Array([1]), utf8: 'a', json: [1] };
const CHANNELS = (['spsc', 'mpsc', 'mpmc'] as const).flatMap((kind) =>
  [0, 2, Number.POSITIVE_INFINITY].flatMap((capacity) =>
    Object.entries(MESSAGES).map(([carries, message]) => ({ kind, capacity, carries, message })),
  ),
);

type AnyOptions = ChannelOptions<'json'>;

function open(options: { kind: string; capacity: number; carries: string }): [Sender<unknown>, Receiver<unknown>] {
  const pool = Pool.create({ words: 16384 });
  const list = { blocks: 2, blockWords: 64 };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
  const given = { ...options, storage, segmentCells: 2, segments: 2, messageBytes: 8 } as unknown as AnyOptions;
  return channel(pool, pool.reserve(channelSize(given)), given) as [Sender<unknown>, Receiver<unknown>];
}

/** Sends until there is no room; one may be received by nobody. */
function fill(send: () => 'ok' | 'full' | 'closed'): void {
  while (send() === 'ok');
}

/** Begins the operations one after the other, so that they stand in line, and parks the first. */
async function parked<T>(...operations: (() => Promise<T>)[]): Promise<Promise<T>[]> {
  const begun = operations.map((operation) => operation());
  await new Promise((resolve) => setTimeout(resolve, 1));
  return begun;
}

const CLOSED = { status: 'closed' };

describe.each(CHANNELS)('a channel ($kind, capacity $capacity, $carries)', ({ message, ...options }) => {
  it('settles the receives that are pending at its receiver when that is closed', async () => {
    const [, rx] = open(options);
    const pending = await parked<unknown>(
      () => rx.receiveAsync(),
      () => rx.receiveManyAsync(2),
      () => rx.receiveAsync(),
    );
    rx.close();
    expect(await Promise.all(pending)).toEqual([CLOSED, CLOSED, CLOSED]);
  });

  it('ends an iteration of its receiver when that is closed', async () => {
    const [, rx] = open(options);
    const [iterating] = await parked(async () => {
      for await (const _ of rx) throw new Error('nothing was sent');
      return 'ended';
    });
    rx.close();
    expect(await iterating).toBe('ended');
  });

  it('settles the sends that are pending at its sender when that is closed', async () => {
    const [tx] = open(options);
    fill(() => tx.trySend(message));
    const pending = await parked<unknown>(
      () => tx.sendAsync(message),
      () => tx.sendManyAsync([message, message]),
      () => tx.sendAsync(message),
    );
    tx.close();
    expect(await Promise.all(pending)).toEqual(['closed', { sent: 0, result: 'closed' }, 'closed']);
  });

  it('settles selects of an end that is closed', async () => {
    const [[, rx], [tx]] = [open(options), open(options)];
    fill(() => tx.trySend(message));
    const pending = await parked<unknown>(
      () => selectAsync([rx.receiving()]),
      () => selectAsync([tx.sending(message)]),
      () => rx.receiveAsync(),
    );
    rx.close();
    tx.close();
    expect(await Promise.all(pending)).toEqual([{ index: 0, result: CLOSED }, { index: 0, result: 'closed' }, CLOSED]);
  });
});

describe('a channel between two', () => {
  const options = { kind: 'spsc', capacity: 2 } as const;

  it('leaves its receiver to whom it is handed over, though a select is pending there', async () => {
    const pool = Pool.create({ words: 4096 });
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
    const pending = await parked(() => selectAsync([rx.receiving()]));
    const there = attachReceiver(pool, rx.handOver());
    await Promise.all(pending);
    tx.send(7n);
    expect(there.tryReceive()).toEqual({ status: 'ok', value: 7n });
  });
});

describe('an spsc ring', () => {
  function ring() {
    const pool = Pool.create({ words: 64 });
    const made = SpscRing.create(pool, pool.reserve(SpscRing.size({ capacity: 2 })), { capacity: 2 });
    return { tx: made.sender(), rx: made.receiver() };
  }

  it.each(['close', 'leave'] as const)('settles receives when its receiver calls %s', async (gone) => {
    const { rx } = ring();
    const pending = await parked<unknown>(
      () => rx.receiveAsync(),
      () => rx.receiveManyAsync(new BigUint64Array(2)),
      () => rx.receiveAsync({ timeout: 100_000 }),
    );
    rx[gone]();
    expect(await Promise.all(pending)).toEqual(['closed', 'closed', 'closed']);
  });

  it.each(['close', 'leave'] as const)('settles sends when its sender calls %s', async (gone) => {
    const { tx } = ring();
    fill(() => tx.trySend(1n));
    const pending = await parked<unknown>(
      () => tx.sendAsync(2n),
      () => tx.sendManyAsync(new BigUint64Array(2)),
      () => tx.sendAsync(2n, { timeout: 100_000 }),
    );
    tx[gone]();
    expect(await Promise.all(pending)).toEqual(['closed', { sent: 0, result: 'closed' }, 'closed']);
  });
});
