import { describe, expect, it } from 'vitest';
import { resultText } from '../src/report/result-text.ts';
import { columns, printable } from '../src/report/text.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('text for a terminal', () => {
  it('shows UTF-8 as it is', () => {
    expect(printable(utf8('naïve 日本'))).toBe('naïve 日本');
  });
  it('shows bytes that are not UTF-8 by their numbers', () => {
    expect(printable(Uint8Array.of(0x61, 0xe9, 0xff))).toBe('a\\xe9\\xff');
  });
  it('lets no control character through', () => {
    expect(printable(utf8('\x1b[31m\x07\u009b'))).toBe('\\x1b[31m\\x07\\x9b');
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
