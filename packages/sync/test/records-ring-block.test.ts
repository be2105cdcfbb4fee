import { type Address, CorruptError, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotHeldError, RECORDS_RING, RecordsRing } from '../src/index.ts';
import { everyDeath } from './support/death.ts';
import { bytes, CAPACITY, drained, many, RECEIVER, ringOf, SENDER, UNIT, UNITS } from './support/records.ts';

/** The states of a header whose record, or block, is being written, and of one that is published. */
const RESERVED = 1;
const FULL = 2;

describe('a block of records', () => {
  it('has one claim, no locked operation among its bytes, and one publication, which comes last', () => {
    const { pool, base } = ringOf();
    const { words, sequence } = record(pool);
    const { units, tail, items } = RECORDS_RING.at(base);
    const ring = RecordsRing.attach(words, base, { owner: SENDER });
    ring.trySend(bytes(1, 1)); // looks at the head
    const before = sequence().length;
    expect(ring.trySendMany(many(64, 65, 2))).toBe(3);
    const header = (length: number, state: number) => length * 2 ** 19 + SENDER.id * 8 + state;
    const reserved = header(4 * UNIT, RESERVED);
    const at = units + UNITS + 8 + 8; // behind the headers, which have a line, and the first unit's bytes
    expect(sequence().slice(before)).toEqual([
      `loadNumber(${tail})`,
      `compareExchangeNumber(${units + 1}, 0, ${reserved})`,
      `compareExchangeNumber(${tail}, 1, 5)`,
      `copyIn(${at}, 256 bytes)`,
      `compareExchangeNumber(${units + 2}, 0, ${header(65, FULL)})`,
      `compareExchangeNumber(${units + 4}, 0, ${header(2, FULL)})`,
      `compareExchangeNumber(${units + 1}, ${reserved}, ${header(64, FULL)})`,
      'fence()',
      `loadNumber(${items})`,
    ]);
  });

  it.each([
    { name: 'half the ring, at most', before: 0, lengths: [64, 64, 64, 64, 64, 64, 64], blocks: 2 },
    { name: 'what is left up to the end of the ring', before: 6, lengths: [64, 64, 64, 64], blocks: 2 },
    {
      name: 'nothing, and there is padding, where the first of it ends later',
      before: 6,
      lengths: [129, 9],
      blocks: 2,
    },
    { name: 'whole records only', before: 2, lengths: [64, 64, 200, 64], blocks: 3 },
  ])('has $name', ({ before, lengths, blocks }) => {
    const { pool, base, sender, receiver } = ringOf();
    for (let count = 0; count < before; count++) sender.trySend(bytes(1, 0));
    drained(receiver);
    const { words, sequence } = record(pool);
    const { units } = RECORDS_RING.at(base);
    const records = many(...lengths);
    RecordsRing.attach(words, base, { owner: SENDER }).trySendMany(records);
    // What is claimed is a change of a header from free to anything but a record.
    const claims = sequence().filter((operation) => {
      const [, at, from, to] = /^compareExchangeNumber\((\d+), (\d+), (\d+)\)$/.exec(operation)?.map(Number) ?? [];
      return (
        at !== undefined &&
        at >= units &&
        at < units + UNITS &&
        ((from as number) & 7) === 0 &&
        ((to as number) & 7) !== FULL
      );
    });
    expect(claims).toHaveLength(blocks);
    expect(drained(receiver)).toEqual(records);
  });

  it('goes into the ring in one piece of 8 KiB at most, or is one record', () => {
    const { pool, base, receiver } = ringOf(65_536);
    const { words, sequence } = record(pool);
    const ring = RecordsRing.attach(words, base, { owner: SENDER });
    const pieces = (records: Uint8Array[]): unknown[] => {
      const before = sequence().length;
      expect(ring.trySendMany(records)).toBe(records.length);
      expect(drained(receiver)).toEqual(records);
      return sequence()
        .slice(before)
        .flatMap((operation) => /^copyIn\(\d+, (\d+) bytes/.exec(operation)?.[1] ?? []);
    };
    expect(pieces(many(...Array.from({ length: 300 }, () => 50)))).toEqual(['8192', '8192', '2816']);
    expect(pieces(many(9000, 64, 1, 8192, 8193, 0))).toEqual(['9000', '128', '8192', '8193', '0']);
  });

  it.each([0, 1, 5])('is there as a whole, or not at all, whenever its writer dies (%i units before it)', (before) => {
    for (const looksFirst of [false, true]) {
      const deaths = everyDeath((pool) => {
        const base = pool.reserve(RecordsRing.size(CAPACITY));
        const other = RecordsRing.create(Pool.attach(pool.handle), base, { capacity: CAPACITY });
        const receiver = RecordsRing.attach(pool, base, { owner: RECEIVER });
        for (let count = 0; count < before; count++) other.trySend(bytes(1, 0));
        drained(receiver);
        const mine = many(70, 1, 0);
        return {
          act: (words) => void RecordsRing.attach(words, base).trySendMany(mine),
          check(victim, died) {
            const received = looksFirst ? drained(receiver) : [];
            expect(other.trySend(bytes(40, 2))).toBe('ok');
            const reserved = Array.from({ length: UNITS }, (_, unit) =>
              pool.loadNumber((RECORDS_RING.at(base).units + unit) as Address),
            ).filter((header) => (header & 7) === RESERVED);
            const found = other.recover(victim.owner);
            expect(found?.count ?? 0).toBe(reserved.length);
            expect(other.recover(victim.owner)).toBeUndefined();
            received.push(...drained(receiver));
            // With five units before it, the block ends at the ring's end and the last record is one of its own.
            const whole = received.length === 4 ? mine : received.length === 3 ? mine.slice(0, 2) : [];
            expect(received).toContainEqual(bytes(40, 2));
            expect(received.filter((one) => one.length !== 40)).toEqual(whole);
            if (!died) expect(received).toEqual([...mine, bytes(40, 2)]);
            if (before < 5) expect([1, 4]).toContain(received.length);
            expect(receiver.used).toBe(0);
            for (let lap = 0; lap < 20; lap++) {
              expect(other.trySendMany([bytes(100, lap), bytes(9, lap)])).toBe(2);
              expect(drained(receiver)).toEqual([bytes(100, lap), bytes(9, lap)]);
            }
          },
        };
      }, 1024);
      expect(deaths).toBeGreaterThan(9);
    }
  });

  it('leaves later laps alone when its writer was taken for dead, and is not', () => {
    let told = 0;
    for (let pause = 0; pause < 40; pause++) {
      for (const laps of [0, 1, 3, 9]) {
        const { pool, base, receiver } = ringOf();
        const other = RecordsRing.attach(pool, base);
        const lengths: number[] = [];
        const sent: number[] = [];
        let operations = 0;
        let busy = false;
        const { words } = record(pool, {
          before: () => {
            if (busy || operations++ !== pause) return;
            busy = true;
            other.unblock();
            for (let turn = 0; turn < laps * UNITS; turn++) {
              const length = 1 + ((turn * 37) % 60);
              if (other.trySend(bytes(length, turn)) === 'ok') sent.push(length);
              receiver.tryDrain((one) => lengths.push(one.length), turn % 3);
            }
          },
        });
        let result: number | 'closed' | 'skipped';
        try {
          result = RecordsRing.attach(words, base, { owner: SENDER }).trySendMany(many(70, 80, 64, 90));
        } catch (error) {
          if (!(error instanceof NotHeldError)) throw error;
          result = 'skipped';
          told += 1;
        }
        // Its bytes may have come to stand in others' records; records they are all the same, each once.
        receiver.tryDrain((one) => lengths.push(one.length));
        const mine = lengths.filter((length) => length > 60);
        expect(lengths.filter((length) => length <= 60)).toEqual(sent);
        expect(mine).toEqual([70, 80, 64, 90].slice(0, mine.length));
        if (result === 'skipped')
          expect([0, 2]).toContain(mine.length); // two blocks, of which one was skipped
        else expect(mine.length).toBe(result);
        expect(other.recover(SENDER)).toBeUndefined();
        expect([receiver.tryReceive(), receiver.used]).toEqual(['empty', 0]);
        for (let turn = 0; turn < 3 * UNITS; turn++) {
          const next = bytes(turn < 2 * UNITS ? 1 : 200, turn); // each unit, and several at once
          expect(other.trySend(next)).toBe('ok');
          expect(receiver.tryReceive()).toEqual(next);
        }
      }
    }
    expect(told).toBeGreaterThan(10);
  });

  it('is one record to those who recover it, or unblock it, with records of it that are full', () => {
    for (const way of ['recover', 'unblock'] as const) {
      const { pool, base, receiver } = ringOf();
      const other = RecordsRing.attach(pool, base);
      let fills = 0;
      const { words } = record(pool, {
        before: (name) => {
          if (name !== 'compareExchangeNumber' || ++fills !== 4) return; // claim, tail, and one header that is filled
          if (way === 'recover') expect(other.recover(SENDER)?.count).toBe(1);
          else expect([other.unblock(), other.unblock()]).toEqual([true, false]);
          other.trySend(bytes(5, 5));
          expect(receiver.tryReceive()).toEqual(bytes(5, 5));
        },
      });
      const ring = RecordsRing.attach(words, base, { owner: SENDER });
      expect(() => ring.trySendMany(many(64, 64, 64))).toThrow(NotHeldError);
      expect([receiver.tryReceive(), receiver.used]).toEqual(['empty', 0]);
    }
  });

  it('is received record by record: what a dead receiver took is gone, the rest its successor has', () => {
    const mine = many(100, 1, 64);
    const deaths = everyDeath((pool) => {
      const base = pool.reserve(RecordsRing.size(CAPACITY));
      const sender = RecordsRing.create(Pool.attach(pool.handle), base, { capacity: CAPACITY });
      sender.trySendMany(mine);
      const received: Uint8Array[] = [];
      return {
        act: (words) => void RecordsRing.attach(words, base).tryDrain((one) => received.push(one.slice())),
        check(victim) {
          const successor = RecordsRing.attach(pool, base);
          sender.recover(victim.owner);
          successor.tryDrain((one) => received.push(one.slice()));
          expect([2, 3]).toContain(received.length);
          expect(received).toEqual(mine.filter((one) => received.some((other) => other.length === one.length)));
          expect(successor.used).toBe(0);
          expect(sender.trySendMany(mine)).toBe(3);
          expect(drained(successor)).toEqual(mine);
        },
      };
    }, 1024);
    expect(deaths).toBeGreaterThan(8);
  });

  it('says Corrupt, or an ordinary answer, whatever a hostile program writes, and when', () => {
    const header = fc
      .tuple(fc.nat(600), fc.nat(4), fc.nat(7))
      .map(([length, id, state]) => BigInt(length * 2 ** 19 + id * 8 + state));
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 64n }), header, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
    const spots = ['tail', 'head', 'units', 'units', 'units', 'items', 'room'] as const;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...spots), fc.nat(7), word), { minLength: 1, maxLength: 8 }),
        fc.nat(14),
        (writes, moment) => {
          const { pool, base, receiver } = ringOf();
          const { words } = record(pool, {
            before: () => {
              if (moment-- !== 0) return;
              for (const [spot, unit, value] of writes)
                pool.store((RECORDS_RING.at(base)[spot] + (spot === 'units' ? unit : 0)) as Address, value);
            },
          });
          const sender = RecordsRing.attach(words, base, { owner: SENDER });
          for (const operation of [
            () => sender.trySendMany(many(70, 1, 64)),
            () => receiver.tryDrain(() => {}, 100),
            () => sender.trySendMany(many(9, 9, 9, 9)),
            () => receiver.recover(SENDER),
          ]) {
            try {
              operation();
            } catch (error) {
              expect([CorruptError, NotHeldError]).toContain((error as Error).constructor);
              refused += 1;
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
