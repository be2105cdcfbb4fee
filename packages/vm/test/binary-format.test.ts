import { decode, encode, FORMAT_VERSION, FormatError, load } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { SECTIONS } from '../src/program/binary.ts';
import { bytesOf } from './support/programs.ts';

const BYTES = bytesOf(`
memory 2 max 5
data text = "abc"
table handlers = main, main
import log(level, value)
import now() -> time
window job words 64 slots 4 {
  head
  rest[]
  slot input
}
func main(x) -> r {
  i64.const r, -5
  f64.const f, 1.5
  f64.add r, r, f
  shared_fetch_add _, job.rest[x], r
  br_if x, no
  ret r
no:
  trap "never: \\"é\\""
}`);

function patched(offset: number, value: number): Uint8Array {
  const bytes = BYTES.slice();
  new DataView(bytes.buffer).setUint32(offset, value, true);
  return bytes;
}

test('what was written is read again, and written as the same bytes', () => {
  const program = decode(BYTES);
  expect(encode(program)).toEqual(BYTES);
  expect(program).toMatchObject({
    name: 'test',
    initialPages: 2,
    maximumPages: 5,
    windows: [{ name: 'job', words: 64, slots: 4 }],
    functions: [{ name: 'main', parameters: 1, returnsValue: true, registerNames: ['x', 'r', 'f', '_'] }],
    imports: [
      { name: 'log', parameters: 2, returnsValue: false },
      { name: 'now', parameters: 0, returnsValue: true },
    ],
    tables: [{ name: 'handlers', functions: [0, 0] }],
    messages: ['never: "é"'],
    files: ['test.pasm'],
  });
});

test('the same source gives the same bytes', () => {
  const text = 'func main() -> r {\n ret 1\n}';
  expect(bytesOf(text)).toEqual(bytesOf(text));
});

test('line tables can be left out', () => {
  const text = 'func main() -> r {\n ret 1\n}';
  expect(bytesOf(text, { lines: false }).length).toBeLessThan(bytesOf(text).length);
  expect(load(bytesOf(text, { lines: false })).program.files).toEqual([]);
});

describe('one clear error for what is no program', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'this is not a program'],
    ['a text', new TextEncoder().encode('func main() {}'), 'this is not a program'],
    [
      'another version',
      patched(4, FORMAT_VERSION + 1),
      `this program has format version ${FORMAT_VERSION + 1}, and this package reads version ${FORMAT_VERSION}`,
    ],
    ['a longer length than there are bytes', patched(8, BYTES.length + 1), 'the program is truncated'],
    ['bytes after the end', patched(8, BYTES.length - 1), '1 bytes follow the end of the program'],
    ['a section that does not belong there', patched(12, 9), 'section 9 where section 1 (program) belongs'],
    ['a section longer than the program', patched(16, 1 << 30), 'the program ends inside its section program'],
  ])('%s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(FormatError);
    expect(() => decode(bytes)).toThrow(message);
  });

  test('every truncation, with or without a length that says so', () => {
    for (let length = 0; length < BYTES.length; length++) {
      const bytes = BYTES.slice(0, length);
      expect(() => decode(bytes)).toThrow(FormatError);
      if (length < 12) continue;
      new DataView(bytes.buffer).setUint32(8, length, true);
      expect(() => decode(bytes)).toThrow(FormatError);
    }
  });

  test('counts that no bytes back ask for no memory', () => {
    // The first word of a section is a count, or a length of text; only the code has none of its own.
    for (let at = 12; at < BYTES.length; ) {
      const length = new DataView(BYTES.buffer).getUint32(at + 4, true);
      if (new DataView(BYTES.buffer).getUint32(at, true) !== SECTIONS.code)
        expect(() => decode(patched(at + 8, 0xffff_fff0))).toThrow(FormatError);
      at += 8 + length;
    }
  });
});
