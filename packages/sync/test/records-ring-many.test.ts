import { ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordsRing } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import {
  bytes,
  CAPACITY,
  drained,
  many,
  parkingPool,
  RECEIVER,
  ringOf,
  SENDER,
  smallRingIn,
  UNIT,
  UNITS,
} from './support/records.ts';

const unitsOf = (length: number): number => Math.max(1, Math.ceil(length / UNIT));

describe('many records at once', () => {
  it('go as far as there is room, each as it was sent, between those of others', () => {
    const { sender, receiver } = ringOf();
    const records = many(0, 1, 64, 65, 128, 3, 9);
    expect(sender.trySendMany(records)).toBe(5); // 1 + 1 + 1 + 2 + 2 units; one stays free
    expect([sender.trySendMany(records, 5), sender.used]).toEqual([0, 7 * UNIT]);
    expect(drained(receiver)).toEqual(records.slice(0, 5));
    expect(sender.trySend(bytes(5, 9))).toBe('ok');
    expect(sender.trySendMany(records, 5)).toBe(2);
    expect(drained(receiver)).toEqual([bytes(5, 9), ...records.slice(5)]);
    expect([receiver.tryReceive(), receiver.used]).toEqual(['empty', 0]);
  });

  it('are not copies of the views that they were given as, but of their bytes', () => {
    const { sender, receiver } = ringOf();
    const whole = bytes(100, 1);
    const views = [whole.subarray(3, 40), whole.subarray(40, 40), whole.subarray(1)];
    const copies = views.map((view) => view.slice());
    expect(sender.trySendMany(views)).toBe(3);
    whole.fill(0);
    expect(drained(receiver)).toEqual(copies);
  });

  it.each([0n, 2n ** 31n - 5n, 2n ** 32n - 5n, 2n ** 48n - 5n, 2n ** 53n - 5n, 2n ** 64n - 5n])(
    'are as many sent one by one, when the ring has carried %d units',
    (start) => {
      const length = fc.oneof(fc.nat(UNIT), fc.nat(CAPACITY / 2));
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ send: fc.array(length, { maxLength: 9 }), from: fc.nat(2) }) },
        { weight: 1, arbitrary: fc.record({ send: length }) },
        { weight: 3, arbitrary: fc.record({ drain: fc.nat(5) }) },
        { weight: 1, arbitrary: fc.constant('successor' as const) },
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
          const { pool, base, sender, receiver: first } = ringOf(CAPACITY, start);
          let receiver = first;
          const model: Uint8Array[] = [];
          let seed = 0;
          for (const one of steps) {
            if (one === 'successor') {
              receiver.release();
              receiver = RecordsRing.attach(pool, base, { owner: RECEIVER });
            } else if ('drain' in one) {
              const received: Uint8Array[] = [];
              receiver.tryDrain((each) => received.push(each.slice()), one.drain);
              expect(received).toEqual(model.splice(0, one.drain));
            } else if (typeof one.send === 'number') {
              if (sender.trySend(bytes(one.send, seed)) === 'ok') model.push(bytes(one.send, seed));
              seed += 1;
            } else {
              const records = one.send.map((bytesOfOne) => bytes(bytesOfOne, seed++));
              const from = Math.min('from' in one ? one.from : 0, records.length);
              const sent = sender.trySendMany(records, from) as number;
              model.push(...records.slice(from, from + sent));
              const next = records[from + sent];
              // Padding may take as much again, less a unit.
              if (next !== undefined) expect(sender.used / UNIT + 2 * unitsOf(next.length)).toBeGreaterThan(UNITS);
            }
            const taken = model.reduce((sum, each) => sum + unitsOf(each.length), 0);
            expect(taken).toBeLessThan(UNITS);
            expect(sender.used).toBeGreaterThanOrEqual(taken * UNIT);
          }
          receiver.close();
          expect(sender.trySendMany(many(1))).toBe('closed');
          expect(drained(receiver)).toEqual(model);
          expect(receiver.tryReceive()).toBe('closed');
        }),
        { numRuns: 100 },
      );
    },
  );

  it('are nothing, from their end on, even where nobody receives any more', async () => {
    const { sender } = ringOf();
    const nothing = { sent: 0, result: 'ok' };
    for (const close of [false, true]) {
      if (close) sender.close();
      expect([sender.trySendMany([]), sender.trySendMany(many(1, 2), 2)]).toEqual([0, 0]);
      expect([sender.sendMany([]), await sender.sendManyAsync([])]).toEqual([nothing, nothing]);
    }
    expect(sender.used).toBe(0);
    const gone = { sent: 0, result: 'closed' };
    expect([sender.trySendMany(many(1)), sender.sendMany(many(1)), await sender.sendManyAsync(many(1))]).toEqual([
      'closed',
      gone,
      gone,
    ]);
  });

  it('are all looked at before the first is sent', async () => {
    const { pool, base, receiver } = ringOf();
    const { words, operations } = record(pool);
    const ring = RecordsRing.attach(words, base, { owner: SENDER });
    const before = operations.length;
    const long = new Uint8Array(CAPACITY / 2 + 1);
    for (const wrong of [long, [1], 'record', undefined, null, new ArrayBuffer(1), new Uint16Array(1)] as never[]) {
      const records = [...many(1, 1, 1), wrong];
      expect(() => ring.trySendMany(records)).toThrow(ValueError);
      expect(() => ring.sendMany(records)).toThrow('a record of this ring is a Uint8Array of at most 256 bytes');
      await expect(ring.sendManyAsync(records)).rejects.toThrow(ValueError);
    }
    expect(operations.length).toBe(before);
    expect(ring.trySendMany([long, ...many(4)], 1)).toBe(1); // what stands before `from` is not sent
    expect(drained(receiver)).toEqual([bytes(4, 0)]);
  });

  it('wait for room as often as need be', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const records = many(...Array.from({ length: 20 }, (_, index) => (index * 37) % 129));
    const sending = sender.sendManyAsync(records);
    const received: Uint8Array[] = [];
    while (received.length < records.length) await receiver.drainAsync((one) => received.push(one.slice()));
    expect([await sending, received]).toEqual([{ sent: 20, result: 'ok' }, records]);
    expect(sender.sendMany(many(5, 5, 5, 5, 5), { timeout: 1 })).toEqual({ sent: 3, result: 'timed-out' });
    expect(await sender.sendManyAsync(many(5), { timeout: 1 })).toEqual({ sent: 0, result: 'timed-out' });
    const aborted = sender.sendManyAsync(many(5, 5), { signal: AbortSignal.timeout(1) });
    await expect(aborted).rejects.toThrow('timeout');
    const last = sender.sendManyAsync(many(64, 64, 64, 64, 64));
    receiver.tryDrain(() => {}, 2);
    await new Promise((resolve) => setTimeout(resolve, 0));
    receiver.close();
    expect(await last).toEqual({ sent: 2, result: 'closed' });
    expect(drained(receiver)).toHaveLength(3);
  });

  it('are those that there were when the call began, and as long', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const grown = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 200 }));
    const records = many(64, 64, 64, 64);
    const first = sender.sendManyAsync(records);
    records.fill(new Uint8Array(300));
    expect(drained(receiver)).toHaveLength(3);
    expect(await first).toEqual({ sent: 4, result: 'ok' });
    expect(drained(receiver)).toEqual([bytes(64, 3)]);
    const second = sender.sendManyAsync([...many(64, 64, 64), grown]);
    grown.buffer.resize(200);
    expect(drained(receiver)).toHaveLength(3);
    await expect(second).rejects.toThrow('a record of 8 bytes stays as long until it is sent');
    expect([sender.used, sender.trySend(bytes(7, 1)), receiver.tryReceive()]).toEqual([0, 'ok', bytes(7, 1)]);
  });

  it('lose no wake-up, theirs or the receiver’s', () => {
    const park = { timeout: 5_000, strategy: 'park' } as const;
    const moments = betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      arm(() => sender.trySendMany(many(5, 6)));
      expect(receiver.receive(park)).toEqual(bytes(5, 0));
      expect(receiver.receive(park)).toEqual(bytes(6, 1));
    });
    expect(moments).toBeGreaterThan(5);
    betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      sender.trySendMany(many(64, 64));
      arm(() => receiver.tryDrain(() => {}));
      expect(sender.sendMany(many(3, 64, 9), park)).toEqual({ sent: 3, result: 'ok' });
    });
  });
});
