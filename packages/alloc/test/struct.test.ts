import { type Address, AddressError, LINE_WORDS, NO_HANDLE, Pool, Segments, ValueError } from '@pool/core';
import { record } from '@pool/core/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  array,
  cachePadded,
  type FieldType,
  f64,
  i64,
  Place,
  pointer,
  StaticStorage,
  segmentHandle,
  struct,
  structConstants,
  u32Pair,
  u53,
  u64,
} from '../src/index.ts';

const POINT = struct('point', { x: f64, y: f64 });
const ACCOUNT = struct('account', {
  balance: i64,
  serial: u64,
  head: u32Pair,
  hits: cachePadded(u53),
  origin: POINT,
  counts: array(u53, 3),
  trail: array(POINT, 4),
  photo: segmentHandle,
  next: pointer,
});

const pool = Pool.create({ words: 10_000, segments: 4 });
let base: Address;
beforeEach(() => {
  base = pool.reserve(ACCOUNT.words);
});

describe('a struct', () => {
  it('computes every offset by one running sum, and gives padded fields lines of their own', () => {
    expect(ACCOUNT.offsets).toEqual({
      balance: 0,
      serial: 1,
      head: 2,
      hits: 16,
      origin: 32,
      counts: 34,
      trail: 37,
      photo: 45,
      next: 46,
    });
    expect([ACCOUNT.words, ACCOUNT.alignment, POINT.words, POINT.alignment]).toEqual([48, 16, 2, 1]);
  });

  it('never lets two words of a record be one, however structs and arrays are nested', () => {
    const type: fc.Arbitrary<FieldType<unknown>> = fc.letrec<{ type: FieldType<unknown> }>((tie) => ({
      type: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<FieldType<unknown>>(u64, f64, u32Pair, pointer),
        fc.tuple(tie('type'), fc.integer({ min: 1, max: 4 })).map(([inner, length]) => array(inner, length)),
        tie('type').map((inner) => cachePadded(inner)),
        fc
          .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('type'), { minKeys: 1, maxKeys: 4 })
          .map((fields) => struct('inner', fields)),
      ),
    })).type;
    fc.assert(
      fc.property(type, (inner) => {
        const outer = struct('outer', { first: u64, inner, last: u64 });
        const seen = addressesIn(outer.view(pool, 32 as Address));
        expect(new Set(seen).size).toBe(seen.length);
        expect(Math.min(...seen)).toBe(32);
        expect(Math.max(...seen)).toBeLessThan(32 + outer.words);
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        expect(outer.words % outer.alignment).toBe(0);
      }),
    );
  });

  it('stands where its alignment lets it, or says so', () => {
    for (const nowhere of [base + 1, -16, 2 ** 29, 1.5, Number.NaN]) {
      expect(() => ACCOUNT.view(pool, nowhere as Address)).toThrow(AddressError);
      expect(() => ACCOUNT.cursor(pool).moveTo(nowhere)).toThrow(/address .* account/);
    }
    expect(() => POINT.view(pool, 7 as Address)).not.toThrow();
  });

  it('has at least one field', () => {
    expect(() => struct('nothing', {})).toThrow(ValueError);
  });

  it('has no field that would be the prototype of its view', () => {
    expect(() => struct('odd', { ['__proto__']: u53, other: u53 })).toThrow(/__proto__/);
  });

  it('has constants only if assembly has such names', () => {
    expect(() => structConstants(struct('1st', { a: u53 }))).toThrow(/1ST_WORDS/);
  });

  it('is bound once: its accessors cannot be replaced by values', () => {
    const account = ACCOUNT.view(pool, base) as { balance: unknown };
    expect(() => {
      account.balance = 7n;
    }).toThrow(TypeError);
  });
});

describe('a field', () => {
  it('of 64 bits is unsigned or signed, and wraps modulo 2^64', () => {
    const { serial, balance } = ACCOUNT.view(pool, base);
    expect(serial.fetchSub(1n)).toBe(0n);
    expect(serial.load()).toBe(2n ** 64n - 1n);
    expect(balance.fetchSub(1n)).toBe(0n);
    expect(balance.load()).toBe(-1n);
    expect(balance.fetchAdd(-(2n ** 63n))).toBe(-1n);
    expect(balance.load()).toBe(2n ** 63n - 1n);
    expect(pool.load(balance.address)).toBe(2n ** 63n - 1n);
  });

  it('does to its word what a variable of its type would be done', () => {
    const { balance, hits } = ACCOUNT.view(pool, base);
    const wrapped = (value: bigint): bigint => BigInt.asIntN(64, value);
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (a, b) => {
        balance.storePlain(a);
        expect([balance.loadPlain(), balance.exchange(b), balance.load()]).toEqual([a, a, b]);
        balance.store(a);
        expect([balance.fetchAdd(b), balance.exchange(a)]).toEqual([a, wrapped(a + b)]);
        expect([balance.fetchAnd(b), balance.exchange(a)]).toEqual([a, a & b]);
        expect([balance.fetchOr(b), balance.exchange(a)]).toEqual([a, a | b]);
        expect([balance.fetchXor(b), balance.exchange(a)]).toEqual([a, a ^ b]);
        expect([balance.compareExchange(wrapped(a + 1n), b), balance.load()]).toEqual([a, a]);
        expect([balance.compareExchange(a, b), balance.load()]).toEqual([a, b]);
        expect([balance.tryReplace(wrapped(b + 1n), a), balance.tryReplace(b, a)]).toEqual([false, true]);
      }),
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        hits.store(a);
        expect([hits.fetchAdd(b), hits.fetchSub(b), hits.fetchXor(b), hits.exchange(a)]).toEqual([a, a + b, a, a ^ b]);
        expect([hits.fetchAnd(b), hits.exchange(a), hits.fetchOr(b)]).toEqual([a, a & b, a]);
        expect([hits.tryReplace((a | b) + 1, 0), hits.tryReplace(a | b, a), hits.load()]).toEqual([false, true, a]);
      }),
    );
  });

  it('of doubles keeps every double, and adds without losing one', () => {
    const { x } = ACCOUNT.view(pool, base).origin;
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        x.store(a);
        expect(x.load()).toBe(a);
        expect(x.exchange(b)).toBe(a);
        expect(x.tryReplace(b, a)).toBe(true);
        expect(x.fetchAdd(b)).toBe(a);
        expect(x.loadPlain()).toBe(a + b);
      }),
    );
    x.store(0);
    expect([x.tryReplace(-0, 1), x.compareExchange(-0, 1), x.load()]).toEqual([false, 0, 0]);
  });

  it('of doubles adds again when another thread was faster', () => {
    const inner = ACCOUNT.view(pool, base).origin.x;
    let faster = 2;
    const { words, operations } = record(pool, {
      before(name) {
        if (name === 'compareExchange' && faster-- > 0) inner.store(inner.load() + 100);
      },
    });
    expect(ACCOUNT.view(words, base).origin.x.fetchAdd(1)).toBe(200);
    expect(inner.load()).toBe(201);
    expect(operations.map(({ name }) => name)).toEqual([
      'load',
      'compareExchange',
      'compareExchange',
      'compareExchange',
    ]);
  });

  it('of pairs changes both halves at once', () => {
    const { head } = ACCOUNT.view(pool, base);
    head.store({ low: 1, high: 2 });
    expect(pool.load(head.address)).toBe((2n << 32n) | 1n);
    expect(head.tryReplace({ low: 1, high: 3 }, { low: 0, high: 0 })).toBe(false);
    expect(head.compareExchange({ low: 1, high: 2 }, { low: 0xffff_ffff, high: 0 })).toEqual({ low: 1, high: 2 });
    expect(head.exchange({ low: 0, high: 0xffff_ffff })).toEqual({ low: 0xffff_ffff, high: 0 });
    expect(head.load()).toEqual({ low: 0, high: 0xffff_ffff });
  });

  it('of handles is a slot', () => {
    const storage = { blocks: 4, blockBytes: 128, base: pool.reserve(StaticStorage.size(4, 128)) };
    const segments = new Segments(pool, { storage: new StaticStorage(storage) });
    const { photo } = ACCOUNT.view(pool, base);
    expect(photo.load()).toBe(NO_HANDLE);
    const draft = segments.draft(8);
    draft?.publishTo(photo.slot);
    const handle = photo.exchange(NO_HANDLE);
    expect(segments.acquire(handle).byteLength).toBe(8);
    segments.retire(handle);
  });

  it('of addresses leads from record to record', () => {
    const NODE = struct('node', { value: u53, next: pointer });
    const nodes = [3, 4, 5].map((value) => ({ value, at: pool.reserve(NODE.words) }));
    const cursor = NODE.cursor(pool);
    for (const [index, { value, at }] of nodes.entries()) {
      const node = cursor.moveTo(at);
      node.value.store(value);
      node.next.store(nodes[index + 1]?.at ?? (0 as Address));
    }
    const seen: number[] = [];
    for (let at = nodes[0]?.at as Address; at !== 0; at = cursor.moveTo(at).next.load())
      seen.push(cursor.moveTo(at).value.load());
    expect(seen).toEqual([3, 4, 5]);
  });

  it('refuses what its type has not, before anything is written', () => {
    const { balance, serial, hits, head, origin } = ACCOUNT.view(pool, base);
    for (const wrong of [2n ** 63n, -(2n ** 63n) - 1n, 1 as unknown as bigint])
      expect(() => balance.store(wrong)).toThrow(ValueError);
    expect(() => serial.store(-1n)).toThrow(ValueError);
    expect(() => hits.store(1.5)).toThrow(ValueError);
    for (const wrong of [-1, 2 ** 32, 0.5]) {
      expect(() => head.store({ low: wrong, high: 0 })).toThrow(/low half/);
      expect(() => head.store({ low: 0, high: wrong })).toThrow(/high half/);
    }
    expect(() => origin.x.store('1' as unknown as number)).toThrow(ValueError);
    expect([balance, serial, hits, origin.x].map((cell) => Number(cell.load()))).toEqual([0, 0, 0, 0]);
  });

  it('asks for the operation of the seam that it is named after, and for no other', () => {
    const recorder = record(pool);
    const account = ACCOUNT.view(recorder.words, base);
    account.balance.compareExchange(0n, 5n, 'seq-cst');
    account.hits.fetchAdd(1);
    account.origin.x.storePlain(1);
    expect(recorder.operations.map(({ name }) => name)).toEqual(['compareExchange', 'fetchAddNumber', 'storePlain']);
    expect(recorder.operations[0]?.operands).toEqual([account.balance.address, 0n, 5n, 'seq-cst']);
  });
});

it("a field type of one's own stands beside the others", () => {
  interface Flag {
    raise(): boolean;
  }
  const flag: FieldType<Flag> = {
    words: 1,
    alignment: 1,
    bind(words, origin, offset) {
      const place = new Place(words, origin, offset);
      return { raise: () => place.words.exchangeNumber(place.address, 1) === 0 };
    },
    constants: (prefix, offset) => [[`${prefix}_OFFSET`, offset]],
  };
  const TASK = struct('task', { id: u53, started: array(flag, 2) });
  const task = TASK.view(pool, base);
  expect([task.started.at(1).raise(), task.started.at(1).raise(), task.started.at(0).raise()]).toEqual([
    true,
    false,
    true,
  ]);
  expect(structConstants(TASK)).toMatchObject({ TASK_STARTED_OFFSET: 1n, TASK_STARTED_LENGTH: 2n });
});

describe('an array', () => {
  it('has its elements one behind the other', () => {
    const { trail, counts } = ACCOUNT.view(pool, base);
    expect([trail.length, counts.length]).toEqual([4, 3]);
    const third = trail.at(2);
    third.y.store(1.5);
    expect(third.y.address).toBe(base + ACCOUNT.offsets.trail + 2 * POINT.words + 1);
    expect(trail.at(2).y.load()).toBe(1.5);
    expect(trail.at(1).y.load()).toBe(0);
  });

  it.each([-1, 3, 0.5, Number.NaN, 2 ** 32])('has no element %d', (index) => {
    const { counts } = ACCOUNT.view(pool, base);
    expect(() => counts.at(index)).toThrow(/elements 0..2/);
    expect(() => counts.cursor().moveTo(index)).toThrow(ValueError);
  });

  it.each([0, -1, 1.5, 2 ** 29])('of %d elements is none', (length) => {
    expect(() => array(POINT, length)).toThrow(ValueError);
  });

  it('gives a cursor that is one accessor for all elements', () => {
    const cursor = ACCOUNT.view(pool, base).counts.cursor();
    for (let index = 0; index < 3; index++) cursor.moveTo(index).store(index + 1);
    expect(cursor.moveTo(0)).toBe(cursor.moveTo(2));
    expect([0, 1, 2].map((index) => cursor.moveTo(index).load())).toEqual([1, 2, 3]);
  });
});

describe('a cursor over records', () => {
  const TABLE = array(ACCOUNT, 3);
  it('takes nested fields, arrays and their cursors with it', () => {
    const at = pool.reserve(TABLE.words);
    const cursor = ACCOUNT.cursor(pool);
    const account = cursor.moveTo(at);
    const counts = account.counts.cursor();
    for (let index = 0; index < 3; index++) {
      expect(cursor.moveTo(at + index * ACCOUNT.words)).toBe(account);
      account.origin.y.store(index);
      counts.moveTo(1).store(index);
    }
    for (let index = 0; index < 3; index++) {
      const still = ACCOUNT.view(pool, (at + index * ACCOUNT.words) as Address);
      expect([still.origin.y.load(), still.counts.at(1).load()]).toEqual([index, index]);
    }
  });

  it('pads the records of an array so that each begins a line', () => {
    expect(ACCOUNT.words % LINE_WORDS).toBe(0);
    expect(TABLE.words).toBe(3 * ACCOUNT.words);
  });
});

describe('constants for programs', () => {
  it('are the same numbers', () => {
    expect(structConstants(ACCOUNT, POINT)).toEqual({
      ACCOUNT_WORDS: 48n,
      ACCOUNT_BALANCE_OFFSET: 0n,
      ACCOUNT_SERIAL_OFFSET: 1n,
      ACCOUNT_HEAD_OFFSET: 2n,
      ACCOUNT_HITS_OFFSET: 16n,
      ACCOUNT_ORIGIN_OFFSET: 32n,
      ACCOUNT_ORIGIN_WORDS: 2n,
      ACCOUNT_ORIGIN_X_OFFSET: 32n,
      ACCOUNT_ORIGIN_Y_OFFSET: 33n,
      ACCOUNT_COUNTS_OFFSET: 34n,
      ACCOUNT_COUNTS_LENGTH: 3n,
      ACCOUNT_COUNTS_STRIDE: 1n,
      ACCOUNT_TRAIL_OFFSET: 37n,
      ACCOUNT_TRAIL_LENGTH: 4n,
      ACCOUNT_TRAIL_STRIDE: 2n,
      ACCOUNT_PHOTO_OFFSET: 45n,
      ACCOUNT_NEXT_OFFSET: 46n,
      POINT_WORDS: 2n,
      POINT_X_OFFSET: 0n,
      POINT_Y_OFFSET: 1n,
    });
  });

  it('are refused where two names become one', () => {
    expect(() => structConstants(struct('a', { oneTwo: u64, one_two: u64 }))).toThrow(/A_ONE_TWO_OFFSET/);
    expect(() => structConstants(POINT, struct('Point', { z: u64 }))).toThrow(/POINT_WORDS/);
  });
});

/** The addresses of all words in a view, in the order of its fields. */
function addressesIn(view: unknown): number[] {
  const one = view as { address?: number; length?: number; at?: (index: number) => unknown };
  if (typeof one.address === 'number') return [one.address];
  if (typeof one.at === 'function')
    return Array.from({ length: one.length ?? 0 }, (_, index) => addressesIn(one.at?.(index))).flat();
  return Object.values(view as object).flatMap(addressesIn);
}
