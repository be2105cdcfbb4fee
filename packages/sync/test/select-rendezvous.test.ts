import { Pool } from '@pool/core';
import { describe, expect, it } from 'vitest';
import { channel, channelSize, never, type Receiver, type Sender, select, selectAsync } from '../src/index.ts';

const newPool = (): Pool => Pool.create({ words: 4096, segments: 0 });

function pair(pool: Pool = newPool()): [Sender<bigint>, Receiver<bigint>] {
  return channel(pool, pool.reserve(channelSize({ capacity: 0 })), { capacity: 0 });
}

/** Nothing is left of what was there: neither something to take, nor an ask or a wish that makes a select offer. */
async function expectIdle(...pairs: readonly (readonly [Sender<bigint>, Receiver<bigint>])[]): Promise<void> {
  for (const [tx, rx] of pairs) {
    expect([tx.trySend(99n), rx.tryReceive()]).toEqual(['full', { status: 'empty' }]);
    const offering = selectAsync([tx.sending(98n)], { timeout: 1 });
    expect(rx.tryReceive()).toEqual({ status: 'empty' });
    expect(await offering).toBe('timed-out');
  }
}

const got = (value: bigint) => ({ status: 'ok', value }) as const;

describe('two selects at a rendezvous', () => {
  it.each(['sender', 'receiver'])('meet when the %s is there first', async (first) => {
    const [tx, rx] = pair();
    const begin = [() => selectAsync([tx.sending(1n), never()]), () => selectAsync([never(), rx.receiving()])];
    if (first === 'receiver') begin.reverse();
    const both = await Promise.all(begin.map((one) => one()));
    if (first === 'receiver') both.reverse();
    expect(both).toEqual([
      { index: 0, result: 'ok' },
      { index: 1, result: got(1n) },
    ]);
    await expectIdle([tx, rx]);
  });

  it('meet where both can go either way, and one case of each is done', async () => {
    const [[tx1, rx1], [tx2, rx2]] = [pair(), pair()];
    for (let round = 0n; round < 200n; round++) {
      const [a, b] = await Promise.all([
        selectAsync([tx1.sending(round), rx2.receiving()]),
        selectAsync([rx1.receiving(), tx2.sending(-round & 0xffffn)]),
      ]);
      const first = [
        { index: 0, result: 'ok' },
        { index: 0, result: got(round) },
      ];
      const second = [
        { index: 1, result: got(-round & 0xffffn) },
        { index: 1, result: 'ok' },
      ];
      expect([first, second]).toContainEqual([a, b]);
    }
    await expectIdle([tx1, rx1], [tx2, rx2]);
  });

  it('exchange through one channel that both send and receive in; none meets itself', async () => {
    const [tx, rx] = pair();
    expect(await selectAsync([tx.sending(7n), rx.receiving()], { timeout: 5 })).toBe('timed-out');
    expect(select([tx.sending(7n), rx.receiving()], { timeout: 5 })).toBe('timed-out');
    await expectIdle([tx, rx]);
    const all = await Promise.all(
      [1n, 2n, 3n, 4n, 5n, 6n].map((value) => selectAsync([rx.receiving(), tx.sending(value)])),
    );
    const done = all.filter((one) => one !== 'timed-out');
    const sent = done.flatMap(({ index }, who) => (index === 1 ? [BigInt(who + 1)] : []));
    const received = done.flatMap(({ result }) =>
      typeof result === 'object' && result.status === 'ok' ? [result.value] : [],
    );
    expect([sent.length, received.sort()]).toEqual([3, sent]);
    await expectIdle([tx, rx]);
  });
});
