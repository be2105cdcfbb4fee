import { type Address, AddressError, Pool } from '@pool/core';
import { record } from '@pool/core/testing';
import { expect, test } from 'vitest';

function open() {
  const pool = Pool.create({ words: 64, owners: 1, segments: 0 });
  return { pool, at: pool.reserve(4) };
}

test('a recorder notes names, operands and results in program order', async () => {
  const { pool, at } = open();
  const { words, operations, sequence } = record(pool);
  words.store(at, 5n);
  words.fetchAddNumber(at, 2);
  words.copyIn(at, new Uint8Array(3));
  words.wait(at, 1n, { timeout: 0 });
  expect(await words.waitAsync(at, 1n)).toBe('not-equal');
  expect(operations.slice(0, 2)).toEqual([
    { name: 'store', operands: [at, 5n], result: undefined },
    { name: 'fetchAddNumber', operands: [at, 2], result: 5 },
  ]);
  expect(sequence()).toEqual([
    `store(${at}, 5)`,
    `fetchAddNumber(${at}, 2)`,
    `copyIn(${at}, 3 bytes)`,
    `wait(${at}, 1, {"timeout":0})`,
    `waitAsync(${at}, 1)`,
  ]);
});

test('what is done before an operation is seen by it', () => {
  const { pool, at } = open();
  const { words } = record(pool, { before: (name) => name === 'load' && pool.store(at, 9n) });
  expect(words.load(at)).toBe(9n);
});

test('an operation that was refused is not noted', () => {
  const { pool } = open();
  const { words, operations } = record(pool);
  expect(() => words.load(-1 as Address)).toThrow(AddressError);
  expect(operations).toEqual([]);
});

test('the size is read through, and nothing else is touched', () => {
  const { pool } = open();
  const { words, operations } = record(pool);
  expect(words.size).toBe(pool.size);
  expect(operations).toEqual([]);
});
