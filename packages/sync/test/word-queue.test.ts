import { type Address, AttachError, CorruptError, LINE_WORDS, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WORD_QUEUE, WordQueue } from '../src/index.ts';

function queueOf(capacity: number): { pool: Pool; base: Address; queue: WordQueue } {
  const pool = Pool.create({ words: WordQueue.size(capacity) });
  const base = pool.reserve(WordQueue.size(capacity));
  return { pool, base, queue: WordQueue.create(pool, base, capacity) };
}

describe('a word queue on one thread', () => {
  it('behaves as an array that is never longer than the capacity', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
      fc.record({ kind: fc.constant('receive' as const) }),
      fc.record({ kind: fc.constant('length' as const) }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(2, 4, 8),
        fc.array(step, { maxLength: 200 }),
        fc.nat(250),
        (capacity, steps, closeAt) => {
          const { queue } = queueOf(capacity);
          const model: bigint[] = [];
          let closed = false;
          for (const [index, action] of steps.entries()) {
            if (index === closeAt) {
              queue.close();
              closed = true;
            }
            if (action.kind === 'send') {
              const expected = closed ? 'closed' : model.length === capacity ? 'full' : 'ok';
              expect(queue.trySend(action.value)).toBe(expected);
              if (expected === 'ok') model.push(action.value);
            } else if (action.kind === 'receive') {
              expect(queue.tryReceive()).toBe(model.shift() ?? (closed ? 'closed' : 'empty'));
            } else {
              expect(queue.length).toBe(model.length);
            }
          }
        },
      ),
    );
  });

  it('drains what was sent before it was closed, then ends', () => {
    const { queue } = queueOf(4);
    queue.trySend(1n);
    queue.trySend(2n);
    queue.close();
    queue.close();
    expect([queue.receive(), queue.receive(), queue.receive(), queue.tryReceive()]).toEqual([
      1n,
      2n,
      'closed',
      'closed',
    ]);
    expect([queue.trySend(3n), queue.send(3n)]).toEqual(['closed', 'closed']);
  });

  it('gives up after the time it was given', async () => {
    const { queue } = queueOf(2);
    expect(queue.receive({ timeout: 1 })).toBe('timed-out');
    expect(await queue.receiveAsync({ timeout: 1 })).toBe('timed-out');
    queue.trySend(1n);
    queue.trySend(2n);
    expect(queue.send(3n, { timeout: 1 })).toBe('timed-out');
    expect(await queue.sendAsync(3n, { timeout: 1 })).toBe('timed-out');
    expect([queue.tryReceive(), queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 2n, 'empty']);
  });

  it('wakes an asynchronous receiver and an asynchronous sender', async () => {
    const { queue } = queueOf(2);
    const received = queue.receiveAsync();
    queue.trySend(7n);
    expect(await received).toBe(7n);
    queue.trySend(1n);
    queue.trySend(2n);
    const sent = queue.sendAsync(3n);
    expect(queue.tryReceive()).toBe(1n);
    expect(await sent).toBe('ok');
    expect([queue.tryReceive(), queue.tryReceive()]).toEqual([2n, 3n]);
    const ended = queue.receiveAsync();
    queue.close();
    expect(await ended).toBe('closed');
  });

  it('rejects when the signal aborts, takes nothing, and leaves no waiter counted', async () => {
    const { pool, base, queue } = queueOf(2);
    const controller = new AbortController();
    const received = queue.receiveAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(received).rejects.toThrow('enough');
    expect(pool.load(WORD_QUEUE.at(base).itemWaiters)).toBe(0n);
    queue.trySend(5n);
    expect(queue.tryReceive()).toBe(5n);
  });

  it('checks a value before it claims a cell for it', () => {
    const { queue } = queueOf(2);
    expect(() => queue.trySend(-1n)).toThrow(ValueError);
    expect(() => queue.trySend(2n ** 64n)).toThrow(ValueError);
    expect(() => queue.trySend(1 as unknown as bigint)).toThrow(ValueError);
    expect([queue.length, queue.tryReceive()]).toEqual([0, 'empty']);
  });
});

describe('the words of a word queue', () => {
  it('keeps what different threads write on different lines', () => {
    const { tail, head, items, itemWaiters, room, roomWaiters, cells } = WORD_QUEUE.offsets;
    const hot = [tail, head, items, itemWaiters, room, roomWaiters, cells];
    for (const [index, offset] of hot.entries()) {
      expect(offset % LINE_WORDS).toBe(0);
      if (index > 0) expect(offset - (hot[index - 1] as number)).toBeGreaterThanOrEqual(LINE_WORDS);
    }
  });

  it('publishes a value before its stamp, and a stamp before it looks for waiters', () => {
    const { pool, base } = queueOf(2);
    const { words, sequence } = record(pool);
    const { tail, cells, itemWaiters } = WORD_QUEUE.at(base);
    const queue = WordQueue.attach(words, base);
    const before = sequence().length;
    queue.trySend(9n);
    expect(sequence().slice(before)).toEqual([
      `loadNumber(${tail})`,
      `loadNumber(${cells})`,
      `compareExchangeNumber(${tail}, 0, 2)`,
      `storePlain(${cells + 1}, 9)`,
      `storeNumber(${cells}, 1)`,
      'fence()',
      `load(${itemWaiters})`,
    ]);
  });

  it('refuses to attach where no queue stands, or one that cannot be', () => {
    const { pool, base } = queueOf(2);
    const { capacity } = WORD_QUEUE.at(base);
    expect(() => WordQueue.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 1n, 3n, 2n ** 24n, 2n ** 40n, 2n ** 53n, 2n ** 64n - 1n]) {
      pool.store(capacity, nonsense);
      expect(() => WordQueue.attach(pool, base)).toThrow(AttachError);
    }
    expect(() => WordQueue.size(3)).toThrow(ValueError);
    expect(() => WordQueue.size(1)).toThrow(ValueError);
  });

  it('says Corrupt, and ends, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['tail', 'head', 'cells', 'items', 'itemWaiters', 'room', 'roomWaiters'] as const;
    let corrupt = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...spots), fc.nat(7), word), { maxLength: 8 }), (writes) => {
        const { pool, base, queue } = queueOf(4);
        const at = WORD_QUEUE.at(base);
        for (const [spot, cell, value] of writes)
          pool.store((at[spot] + (spot === 'cells' ? cell : 0)) as Address, value);
        for (const operation of [
          () => queue.trySend(1n),
          () => queue.tryReceive(),
          () => queue.length,
          () => queue.closed,
        ]) {
          try {
            operation();
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 2000 },
    );
    expect(corrupt).toBeGreaterThan(100);
  });
});
