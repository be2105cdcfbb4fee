/** A thread has one waiter for a word: what is left there by those who have lost interest, and who joins it. */
import { type Address, Pool } from '@pool/core';
import { expect, it, vi } from 'vitest';
import { ArrayQueue, after, channel, channelSize, selectAsync } from '../src/index.ts';
import { anyChange } from '../src/waiting/watched-words.ts';

const TURNS = 50;

function setUp() {
  const pool = Pool.create({ words: 2 ** 13, segments: 0 });
  const options = { capacity: 4, carries: 'words' } as const;
  const open = () => channel(pool, pool.reserve(channelSize(options)), options);
  return { pool, idle: open()[1], busy: open() };
}

/** How many waiters stand in the engine's queue of the word that a receiver parks on. They are woken. */
function waitersOf(pool: Pool, receiver: ReturnType<typeof setUp>['idle']): number {
  return pool.notify(receiver.receiving().park()?.at as Address);
}

it('selects over a busy channel and an idle one leave one waiter at the idle one', async () => {
  const {
    pool,
    idle,
    busy: [tx, rx],
  } = setUp();
  for (let turn = 0; turn < TURNS; turn++) {
    setImmediate(() => tx.trySend(BigInt(turn)));
    expect(await selectAsync([idle.receiving(), rx.receiving(), after(10_000)])).toMatchObject({ index: 1 });
  }
  expect(waitersOf(pool, idle)).toBe(1);
  expect(waitersOf(pool, idle)).toBe(0);
});

it('waits that are aborted, or whose time is up, leave one', async () => {
  const { pool, idle } = setUp();
  for (let turn = 0; turn < TURNS; turn++) {
    const controller = new AbortController();
    const received = idle.receiveAsync({ signal: controller.signal });
    controller.abort(turn);
    await expect(received).rejects.toBe(turn);
    if (turn % 10 === 0) expect(await idle.receiveAsync({ timeout: 1 })).toEqual({ status: 'timed-out' });
  }
  expect(waitersOf(pool, idle)).toBe(1);
});

it('all who join it are told, and who comes after a change is told at once', async () => {
  const pool = Pool.create({ words: 8, segments: 0 });
  const spots = [{ words: pool, spot: { at: pool.reserve(1), expected: 0 } }];
  const at = spots[0]?.spot.at as Address;
  const told = Promise.all([anyChange(spots, {}), anyChange(spots, {}), anyChange(spots, { timeout: 10_000 })]);
  const late = anyChange(spots, { timeout: 1 });
  expect(await late).toBe('timed-out');
  pool.storeNumber(at, 1);
  expect(await anyChange(spots, {})).toBe('changed'); // nobody has been notified yet
  expect(pool.notify(at)).toBe(1);
  expect(await told).toEqual(['changed', 'changed', 'changed']);
  expect(await anyChange(spots, {})).toBe('changed'); // without a waiter to join
});

it('who joins a waiter that has been told already looks once in vain, and is told of the next change', async () => {
  const pool = Pool.create({ words: 2 ** 12, segments: 0 });
  const queue = ArrayQueue.create(pool, pool.reserve(ArrayQueue.size({ capacity: 4 })), { capacity: 4 });
  const first = queue.receiveAsync();
  const at = queue.parkReceiver()?.at as Address;
  expect(pool.notify(at)).toBe(1); // of nothing: on its way
  const controller = new AbortController();
  const second = anyChange([{ words: pool, spot: { at, expected: pool.loadNumber(at) } }], controller);
  expect(await second).toBe('changed');
  queue.trySend(7n);
  expect(await first).toBe(7n);
});

it('a waiter that nobody is interested in passes on the wake that it gets', async () => {
  const pool = Pool.create({ words: 8, segments: 0 });
  const at = pool.reserve(1);
  expect(await anyChange([{ words: pool, spot: { at, expected: 0 } }], { timeout: 1 })).toBe('timed-out');
  const woken = vi.fn();
  const another = pool.waitAsync(at, 0n).then(woken); // the word has another use now
  pool.notify(at, 1);
  await another;
  expect(woken).toHaveBeenCalledWith('ok');
});

it('and none if this thread has left the pool by then', async () => {
  const pool = Pool.create({ words: 8, segments: 0 });
  const at = pool.reserve(1);
  const controller = new AbortController();
  const waiting = anyChange([{ words: pool, spot: { at, expected: 0 } }], controller);
  controller.abort();
  expect(await waiting).toBe('changed');
  expect(pool.notify(at)).toBe(1);
  pool.detach();
  await new Promise((resolve) => setTimeout(resolve, 0)); // an error there would be nobody's, and end the process
});

it('what the word holds need not be known to wait for the signal, or for time to go by', async () => {
  const controller = new AbortController();
  const waiting = anyChange([], controller);
  controller.abort();
  expect(await waiting).toBe('changed');
  expect(await anyChange([], controller)).toBe('changed');
  expect(await anyChange([], { timeout: 1 })).toBe('timed-out');
});

it('all who are interested are told why a wait has failed', async () => {
  const pool = Pool.create({ words: 8, segments: 0 });
  const spots = [{ words: pool, spot: { at: pool.reserve(1), expected: 0 } }];
  const waits = [anyChange(spots, {}), anyChange(spots, { timeout: 10_000 })];
  pool.detach();
  for (const wait of waits) await expect(wait).rejects.toThrow('detached');
  await expect(anyChange(spots, {})).rejects.toThrow('detached');
});
