import {
  type Address,
  AttachError,
  CorruptError,
  LINE_WORDS,
  type Owner,
  type OwnerId,
  Pool,
  ValueError,
} from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BROADCAST, Broadcast, type BroadcastOptions } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';

const SENDER: Owner = { id: 1 as OwnerId, generation: 7 };
const OTHER: Owner = { id: 2 as OwnerId, generation: 9 };

function broadcastOf(options: BroadcastOptions) {
  const { capacity, width = 1 } = options;
  const pool = Pool.create({ words: 1024, segments: 0 });
  const base = pool.reserve(Broadcast.size(capacity, width));
  Broadcast.create(pool, base, options);
  const into = new BigUint64Array(width);
  return {
    pool,
    base,
    into,
    sender: Broadcast.attach(pool, base, { owner: SENDER }),
    other: Broadcast.attach(pool, base, { owner: OTHER }),
    /** What a receiver is told next: the message's first word, or another answer. */
    next: (receiver: ReturnType<Broadcast['receiver']>) => {
      const answer = receiver.tryReceive(into);
      return answer === 'ok' ? into[0] : answer;
    },
  };
}
const message = (...words: (bigint | number)[]) => BigUint64Array.from(words, BigInt);
const pair = (value: number) => message(value, value * 3);

describe('a broadcast', () => {
  it('gives every message to every receiver, in order', () => {
    const { sender, other, next } = broadcastOf({ capacity: 8 });
    const receivers = [other.receiver(), other.receiver()];
    for (const value of [1, 2, 3]) expect(sender.trySend(message(value))).toBe('ok');
    const late = other.receiver();
    sender.trySend(message(4));
    for (const receiver of receivers)
      expect([next(receiver), next(receiver), next(receiver), next(receiver), next(receiver)]).toEqual([
        1n,
        2n,
        3n,
        4n,
        'empty',
      ]);
    expect([next(late), next(late)]).toEqual([4n, 'empty']);
  });

  it('ends with a dead sender before anybody else can be the sender', () => {
    betweenSteps(
      () => Pool.create({ words: 1024, segments: 0 }),
      ({ words, arm }) => {
        const base = words.reserve(Broadcast.size(4));
        const late = Broadcast.create(words, base, { capacity: 4 });
        Broadcast.attach(words, base, { owner: SENDER }).trySend(message(1));
        const successor = Broadcast.attach(words, base, { owner: OTHER });
        arm(() => expect(successor.trySend(message(2))).not.toBe('ok'));
        expect(late.recover(SENDER)?.count).toBe(1);
        arm(() => {});
        expect([late.closed, successor.trySend(message(2))]).toEqual([true, 'closed']);
      },
    );
  });

  it('begins where it is told to', () => {
    const { sender, other, next } = broadcastOf({ capacity: 8 });
    sender.trySend(message(1));
    const { position } = sender;
    for (const value of [2, 3]) sender.trySend(message(value));
    const receiver = other.receiver(position);
    expect([next(receiver), next(receiver), next(receiver)]).toEqual([2n, 3n, 'empty']);
    for (const nonsense of [-1, 1.5, 2 ** 48, Number.NaN]) expect(() => other.receiver(nonsense)).toThrow(ValueError);
  });

  it.each([0n, 2n ** 31n - 5n, 2n ** 32n - 5n, 2n ** 48n - 5n, 2n ** 53n - 5n, 2n ** 64n - 5n])(
    'says exactly how many were lost, when it has carried %d messages',
    (start) => {
      fc.assert(
        fc.property(
          fc.constantFrom(2, 4, 8),
          fc.array(fc.oneof(fc.nat(20), fc.constant('receive' as const))),
          (capacity, steps) => {
            const { sender, other, next } = broadcastOf({ capacity, start });
            const receiver = other.receiver();
            let sent = 0;
            let expected = 0;
            for (const step of [...steps, 'receive', 'receive']) {
              if (typeof step === 'number') {
                for (let value = 0; value < step; value++) sender.trySend(message(sent++));
                continue;
              }
              const answer = next(receiver);
              if (answer === 'empty') expect(expected).toBe(sent);
              else if (typeof answer === 'bigint') expect(answer).toBe(BigInt(expected++));
              else {
                // As many as the ring has room for, but for the slot that may be being filled.
                expect(answer).toBe(sent - (capacity - 1) - expected);
                expected += answer as number;
              }
            }
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  it('has one sender at a time', () => {
    const { sender, other } = broadcastOf({ capacity: 2 });
    expect([sender.trySend(message(1)), other.trySend(message(2)), other.claim()]).toEqual(['ok', 'taken', false]);
    sender.release();
    expect([other.trySend(message(3)), sender.trySend(message(4)), sender.claim()]).toEqual(['ok', 'taken', false]);
  });

  it('drains what was sent before it was closed, then ends', async () => {
    const { sender, other, next, into } = broadcastOf({ capacity: 4 });
    const receiver = other.receiver();
    sender.trySend(message(1));
    sender.trySend(message(2));
    other.close();
    other.close();
    expect(sender.trySend(message(3))).toBe('closed');
    expect([next(receiver), next(receiver), next(receiver)]).toEqual([1n, 2n, 'closed']);
    expect([receiver.receive(into), await receiver.receiveAsync(into)]).toEqual(['closed', 'closed']);
  });

  it('wakes all that wait', async () => {
    const { sender, other, into } = broadcastOf({ capacity: 4 });
    const receivers = Array.from({ length: 4 }, () => other.receiver());
    const received = Promise.all(receivers.map((receiver) => receiver.receiveAsync(into)));
    sender.trySend(message(1));
    expect(await received).toEqual(['ok', 'ok', 'ok', 'ok']);
    const ended = Promise.all(receivers.map((receiver) => receiver.receiveAsync(into)));
    sender.close();
    expect(await ended).toEqual(['closed', 'closed', 'closed', 'closed']);
  });

  it('gives up after its time, and when it is aborted, without receiving anything', async () => {
    const { sender, other, into, next } = broadcastOf({ capacity: 4 });
    const receiver = other.receiver();
    expect([receiver.receive(into, { timeout: 1 }), await receiver.receiveAsync(into, { timeout: 1 })]).toEqual([
      'timed-out',
      'timed-out',
    ]);
    const controller = new AbortController();
    const waiting = receiver.receiveAsync(into, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    sender.trySend(message(1));
    expect(next(receiver)).toBe(1n);
  });

  it('loses no wake-up when a message falls between the last look and the park', () => {
    const { pool, base, sender, into } = broadcastOf({ capacity: 4 });
    const { words } = record(pool, { before: (name) => void (name === 'wait' && sender.trySend(message(4))) });
    const receiver = Broadcast.attach(words, base, { owner: OTHER }).receiver();
    expect(receiver.receive(into, { timeout: 60_000, strategy: 'park' })).toBe('ok');
  });

  it('gives each message whole or counts it, however many are sent between any two operations of a receiver', () => {
    for (let burst = 1; burst <= 6; burst++) {
      for (let pause = 0; pause < 16; pause++) {
        const { pool, base, sender, into } = broadcastOf({ capacity: 4, width: 2 });
        let operations = 0;
        let sent = 0;
        const send = (): void => void sender.trySend(pair(sent++));
        const { words } = record(pool, {
          before: () => {
            if (operations++ === pause) for (let count = 0; count < burst; count++) send();
          },
        });
        const receiver = Broadcast.attach(words, base, { owner: OTHER }).receiver(0);
        for (let count = 0; count < 3; count++) send();
        let expected = 0;
        for (let answer = receiver.tryReceive(into); answer !== 'empty'; answer = receiver.tryReceive(into)) {
          if (answer === 'ok') expect(into).toEqual(pair(expected++));
          else expected += answer as number;
        }
        expect(expected).toBe(sent);
      }
    }
  });

  it('ends when its sender dies, wherever between two words that was', () => {
    for (let stop = 0; stop < 7; stop++) {
      const { pool, base, other, next, into } = broadcastOf({ capacity: 4, width: 2 });
      let writes = 0;
      const { words } = record(pool, {
        before: (name) => {
          if ((name === 'store' || name === 'compareExchangeNumber') && writes++ === stop) throw new Error('dies here');
        },
      });
      const victim = Broadcast.attach(words, base, { owner: SENDER });
      const receiver = other.receiver();
      let sent = 0;
      expect(() => {
        for (const value of [0, 1, 2]) sent += victim.trySend(pair(value)) === 'ok' ? 1 : 0;
      }).toThrow('dies here');
      expect(other.recover(OTHER)).toBeUndefined();
      expect(other.recover(SENDER)).toEqual(
        stop === 0 ? undefined : { kind: 'broadcast', base, found: 'sender', count: 1 },
      );
      expect(other.recover(SENDER)).toBeUndefined();
      for (let value = 0; value < sent; value++) {
        expect(next(receiver)).toBe(BigInt(value));
        expect(into).toEqual(pair(value));
      }
      expect(next(receiver)).toBe(stop === 0 ? 'empty' : 'closed');
    }
  });
});

describe('the words of a broadcast', () => {
  it('keeps what different threads write on different lines', () => {
    const { width, sender, sent, event, waiters, slots } = BROADCAST.offsets;
    const lines = [width, sender, sent, event, waiters, slots].map((offset) => Math.floor(offset / LINE_WORDS));
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('refuses what is no broadcast, or none that can be, and messages of another width', () => {
    const { pool, base, sender } = broadcastOf({ capacity: 4, width: 2 });
    expect(() => Broadcast.attach(pool, 0 as Address)).toThrow(AttachError);
    const { width, capacity } = BROADCAST.at(base);
    for (const [at, good] of [
      [width, 2n],
      [capacity, 4n],
    ] as const) {
      for (const nonsense of [0n, 2n ** 15n, 2n ** 40n, 2n ** 64n - 1n]) {
        pool.store(at, nonsense);
        expect(() => Broadcast.attach(pool, base)).toThrow(AttachError);
      }
      pool.store(at, good);
    }
    expect(() => sender.trySend(message(1))).toThrow(ValueError);
    for (const [slots, words] of [
      [1, 1],
      [3, 1],
      [2 ** 25, 1],
      [4, 0],
      [4, 1.5],
    ] as const)
      expect(() => Broadcast.size(slots, words)).toThrow(ValueError);
  });

  it('says Corrupt, or an ordinary answer, whatever a hostile program writes into it', () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['sent', 'sender', 'event', 'waiters'] as const;
    let corrupt = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...spots), word), { maxLength: 4 }), (writes) => {
        const { pool, base, sender, other, into } = broadcastOf({ capacity: 4 });
        const receiver = other.receiver();
        for (const [spot, value] of writes) pool.store(BROADCAST.at(base)[spot], value);
        for (const operation of [
          () => receiver.tryReceive(into),
          () => sender.trySend(into),
          () => receiver.tryReceive(into),
          () => other.recover(SENDER),
          () => other.close(),
        ]) {
          try {
            operation();
          } catch (error) {
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(corrupt).toBeGreaterThan(100);
  });
});
