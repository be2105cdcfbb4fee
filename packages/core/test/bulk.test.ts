import { type Address, AddressError, MAX_WORD, ValueError } from '@pool/core';
import { describe, expect, test } from 'vitest';
import { offset, VARIANTS } from './support/variants.ts';

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

describe.each(Object.entries(VARIANTS))('bulk, %s', (_, make) => {
  test('plain words hold what atomic words hold', () => {
    const { words, at } = make();
    words.storePlain(at, MAX_WORD);
    expect([words.load(at), words.loadPlain(at)]).toEqual([MAX_WORD, MAX_WORD]);
    words.storePlainNumber(at, 2 ** 53 - 1);
    expect([words.loadNumber(at), words.loadPlainNumber(at)]).toEqual([2 ** 53 - 1, 2 ** 53 - 1]);
  });

  test('bytes go in and out, little-endian, with any skip', () => {
    const { words, at } = make();
    words.copyIn(at, bytes(1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect([words.load(at), words.load(offset(at, 1))]).toEqual([0x0807060504030201n, 9n]);
    for (const skip of [0, 1, 7, 8, 13]) {
      words.fill(at, 4, MAX_WORD);
      words.copyIn(at, bytes(10, 11, 12), skip);
      const all = new Uint8Array(32);
      words.copyOut(at, all);
      expect([...all]).toEqual(
        Array.from({ length: 32 }, (__, index) => (index >= skip && index < skip + 3 ? 10 + index - skip : 255)),
      );
      const back = new Uint8Array(3);
      words.copyOut(at, back, skip);
      expect([...back]).toEqual([10, 11, 12]);
    }
  });

  test('whole words and doubles travel as their bits', () => {
    const { words, at } = make();
    words.copyIn(at, BigUint64Array.of(1n, MAX_WORD));
    expect([words.load(at), words.load(offset(at, 1))]).toEqual([1n, MAX_WORD]);
    words.copyIn(at, Float64Array.of(1.5, Number.NEGATIVE_INFINITY));
    expect(words.load(at)).toBe(0x3ff8_0000_0000_0000n);
    const doubles = new Float64Array(2);
    words.copyOut(at, doubles);
    expect([...doubles]).toEqual([1.5, Number.NEGATIVE_INFINITY]);
    const whole = new BigUint64Array(1);
    words.copyOut(offset(at, 1), whole);
    expect(whole[0]).toBe(0xfff0_0000_0000_0000n);
  });

  test('only the part that a view shows is copied', () => {
    const { words, at } = make();
    const outer = bytes(1, 2, 3, 4, 5, 6);
    words.copyIn(at, outer.subarray(2, 4));
    expect(words.load(at)).toBe(0x0403n);
    words.copyOut(at, outer.subarray(5));
    expect([...outer]).toEqual([1, 2, 3, 4, 5, 3]);
    const wide = new Float64Array(3);
    words.copyIn(at, Float64Array.of(7));
    words.copyOut(at, wide.subarray(1, 2));
    expect([...wide]).toEqual([0, 7, 0]);
  });

  test.each([3, 40])(
    'the bits of %i doubles that are no numbers travel as they are, copied once or again',
    (length) => {
      const { words, at } = make();
      const odd = [0x7ff0_0000_0000_0001n, 0xfff8_dead_beef_0001n, 0xffff_ffff_ffff_ffffn];
      const patterns = Array.from({ length }, (_, index) => odd[index % odd.length] as bigint);
      const bits = BigUint64Array.from(patterns);
      const doubles = new Float64Array(bits.buffer);
      for (let time = 0; time < 3; time++) {
        words.copyIn(at, doubles);
        expect(patterns.map((__, index) => words.load(offset(at, index)))).toEqual(patterns);
        bits.fill(0n);
        words.copyOut(at, doubles);
        expect([...bits]).toEqual(patterns);
      }
    },
  );

  test('an array is copied as it is now, though it was another length, or elsewhere, the last time', () => {
    const { words, at } = make();
    const buffer = new ArrayBuffer(16, { maxByteLength: 64 });
    const array = new Uint8Array(buffer);
    const copies = (): void => {
      words.fill(at, 8, 0n);
      array.fill(7);
      words.copyIn(at, array);
      const back = new Uint8Array(64);
      words.copyOut(at, back);
      expect(back.indexOf(0)).toBe(array.length);
      array.fill(0);
      words.copyOut(at, array);
      expect(array.every((byte) => byte === 7)).toBe(true);
    };
    for (const length of [16, 32, 8, 56, 12]) {
      buffer.resize(length);
      copies();
    }
    buffer.transfer();
    expect(() => words.copyIn(at, array)).toThrow(TypeError);
    expect(() => words.copyOut(at, array)).toThrow(TypeError);
  });

  test('arrays of any kind, length and place travel whole', () => {
    const { words, at } = make();
    const kinds = [Uint8Array, BigUint64Array, Float64Array];
    const lengths = [1, 2, 7, 8, 9, 16, 17, 32, 33, 47, 48, 256, 257].filter((length) => at + length <= words.size);
    for (const Kind of kinds)
      for (const length of lengths)
        for (const place of [0, 1, 3].map((index) => index * Kind.BYTES_PER_ELEMENT)) {
          const source = new Kind(new ArrayBuffer(place + length * Kind.BYTES_PER_ELEMENT), place);
          const target = new Kind(new ArrayBuffer(place + length * Kind.BYTES_PER_ELEMENT), place);
          const [sent, received] = [source, target].map((one) => Buffer.from(one.buffer, place)) as [Buffer, Buffer];
          for (let time = 1; time < 3; time++) {
            for (let index = 0; index < sent.length; index++) sent[index] = index * 31 + time;
            words.copyIn(at, source);
            words.copyOut(at, target);
            expect(received.equals(sent), `${Kind.name} ${length} at ${place}`).toBe(true);
          }
        }
  });

  test('fill sets as many words as it says', () => {
    const { words, at } = make();
    words.fill(at, 2, 5n);
    expect([0, 1, 2].map((index) => words.load(offset(at, index)))).toEqual([5n, 5n, 0n]);
    words.fill(at, 0, 6n);
    expect(words.load(at)).toBe(5n);
    for (const count of [-1, 0.5, Number.NaN]) expect(() => words.fill(at, count, 1n)).toThrow(ValueError);
  });

  test('the last byte is reached, and the one after it refused', () => {
    const { pool, words } = make();
    const last = (words.size - 1) as Address;
    words.copyIn(last, bytes(9), 7);
    expect(words.load(last)).toBe(9n << 56n);
    const out = bytes(0);
    words.copyOut(last, out, 7);
    expect([...out]).toEqual([9]);
    words.fill(last, 1, 3n);
    words.copyIn(words.size as Address, new Uint8Array(0)); // nothing, at the end
    const before = Buffer.from(new Uint8Array(pool.memory.buffer));
    for (const outside of [
      () => words.copyIn(last, bytes(1, 2), 7),
      () => words.copyIn(last, bytes(1), 8),
      () => words.copyIn(last, new Uint8Array(9)),
      () => words.copyIn(last, new Float64Array(2)),
      () => words.copyIn(words.size as Address, bytes(1)),
      () => words.copyOut(last, new Uint8Array(9)),
      () => words.copyOut(last, bytes(1), 8),
      () => words.copyOut(0 as Address, bytes(1), 2 ** 40),
      () => words.fill(last, 2, 0n),
      () => words.fill(0 as Address, 2 ** 52, 0n),
    ])
      expect(outside).toThrow(AddressError);
    for (const skip of [-1, -8, 0.5, Number.NaN]) {
      expect(() => words.copyIn(last, bytes(1), skip)).toThrow(ValueError);
      expect(() => words.copyOut(last, bytes(1), skip)).toThrow(ValueError);
    }
    expect(before.equals(new Uint8Array(pool.memory.buffer))).toBe(true);
  });
});

test.each(['accelerated', 'plain'] as const)('many words travel as few do, %s', (engine) => {
  const { words, at } = VARIANTS[engine]();
  for (const length of [64, 65, 256, 300]) {
    const sent = BigUint64Array.from({ length }, (_, index) => MAX_WORD - BigInt(index));
    for (const Kind of [BigUint64Array, Float64Array]) {
      words.fill(at, length, 0n);
      words.copyIn(at, new Kind(sent.buffer));
      const received = new Kind(length);
      words.copyOut(at, received);
      expect(new BigUint64Array(received.buffer)).toEqual(sent);
    }
  }
});

test('a window is filled to its end, and not a word further', () => {
  const { pool, words } = VARIANTS.window();
  const after = pool.reserve(pool.unreserved);
  pool.fill(after, pool.size - after, MAX_WORD);
  words.fill(0 as Address, words.size, 0n);
  for (let at: number = after; at < pool.size; at++) expect(pool.load(at as Address)).toBe(MAX_WORD);
});
