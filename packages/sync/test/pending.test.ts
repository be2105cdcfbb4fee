/** Many asynchronous operations of one thread that wait at one object: what it costs to serve them, and who leaves before that. */
import { execFileSync } from 'node:child_process';
import { FreeList } from '@pool/alloc';
import { Pool, unpackOwner } from '@pool/core';
import { record } from '@pool/core/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  ArrayQueue,
  Broadcast,
  type ChannelOptions,
  channel,
  channelSize,
  Mailbox,
  Mutex,
  Once,
  RecordsRing,
  RwLock,
  SegmentedQueue,
  Semaphore,
  SpscRing,
  WordQueue,
} from '../src/index.ts';

type Waiting = { readonly timeout?: number; readonly signal?: AbortSignal };

interface Ends {
  send(value: number, options?: Waiting): Promise<unknown>;
  receive(options?: Waiting): Promise<unknown>;
}

const SEGMENTS = { segmentCells: 8, segments: 100 } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function spacious(): Pool {
  return Pool.create({ words: 2 ** 16 });
}

function storageIn(pool: Pool): FreeList {
  const list = { blocks: SEGMENTS.segments, blockWords: SegmentedQueue.segmentSize(SEGMENTS) };
  return FreeList.create(pool, pool.reserve(FreeList.size(list)), list, pool.owner);
}

/** A channel in one pool, used through another's methods, as `words`. */
function ends(pool: Pool, options: ChannelOptions<'numbers'>, words = pool) {
  const given = { ...options, carries: 'numbers', storage: storageIn(pool) } as const;
  const [tx, rx] = channel(words, pool.reserve(channelSize(given)), given);
  return { tx, rx };
}

function ofChannel(options: ChannelOptions<'numbers'>) {
  return (pool: Pool, words: Pool): Ends => {
    const { tx, rx } = ends(pool, options, words);
    return {
      send: (value, waiting) => tx.sendAsync(value, waiting),
      async receive(waiting) {
        const received = await rx.receiveAsync(waiting);
        return received.status === 'ok' ? received.value : received.status;
      },
    };
  };
}

function ofWords(queue: {
  sendAsync(value: bigint, options?: Waiting): Promise<unknown>;
  receiveAsync(options?: Waiting): Promise<bigint | string>;
}): Ends {
  return {
    send: (value, waiting) => queue.sendAsync(BigInt(value), waiting),
    async receive(waiting) {
      const received = await queue.receiveAsync(waiting);
      return typeof received === 'bigint' ? Number(received) : received;
    },
  };
}

const HAND_TO_HAND = 'a channel from hand to hand';
const STREAMS: Record<string, (pool: Pool, words: Pool) => Ends> = {
  [HAND_TO_HAND]: ofChannel({ capacity: 0 }),
  'a bounded channel': ofChannel({ capacity: 8 }),
  'a channel without bound': ofChannel({ capacity: Number.POSITIVE_INFINITY, ...SEGMENTS }),
  'a channel between two': ofChannel({ capacity: 8, kind: 'spsc' }),
  'an array queue': (pool, words) =>
    ofWords(ArrayQueue.create(words, pool.reserve(ArrayQueue.size({ capacity: 8 })), { capacity: 8 })),
  'a segmented queue': (pool, words) => {
    const base = pool.reserve(SegmentedQueue.size(SEGMENTS));
    return ofWords(SegmentedQueue.create(words, base, storageIn(pool), SEGMENTS));
  },
  'an spsc ring': (pool, words) => {
    const ring = SpscRing.create(words, pool.reserve(SpscRing.size({ capacity: 8 })), { capacity: 8 });
    const [tx, rx] = [ring.sender(), ring.receiver()];
    return ofWords({ sendAsync: tx.sendAsync.bind(tx), receiveAsync: rx.receiveAsync.bind(rx) });
  },
  'a word queue': (pool, words) => ofWords(WordQueue.create(words, pool.reserve(WordQueue.size(8)), 8)),
  'a records ring': (pool, words) => {
    const options = { capacity: 1024 };
    const ring = RecordsRing.create(words, pool.reserve(RecordsRing.size(options.capacity)), options);
    return {
      send: (value, waiting) => ring.sendAsync(new Uint8Array([value & 255, value >> 8]), waiting),
      async receive(waiting) {
        const record = await ring.receiveAsync(waiting);
        return typeof record === 'string' ? record : (record[0] as number) + 256 * (record[1] as number);
      },
    };
  },
};

function inOrder(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** How many operations on the words so many take that wait at once. */
async function cost(count: number, crowd: (pool: Pool, words: Pool, count: number) => Promise<unknown>) {
  const pool = spacious();
  const recorded = record(pool);
  await crowd(pool, recorded.words as Pool, count);
  return recorded.operations.length;
}

/** Four times as many take four times as much; if each was woken for each other, it would be sixteen times. */
async function expectLinear(crowd: (pool: Pool, words: Pool, count: number) => Promise<unknown>) {
  const [few, many] = [await cost(50, crowd), await cost(200, crowd)];
  expect(many / few).toBeLessThan(6);
}

describe.each(Object.entries(STREAMS))('%s', (_, open) => {
  it('serves receivers that wait, each at the same cost', async () => {
    await expectLinear(async (pool, words, count) => {
      const { send, receive } = open(pool, words);
      const received = inOrder(count).map(() => receive());
      const sent = inOrder(count).map((value) => send(value));
      expect(await Promise.all(received)).toEqual(inOrder(count));
      await Promise.all(sent);
    });
  });

  it('serves receivers that wait for one value after the other', async () => {
    await expectLinear(async (pool, words, count) => {
      const { send, receive } = open(pool, words);
      const received = inOrder(count).map(() => receive());
      for (const value of inOrder(count)) {
        await send(value);
        await turn();
      }
      expect(await Promise.all(received)).toEqual(inOrder(count));
    });
  });

  it('serves senders that wait, each at the same cost', async () => {
    await expectLinear(async (pool, words, count) => {
      const { send, receive } = open(pool, words);
      const sent = inOrder(count).map((value) => send(value));
      const received = [];
      for (let value = 0; value < count; value++) {
        received.push(await receive());
        await turn();
      }
      expect(received).toEqual(inOrder(count));
      await Promise.all(sent);
    });
  });

  it('loses nothing where both come by turns', async () => {
    const pool = spacious();
    const { send, receive } = open(pool, pool);
    const sent = [];
    const received = [];
    for (const value of inOrder(40)) {
      sent.push(send(value));
      received.push(receive());
      if (value % 7 === 0) await turn();
    }
    expect(await Promise.all(sent)).toEqual(sent.map(() => 'ok'));
    expect((await Promise.all(received)).toSorted((a, b) => Number(a) - Number(b))).toEqual(inOrder(40));
  });

  it('serves those who stay when others leave the line, the first of it too', async () => {
    const pool = spacious();
    const { send, receive } = open(pool, pool);
    const controller = new AbortController();
    const stay: Promise<unknown>[] = [];
    const leave: Promise<unknown>[] = [];
    for (const index of inOrder(12)) {
      if (index % 4 === 0) leave.push(receive({ signal: controller.signal }));
      else if (index % 4 === 1) leave.push(receive({ timeout: 5 }));
      else stay.push(receive()); // without end: one whose time is up tries again, wake or no wake
    }
    setTimeout(() => controller.abort(), 1);
    const left = await Promise.allSettled(leave);
    expect(left.map(({ status }) => status)).toEqual(Array(3).fill(['rejected', 'fulfilled']).flat());
    expect(left.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))).toEqual(Array(3).fill('timed-out'));
    const sent = inOrder(6).map((value) => send(value));
    expect(await Promise.all(stay)).toEqual(inOrder(6));
    await Promise.all(sent);
  });

  it.each([0, 1])('loses no wake that comes when the waiter %i leaves', async (leaver) => {
    const pool = spacious();
    const { send, receive } = open(pool, pool);
    const controller = new AbortController();
    const line = inOrder(3).map((index) => receive(index === leaver ? { signal: controller.signal } : {}));
    const settled = Promise.allSettled(line);
    const sent = send(0);
    controller.abort();
    await sent;
    const others = [send(1), send(2, { timeout: 50 })];
    const results = (await settled).map((one) => (one.status === 'fulfilled' ? one.value : 'aborted'));
    // Whether it has received, or the others have all.
    expect([[0, 1, 2], leaver === 0 ? ['aborted', 0, 1] : [0, 'aborted', 1]]).toContainEqual(results);
    await Promise.all(others);
  });

  it('gives what is there at once, whoever is about to be woken for it', async () => {
    const pool = spacious();
    const { send, receive } = open(pool, pool);
    const first = receive();
    const sent = send(0);
    expect(await receive({ timeout: 0 })).toBe(0);
    const again = send(1);
    expect(await first).toBe(1);
    await Promise.all([sent, again]);
  });
});

/** From hand to hand there is never more than one. */
describe.each(Object.entries(STREAMS).filter(([name]) => name !== HAND_TO_HAND))('%s', (_, open) => {
  it('gives what is there to one whose time is up behind others', async () => {
    const pool = spacious();
    const { send, receive } = open(pool, pool);
    const [first, second] = [receive(), receive({ timeout: 2 })];
    const sent = [send(0), send(1)];
    for (const end = performance.now() + 10; performance.now() < end; ) {} // the event loop is late for all of them
    expect((await Promise.all([first, second])).toSorted()).toEqual([0, 1]);
    await Promise.all(sent);
  });
});

describe('locks serve tasks that wait, each at the same cost', () => {
  type Lock = (pool: Pool, words: Pool) => { take(index: number): Promise<() => void>; first(): () => void };
  const owners = 2;
  const LOCKS: Record<string, Lock> = {
    'a mutex': (pool, words) => {
      const mutex = Mutex.create(words, pool.reserve(Mutex.size()));
      const locked = mutex.lock();
      return {
        first: () => () => locked.unlock(),
        async take() {
          const token = await mutex.lockAsync();
          return () => token.unlock();
        },
      };
    },
    'a read-write lock': (pool, words) => {
      const lock = RwLock.create(words, pool.reserve(RwLock.size(owners)), { owners });
      const locked = lock.write();
      return {
        first: () => () => locked.unlock(),
        async take(index) {
          const token = await (index % 3 === 0 ? lock.writeAsync() : lock.readAsync());
          return () => token.unlock();
        },
      };
    },
    ...Object.fromEntries(
      [true, false].map((fair): [string, Lock] => [
        `a semaphore (fair: ${fair})`,
        (pool, words) => {
          const semaphore = Semaphore.create(words, pool.reserve(Semaphore.size(owners)), 3, { owners, fair });
          semaphore.acquire(3);
          return {
            first: () => () => semaphore.release(3),
            async take(index) {
              const count = 1 + (index % 2);
              await semaphore.acquireAsync(count);
              return () => semaphore.release(count);
            },
          };
        },
      ]),
    ),
  };

  it.each(Object.entries(LOCKS))('%s', async (_, open) => {
    await expectLinear(async (pool, words, count) => {
      const { take, first } = open(pool, words);
      const waiting = inOrder(count).map(async (index) => {
        const release = await take(index);
        await turn();
        release();
      });
      first()();
      await Promise.all(waiting);
    });
  });
});

it('readers of a mailbox or a broadcast in one place, and callers of what fails, cost the same each', async () => {
  const message = new BigUint64Array(1);
  await expectLinear(async (pool, words, count) => {
    const box = Mailbox.create(words, pool.reserve(Mailbox.size(1)), { width: 1 });
    const read = inOrder(count).map(() => box.readAsync(message));
    for (let times = 0; times < count; times++) {
      box.write(message);
      await turn();
    }
    expect(await Promise.all(read)).toEqual(read.map(() => 'ok'));
  });
  await expectLinear(async (pool, words, count) => {
    const news = Broadcast.create(words, pool.reserve(Broadcast.size(8)), { capacity: 8 });
    const receiver = news.receiver();
    const received = inOrder(count).map(() => receiver.receiveAsync(message));
    for (let times = 0; times < count; times++) {
      news.trySend(message);
      await turn();
    }
    expect(await Promise.all(received)).toEqual(received.map(() => 'ok'));
  });
  await expectLinear(async (pool, words, count) => {
    const once = Once.create(words, pool.reserve(Once.size()));
    const failing = inOrder(count).map(() => once.callAsync(() => turn().then(() => Promise.reject(new Error('no')))));
    const results = await Promise.allSettled(failing);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
  });
});

it('all that wait are told when a channel ends, each at the same cost', async () => {
  await expectLinear(async (pool, words, count) => {
    const { tx, rx } = ends(pool, { capacity: 0 }, words);
    const received = inOrder(count).map(() => rx.receiveAsync());
    tx.close();
    expect(await Promise.all(received)).toEqual(received.map(() => ({ status: 'closed' })));
  });
});

it('an error of the first in line does not hold up the others', async () => {
  const pool = spacious();
  const options = { capacity: 1024 };
  const ring = RecordsRing.create(pool, pool.reserve(RecordsRing.size(options.capacity)), options);
  const first = ring.drainAsync(() => {
    throw new Error('no');
  });
  const second = ring.receiveAsync();
  ring.trySend(new Uint8Array([1]));
  ring.trySend(new Uint8Array([2]));
  await expect(first).rejects.toThrow('no');
  expect(await second).toEqual(new Uint8Array([2]));
});

describe('tasks of one thread at a semaphore', () => {
  function semaphore(fair: boolean) {
    const pool = spacious();
    const made = Semaphore.create(pool, pool.reserve(Semaphore.size(2)), 3, { owners: 2, fair });
    made.acquire(3);
    const order: string[] = [];
    const acquire = async (name: string, count: number, options?: Waiting, at = made): Promise<void> => {
      order.push(`${name} ${await at.acquireAsync(count, options)}`);
    };
    return { pool, made, order, acquire };
  }

  it('are served as they came, if it is fair, large demands too', async () => {
    const { made, order, acquire } = semaphore(true);
    const waiting = [acquire('large', 3), acquire('small', 1), acquire('impatient', 1, { timeout: 5 })];
    made.release(1);
    await waiting[2];
    expect(order).toEqual(['impatient timed-out']);
    made.release(2);
    await waiting[0];
    made.release(3);
    await waiting[1];
    expect(order).toEqual(['impatient timed-out', 'large ok', 'small ok']);
  });

  it('are not held up by larger demands, if it is not', async () => {
    const { made, order, acquire } = semaphore(false);
    const waiting = [acquire('large', 3), acquire('small', 1), acquire('small', 1)];
    made.release(2);
    await Promise.all(waiting.slice(1));
    expect(order).toEqual(['small ok', 'small ok']);
    made.release(3);
    await waiting[0];
  });

  it('keep the place of their thread when one behind the first gives up', async () => {
    const { pool, made, order, acquire } = semaphore(true);
    const other = Semaphore.attach(pool, made.base, { owner: unpackOwner(2 ** 16 + 1) });
    const controller = new AbortController();
    const first = acquire('first', 1);
    const behind = acquire('behind', 1, { signal: controller.signal });
    const there = acquire('there', 1, {}, other);
    controller.abort();
    await expect(behind).rejects.toThrow();
    made.release(1);
    await first;
    made.release(1);
    await there;
    expect(order).toEqual(['first ok', 'there ok']);
  });
});

describe('Node stays alive', () => {
  function run(program: string): string {
    const source = `import { Pool } from '@pool/core';
      import { channel, channelSize } from '@pool/sync';
      const pool = Pool.create({ words: 4096 });
      const options = { capacity: 8 };
      const [tx, rx] = channel(pool, pool.reserve(channelSize(options)), options);
      const receive = (options) => rx.receiveAsync(options).then(({ status }) => console.log(status), (e) => console.log(e.name));
      ${program}`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', source], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
      timeout: 30_000, // a process that stays alive for ever fails the test
    });
  }

  it('for one in line, whatever the first of it wants', () => {
    expect(run('receive({ keepAlive: false }); receive({ timeout: 100 });')).toBe('timed-out\n');
  });

  it('and no longer than that', () => {
    expect(run('receive({}); receive({}); tx.trySend(1n); tx.trySend(2n);')).toBe('ok\nok\n');
    const aborted = 'const c = new AbortController(); receive({ keepAlive: false }); receive({ signal: c.signal });';
    expect(run(`${aborted} c.abort();`)).toBe('AbortError\n');
  });

  it('and not for those who do not want it', () => {
    expect(run('receive({ keepAlive: false }); receive({ keepAlive: false, timeout: 5_000 });')).toBe('');
  });
});

describe('the line of pending operations', () => {
  it('sets no timer for a moment that has passed', async () => {
    const { rx } = ends(spacious(), { capacity: 2 });
    const delays: unknown[] = [];
    const { setInterval: setting } = globalThis;
    vi.spyOn(globalThis, 'setInterval').mockImplementation(((handler: () => void, delay?: number) => {
      delays.push(delay);
      return setting(handler, Math.max(0, delay ?? 0));
    }) as typeof setInterval);
    // Of a look at the clock and the next one, that for how much is left comes too late.
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 2));
    try {
      const late = [rx.receiveAsync(), rx.receiveAsync({ timeout: 1 })];
      expect(await late[1]).toEqual({ status: 'timed-out' });
      expect(delays).toContain(0);
      expect(delays.filter((delay) => !(Number(delay) >= 0))).toEqual([]);
      rx.close(); // by this clock, which stands still between two looks, the first would wait for long
      expect(await late[0]).toEqual({ status: 'closed' });
    } finally {
      vi.restoreAllMocks();
    }
  });
});
