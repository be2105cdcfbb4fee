/** Whoever detaches from a pool while asynchronous operations of it wait: each of them rejects at once, those in line too. */
import { execFileSync } from 'node:child_process';
import { DetachedError, Pool } from '@pool/core';
import { describe, expect, it, vi } from 'vitest';
import { channel, channelSize, Mutex, ResetEvent, RwLock, Semaphore, selectAsync } from '../src/index.ts';

type Waiting = { readonly timeout?: number; readonly signal?: AbortSignal };

function ends(pool: Pool, capacity: number) {
  const options = { capacity, carries: 'numbers' } as const;
  return channel(pool, pool.reserve(channelSize(options)), options);
}

function semaphore(pool: Pool, fair: boolean) {
  const options = { fair, owners: 4 };
  const made = Semaphore.create(pool, pool.reserve(Semaphore.size(options.owners)), 1, options);
  made.tryAcquire(1);
  return (waiting: Waiting) => made.acquireAsync(1, waiting);
}

/** Operations that have to wait. */
const OPERATIONS: Record<string, (pool: Pool) => (options: Waiting) => Promise<unknown>> = {
  'a receive': (pool) => (options) => ends(pool, 8)[1].receiveAsync(options),
  'receives of one end': (pool) => {
    const [, rx] = ends(pool, 8);
    return (options) => rx.receiveAsync(options);
  },
  'receives from hand to hand': (pool) => {
    const [, rx] = ends(pool, 0);
    return (options) => rx.receiveAsync(options);
  },
  'sends from hand to hand': (pool) => {
    const [tx] = ends(pool, 0);
    return (options) => tx.sendAsync(1, options);
  },
  'a mutex': (pool) => {
    const mutex = Mutex.create(pool, pool.reserve(Mutex.size()));
    mutex.tryLock();
    return (options) => mutex.lockAsync(options);
  },
  'a semaphore': (pool) => semaphore(pool, false),
  'a fair semaphore': (pool) => semaphore(pool, true),
  'a read-write lock': (pool) => {
    const lock = RwLock.create(pool, pool.reserve(RwLock.size(4)), { owners: 4 });
    lock.tryWrite();
    return (options) => lock.readAsync(options);
  },
  'an event': (pool) => {
    const event = ResetEvent.create(pool, pool.reserve(ResetEvent.size()), { reset: 'auto' });
    return (options) => event.waitAsync(options);
  },
  'a select': (pool) => {
    const [[, one], [other]] = [ends(pool, 8), ends(pool, 0)];
    return (options) => selectAsync([one.receiving(), other.sending(1)], options);
  },
};

/** How it ends within a second. */
function endOf(operation: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => setTimeout(resolve, 1_000, 'still pending'));
  return Promise.race([operation.catch((error: unknown) => error), late]);
}

describe('operations that wait in a pool that is left', () => {
  it.each(Object.entries(OPERATIONS))('reject at once: %s', async (_, open) => {
    const pool = Pool.create({ words: 2 ** 14 });
    const operate = open(pool);
    const { signal } = new AbortController();
    const ended = [{}, {}, { signal }, { timeout: 100_000 }].map((options) => endOf(operate(options)));
    await new Promise((resolve) => setImmediate(resolve));
    pool.detach();
    for (const end of await Promise.all(ended)) expect(end).toBeInstanceOf(DetachedError);
  });

  it('take back what a select has left in another pool', async () => {
    const [left, kept] = [Pool.create({ words: 2 ** 14 }), Pool.create({ words: 2 ** 14 })];
    const [, gone] = ends(left, 0);
    const at = kept.reserve(1);
    const withdraw = vi.fn();
    const there = { words: kept, attempt: () => undefined, park: () => ({ at, expected: 0 }), withdraw };
    const ended = endOf(selectAsync([gone.receiving(), there]));
    await new Promise((resolve) => setImmediate(resolve));
    left.detach();
    expect(await ended).toBeInstanceOf(DetachedError);
    expect(withdraw).toHaveBeenCalled();
  });
});

it('a process ends that has left its pool', () => {
  const source = `import { Pool } from '@pool/core';
    import { channel, channelSize } from '@pool/sync';
    const pool = Pool.create({ words: 4096 });
    const [, rx] = channel(pool, pool.reserve(channelSize({ capacity: 8 })), { capacity: 8 });
    for (const options of [{}, {}, { timeout: 100_000 }]) rx.receiveAsync(options).catch((e) => console.log(e.name));
    setImmediate(() => pool.detach());`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
    timeout: 30_000, // a process that stays alive for ever fails the test
  });
  expect(printed).toBe('DetachedError\n'.repeat(3));
});
