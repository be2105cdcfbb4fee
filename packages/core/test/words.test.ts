import { type Address, AddressError, CorruptError, MAX_WORD, Pool, ValueError, type Words } from '@pool/core';
import { describe, expect, test, vi } from 'vitest';
import { offset, VARIANTS } from './support/variants.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;

/** Every method that names a word, with operands that are right. */
const ADDRESSED: Readonly<Record<string, (words: Words, at: Address) => unknown>> = {
  load: (words, at) => words.load(at),
  loadNumber: (words, at) => words.loadNumber(at),
  store: (words, at) => words.store(at, 7n),
  storeNumber: (words, at) => words.storeNumber(at, 7),
  compareExchange: (words, at) => words.compareExchange(at, 0n, 7n),
  compareExchangeNumber: (words, at) => words.compareExchangeNumber(at, 0, 7),
  exchange: (words, at) => words.exchange(at, 7n),
  exchangeNumber: (words, at) => words.exchangeNumber(at, 7),
  fetchAdd: (words, at) => words.fetchAdd(at, 7n),
  fetchAddNumber: (words, at) => words.fetchAddNumber(at, 7),
  fetchSub: (words, at) => words.fetchSub(at, 7n),
  fetchSubNumber: (words, at) => words.fetchSubNumber(at, 7),
  fetchAnd: (words, at) => words.fetchAnd(at, 7n),
  fetchAndNumber: (words, at) => words.fetchAndNumber(at, 7),
  fetchOr: (words, at) => words.fetchOr(at, 7n),
  fetchOrNumber: (words, at) => words.fetchOrNumber(at, 7),
  fetchXor: (words, at) => words.fetchXor(at, 7n),
  fetchXorNumber: (words, at) => words.fetchXorNumber(at, 7),
  wait: (words, at) => words.wait(at, 1n, { timeout: 0 }),
  notify: (words, at) => words.notify(at),
  loadPlain: (words, at) => words.loadPlain(at),
  loadPlainNumber: (words, at) => words.loadPlainNumber(at),
  storePlain: (words, at) => words.storePlain(at, 7n),
  storePlainNumber: (words, at) => words.storePlainNumber(at, 7),
  copyIn: (words, at) => words.copyIn(at, new Uint8Array([7])),
  copyOut: (words, at) => words.copyOut(at, new Uint8Array(1)),
  fill: (words, at) => words.fill(at, 1, 7n),
};

/** Every method that takes a `bigint` value, the value last. */
const BIGINT_VALUED: Readonly<Record<string, (words: Words, at: Address, value: bigint) => unknown>> = {
  store: (words, at, value) => words.store(at, value),
  'compareExchange, expected': (words, at, value) => words.compareExchange(at, value, 1n),
  'compareExchange, replacement': (words, at, value) => words.compareExchange(at, 0n, value),
  exchange: (words, at, value) => words.exchange(at, value),
  fetchAdd: (words, at, value) => words.fetchAdd(at, value),
  fetchSub: (words, at, value) => words.fetchSub(at, value),
  fetchAnd: (words, at, value) => words.fetchAnd(at, value),
  fetchOr: (words, at, value) => words.fetchOr(at, value),
  fetchXor: (words, at, value) => words.fetchXor(at, value),
  wait: (words, at, value) => words.wait(at, value, { timeout: 0 }),
  storePlain: (words, at, value) => words.storePlain(at, value),
  fill: (words, at, value) => words.fill(at, 1, value),
};

const NUMBER_VALUED: Readonly<Record<string, (words: Words, at: Address, value: number) => unknown>> = {
  storeNumber: (words, at, value) => words.storeNumber(at, value),
  'compareExchangeNumber, expected': (words, at, value) => words.compareExchangeNumber(at, value, 1),
  'compareExchangeNumber, replacement': (words, at, value) => words.compareExchangeNumber(at, 0, value),
  exchangeNumber: (words, at, value) => words.exchangeNumber(at, value),
  fetchAddNumber: (words, at, value) => words.fetchAddNumber(at, value),
  fetchSubNumber: (words, at, value) => words.fetchSubNumber(at, value),
  fetchAndNumber: (words, at, value) => words.fetchAndNumber(at, value),
  fetchOrNumber: (words, at, value) => words.fetchOrNumber(at, value),
  fetchXorNumber: (words, at, value) => words.fetchXorNumber(at, value),
  storePlainNumber: (words, at, value) => words.storePlainNumber(at, value),
};

/** Every method whose result is a `number` made of a word. */
const NUMBER_RESULTS: Readonly<Record<string, (words: Words, at: Address) => unknown>> = {
  loadNumber: (words, at) => words.loadNumber(at),
  loadPlainNumber: (words, at) => words.loadPlainNumber(at),
  compareExchangeNumber: (words, at) => words.compareExchangeNumber(at, 0, 0),
  exchangeNumber: (words, at) => words.exchangeNumber(at, 0),
  fetchAddNumber: (words, at) => words.fetchAddNumber(at, 0),
  fetchSubNumber: (words, at) => words.fetchSubNumber(at, 0),
  fetchAndNumber: (words, at) => words.fetchAndNumber(at, 0),
  fetchOrNumber: (words, at) => words.fetchOrNumber(at, 0),
  fetchXorNumber: (words, at) => words.fetchXorNumber(at, 0),
};

const NO_ADDRESSES: readonly unknown[] = [
  2 ** 29,
  2 ** 32,
  2 ** 53,
  -1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  '3',
  undefined,
  null,
];

describe.each(Object.entries(VARIANTS))('words, %s', (name, make) => {
  test('uses the twin it says', () => {
    expect(make().pool.engine).toBe(name === 'plain' ? 'plain' : 'accelerated');
  });

  test('loads what was stored', () => {
    const { words, at } = make();
    words.store(at, MAX_WORD);
    expect(words.load(at)).toBe(MAX_WORD);
    words.storeNumber(at, LARGEST);
    expect(words.loadNumber(at)).toBe(LARGEST);
    expect(words.load(at)).toBe(BigInt(LARGEST));
    words.storeNumber(at, -0);
    expect(Object.is(words.loadNumber(at), 0)).toBe(true);
  });

  test('compare-exchange writes only where the expected value stands, and gives the old one', () => {
    const { words, at } = make();
    words.store(at, 5n);
    expect(words.compareExchange(at, 4n, 9n)).toBe(5n);
    expect(words.load(at)).toBe(5n);
    expect(words.compareExchange(at, 5n, MAX_WORD, 'seq-cst')).toBe(5n);
    expect(words.load(at)).toBe(MAX_WORD);
    words.storeNumber(at, 5);
    expect(words.compareExchangeNumber(at, 4, 9)).toBe(5);
    expect(words.compareExchangeNumber(at, 5, LARGEST, 'seq-cst')).toBe(5);
    expect(words.loadNumber(at)).toBe(LARGEST);
  });

  test('read-modify-writes give the old value and write the new one', () => {
    const { words, at } = make();
    words.store(at, 0b1100n);
    expect(words.fetchAdd(at, 3n)).toBe(0b1100n);
    expect(words.fetchSub(at, 5n)).toBe(0b1111n);
    expect(words.fetchAnd(at, 0b0110n)).toBe(0b1010n);
    expect(words.fetchOr(at, 0b1001n)).toBe(0b0010n);
    expect(words.fetchXor(at, 0b1111n)).toBe(0b1011n);
    expect(words.exchange(at, 77n)).toBe(0b0100n);
    expect(words.load(at)).toBe(77n);
  });

  test('read-modify-writes in number form', () => {
    const { words, at } = make();
    words.storeNumber(at, 0b1100);
    expect(words.fetchAddNumber(at, 3)).toBe(0b1100);
    expect(words.fetchSubNumber(at, 5)).toBe(0b1111);
    expect(words.fetchAndNumber(at, 0b0110)).toBe(0b1010);
    expect(words.fetchOrNumber(at, 0b1001)).toBe(0b0010);
    expect(words.fetchXorNumber(at, 0b1111)).toBe(0b1011);
    expect(words.exchangeNumber(at, 77)).toBe(0b0100);
    expect(words.loadNumber(at)).toBe(77);
  });

  test('adds and subtracts modulo 2^64', () => {
    const { words, at } = make();
    words.store(at, MAX_WORD);
    expect(words.fetchAdd(at, 2n)).toBe(MAX_WORD);
    expect(words.load(at)).toBe(1n);
    expect(words.fetchSub(at, 3n)).toBe(1n);
    expect(words.load(at)).toBe(MAX_WORD - 1n);
    words.store(at, 1n);
    expect(words.fetchSubNumber(at, 3)).toBe(1);
    expect(words.load(at)).toBe(MAX_WORD - 1n);
    expect(() => words.fetchAddNumber(at, 2)).toThrow(CorruptError);
    expect(words.load(at)).toBe(0n); // the read-modify-write has taken place
  });

  test.each([2n ** 31n, 2n ** 32n, 2n ** 53n - 1n])('counts across %s in both forms', (edge) => {
    const { words, at } = make();
    words.store(at, edge - 1n);
    expect(words.fetchAdd(at, 2n)).toBe(edge - 1n);
    expect(words.load(at)).toBe(edge + 1n);
    words.store(at, edge - 1n);
    expect(words.fetchAddNumber(at, 2)).toBe(Number(edge - 1n));
    expect(words.load(at)).toBe(edge + 1n);
  });

  test.each(Object.entries(NUMBER_RESULTS))('%s refuses to round a word above 2^53-1', (_, operate) => {
    const { words, at } = make();
    for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, MAX_WORD]) {
      words.store(at, value);
      expect(() => operate(words, at)).toThrow(CorruptError);
    }
    words.store(at, 2n ** 53n - 1n);
    expect(operate(words, at)).toBe(LARGEST);
  });

  test.each(Object.entries(ADDRESSED))('%s rejects what is no address, and writes nothing', (_, operate) => {
    const { pool, words } = make();
    const before = Buffer.from(new Uint8Array(pool.memory.buffer));
    for (const at of [...NO_ADDRESSES, words.size, words.size + 1]) {
      expect(() => operate(words, at as Address), String(at)).toThrow(AddressError);
    }
    expect(before.equals(new Uint8Array(pool.memory.buffer))).toBe(true);
    operate(words, (words.size - 1) as Address);
  });

  test.each(Object.entries(BIGINT_VALUED))('%s rejects what no word holds, and writes nothing', (_, operate) => {
    const { pool, words, at } = make();
    const before = Buffer.from(new Uint8Array(pool.memory.buffer));
    for (const value of [-1n, 2n ** 64n, -(2n ** 64n), 0.5, 3, Number.NaN, '3'])
      expect(() => operate(words, at, value as bigint), String(value)).toThrow(ValueError);
    expect(before.equals(new Uint8Array(pool.memory.buffer))).toBe(true);
  });

  test.each(Object.entries(NUMBER_VALUED))(
    '%s rejects what is no integer of 0..2^53-1, and writes nothing',
    (_, operate) => {
      const { pool, words, at } = make();
      const before = Buffer.from(new Uint8Array(pool.memory.buffer));
      for (const value of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '3' as unknown as number])
        expect(() => operate(words, at, value), String(value)).toThrow(ValueError);
      expect(before.equals(new Uint8Array(pool.memory.buffer))).toBe(true);
    },
  );

  test('one word is one word: its neighbours keep their values', () => {
    const { words, at } = make();
    words.fill(at, 3, MAX_WORD);
    words.storeNumber(offset(at, 1), 0);
    words.fetchAddNumber(offset(at, 1), 1);
    expect([0, 1, 2].map((index) => words.load(offset(at, index)))).toEqual([MAX_WORD, 1n, MAX_WORD]);
  });

  test('fence and pause give nothing back and touch no word', () => {
    const { pool, words } = make();
    const before = Buffer.from(new Uint8Array(pool.memory.buffer));
    expect([words.fence(), words.pause()]).toEqual([undefined, undefined]);
    expect(before.equals(new Uint8Array(pool.memory.buffer))).toBe(true);
  });
});

const PLAIN = new Set(['loadPlain', 'loadPlainNumber', 'storePlain', 'storePlainNumber', 'copyIn', 'copyOut', 'fill']);

test.each(Object.entries(ADDRESSED).filter(([name]) => !PLAIN.has(name)))(
  '%s is one operation on one word of 64 bits: nobody sees half of it',
  (_, operate) => {
    const { words, at } = VARIANTS.plain();
    const spies = (Object.getOwnPropertyNames(Atomics) as (keyof typeof Atomics)[])
      .filter((name) => typeof Atomics[name] === 'function')
      .map((name) => vi.spyOn(Atomics, name as 'load'));
    try {
      operate(words, at);
      const arrays = spies.flatMap(({ mock }) => mock.calls.map(([array]) => array as ArrayBufferView));
      expect(arrays.map((array) => Reflect.get(array, 'BYTES_PER_ELEMENT'))).toEqual([8]);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  },
);

test('both twins work on the same words', () => {
  const { pool: apart, at } = VARIANTS.accelerated();
  const pool = Pool.create({ words: 64, owners: 2, segments: 0 });
  const twin = Pool.attach(pool.handle, { engine: 'plain' });
  const shared = pool.reserve(1);
  pool.storeNumber(shared, 40);
  expect(twin.fetchAddNumber(shared, 2)).toBe(40);
  expect([pool.engine, twin.engine, pool.loadNumber(shared)]).toEqual(['accelerated', 'plain', 42]);
  expect(apart.loadNumber(at)).toBe(0); // and pools have nothing in common
});

test('an error names the address, the value and the limit', () => {
  const { words, at } = VARIANTS.window();
  expect(() => words.load(64 as Address)).toThrow('address 64 is not in window w, which has the words 0..63');
  expect(() => words.store(at, -1n)).toThrow('value -1n: a word holds 0..18446744073709551615');
});
