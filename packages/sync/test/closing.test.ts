/** Whoever closes an end settles what is pending there, in this very thread: there may be nobody else to wake it. */
import { FreeList } from '@pool/alloc';
import { Pool, type Storage } from '@pool/core';
import { describe, expect, it } from 'vitest';
import {
  attachReceiver,
  attachSender,
  type ChannelOptions,
  channel,
  channelSize,
  EndGoneError,
  type Receiver,
  type Sender,
  SpscRing,
  select,
  selectAsync,
  trySelect,
} from '../src/index.ts';

const MESSAGES: Record<string, unknown> = { words: 5n, numbers: 0.5, bytes: new Uint8Array([1]), utf8: 'a', json: [1] };
const CHANNELS = (['spsc', 'mpsc', 'mpmc'] as const).flatMap((kind) =>
  [0, 2, Number.POSITIVE_INFINITY].flatMap((capacity) =>
    Object.entries(MESSAGES).map(([carries, message]) => ({ kind, capacity, carries, message })),
  ),
);

type AnyOptions = ChannelOptions<'json'>;

type Opened = [Sender<unknown>, Receiver<unknown>, { pool: Pool; storage: Storage }];

function open(options: { kind: string; capacity: number; carries: string }): Opened {
  const pool = Pool.create({ words: 16384 });
  const list = { blocks: 2, blockWords: 256 };
  const storage = FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
  const given = { ...options, storage, segmentCells: 2, segments: 2, messageBytes: 8 } as unknown as AnyOptions;
  const [tx, rx] = channel(pool, pool.reserve(channelSize(given)), given);
  return [tx as Sender<unknown>, rx as Receiver<unknown>, { pool, storage }];
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

describe.each(CHANNELS)(
  'a case of a select, after its end was given up ($kind, capacity $capacity, $carries)',
  (scene) => {
    const { message, ...options } = scene;

    it.each(['close', 'handOver'] as const)('by `%s`, is refused as the operation is', async (give) => {
      const [tx, rx] = open(options);
      const [sending, receiving] = [tx.sending(message), rx.receiving()];
      tx[give]();
      rx[give]();
      const cases = [
        [() => tx.trySend(message), sending],
        [() => rx.tryReceive(), receiving],
      ] as const;
      for (const [direct, stale] of cases) {
        expect(direct).toThrow(EndGoneError);
        expect(() => trySelect([stale])).toThrow(EndGoneError);
        expect(() => select([stale], { timeout: 1 })).toThrow(EndGoneError);
        await expect(selectAsync([stale])).rejects.toThrow(EndGoneError);
      }
    });

    it('takes no end back from whom it was handed to', () => {
      const [tx, rx, { pool, storage }] = open(options);
      const [sending, receiving] = [tx.sending(message), rx.receiving()];
      const there = attachSender<unknown>(pool, tx.handOver(), { storage });
      expect(() => trySelect([sending])).toThrow(EndGoneError);
      const roomy = options.capacity > 0;
      expect(there.trySend(message)).toBe(roomy ? 'ok' : 'full');
      const its = attachReceiver<unknown>(pool, rx.handOver(), { storage });
      expect(() => trySelect([receiving])).toThrow(EndGoneError);
      expect(its.tryReceive()).toEqual(roomy ? { status: 'ok', value: message } : { status: 'empty' });
    });

    it('takes nothing from whom it was handed to in a select that had begun', async () => {
      const [tx, rx, { pool, storage }] = open(options);
      const [pending] = await parked(() => selectAsync([rx.receiving()]));
      const there = attachReceiver<unknown>(pool, rx.handOver(), { storage });
      const refused = expect(pending).rejects.toThrow(EndGoneError);
      const receiving = there.receiveAsync();
      expect([await tx.sendAsync(message), await receiving]).toEqual(['ok', { status: 'ok', value: message }]);
      await refused;
    });

    it('goes on in a select that had begun, while there is another clone', async () => {
      if (options.kind !== 'mpmc') return;
      const [tx, rx] = open(options);
      const other = rx.clone();
      const [pending] = await parked(() => selectAsync([rx.receiving()]));
      rx.close();
      expect(await tx.sendAsync(message)).toBe('ok');
      expect(await pending).toEqual({ index: 0, result: { status: 'ok', value: message } });
      other.close();
    });
  },
);

describe('a channel between two', () => {
  const options = { kind: 'spsc', capacity: 2 } as const;

  it('leaves its receiver to whom it is handed over, though a select is pending there', async () => {
    const pool = Pool.create({ words: 4096 });
    const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
    const pending = await parked(() => selectAsync([rx.receiving()]));
    const there = attachReceiver(pool, rx.handOver());
    await expect(pending[0]).rejects.toThrow(EndGoneError);
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
