import { ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotHeldError, RecordsRing } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import {
  bytes,
  CAPACITY,
  drained,
  many,
  parkingPool,
  ringOf,
  SENDER,
  smallRingIn,
  UNIT,
  UNITS,
} from './support/records.ts';

const unitsOf = (length: number): number => Math.max(1, Math.ceil(length / UNIT));

describe('a sender that gathers', () => {
  it('publishes when the next record does not fit, or when it is told to, each as it was sent', () => {
    const { sender, receiver } = ringOf();
    const buffered = sender.bufferedSender(); // half a ring: four units
    const records = many(0, 64, 65, 3, 128);
    for (const one of records.slice(0, 3)) expect(buffered.trySend(one)).toBe('ok');
    expect([buffered.pending, drained(receiver)]).toEqual([3, []]);
    expect([buffered.trySend(bytes(3, 3)), buffered.pending]).toEqual(['ok', 1]);
    expect(drained(receiver)).toEqual(records.slice(0, 3));
    expect([buffered.trySend(bytes(128, 4)), buffered.tryFlush(), buffered.pending]).toEqual(['ok', 'ok', 0]);
    expect([drained(receiver), sender.used]).toEqual([records.slice(3), 0]);
    expect([buffered.tryFlush(), buffered.flush()]).toEqual(['ok', 'ok']);
    expect(receiver.tryReceive()).toBe('empty');
  });

  it('touches no word before that', () => {
    const { pool, base } = ringOf();
    const { words, operations } = record(pool);
    const buffered = RecordsRing.attach(words, base, { owner: SENDER }).bufferedSender();
    const before = operations.length;
    for (const one of many(1, 2, 3, 64)) buffered.trySend(one);
    expect([operations.length, buffered.pending]).toEqual([before, 4]);
    buffered.tryFlush();
    expect(operations.length).toBeGreaterThan(before);
  });

  it('keeps copies', () => {
    const { sender, receiver } = ringOf();
    const buffered = sender.bufferedSender();
    const whole = bytes(100, 1);
    const views = [whole.subarray(3, 40), whole.subarray(40, 40), whole.subarray(1)];
    const copies = views.map((view) => view.slice());
    for (const view of views) buffered.trySend(view);
    whole.fill(0);
    buffered.tryFlush();
    expect(drained(receiver)).toEqual(copies);
  });

  it('lets a record that is longer than what it gathers go behind the others', () => {
    const { sender, receiver } = ringOf();
    const buffered = sender.bufferedSender({ bytes: UNIT });
    const records = many(4, 129, 70, 64);
    for (const one of records) expect(buffered.send(one)).toBe('ok');
    expect([buffered.pending, drained(receiver)]).toEqual([1, records.slice(0, 3)]);
    expect([buffered.flush(), drained(receiver)]).toEqual(['ok', records.slice(3)]);
    for (const one of many(64, 64, 64)) sender.trySend(one);
    expect([buffered.trySend(bytes(256, 0)), buffered.pending]).toEqual(['ok', 0]);
    expect([buffered.trySend(bytes(1, 1)), buffered.trySend(bytes(65, 2))]).toEqual(['ok', 'full']);
    expect(drained(receiver)).toHaveLength(4);
    expect([buffered.trySend(bytes(65, 2)), drained(receiver)]).toEqual(['ok', [bytes(1, 1), bytes(65, 2)]]);
  });

  it.each([0n, 2n ** 31n - 5n, 2n ** 48n - 5n, 2n ** 53n - 5n, 2n ** 64n - 5n])(
    'loses nothing and keeps the order, whatever comes between, when the ring has carried %d units',
    (start) => {
      const length = fc.oneof(fc.nat(UNIT), fc.nat(CAPACITY / 2));
      const step = fc.oneof(
        { weight: 5, arbitrary: fc.record({ send: length }) },
        { weight: 2, arbitrary: fc.constant('flush' as const) },
        { weight: 1, arbitrary: fc.constant('take back' as const) },
        { weight: 3, arbitrary: fc.record({ drain: fc.nat(5) }) },
      );
      const size = fc.integer({ min: 1, max: UNITS / 2 });
      fc.assert(
        fc.property(size, fc.array(step, { maxLength: 80, size: 'max' }), (units, steps) => {
          const { sender, receiver } = ringOf(CAPACITY, start);
          const buffered = sender.bufferedSender({ bytes: units * UNIT });
          const sent: Uint8Array[] = [];
          const received: Uint8Array[] = [];
          const receive = (most?: number): void => {
            receiver.tryDrain((one) => received.push(one.slice()), most);
          };
          for (const [seed, one] of steps.entries()) {
            if (one === 'flush') expect(buffered.tryFlush()).toBe(buffered.pending === 0 ? 'ok' : 'full');
            else if (one === 'take back') {
              const back = buffered.pending === 0 ? [] : sent.splice(-buffered.pending);
              expect([buffered.takeBack(), buffered.pending]).toEqual([back, 0]);
            } else if ('drain' in one) receive(one.drain);
            else if (buffered.trySend(bytes(one.send, seed)) === 'ok') sent.push(bytes(one.send, seed));
            // Padding may take as much again, less a unit; and what is pending, as much as there is space for.
            else expect(sender.used / UNIT + 2 * unitsOf(one.send) + 2 * units).toBeGreaterThan(UNITS);
          }
          receive();
          expect(received).toEqual(sent.slice(0, received.length));
          while (buffered.tryFlush() === 'full') receive();
          receive();
          expect([received, buffered.pending]).toEqual([sent, 0]);
        }),
        { numRuns: 100 },
      );
    },
  );

  it('waits for room, to send and to flush', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const buffered = sender.bufferedSender({ bytes: 2 * UNIT });
    const fill = (): void => {
      for (const one of many(1, 1, 1)) sender.trySend(one);
      for (const one of many(2, 2)) buffered.trySend(one);
    };
    fill();
    expect([buffered.send(bytes(3, 0), { timeout: 1 }), buffered.flush({ timeout: 1 })]).toEqual([
      'timed-out',
      'timed-out',
    ]);
    expect(await buffered.sendAsync(bytes(3, 0), { timeout: 1 })).toBe('timed-out');
    expect(await buffered.flushAsync({ timeout: 1 })).toBe('timed-out');
    await expect(buffered.sendAsync(bytes(3, 0), { signal: AbortSignal.timeout(1) })).rejects.toThrow('timeout');
    await expect(buffered.flushAsync({ signal: AbortSignal.timeout(1) })).rejects.toThrow('timeout');
    expect(buffered.pending).toBe(2);
    const sending = buffered.sendAsync(bytes(3, 0));
    const flushing = buffered.flushAsync();
    const received: Uint8Array[] = [];
    while (received.length < 5) await receiver.drainAsync((one) => received.push(one.slice()));
    expect([await sending, await flushing, await buffered.flushAsync()]).toEqual(['ok', 'ok', 'ok']);
    await receiver.drainAsync((one) => received.push(one.slice()));
    expect([await sending, await flushing, buffered.pending]).toEqual(['ok', 'ok', 0]);
    expect(received).toEqual([...many(1, 1, 1), ...many(2, 2), bytes(3, 0)]);
    fill();
    const last = buffered.flushAsync();
    receiver.tryDrain(() => {}, 1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    receiver.close();
    expect([await last, buffered.takeBack()]).toEqual(['closed', [bytes(2, 1)]]);
    expect(drained(receiver)).toHaveLength(3);
  });

  it('flushes what was sent before, whatever comes after', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const buffered = sender.bufferedSender({ bytes: 2 * UNIT });
    sender.trySendMany(many(9, 9, 9));
    for (const one of many(1, 2)) buffered.trySend(one);
    const flushing = buffered.flushAsync();
    const received: Uint8Array[] = [];
    let settled = false;
    flushing.then(() => (settled = true));
    for (let turn = 0; turn < 100 && !settled; turn++) {
      receiver.tryDrain((one) => received.push(one.slice()), 1);
      buffered.trySend(bytes(3, turn)); // there is always one that is pending
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect([settled, await flushing, buffered.pending > 0]).toEqual([true, 'ok', true]);
    receiver.tryDrain((one) => received.push(one.slice()));
    expect(received.slice(3, 5)).toEqual(many(1, 2));
  });

  it('gives nothing back that is being waited for', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const buffered = sender.bufferedSender({ bytes: UNIT });
    sender.trySendMany(many(9, 9, 9));
    buffered.trySend(bytes(1, 1));
    const stop = new AbortController();
    const waiting = [buffered.flushAsync({ signal: stop.signal }), buffered.sendAsync(bytes(2, 2))];
    expect(() => buffered.takeBack()).toThrow('value 2: operations of this sender are under way');
    stop.abort(new Error('enough'));
    await expect(waiting[0]).rejects.toThrow('enough');
    expect(() => buffered.takeBack()).toThrow(ValueError);
    receiver.tryDrain(() => {});
    expect([await waiting[1], buffered.takeBack()]).toEqual(['ok', [bytes(2, 2)]]);
  });

  it('says what will never be received, and gives it back', async () => {
    const { sender } = ringOf();
    const buffered = sender.bufferedSender({ bytes: UNIT });
    const records = many(9, 8, 7);
    expect([buffered.trySend(records[0] as Uint8Array), sender.close()]).toEqual(['ok', undefined]);
    expect([buffered.trySend(bytes(8, 1)), buffered.send(bytes(8, 1))]).toEqual(['closed', 'closed']);
    expect([buffered.tryFlush(), buffered.flush(), await buffered.flushAsync()]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
    expect([await buffered.sendAsync(bytes(8, 1)), buffered.pending]).toEqual(['closed', 1]);
    expect([buffered.takeBack(), buffered.takeBack(), buffered.pending]).toEqual([records.slice(0, 1), [], 0]);
    expect([buffered.tryFlush(), buffered.trySend(bytes(100, 1))]).toEqual(['ok', 'closed']); // nothing pending: nothing lost
  });

  it('still has what was skipped while it was written, and can send it again', () => {
    const { pool, base, receiver } = ringOf();
    let publishes = false;
    const { words } = record(pool, {
      before(name) {
        if (name !== 'copyIn' || publishes) return;
        publishes = true;
        receiver.recover(SENDER);
      },
    });
    const buffered = RecordsRing.attach(words, base, { owner: SENDER }).bufferedSender();
    const records = many(1, 65, 3);
    for (const one of records) buffered.trySend(one);
    expect(() => buffered.trySend(bytes(5, 9))).toThrow(NotHeldError);
    expect([buffered.pending, drained(receiver)]).toEqual([3, []]);
    expect([buffered.flush(), drained(receiver)]).toEqual(['ok', [...records]]);
  });

  it('loses no wake-up', () => {
    const park = { timeout: 5_000, strategy: 'park' } as const;
    const moments = betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      const buffered = sender.bufferedSender();
      buffered.trySend(bytes(5, 0));
      buffered.trySend(bytes(6, 1));
      arm(() => buffered.tryFlush());
      expect(receiver.receive(park)).toEqual(bytes(5, 0));
      expect(receiver.receive(park)).toEqual(bytes(6, 1));
    });
    expect(moments).toBeGreaterThan(5);
    betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      const buffered = sender.bufferedSender();
      sender.trySendMany(many(64, 64));
      for (const one of many(3, 9)) buffered.trySend(one);
      arm(() => receiver.tryDrain(() => {}));
      expect([buffered.send(bytes(7, 0), park), buffered.flush(park)]).toEqual(['ok', 'ok']);
    });
  });

  it('refuses what is no record, and what it cannot gather', async () => {
    const { sender } = ringOf();
    const buffered = sender.bufferedSender();
    for (const wrong of [new Uint8Array(257), [1], 'record', undefined, null, new Uint16Array(1)] as never[]) {
      expect(() => buffered.trySend(wrong)).toThrow('a record of this ring is a Uint8Array of at most 256 bytes');
      expect(() => buffered.send(wrong)).toThrow(ValueError);
      await expect(buffered.sendAsync(wrong)).rejects.toThrow(ValueError);
    }
    expect(buffered.pending).toBe(0);
    for (const wrong of [1024, 'x', true, null] as never[])
      expect(() => sender.bufferedSender(wrong)).toThrow('options of a buffered sender are an object');
    for (const wrong of [0, -64, 63, 65, 320, Number.NaN, Number.POSITIVE_INFINITY, '64', null, 64n] as never[])
      expect(() => sender.bufferedSender({ bytes: wrong })).toThrow('`bytes` is a multiple of 64 of 64..256');
  });
});
