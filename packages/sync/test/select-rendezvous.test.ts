import { type Owner, type OwnerId, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it } from 'vitest';
import {
  attachReceiver,
  attachSender,
  channel,
  channelSize,
  never,
  type Receiver,
  type Sender,
  select,
  selectAsync,
  trySelect,
} from '../src/index.ts';

const DEAD: Owner = { id: 9 as OwnerId, generation: 7 };
/** Where a receiver's channel stands. */
const POOLS = new WeakMap<Receiver<bigint>, Pool>();
const newPool = (): Pool => Pool.create({ words: 4096, segments: 0 });

function pair(pool: Pool = newPool()): [Sender<bigint>, Receiver<bigint>] {
  const made = channel(pool, pool.reserve(channelSize({ capacity: 0 })), { capacity: 0 });
  POOLS.set(made[1], pool);
  return made;
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

  it('meet where one asks in the very channel that it could send in', async () => {
    const [tx, rx] = pair();
    const either = selectAsync([rx.receiving(), tx.sending(1n)]);
    expect(await selectAsync([rx.receiving()])).toEqual({ index: 0, result: got(1n) });
    expect(await either).toEqual({ index: 1, result: 'ok' });
    const asking = [selectAsync([rx.receiving()]), selectAsync([rx.receiving()])];
    expect(await selectAsync([tx.sending(2n)])).toEqual({ index: 0, result: 'ok' });
    expect(await selectAsync([tx.sending(3n)])).toEqual({ index: 0, result: 'ok' });
    const values = (await Promise.all(asking)).map((one) => one !== 'timed-out' && one.result);
    expect(values).toEqual(expect.arrayContaining([got(2n), got(3n)]));
    await expectIdle([tx, rx]);
  });

  it('ask as several, and again when one of several leaves', async () => {
    const [tx, rx] = pair();
    const controllers = [0, 1, 2].map(() => new AbortController());
    const asking = controllers.map(({ signal }) => selectAsync([rx.receiving(), never()], { signal }));
    for (const leaving of [1, 0]) {
      controllers[leaving]?.abort(new Error('enough'));
      await expect(asking[leaving]).rejects.toThrow('enough');
    }
    expect(await selectAsync([tx.sending(1n)])).toEqual({ index: 0, result: 'ok' });
    expect(await asking[2]).toEqual({ index: 0, result: got(1n) });
    await expectIdle([tx, rx]);
  });

  it('meet whatever their owner is called', async () => {
    const [tx, rx] = pair();
    const pool = POOLS.get(rx) as Pool;
    // The sixteenth of its row has the name that stands for several.
    const owner: Owner = { id: 0 as OwnerId, generation: 16 };
    const theirs = attachReceiver(pool, rx.clone().handOver(), { owner });
    const sender = attachSender(pool, tx.clone().handOver(), { owner });
    const alone = await selectAsync([theirs.receiving(), sender.sending(1n)], { timeout: 2 });
    expect(alone).toBe('timed-out');
    await expectIdle([tx, rx]);
    const either = selectAsync([theirs.receiving(), sender.sending(1n)]);
    expect(await selectAsync([rx.receiving()])).toEqual({ index: 0, result: got(1n) });
    expect(await either).toEqual({ index: 1, result: 'ok' });
    await expectIdle([tx, rx]);
  });

  it('meet through channels of different pools', async () => {
    const [one, other] = [pair(), pair()];
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const choosing = selectAsync([one[0].sending(1n), other[0].sending(1n), never()]);
      expect(await selectAsync([second[1].receiving(), never()])).toEqual({ index: 0, result: got(1n) });
      expect(await choosing).toMatchObject({ result: 'ok' });
      await expectIdle(first, second);
    }
  });

  it('an offer goes on to who asks elsewhere when the one that it answered is gone', async () => {
    const [one, other] = [pair(), pair()];
    const gone = await goneAsker(one);
    const choosing = selectAsync([one[0].sending(1n), other[0].sending(1n)], { biased: true });
    expect(await selectAsync([other[1].receiving()])).toEqual({ index: 0, result: got(1n) });
    expect(await choosing).toEqual({ index: 1, result: 'ok' });
    await expectIdle(one, other);
    gone.recover();
  });

  it('what was taken just before the time ran out, or the abort, is told', async () => {
    for (const how of ['signal', 'timeout'] as const) {
      const one = pair();
      await goneAsker(one);
      const controller = new AbortController();
      const options = how === 'signal' ? { signal: controller.signal } : { timeout: 1 };
      const choosing = selectAsync([never(), one[0].sending(1n)], options);
      expect(one[1].tryReceive()).toEqual(got(1n));
      controller.abort(new Error('enough'));
      expect(await choosing).toEqual({ index: 1, result: 'ok' });
    }
  });

  it('what is aborted is taken back', async () => {
    const [asked, tried] = [pair(), pair()];
    await goneAsker(asked);
    const controller = new AbortController();
    const choosing = selectAsync([asked[0].sending(1n), tried[1].receiving()], { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(choosing).rejects.toThrow('enough');
    await expectIdle(asked, tried);
  });

  it('hear that the other side has closed, be it before an offer or after', async () => {
    for (const asked of [false, true]) {
      const [tx, rx] = pair();
      if (asked) await goneAsker([tx, rx]);
      const sending = selectAsync([tx.sending(1n), never()]);
      rx.close();
      rx.recover(DEAD);
      expect(await sending).toEqual({ index: 0, result: 'closed' });
    }
    const [tx, rx] = pair();
    const receiving = selectAsync([never(), rx.receiving()]);
    tx.close();
    expect(await receiving).toEqual({ index: 1, result: { status: 'closed' } });
  });
});

describe('a select at a rendezvous', () => {
  it('meets sends and receives that wait, whoever comes first', async () => {
    const [tx, rx] = pair();
    for (const selectFirst of [true, false]) {
      const receive = () => selectAsync([never(), rx.receiving()]);
      const send = () => selectAsync([tx.sending(2n), never()]);
      const [chosen, sent] = selectFirst
        ? [receive(), tx.sendAsync(1n)]
        : ([tx.sendAsync(1n), receive()].reverse() as [ReturnType<typeof receive>, Promise<string>]);
      expect([await chosen, await sent]).toEqual([{ index: 1, result: got(1n) }, 'ok']);
      const [chosenToo, received] = selectFirst
        ? [send(), rx.receiveAsync()]
        : ([rx.receiveAsync(), send()].reverse() as [ReturnType<typeof send>, ReturnType<typeof rx.receiveAsync>]);
      expect([await chosenToo, await received]).toEqual([{ index: 0, result: 'ok' }, got(2n)]);
    }
    await expectIdle([tx, rx]);
  });

  it('lets a plain receive wait where it has asked', async () => {
    const [tx, rx] = pair();
    const selected = selectAsync([rx.receiving()]).then((one) => one !== 'timed-out' && one.result);
    const waiting = [selected, rx.receiveAsync()];
    expect(tx.trySend(1n)).toBe('ok'); // the wish is filled, and whoever of the two comes first has it
    expect(await Promise.race(waiting)).toEqual(got(1n));
    expect(await selectAsync([tx.sending(2n)])).toEqual({ index: 0, result: 'ok' });
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([got(1n), got(2n)]));
  });

  it('is not found by what never waits', async () => {
    const [tx, rx] = pair();
    const receiving = selectAsync([rx.receiving()], { timeout: 2 });
    expect([tx.trySend(1n), trySelect([tx.sending(1n)])]).toEqual(['full', undefined]);
    expect(await receiving).toBe('timed-out');
    const sending = selectAsync([tx.sending(1n)], { timeout: 2 });
    expect([rx.tryReceive(), trySelect([rx.receiving()])]).toEqual([{ status: 'empty' }, undefined]);
    expect(await sending).toBe('timed-out');
  });
});

/** Leaves the ask of one that never looks again. */
async function goneAsker([, rx]: readonly [Sender<bigint>, Receiver<bigint>]) {
  let dead = false;
  const { pool, handle } = { pool: POOLS.get(rx) as Pool, handle: rx.clone().handOver() };
  const { words } = record(pool, {
    before() {
      if (dead) throw new Error('this thread is dead');
    },
  });
  const receiver = attachReceiver(words as Pool, handle, { owner: DEAD });
  selectAsync([receiver.receiving()], { keepAlive: false }).catch(() => {});
  await Promise.resolve();
  dead = true;
  return { recover: () => rx.recover(DEAD) };
}
