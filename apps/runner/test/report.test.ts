import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableKey } from '../src/report/cut.ts';
import { printable, visible, visibleLines } from '../src/report/escape.ts';
import { resultText } from '../src/report/result-text.ts';
import { columns } from '../src/report/text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What `printable` made its text of. */
function unprintable(text: string): number[] {
  return [...text.matchAll(/\\\\|\\x(..)|\\u\{([^}]+)\}|[^\\]/gsu)].flatMap(([whole, byte, point]) => {
    if (byte !== undefined) return [Number.parseInt(byte, 16)];
    if (point !== undefined) return [...utf8(String.fromCodePoint(Number.parseInt(point, 16)))];
    return [...utf8(whole === '\\\\' ? '\\' : whole)];
  });
}

describe('text for a terminal', () => {
  it('shows UTF-8 as it is', () => {
    expect(printable(utf8('naïve 日本'))).toBe('naïve 日本');
  });
  it('shows bytes that are not UTF-8 by their numbers', () => {
    expect(printable(Uint8Array.of(0x61, 0xe9, 0xff))).toBe('a\\xe9\\xff');
  });
  it('lets no control character through', () => {
    expect(printable(utf8('\x1b[31m\x07\u009b'))).toBe('\\u{1b}[31m\\u{7}\\u{9b}');
  });
  it('lets nothing through that turns the text beside it around, or is not seen', () => {
    expect(printable(utf8('\ufeffa\u202eb\u2028'))).toBe('\\u{feff}a\\u{202e}b\\u{2028}');
  });
  it('never shows two texts alike', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    // Those that a rendering confuses most easily: controls as code points and as bytes, marks, and what escapes look like.
    const awkward = fc
      .array(fc.constantFrom('\\', 'x', '8', '4', 'u', '{', '}', '\u0084', '\ufeff', '\n', 'é'), { maxLength: 6 })
      .map((parts) => utf8(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(bytes, awkward), (one) => {
        expect(unprintable(printable(one))).toEqual([...one]);
      }),
    );
    expect(printable(utf8('\u0084'))).not.toBe(printable(Uint8Array.of(0x84)));
    expect(printable(utf8('\\x84'))).not.toBe(printable(Uint8Array.of(0x84)));
  });
  it('keeps a message on its lines', () => {
    expect(visible('C:\\x\n\x1b]0;t\x07')).toBe('C:\\x\\u{a}\\u{1b}]0;t\\u{7}');
    expect(visibleLines('one\r\n\ttwo\x1b')).toBe('one\\u{d}\n\ttwo\\u{1b}');
  });
  it('cuts a key that is too wide, and says how long it is', () => {
    expect(printableKey(utf8('é'.repeat(64)))).toBe('é'.repeat(64));
    expect(printableKey(utf8('é'.repeat(65)))).toBe(`${'é'.repeat(64)}… (130 bytes)`);
    expect(printableKey(utf8('日'.repeat(100_000)))).toBe(`${'日'.repeat(32)}… (300,000 bytes)`);
    expect(printableKey(utf8('\x1b'.repeat(100)))).toBe(`${'\\u{1b}'.repeat(10)}… (100 bytes)`);
    expect(printableKey(new Uint8Array(2_000).fill(0xff))).toBe(`${'\\xff'.repeat(16)}… (2,000 bytes)`);
  });
  it('aligns wide characters', () => {
    expect(
      columns(
        [
          ['日本', '1'],
          ['a', '22'],
        ],
        ['left', 'right'],
      ),
    ).toBe('日本   1\na     22');
  });
});

describe('a table', () => {
  const records = [
    { text: utf8('the'), value: 1_200n },
    { text: utf8('a'), value: 7n },
    { text: utf8('b'), value: 7n },
  ];
  const table = { kind: 'table', title: 'Words', columns: ['word', 'count'], records, top: 2 } as const;

  it('says how much of it is shown', () => {
    expect(resultText(table, undefined)).toBe('Words (2 of 3)\n  #  word  count\n  1  the   1,200\n  2  a         7');
  });
  it('shows as much as is asked for', () => {
    expect(resultText(table, 3)).toBe('Words\n  #  word  count\n  1  the   1,200\n  2  a         7\n  3  b         7');
  });
});
