import { type Address, AttachError, CorruptError, LINE_WORDS, type Owner, Pool, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotHeldError, RECORDS_RING, RecordsRing } from '../src/index.ts';
import { betweenSteps } from './support/between-steps.ts';
import { everyDeath } from './support/death.ts';
import { bytes, CAPACITY, parkingPool, RECEIVER, ringOf, SENDER, smallRingIn, UNIT } from './support/records.ts';

/** The state of a header whose record is published. */
const FULL = 2;
/** The same while it is being written. */
const RESERVED = 1;
describe('a ring of records', () => {
  it('gives records of every length as they were sent, in order', () => {
    const { sender, receiver } = ringOf(64 * UNIT);
    for (let length = 0; length <= 2048; length += length < 130 ? 1 : 100) {
      expect(sender.trySend(bytes(length, length))).toBe('ok');
      expect(receiver.tryReceive()).toEqual(bytes(length, length));
    }
    expect(receiver.tryReceive()).toBe('empty');
  });

  it.each([0n, 2n ** 31n - 5n, 2n ** 32n - 5n, 2n ** 48n - 5n, 2n ** 53n - 5n, 2n ** 64n - 5n])(
    'is a queue of bytes with room for its capacity, when it has carried %d units',
    (start) => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ send: fc.nat(CAPACITY / 2) }) },
        { weight: 3, arbitrary: fc.constant('receive' as const) },
        { weight: 1, arbitrary: fc.record({ drain: fc.nat(5) }) },
        { weight: 1, arbitrary: fc.constant('successor' as const) },
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
          const { pool, base, sender, receiver: first } = ringOf(CAPACITY, start);
          let receiver = first;
          const model: Uint8Array[] = [];
          let sent = 0;
          for (const one of steps) {
            if (one === 'receive') expect(receiver.tryReceive()).toEqual(model.shift() ?? 'empty');
            else if (one === 'successor') {
              receiver.release();
              receiver = RecordsRing.attach(pool, base, { owner: RECEIVER });
            } else if ('drain' in one) {
              const expected = model.splice(0, one.drain);
              const drained: Uint8Array[] = [];
              expect(receiver.tryDrain((record) => drained.push(record.slice()), one.drain)).toBe(expected.length);
              expect(drained).toEqual(expected);
            } else {
              const record = bytes(one.send, sent++);
              const result = sender.trySend(record);
              if (result === 'ok') model.push(record);
              const units = (length: number) => Math.max(1, Math.ceil(length / UNIT));
              const taken = model.reduce((sum, { length }) => sum + units(length), 0);
              // Padding may take as much again, less a unit.
              if (result === 'full') expect(sender.used / UNIT + 2 * units(one.send)).toBeGreaterThan(8);
              expect(taken).toBeLessThanOrEqual(7);
              expect(sender.used).toBeGreaterThanOrEqual(taken * UNIT);
            }
          }
          receiver.close();
          expect(sender.trySend(bytes(1, 1))).toBe('closed');
          for (const record of model) expect(receiver.tryReceive()).toEqual(record);
          expect([receiver.tryReceive(), receiver.tryDrain(() => {})]).toEqual(['closed', 'closed']);
        }),
        { numRuns: 100 },
      );
    },
  );

  it('drains what was sent before it was closed, then ends, though it was full', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    for (const seed of [1, 2, 3]) expect(sender.trySend(bytes(UNIT, seed))).toBe('ok');
    expect(sender.trySend(bytes(UNIT, 4))).toBe('full');
    receiver.close();
    receiver.close();
    expect([sender.closed, sender.trySend(bytes(UNIT, 5)), sender.send(bytes(UNIT, 5))]).toEqual([
      true,
      'closed',
      'closed',
    ]);
    for (const seed of [1, 2, 3]) expect(receiver.receive()).toEqual(bytes(UNIT, seed));
    expect([receiver.receive(), await receiver.receiveAsync(), receiver.drain(() => {})]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
  });

  it('gives up after its time', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const none = (): void => {};
    expect([
      receiver.receive({ timeout: 1 }),
      await receiver.receiveAsync({ timeout: 1 }),
      receiver.drain(none, { timeout: 1 }),
      await receiver.drainAsync(none, { timeout: 1 }),
    ]).toEqual(Array(4).fill('timed-out'));
    for (const seed of [1, 2, 3]) sender.trySend(bytes(UNIT, seed));
    expect(sender.send(bytes(1, 4), { timeout: 1 })).toBe('timed-out');
    expect(await sender.sendAsync(bytes(1, 4), { timeout: 1 })).toBe('timed-out');
    let count = 0;
    expect(receiver.tryDrain(() => count++)).toBe(3);
  });

  it('wakes whoever waits: for a record, for room, for the end', async () => {
    const { pool, base, sender, receiver } = ringOf(4 * UNIT);
    const received = receiver.receiveAsync();
    sender.trySend(bytes(9, 1));
    expect(await received).toEqual(bytes(9, 1));
    for (const seed of [1, 2, 3]) sender.trySend(bytes(UNIT, seed));
    const senders = [1, 2, 3].map(() => RecordsRing.attach(pool, base).sendAsync(bytes(UNIT, 9)));
    receiver.tryDrain(() => {}); // gives room to all three at once
    expect(await Promise.all(senders)).toEqual(['ok', 'ok', 'ok']);
    const blocked = sender.sendAsync(bytes(UNIT, 10));
    receiver.close();
    expect(await blocked).toBe('closed');
    receiver.tryDrain(() => {});
    expect(await receiver.receiveAsync()).toBe('closed');
  });

  it('rejects when the signal aborts, and neither sends nor receives', async () => {
    const { sender, receiver } = ringOf(4 * UNIT);
    const controller = new AbortController();
    const received = receiver.receiveAsync({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(received).rejects.toThrow('enough');
    sender.trySend(bytes(9, 1));
    expect(receiver.tryReceive()).toEqual(bytes(9, 1));
  });

  it('loses no wake-up, wherever a record or room comes', () => {
    const park = { timeout: 5_000, strategy: 'park' } as const;
    const moments = betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      arm(() => sender.trySend(bytes(5, 1)));
      expect(receiver.receive(park)).toEqual(bytes(5, 1));
    });
    expect(moments).toBeGreaterThan(5);
    betweenSteps(parkingPool, ({ words, arm }) => {
      const { sender, receiver } = smallRingIn(words);
      for (const seed of [1, 2, 3]) sender.trySend(bytes(UNIT, seed));
      arm(() => receiver.tryReceive());
      expect(sender.send(bytes(5, 2), park)).toBe('ok');
    });
  });

  it('loses no wake-up when a record, or room, comes between the last look and the park', () => {
    const { pool, base, sender, receiver } = ringOf(4 * UNIT);
    const late = (act: () => void) => record(pool, { before: (name) => void (name === 'wait' && act()) }).words;
    const waiting = RecordsRing.attach(
      late(() => sender.trySend(bytes(5, 1))),
      base,
      { owner: RECEIVER },
    );
    expect(waiting.receive({ timeout: 60_000, strategy: 'park' })).toEqual(bytes(5, 1));
    waiting.release();
    for (const seed of [1, 2, 3]) sender.trySend(bytes(UNIT, seed));
    const blocked = RecordsRing.attach(
      late(() => receiver.tryReceive()),
      base,
      { owner: SENDER },
    );
    expect(blocked.send(bytes(5, 2), { timeout: 60_000, strategy: 'park' })).toBe('ok');
  });

  it('received what a visitor threw at', () => {
    const { sender, receiver } = ringOf();
    for (const seed of [1, 2, 3]) sender.trySend(bytes(5, seed));
    expect(() => receiver.tryDrain(() => { throw new Error('no'); })).toThrow('no'); // biome-ignore format: one line
    expect(receiver.tryReceive()).toEqual(bytes(5, 2));
    expect(receiver.used).toBe(UNIT);
  });

  it('is received by for await, to its end', async () => {
    const { sender, receiver } = ringOf();
    const received: Uint8Array[] = [];
    const receiving = (async () => {
      for await (const one of receiver) received.push(one);
    })();
    for (const seed of [1, 2, 3]) await sender.sendAsync(bytes(150, seed));
    sender.close();
    await receiving;
    expect(received).toEqual([1, 2, 3].map((seed) => bytes(150, seed)));
  });

  it('has one receiver', () => {
    const { sender, receiver } = ringOf();
    expect([receiver.claim(), receiver.claim(), sender.claim()]).toEqual([true, true, false]);
    expect(() => sender.tryReceive()).toThrow(NotHeldError);
    receiver.release();
    expect(sender.tryReceive()).toBe('empty');
  });
});

describe('a ring of records whose threads stop anywhere', () => {
  const WRITES = /^(store|storeNumber|compareExchange|compareExchangeNumber|copyIn|fetch)/;

  /** A ring as seen by a thread that stops for good before its `stop`-th write. */
  function dying(pool: Pool, base: Address, owner: Owner, stop: number): RecordsRing {
    let writes = 0;
    const { words } = record(pool, {
      before: (name) => {
        if (WRITES.test(name) && writes++ >= stop) throw new Error('dies here');
      },
    });
    return RecordsRing.attach(words, base, { owner });
  }

  it.each([1, 100, 200].flatMap((length) => [false, true].map((looksFirst) => ({ length, looksFirst }))))(
    'a sender of $length bytes: its record is there or it is not, and others are not held up (the receiver looks first: $looksFirst)',
    ({ length, looksFirst }) => {
      for (let stop = 0; stop < 12; stop++) {
        for (let before = 0; before < 16; before++) {
          const { pool, base, receiver } = ringOf(2 * CAPACITY);
          const other = RecordsRing.attach(pool, base);
          for (let count = 0; count < before; count++) {
            other.trySend(bytes(1, 0));
            receiver.tryReceive();
          }
          let ended = true;
          try {
            dying(pool, base, SENDER, stop).trySend(bytes(length, 1));
          } catch (error) {
            expect(error).toEqual(new Error('dies here'));
            ended = false;
          }
          // It may pass over padding that the dead one has put there and not moved the tail past.
          const early = looksFirst ? receiver.tryReceive() : 'empty';
          expect(other.trySend(bytes(40, 2))).toBe('ok');
          const first = early === 'empty' ? receiver.tryReceive() : early;
          const found = receiver.recover(SENDER);
          if (first === 'empty') expect(found).toEqual({ kind: 'records ring', base, found: 'records', count: 1 });
          else expect(found).toBeUndefined();
          expect(receiver.recover(SENDER)).toBeUndefined();
          const whole = first === 'empty' ? receiver.tryReceive() : first;
          if (whole instanceof Uint8Array && whole.length === length) {
            expect(whole).toEqual(bytes(length, 1));
            expect(receiver.tryReceive()).toEqual(bytes(40, 2));
          } else {
            expect(ended).toBe(false);
            expect(whole).toEqual(bytes(40, 2));
          }
          for (let lap = 0; lap < 20; lap++) {
            expect(other.trySend(bytes(200, lap)), `lap ${lap} after a stop before write ${stop}`).toBe('ok');
            expect(receiver.tryReceive()).toEqual(bytes(200, lap));
          }
        }
      }
    },
  );

  it('a receiver: what it took is gone, what it did not take its successor has, and no room is lost', () => {
    for (let stop = 0; stop < 16; stop++) {
      const { pool, base, sender } = ringOf();
      const lengths = [100, 1, 150, 64];
      for (const [seed, length] of lengths.entries()) expect(sender.trySend(bytes(length, seed))).toBe('ok');
      const victim = dying(pool, base, RECEIVER, stop);
      const received: Uint8Array[] = [];
      try {
        victim.tryDrain((one) => received.push(one.slice()));
      } catch (error) {
        expect(error).toEqual(new Error('dies here'));
      }
      const successor = RecordsRing.attach(pool, base);
      const found = sender.recover(RECEIVER);
      expect(found?.found).toBe(stop === 0 ? undefined : 'receiver');
      expect(sender.recover(RECEIVER)).toBeUndefined();
      successor.tryDrain((one) => received.push(one.slice()));
      // The one whose units it was freeing was received and is not given again, or was not and is.
      const all = lengths.map((length, seed) => bytes(length, seed));
      expect([3, 4]).toContain(received.length);
      expect(received).toEqual(
        received.length === 4 ? all : all.filter((one) => received.some((other) => other.length === one.length)),
      );
      expect(successor.used).toBe(0);
      for (let lap = 0; lap < 20; lap++) {
        expect(sender.trySend(bytes(200, lap))).toBe('ok');
        expect(successor.tryReceive()).toEqual(bytes(200, lap));
      }
    }
  });

  it('a writer that is slow keeps its record when another one is recovered', () => {
    const { pool, base, receiver } = ringOf();
    const { words } = record(pool, {
      before: (name) => {
        if (name === 'copyIn') expect(receiver.recover(RECEIVER)).toBeUndefined();
      },
    });
    expect(RecordsRing.attach(words, base, { owner: SENDER }).trySend(bytes(100, 1))).toBe('ok');
    expect(receiver.tryReceive()).toEqual(bytes(100, 1));
  });

  it('a writer that is unblocked and not gone learns of it', () => {
    const { pool, base, receiver } = ringOf();
    const other = RecordsRing.attach(pool, base);
    expect(other.unblock()).toBe(false);
    let paused = false;
    const { words } = record(pool, {
      before: (name) => {
        if (name !== 'copyIn' || paused) return;
        paused = true;
        other.trySend(bytes(3, 3));
        expect([receiver.tryReceive(), other.unblock(), other.unblock()]).toEqual(['empty', true, false]);
        expect(receiver.tryReceive()).toEqual(bytes(3, 3));
      },
    });
    expect(() => RecordsRing.attach(words, base, { owner: SENDER }).trySend(bytes(100, 1))).toThrow(NotHeldError);
    expect([receiver.tryReceive(), receiver.used]).toEqual(['empty', 0]);
  });

  it('a sender that pauses between any two operations, while others send and receive for laps', () => {
    for (let pause = 0; pause < 16; pause++) {
      for (const count of [1, 3, 9, 40]) {
        const { pool, base, receiver } = ringOf(4 * UNIT);
        const other = RecordsRing.attach(pool, base);
        const sent: Uint8Array[] = [];
        const received: Uint8Array[] = [];
        let operations = 0;
        let busy = false;
        const { words } = record(pool, {
          before: () => {
            if (busy || operations++ !== pause) return;
            busy = true;
            for (let turn = 0; turn < count; turn++) {
              const one = bytes(1 + ((turn * 37) % 100), turn);
              if (other.trySend(one) === 'ok') sent.push(one);
              receiver.tryDrain((record) => received.push(record.slice()));
            }
          },
        });
        const mine = bytes(70, 200);
        const result = RecordsRing.attach(words, base, { owner: SENDER }).trySend(mine);
        receiver.tryDrain((record) => received.push(record.slice()));
        expect(received.filter((one) => one.length === 70 && one[0] === mine[0])).toHaveLength(result === 'ok' ? 1 : 0);
        expect(received.filter((one) => !(one.length === 70 && one[0] === mine[0]))).toEqual(sent);
      }
    }
  });
});

describe('a ring of records that is full beside a dead writer', () => {
  const UNITS = 8;
  const MOST = UNITS - 1; // one stays free

  /** A writer dies at each of its operations, with `before` records before its own and, if it is told to, as many behind it as there is room for. */
  function scene(before: number, fills: boolean): number {
    return everyDeath((pool) => {
      const base = pool.reserve(RecordsRing.size(UNITS * UNIT));
      const other = RecordsRing.create(Pool.attach(pool.handle), base, { capacity: UNITS * UNIT });
      const receiver = RecordsRing.attach(pool, base, { owner: RECEIVER });
      const sent: Uint8Array[] = [];
      const send = (): boolean => {
        const one = bytes(UNIT, sent.length);
        if (other.trySend(one) !== 'ok') return false;
        sent.push(one);
        return true;
      };
      for (let count = 0; count < before; count++) send();
      return {
        act: (words) => void RecordsRing.attach(words, base).trySend(bytes(60, 99)),
        check(victim) {
          if (fills) while (send());
          const states = Array.from({ length: UNITS }, (_, unit) =>
            pool.loadNumber((RECORDS_RING.at(base).units + unit) as Address),
          ).map((header) => header & 7);
          const claimed = states.filter((state) => state === RESERVED).length;
          expect(other.recover(victim.owner)?.count ?? 0).toBe(claimed);
          const received: unknown[] = [];
          expect(receiver.tryDrain((record) => received.push(record.slice()))).toBe(received.length);
          const mine = states[before] === FULL && !(fills && claimed === 0 && sent.length === MOST) ? 1 : 0;
          expect(received.filter((one) => (one as Uint8Array).length === UNIT)).toEqual(sent);
          expect(received.length - sent.length).toBeLessThanOrEqual(mine);
          for (sent.length = 0; send(); );
          expect(sent.length).toBe(MOST);
        },
      };
    });
  }

  it.each([0, 1, 3, 6])('goes on once that is recovered, with %i records before its own', (before) => {
    expect(scene(before, false)).toBeGreaterThan(3);
    expect(scene(before, true)).toBeGreaterThan(3);
  });
});

describe('a wake that died with who was to give it', () => {
  it('is given by recovery: to the receiver', async () => {
    const woken: Promise<unknown>[] = [];
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(RecordsRing.size(CAPACITY));
      const other = RecordsRing.create(Pool.attach(pool.handle), base, { capacity: CAPACITY });
      woken.push(other.receiveAsync()); // without a limit: when time is up, it would look once more
      return {
        act: (words) => void RecordsRing.attach(words, base).trySend(bytes(5, 1)),
        check(victim) {
          const isThere = (pool.loadNumber(RECORDS_RING.at(base).units) & 7) === FULL;
          other.recover(victim.owner);
          if (!isThere) other.trySend(bytes(5, 1));
        },
      };
    });
    expect(deaths).toBeGreaterThan(5);
    expect(await Promise.all(woken)).toEqual(woken.map(() => bytes(5, 1)));
  }, 15_000);

  it('is given by recovery: to a sender', async () => {
    const woken: Promise<unknown>[] = [];
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(RecordsRing.size(CAPACITY));
      const other = RecordsRing.create(Pool.attach(pool.handle), base, { capacity: CAPACITY });
      const receiver = RecordsRing.attach(pool, base, { owner: RECEIVER });
      while (other.trySend(bytes(60, 1)) === 'ok');
      woken.push(other.sendAsync(bytes(60, 2))); // as above
      return {
        act: (words) => void RecordsRing.attach(words, base).tryReceive(),
        check(victim) {
          other.recover(victim.owner);
          receiver.tryReceive(); // for a room that the dead one had not made
        },
      };
    });
    expect(deaths).toBeGreaterThan(5);
    expect(await Promise.all(woken)).toEqual(woken.map(() => 'ok'));
  }, 15_000);
});

describe('the words of a ring of records', () => {
  it('keeps what different threads write on different lines', () => {
    const { receiver, tail, head, items, room, units } = RECORDS_RING.offsets;
    const lines = [receiver, tail, head, items, room, units].map((at) => Math.floor(at / LINE_WORDS));
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('publishes the length last, and looks for waiters after it', () => {
    const { pool, base } = ringOf();
    const { words, sequence } = record(pool);
    const { units, tail, items } = RECORDS_RING.at(base);
    const ring = RecordsRing.attach(words, base, { owner: SENDER });
    ring.trySend(bytes(1, 1)); // looks at the head once, and not again while there is room
    const before = sequence().length;
    ring.trySend(bytes(64, 1));
    const reserved = 64 * 2 ** 19 + SENDER.id * 8 + 1;
    expect(sequence().slice(before)).toEqual([
      `loadNumber(${tail})`,
      `compareExchangeNumber(${units + 1}, 0, ${reserved})`,
      `compareExchangeNumber(${tail}, 1, 2)`,
      `copyIn(${units + 24}, 64 bytes)`,
      `compareExchangeNumber(${units + 1}, ${reserved}, ${reserved + 1})`,
      'fence()',
      `loadNumber(${items})`,
    ]);
  });

  it('refuses what is no ring, or none that can be, and records that are too long', () => {
    const { pool, base, sender } = ringOf();
    expect(() => RecordsRing.attach(pool, 0 as Address)).toThrow(AttachError);
    for (const nonsense of [0n, 1n, 3n, 2n ** 20n, 2n ** 40n, 2n ** 64n - 1n]) {
      pool.store(RECORDS_RING.at(base).capacity, nonsense);
      expect(() => RecordsRing.attach(pool, base)).toThrow(AttachError);
    }
    expect(sender.largestRecord).toBe(CAPACITY / 2);
    expect(() => sender.trySend(new Uint8Array(CAPACITY / 2 + 1))).toThrow(ValueError);
    expect(() => sender.trySend([1, 2] as unknown as Uint8Array)).toThrow(ValueError);
    for (const capacity of [0, 128, 300, 2 ** 32, Number.NaN])
      expect(() => RecordsRing.size(capacity)).toThrow(ValueError);
  });

  it('says Corrupt, or an ordinary answer, whatever a hostile program writes into it', () => {
    const header = fc
      .tuple(fc.nat(600), fc.nat(4), fc.nat(7))
      .map(([length, id, state]) => BigInt(length * 2 ** 19 + id * 8 + state));
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 64n }), header, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['tail', 'head', 'receiver', 'units', 'units', 'units', 'items', 'room'] as const;
    let corrupt = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...spots), fc.nat(7), word), { maxLength: 8 }), (writes) => {
        const { pool, base, sender, receiver } = ringOf();
        sender.trySend(bytes(100, 1));
        for (const [spot, unit, value] of writes)
          pool.store((RECORDS_RING.at(base)[spot] + (spot === 'units' ? unit : 0)) as Address, value);
        for (const operation of [
          () => sender.trySend(bytes(100, 1)),
          () => receiver.tryReceive(),
          () => receiver.tryDrain(() => {}),
          () => receiver.unblock(),
          () => receiver.recover(SENDER),
          () => receiver.used,
          () => receiver.close(),
          () => receiver.closed,
        ]) {
          try {
            operation();
          } catch (error) {
            if (error instanceof NotHeldError) continue;
            expect(error).toBeInstanceOf(CorruptError);
            corrupt += 1;
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(corrupt).toBeGreaterThan(100);
  });
});
