/**
 * Text that programs, files and manifests chose, made fit for a terminal: nothing in it can move the cursor, ring the bell,
 * begin a line of its own or turn what stands beside it around.
 *
 * `printable` is injective, so that two records never look the same: a code point that is not shown is `\u{1b}`, a byte that is
 * no UTF-8 is `\xff`, a backslash is `\\`.
 */
const HIDDEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;
const HIDDEN_OR_BACKSLASH = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff\\]/gu;
// A byte order mark is part of a text like any other character.
const strict: TextDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of unknown origin, all of them. */
export function printable(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes).replace(HIDDEN_OR_BACKSLASH, escaped);
  } catch {
    return Array.from(bytes, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte).replace(HIDDEN_OR_BACKSLASH, escaped) : byteEscape(byte),
    ).join('');
  }
}

/** A text on one line. Backslashes stay, for the sake of paths. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** A message whose line breaks are its own; tabs stay, because it may show lines of a source. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}

function escaped(character: string): string {
  return character === '\\' ? '\\\\' : `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
