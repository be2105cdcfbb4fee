import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfSlab, encodeText } from '../src/channels/text-bytes.ts';

const encoder = new TextEncoder();

describe('bytes of short messages', () => {
  it('are the text, as any encoder writes it, and stay so', () => {
    const kept: [Uint8Array, Uint8Array][] = [];
    const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\udfff', '\u0000', 'ä', '€', '😀'));
    const text = fc.tuple(fc.array(unit, { maxLength: 20 }), fc.nat(100)).map(([parts, n]) => parts.join('').repeat(n));
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeText(value);
        kept.push([encoded, encoder.encode(value)]);
        expect(encoded).toEqual(encoder.encode(value));
      }),
      { numRuns: 2_000 },
    );
    for (const [encoded, expected] of kept) expect(encoded).toEqual(expected);
  });

  it('are one holder’s, up to the last byte of a slab and beyond', () => {
    const pieces = Array.from({ length: 300 }, (_, index) => bytesOfSlab((index * 97) % 2_100));
    for (const [index, piece] of pieces.entries()) {
      expect(piece).toHaveLength((index * 97) % 2_100);
      piece.fill(index);
    }
    for (const [index, piece] of pieces.entries()) expect(piece.every((byte) => byte === (index & 255))).toBe(true);
  });
});
