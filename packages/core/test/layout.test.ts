import {
  type Address,
  AddressError,
  address,
  domain,
  handle,
  LINE_WORDS,
  layout,
  ownLine,
  rest,
  roundUp,
  slot,
  ValueError,
  word,
  words,
} from '@pool/core';
import { expect, test } from 'vitest';
import { HEADER } from '../src/pool/header.ts';
import { OWNER_ROW } from '../src/pool/owner-table.ts';
import { SEGMENT_ENTRY, segmentTableSize } from '../src/segments/table.ts';

const MIXED = layout('mixed', {
  a: word,
  b: words(3),
  hot: ownLine,
  c: word,
  block: words(20, { ownLine: true }),
  tail: rest,
});

test('offsets follow from the fields by one running sum', () => {
  expect(MIXED.offsets).toEqual({ a: 0, b: 1, hot: 16, c: 32, block: 48, tail: 80 });
  expect([MIXED.alignment, MIXED.size(), MIXED.size(1), MIXED.size(16)]).toEqual([16, 80, 96, 96]);
  expect(MIXED.at(160 as Address)).toEqual({ a: 160, b: 161, hot: 176, c: 192, block: 208, tail: 240 });
  const packed = layout('packed', { a: word, b: word });
  expect([packed.alignment, packed.size()]).toEqual([1, 2]);
  expect(packed.at(3 as Address)).toEqual({ a: 3, b: 4 });
});

test('a word with its own line shares it with nothing: no false sharing', () => {
  const neighbours = Object.entries(MIXED.offsets);
  for (const [name, offset] of neighbours) {
    if (!MIXED.fields[name as keyof typeof MIXED.fields].ownLine) continue;
    expect(offset % LINE_WORDS).toBe(0);
    for (const [other, at] of neighbours)
      if (other !== name) expect(Math.floor(at / LINE_WORDS), `${other} beside ${name}`).not.toBe(offset / LINE_WORDS);
  }
  expect(LINE_WORDS * 8).toBe(128);
});

test('what different threads write in the pool is on different lines', () => {
  const lines = new Set([HEADER.offsets.magic, HEADER.offsets.top].map((offset) => Math.floor(offset / LINE_WORDS)));
  expect(lines.size).toBe(2);
  expect(HEADER.offsets.top + LINE_WORDS).toBe(HEADER.size());
  expect([OWNER_ROW.size(), SEGMENT_ENTRY.size()]).toEqual([LINE_WORDS, LINE_WORDS]);
  expect(segmentTableSize(3)).toBe(4 * LINE_WORDS); // the set of the free ones has its own
});

test('a base that would break the lines is refused, with what was wanted', () => {
  for (const base of [1, 8, 15, 17, 0.5, Number.NaN, 16n, Symbol('16'), '16', null] as Address[])
    expect(() => MIXED.at(base)).toThrow(AddressError);
  expect(() => MIXED.at(8 as Address)).toThrow('address 8 is not in layout mixed (it begins at a multiple of 16)');
});

test('a declaration that cannot be laid out is refused', () => {
  expect(() => layout('bad', { tail: rest, more: word })).toThrow(ValueError);
  for (const count of [0, -1, 0.5, Number.NaN]) expect(() => words(count)).toThrow(ValueError);
  expect(() => layout('fixed', { a: word }).size(1)).toThrow(ValueError);
  for (const count of [-1, 0.5]) expect(() => MIXED.size(count)).toThrow(ValueError);
});

test('rounding up', () => {
  expect([0, 1, 16, 17].map((value) => roundUp(value, 16))).toEqual([0, 16, 16, 32]);
});

test('brands are given to what they fit, and to nothing else', () => {
  expect([address(0), address(2 ** 29 - 1), slot(5), domain(2 ** 32 - 1), handle(2n ** 64n - 1n)]).toEqual([
    0,
    536870911,
    5,
    4294967295,
    18446744073709551615n,
  ]);
  for (const value of [-1, 0.5, Number.NaN, 2 ** 29, '1' as never]) {
    expect(() => address(value)).toThrow(AddressError);
    expect(() => slot(value)).toThrow(AddressError);
  }
  for (const value of [-1, 0.5, Number.NaN, 2 ** 32, '1' as never]) expect(() => domain(value)).toThrow(ValueError);
  for (const value of [-1n, 2n ** 64n, 1 as never, '1' as never]) expect(() => handle(value)).toThrow(ValueError);
});
