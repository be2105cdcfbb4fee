import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordStream, type TextRecord } from '../src/job/formats.ts';

interface Part {
  readonly value: bigint;
  readonly text: Uint8Array;
}

/** A segment as a program writes it. */
function segment(parts: readonly Part[], continues = false, count = parts.length): Uint8Array {
  const words: bigint[] = [0n, BigInt(count), continues ? 1n : 0n, 0n];
  const bytes: number[] = [...new Uint8Array(new BigUint64Array(words).buffer)];
  for (const { value, text } of parts) {
    bytes.push(...new Uint8Array(new BigUint64Array([value, BigInt(text.length)]).buffer), ...text);
    while (bytes.length % 8 !== 0) bytes.push(0xee); // what fills up means nothing
  }
  return Uint8Array.from(bytes);
}

function read(...segments: Uint8Array[]): readonly TextRecord[] {
  const stream = new RecordStream();
  for (const bytes of segments) stream.push(bytes);
  return stream.end();
}

const record = fc.record({
  value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  text: fc.uint8Array({ maxLength: 40 }),
});

describe('records', () => {
  it('come out as they went in, wherever segments end', () => {
    fc.assert(
      fc.property(fc.array(fc.array(record)), (segments) => {
        expect(read(...segments.map((parts) => segment(parts)))).toEqual(segments.flat());
      }),
    );
  });

  it('a text goes on in the next segment', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 2 }), record, (texts, after) => {
        const parts = texts.map((text, index) =>
          segment([{ value: 7n, text }, ...(index === texts.length - 1 ? [after] : [])], index < texts.length - 1),
        );
        expect(read(...parts)).toEqual([
          { value: 7n, text: Uint8Array.from(texts.flatMap((text) => [...text])) },
          after,
        ]);
      }),
    );
  });

  it('that do not hold together are refused, whatever the bytes', () => {
    expect(() => read(new Uint8Array(31))).toThrow(RangeError);
    expect(() => read(segment([{ value: 1n, text: new Uint8Array(3) }], false, 2))).toThrow(
      '2 records announced, and the bytes end after 1',
    );
    expect(() => read(segment([{ value: 1n, text: new Uint8Array(3) }], true))).toThrow('the last record was to go on');
    const long = segment([{ value: 1n, text: new Uint8Array(3) }]);
    new DataView(long.buffer).setBigUint64(32 + 8, 2n ** 63n, true);
    expect(() => read(long)).toThrow('says that its text has 9223372036854775808 bytes, and 8 are left');
  });

  it('of arbitrary bytes are read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
        try {
          expect(read(bytes).length * 16).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
