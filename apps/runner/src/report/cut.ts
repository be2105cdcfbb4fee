/** Keys of a table, cut so that a giant among them does not push all the others aside. */
import stringWidth from 'string-width';
import { printable } from './escape.ts';
import { counted } from './text.ts';

/** How wide a key may be before it is cut. */
const MOST_COLUMNS = 64;
/** How many bytes of a longer text are looked at: they have more columns than are shown, unless most of it has no width. */
const LOOKED_AT = 1_024;
const SHOWN = /\\(?:\\|x[\da-f]{2}|u\{[\da-f]+\})|./gsu;

/** As `printable`, but at most 64 columns of it, and then how many bytes there are. */
export function printableKey(bytes: Uint8Array): string {
  const text = printable(bytes.length > LOOKED_AT ? bytes.subarray(0, characterStart(bytes, LOOKED_AT)) : bytes);
  if (bytes.length <= LOOKED_AT && stringWidth(text) <= MOST_COLUMNS) return text;
  let width = 0;
  let cut = '';
  for (const [character] of text.matchAll(SHOWN)) {
    width += stringWidth(character);
    if (width > MOST_COLUMNS) break;
    cut += character;
  }
  return `${cut}… (${counted(bytes.length, 'byte')})`;
}

/** The beginning of the UTF-8 sequence that `at` lies in. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > at - 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  return start;
}
