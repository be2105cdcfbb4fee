/** What every queue of words between any number of threads must do, on one thread and between any two of its steps. */
import { CorruptError, type Owner, type OwnerId, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  BulkReceived,
  BulkSent,
  ReceiveResult,
  SendResult,
  SpinOptions,
  TryReceiveResult,
  TrySendResult,
  WordArray,
} from '../../src/index.ts';
import { betweenSteps } from './between-steps.ts';

export interface QueueOfWords {
  readonly length: number;
  readonly closed: boolean;
  trySend(value: bigint): TrySendResult;
  trySendNumber(value: number): TrySendResult;
  tryReceive(): TryReceiveResult;
  tryReceiveNumber(): number | 'empty' | 'closed';
  send(value: bigint, options?: { timeout?: number } & SpinOptions): SendResult;
  sendAsync(value: bigint, options?: { timeout?: number; signal?: AbortSignal }): Promise<SendResult>;
  receive(options?: { timeout?: number } & SpinOptions): ReceiveResult;
  receiveAsync(options?: { timeout?: number; signal?: AbortSignal }): Promise<ReceiveResult>;
  trySendMany(source: WordArray, from?: number): number | 'closed';
  tryReceiveMany(target: WordArray): number | 'closed';
  sendMany(source: WordArray, options?: { timeout?: number } & SpinOptions): BulkSent;
  sendManyAsync(source: WordArray, options?: { timeout?: number; signal?: AbortSignal }): Promise<BulkSent>;
  receiveMany(target: WordArray, options?: { timeout?: number } & SpinOptions): BulkReceived;
  receiveManyAsync(target: WordArray, options?: { timeout?: number; signal?: AbortSignal }): Promise<BulkReceived>;
  close(): void;
  recover(owner: Owner): unknown;
}

export interface QueueKind {
  readonly name: string;
  /** Whether a sender that dies may leave a cell that it has claimed: one that has a lane never does. */
  readonly leavesClaims: boolean;
  /** Whether a queue with room for `capacity` words takes no more; one that is not bounded takes at least so many. */
  readonly bounded: boolean;
  open(pool: Pool, capacity: number, start?: bigint): QueueOfWords;
  /** The queue opened last on these words, for another owner, or through a recorder. */
  again(pool: Pool, owner: Owner): QueueOfWords;
}

const DEAD: Owner = { id: 9 as OwnerId, generation: 7 };
const LATE: Owner = { id: 10 as OwnerId, generation: 1 };
const PARK = { strategy: 'park', timeout: 5_000 } as const;
const STARTS = [0n, 2n ** 30n - 3n, 2n ** 31n - 3n, 2n ** 32n - 3n, 2n ** 53n - 3n, 2n ** 64n - 3n];

const newPool = (): Pool => Pool.create({ words: 4096, segments: 0 });

/** Throws when so many words have been changed: a death there. */
function dying(pool: Pool, changes: number): { words: Pool; begin(): void } {
  let left = Number.POSITIVE_INFINITY;
  const { words } = record(pool, {
    before(name) {
      if (!/^(load|pause)/.test(name) && left-- === 0) throw new Error('dies here');
    },
  });
  return {
    words: words as Pool,
    begin() {
      left = changes;
    },
  };
}

export function drain(queue: QueueOfWords): bigint[] {
  const values: bigint[] = [];
  for (let value = queue.tryReceive(); typeof value === 'bigint'; value = queue.tryReceive()) values.push(value);
  return values;
}

export function describeQueue(kind: QueueKind): void {
  describe.each(STARTS)(`${kind.name} whose positions begin at %s`, (start) => {
    it('behaves as an array', () => {
      const step = fc.oneof(
        fc.record({ do: fc.constant('send' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
        fc.record({ do: fc.constant('number' as const), value: fc.maxSafeNat() }),
        fc.constant({ do: 'receive' as const, value: 0n }),
        fc.constant({ do: 'length' as const, value: 0n }),
      );
      fc.assert(
        fc.property(
          fc.constantFrom(2, 4, 32),
          fc.array(step, { maxLength: 150 }),
          fc.nat(200),
          (capacity, steps, closeAt) => {
            const queue = kind.open(newPool(), capacity, start);
            const model: bigint[] = [];
            for (const [index, { do: action, value }] of steps.entries()) {
              const closed = index >= closeAt;
              if (index === closeAt) queue.close();
              if (action === 'length') {
                expect([queue.length, queue.closed]).toEqual([model.length, closed]);
              } else if (action === 'receive') {
                expect(queue.tryReceive()).toBe(model.shift() ?? (closed ? 'closed' : 'empty'));
              } else {
                const fits = !kind.bounded || model.length < capacity;
                const sent = typeof value === 'number' ? queue.trySendNumber(value) : queue.trySend(value);
                expect(sent).toBe(closed ? 'closed' : fits ? 'ok' : 'full');
                if (sent === 'ok') model.push(BigInt(value));
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  describe(kind.name, () => {
    it('carries numbers, and checks a value before it claims a cell', () => {
      const queue = kind.open(newPool(), 2);
      queue.trySendNumber(Number.MAX_SAFE_INTEGER);
      expect(queue.tryReceiveNumber()).toBe(Number.MAX_SAFE_INTEGER);
      for (const bad of [-1n, 2n ** 64n, 1 as unknown as bigint]) expect(() => queue.trySend(bad)).toThrow(ValueError);
      for (const bad of [-1, 0.5, 2 ** 53]) expect(() => queue.trySendNumber(bad)).toThrow(ValueError);
      expect([queue.length, queue.tryReceive()]).toEqual([0, 'empty']);
      queue.trySend(2n ** 60n);
      queue.trySend(1n);
      expect(() => queue.tryReceiveNumber()).toThrow(CorruptError);
      expect(() => queue.tryReceiveNumber()).toThrow(CorruptError); // not taken
      expect(queue.tryReceive()).toBe(2n ** 60n);
      expect(queue.tryReceiveNumber()).toBe(1);
    });

    it('sends and receives many words, as many as there is room for and as there are', () => {
      const queue = kind.open(newPool(), 4);
      const sent = BigUint64Array.of(1n, 2n, 2n ** 64n - 1n);
      expect(queue.trySendMany(sent)).toBe(3);
      expect(queue.trySendMany(sent, 1)).toBe(kind.bounded ? 1 : 2);
      expect(queue.trySendMany(sent, 3)).toBe(0);
      const received = new BigUint64Array(3);
      expect([queue.tryReceiveMany(received), received]).toEqual([3, sent]);
      expect([queue.tryReceiveMany(received), received[0]]).toEqual([kind.bounded ? 1 : 2, 2n]);
      expect([queue.tryReceiveMany(received), queue.tryReceiveMany(new BigUint64Array(0))]).toEqual([0, 0]);
      queue.sendMany(BigUint64Array.of(5n, 6n));
      queue.close();
      expect([queue.trySendMany(sent), queue.sendMany(sent)]).toEqual(['closed', { sent: 0, result: 'closed' }]);
      expect([queue.receiveMany(received), received[1]]).toEqual([2, 6n]);
      expect([queue.tryReceiveMany(received), queue.receiveMany(received)]).toEqual(['closed', 'closed']);
    });

    it('carries doubles as their bits', () => {
      const queue = kind.open(newPool(), 4);
      const bits = BigUint64Array.of(0x7ff0_0000_0000_0001n, 0x3ff8_0000_0000_0000n);
      queue.sendMany(new Float64Array(bits.buffer));
      const received = new Float64Array(3);
      expect(queue.receiveMany(received.subarray(1))).toBe(2);
      expect(new BigUint64Array(received.buffer)).toEqual(BigUint64Array.of(0n, ...bits));
    });

    it('sends many to a receiver of many, waiting on both sides', async () => {
      const queue = kind.open(newPool(), 4);
      const all = BigUint64Array.from({ length: 50 }, (_, index) => BigInt(index));
      const sending = queue.sendManyAsync(all);
      const received: bigint[] = [];
      for (const target = new BigUint64Array(7); received.length < all.length; ) {
        const count = await queue.receiveManyAsync(target);
        received.push(...target.subarray(0, count as number));
      }
      expect([await sending, received]).toEqual([{ sent: 50, result: 'ok' }, [...all]]);
      expect(await queue.receiveManyAsync(new BigUint64Array(2), { timeout: 1 })).toBe('timed-out');
      expect(queue.receiveMany(new BigUint64Array(2), { timeout: 1 })).toBe('timed-out');
      if (!kind.bounded) return;
      expect(queue.sendMany(all, { timeout: 1 })).toEqual({ sent: 4, result: 'timed-out' });
      expect(await queue.sendManyAsync(all, { timeout: 1 })).toEqual({ sent: 0, result: 'timed-out' });
    });

    it('gives up after the time it was given', async () => {
      const queue = kind.open(newPool(), 2);
      expect(queue.receive({ timeout: 1 })).toBe('timed-out');
      expect(queue.receive({ timeout: 1, strategy: 'spin' })).toBe('timed-out');
      expect(await queue.receiveAsync({ timeout: 1 })).toBe('timed-out');
      if (!kind.bounded) return;
      queue.trySend(1n);
      queue.trySend(2n);
      expect(queue.send(3n, { timeout: 1 })).toBe('timed-out');
      expect(await queue.sendAsync(3n, { timeout: 1 })).toBe('timed-out');
      expect(drain(queue)).toEqual([1n, 2n]);
    });

    it('wakes whoever waits in the event loop', async () => {
      const queue = kind.open(newPool(), 2);
      const received = [queue.receiveAsync(), queue.receiveAsync()];
      queue.trySend(7n);
      queue.trySend(8n);
      expect(new Set(await Promise.all(received))).toEqual(new Set([7n, 8n]));
      if (kind.bounded) {
        queue.trySend(1n);
        queue.trySend(2n);
        const sent = [queue.sendAsync(3n), queue.sendAsync(4n)];
        expect([queue.tryReceive(), queue.tryReceive()]).toEqual([1n, 2n]);
        expect(await Promise.all(sent)).toEqual(['ok', 'ok']);
        drain(queue);
      }
      const ended = [queue.receiveAsync(), queue.receiveAsync()];
      queue.close();
      expect(await Promise.all(ended)).toEqual(['closed', 'closed']);
    });

    it('an aborted wait takes nothing, and eats no wake of another', async () => {
      const queue = kind.open(newPool(), 2);
      const controller = new AbortController();
      const aborted = queue.receiveAsync({ signal: controller.signal });
      const waiting = queue.receiveAsync();
      controller.abort(new Error('enough'));
      await expect(aborted).rejects.toThrow('enough');
      queue.trySend(5n);
      expect(await waiting).toBe(5n);
    });

    it('drains what was sent before it was closed, be it full or not, then ends', async () => {
      for (const fill of [1, 2]) {
        const queue = kind.open(newPool(), 2);
        for (let value = 0; value < fill; value++) queue.trySend(BigInt(value));
        const waiting = fill === 2 && kind.bounded ? queue.sendAsync(9n) : undefined;
        queue.close();
        queue.close();
        expect([queue.closed, queue.trySend(3n), queue.send(3n), await waiting]).toEqual([
          true,
          'closed',
          'closed',
          waiting && 'closed',
        ]);
        expect(drain(queue)).toEqual([0n, 1n].slice(0, fill));
        expect([queue.tryReceive(), queue.receive(), queue.trySend(1n)]).toEqual(['closed', 'closed', 'closed']);
      }
    });
  });

  describe(`${kind.name}, between any two steps`, () => {
    it('no receiver is left parked, by a send or by closing', () => {
      const moments = betweenSteps(newPool, ({ words, arm }) => {
        const queue = kind.open(words, 4);
        arm(() => queue.trySend(5n));
        expect(queue.receive(PARK)).toBe(5n);
      });
      expect(moments).toBeGreaterThan(3);
      betweenSteps(newPool, ({ words, arm }) => {
        const queue = kind.open(words, 4);
        arm(() => queue.close());
        expect(queue.receive(PARK)).toBe('closed');
      });
    });

    if (kind.bounded)
      it('no sender is left parked, by a receive or by closing', () => {
        for (const meanwhile of ['tryReceive', 'close'] as const)
          betweenSteps(newPool, ({ words, arm }) => {
            const queue = kind.open(words, 2);
            queue.trySend(1n);
            queue.trySend(2n);
            arm(() => queue[meanwhile]());
            expect(queue.send(3n, PARK)).toBe(meanwhile === 'close' ? 'closed' : 'ok');
          });
      });

    it('a send either fails, or is received before the end', () => {
      betweenSteps(newPool, ({ words, arm }) => {
        const queue = kind.open(words, 2);
        const other = kind.again(words, DEAD);
        arm(() => other.close());
        const sent = queue.trySend(1n);
        expect(drain(other)).toEqual(sent === 'ok' ? [1n] : []);
        if (queue.closed) expect(other.tryReceive()).toBe('closed');
      });
    });

    it('two senders both succeed, and two receivers get one each', () => {
      betweenSteps(newPool, ({ words, arm }) => {
        const queue = kind.open(words, 4);
        const other = kind.again(words, DEAD);
        const sent: unknown[] = [];
        arm(() => sent.push(other.trySend(2n)));
        sent.push(queue.trySend(1n));
        arm(() => {});
        if (sent.length === 1) sent.push(other.trySend(2n));
        expect(sent).toEqual(['ok', 'ok']);
        expect(new Set(drain(queue))).toEqual(new Set([1n, 2n]));
      });
      betweenSteps(newPool, ({ words, arm }) => {
        const queue = kind.open(words, 4);
        const other = kind.again(words, DEAD);
        queue.trySend(1n);
        queue.trySend(2n);
        const got: unknown[] = [];
        arm(() => got.push(other.tryReceive()));
        got.push(queue.tryReceive());
        arm(() => {});
        if (got.length === 1) got.push(other.tryReceive());
        expect(new Set(got)).toEqual(new Set([1n, 2n]));
      });
    });
  });

  describe(`${kind.name}, after a death at any step`, () => {
    it('of a sender, goes on past what it had claimed', () => {
      let found = 0;
      for (let changes = 0; changes < 40; changes++) {
        const pool = newPool();
        const queue = kind.open(pool, 4);
        queue.trySend(1n);
        const { words, begin } = dying(pool, changes);
        const victim = kind.again(words, DEAD);
        begin();
        let sent = 0;
        try {
          for (; sent < 3; sent++) victim.trySend(BigInt(2 + sent));
        } catch (death) {
          expect((death as Error).message).toBe('dies here');
        }
        if (recovered(queue)) found += 1;
        expect(recovered(queue)).toBe(false);
        // A cell that is skipped counts until the receivers have come past it.
        expect(kind.bounded && sent >= 2 ? ['ok', 'full'] : ['ok']).toContain(queue.trySend(9n));
        // What it was told is sent is there; the send under way may be.
        const told = [1n, 2n, 3n, 4n].slice(0, 1 + sent);
        const received = drain(queue).filter((value) => value !== 9n);
        expect([told, [...told, BigInt(2 + sent)]]).toContainEqual(received);
        for (let round = 0; round < 20; round++) expect([queue.trySend(7n), queue.receive(PARK)]).toEqual(['ok', 7n]);
      }
      expect(found > 0).toBe(kind.leavesClaims);
    });

    it.each([
      { taken: 1, more: [] },
      { taken: 2, more: [6n] },
      { taken: 3, more: [6n, 7n] },
    ])('of a sender, a round further on, hides nothing from who comes late ($taken taken)', ({ taken, more }) => {
      for (let changes = 0; changes < 5; changes++) {
        const pool = newPool();
        const queue = kind.open(pool, 4);
        const late = kind.again(pool, LATE); // its own place is the beginning
        for (const value of [1n, 2n, 3n, 4n]) queue.trySend(value);
        for (let count = 0; count < taken; count++) queue.tryReceive();
        const { words, begin } = dying(pool, changes);
        const victim = kind.again(words, DEAD);
        begin();
        try {
          victim.trySend(5n);
        } catch (death) {
          expect((death as Error).message).toBe('dies here');
        }
        recovered(queue);
        for (const value of more) queue.trySend(value);
        const rest = [1n, 2n, 3n, 4n].slice(taken);
        expect(late.length).toBeGreaterThanOrEqual(rest.length);
        expect(drain(late).filter((value) => value !== 5n)).toEqual([...rest, ...more]);
      }
    });

    it('of a receiver, delivers nothing twice and everything else', () => {
      for (let changes = 0; changes < 40; changes++) {
        const pool = newPool();
        const queue = kind.open(pool, 4);
        for (const value of [1n, 2n, 3n, 4n]) queue.trySend(value);
        const { words, begin } = dying(pool, changes);
        const victim = kind.again(words, DEAD);
        begin();
        const got: unknown[] = [];
        try {
          for (let count = 0; count < 3; count++) got.push(victim.tryReceive());
        } catch (death) {
          expect((death as Error).message).toBe('dies here');
        }
        recovered(queue);
        expect(recovered(queue)).toBe(false);
        const all = [...got, ...drain(queue)];
        // One may have been in its hands.
        expect([4, 3]).toContain(all.length);
        expect(new Set(all).size).toBe(all.length);
        for (let round = 0; round < 20; round++) expect([queue.trySend(7n), queue.receive(PARK)]).toEqual(['ok', 7n]);
      }
    });

    it('of who was about to wake others, leaves nobody asleep', async () => {
      const withoutWaking = (pool: Pool, act: (victim: QueueOfWords) => void): void => {
        const { words } = record(pool, {
          before(name) {
            if (name === 'notify') throw new Error('dies here');
          },
        });
        expect(() => act(kind.again(words as Pool, DEAD))).toThrow('dies here');
      };
      const pool = newPool();
      const queue = kind.open(pool, 4);
      const receiving = queue.receiveAsync();
      withoutWaking(pool, (victim) => victim.trySend(1n));
      queue.recover(DEAD);
      expect(await receiving).toBe(1n);
      if (!kind.bounded) return;
      while (queue.trySend(2n) === 'ok');
      const sending = queue.sendAsync(3n);
      withoutWaking(pool, (victim) => victim.tryReceive());
      queue.recover(DEAD);
      expect(await sending).toBe('ok');
    }, 5_000);
  });
}

function recovered(queue: QueueOfWords): boolean {
  const found = queue.recover(DEAD);
  return Array.isArray(found) ? found.length > 0 : found !== undefined;
}
