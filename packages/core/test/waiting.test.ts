import { execFileSync } from 'node:child_process';
import { type Address, DetachedError, MustNotBlockError, Pool, ValueError } from '@pool/core';
import { describe, expect, test, vi } from 'vitest';
import { VARIANTS } from './support/variants.ts';

function open() {
  const pool = Pool.create({ words: 64, owners: 1, segments: 0 });
  return { pool, at: pool.reserve(1) };
}

describe.each(Object.entries(VARIANTS))('waiting, %s', (_, make) => {
  test('a word that holds something else is not waited for', async () => {
    const { words, at } = make();
    words.store(at, 5n);
    expect(words.wait(at, 4n)).toBe('not-equal');
    expect(await words.waitAsync(at, 4n)).toBe('not-equal');
  });

  test('time runs out', async () => {
    const { words, at } = make();
    for (const timeout of [0, -5, 1]) {
      expect(words.wait(at, 0n, { timeout })).toBe('timed-out');
      expect(await words.waitAsync(at, 0n, { timeout })).toBe('timed-out');
    }
  });

  test('a value of the upper half is compared as the word it is', async () => {
    const { words, at } = make();
    words.store(at, 2n ** 64n - 1n);
    expect(words.wait(at, 2n ** 64n - 1n, { timeout: 0 })).toBe('timed-out');
    const waiting = words.waitAsync(at, 2n ** 64n - 1n);
    expect(words.notify(at)).toBe(1);
    expect(await waiting).toBe('ok');
  });

  test('notify wakes the oldest first, and as many as it says', async () => {
    const { words, at } = make();
    const woken: number[] = [];
    const waiting = [0, 1, 2].map((index) => words.waitAsync(at, 0n).then(() => woken.push(index)));
    expect(words.notify(at, 0)).toBe(0);
    expect(words.notify(at, 1)).toBe(1);
    await waiting[0];
    expect(woken).toEqual([0]);
    expect(words.notify(at)).toBe(2);
    await Promise.all(waiting);
    expect(woken).toEqual([0, 1, 2]);
    expect(words.notify(at)).toBe(0);
  });

  test('nonsense is refused before anybody waits', async () => {
    const { words, at } = make();
    expect(() => words.wait(at, 0n, { timeout: Number.NaN })).toThrow(ValueError);
    await expect(words.waitAsync(at, 0n, { timeout: Number.NaN })).rejects.toThrow(ValueError);
    await expect(words.waitAsync(at, -1n)).rejects.toThrow(ValueError);
    await expect(words.waitAsync(words.size as Address, 0n)).rejects.toThrow('is not in');
    expect(() => words.notify(at, -1)).toThrow(ValueError);
    expect(() => words.notify(at, Number.NaN)).toThrow(ValueError);
    expect(words.notify(at)).toBe(0);
  });
});

describe('an aborted wait', () => {
  test('rejects with the reason, before or after it began', async () => {
    const { pool, at } = open();
    const reason = new Error('changed my mind');
    await expect(pool.waitAsync(at, 0n, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(pool.notify(at)).toBe(0);
    const controller = new AbortController();
    const waiting = pool.waitAsync(at, 0n, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('passes on the one wake that reaches it', async () => {
    const { pool, at } = open();
    const controller = new AbortController();
    const gone = [0, 1].map(() => pool.waitAsync(at, 0n, { signal: controller.signal }));
    const waiting = pool.waitAsync(at, 0n);
    controller.abort();
    for (const { status } of await Promise.allSettled(gone)) expect(status).toBe('rejected');
    expect(pool.notify(at, 1)).toBe(1); // the engine's oldest waiter is an aborted one, and so is the next
    expect(await waiting).toBe('ok');
  });

  test('passes on a wake that was on its way as it was aborted', async () => {
    const { pool, at } = open();
    const controller = new AbortController();
    const gone = pool.waitAsync(at, 0n, { signal: controller.signal });
    const waiting = pool.waitAsync(at, 0n);
    expect(pool.notify(at, 1)).toBe(1);
    controller.abort(); // in the same turn: woken, and not told yet
    await expect(gone).rejects.toThrow();
    expect(await waiting).toBe('ok');
  });

  test('does not pass on a time that ran out', async () => {
    const { pool, at } = open();
    const controller = new AbortController();
    const gone = pool.waitAsync(at, 0n, { signal: controller.signal, timeout: 1 });
    const waiting = pool.waitAsync(at, 0n, { timeout: 50 });
    controller.abort();
    await expect(gone).rejects.toThrow();
    expect(await waiting).toBe('timed-out');
  });

  test('leaves no listener behind, however it ends', async () => {
    const { pool, at } = open();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const waiting = pool.waitAsync(at, 0n, { signal });
    pool.notify(at);
    await waiting;
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
    expect(added).toHaveBeenCalledOnce();
  });
});

describe('a wait whose pool is left', () => {
  test.each(Object.entries(VARIANTS))('rejects at once, %s', async (_, make) => {
    const { pool, words, at } = make();
    const { signal } = new AbortController();
    const waits = [{}, { timeout: 100_000 }, { signal }, { keepAlive: false }].map((options) =>
      words.waitAsync(at, 0n, options),
    );
    pool.detach();
    for (const wait of waits) await expect(wait).rejects.toThrow(DetachedError);
    await expect(words.waitAsync(at, 0n)).rejects.toThrow(DetachedError);
  });

  test('is of that pool object alone', async () => {
    const pool = Pool.create({ words: 64, owners: 2, segments: 0 });
    const at = pool.reserve(1);
    const other = Pool.attach(pool.handle);
    const gone = pool.waitAsync(at, 0n);
    const waiting = other.waitAsync(at, 0n);
    pool.dispose();
    await expect(gone).rejects.toThrow(DetachedError);
    expect(other.notify(at, 1)).toBe(1); // the engine's oldest waiter is the one that is gone
    expect(await waiting).toBe('ok');
  });

  test('passes on a wake that was on its way', async () => {
    const pool = Pool.create({ words: 64, owners: 2, segments: 0 });
    const at = pool.reserve(1);
    const other = Pool.attach(pool.handle);
    const gone = pool.waitAsync(at, 0n);
    const waiting = other.waitAsync(at, 0n);
    expect(other.notify(at, 1)).toBe(1);
    pool.detach(); // in the same turn: woken, and not told yet
    await expect(gone).rejects.toThrow(DetachedError);
    expect(await waiting).toBe('ok');
  });

  test('that has ended keeps its end', async () => {
    const { pool, at } = open();
    const aborted = new AbortController();
    const gone = pool.waitAsync(at, 0n, { signal: aborted.signal });
    const done = pool.waitAsync(at, 0n, { timeout: 0 });
    aborted.abort();
    pool.detach();
    await expect(gone).rejects.toBe(aborted.signal.reason);
    expect(await done).toBe('timed-out');
  });

  test('leaves no listener and no timer behind', async () => {
    const { pool, at } = open();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const [begun, cleared] = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')];
    try {
      const waiting = pool.waitAsync(at, 0n, { signal });
      pool.detach();
      await expect(waiting).rejects.toThrow(DetachedError);
      expect(added).toHaveBeenCalledOnce();
      expect(removed).toHaveBeenCalledWith('abort', added.mock.calls[0]?.[1]);
      expect(cleared).toHaveBeenCalledWith(begun.mock.results[0]?.value);
    } finally {
      begun.mockRestore();
      cleared.mockRestore();
    }
  });
});

test('a thread that must not block gets an error that says what to do', () => {
  // No thread of Node is forbidden to block, so `Atomics.wait` stands in for a browser's main thread here.
  const { pool, at } = open();
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  });
  try {
    expect(() => pool.wait(at, 0n)).toThrow(MustNotBlockError);
    expect(() => pool.wait(at, 0n)).toThrow('waitAsync');
  } finally {
    wait.mockRestore();
  }
});

describe('Node stays alive', () => {
  function run(program: string): string {
    const source = `import { Pool } from '@pool/core';
      const pool = Pool.create({ words: 64, owners: 1, segments: 0 });
      const at = pool.reserve(1);
      ${program}`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', source], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
      timeout: 30_000, // a process that stays alive for ever fails the test
    });
  }

  test('while a wait is pending', () => {
    expect(run('pool.waitAsync(at, 0n, { timeout: 100 }).then(console.log);')).toBe('timed-out\n');
  });

  test('and no longer than that', () => {
    expect(run('pool.waitAsync(at, 0n).then(console.log); pool.notify(at);')).toBe('ok\n');
  });

  test('and not for an aborted one', () => {
    expect(
      run(
        'const c = new AbortController(); pool.waitAsync(at, 0n, { signal: c.signal }).catch((e) => console.log(e.name)); c.abort();',
      ),
    ).toBe('AbortError\n');
  });

  test('and not in a pool that was left', () => {
    const waits = 'for (const options of [{}, { timeout: 100_000 }]) pool.waitAsync(at, 0n, options)';
    expect(run(`${waits}.catch((e) => console.log(e.name)); pool.detach();`)).toBe('DetachedError\nDetachedError\n');
  });

  test('unless it is told not to', () => {
    expect(run('pool.waitAsync(at, 0n, { keepAlive: false }).then(console.log);')).toBe('');
  });
});
