/**
 * Sources are UTF-8. A byte that is not would be read as U+FFFD, and a text or a name in a program would silently be another one;
 * so it is an error of the source, at its line and column.
 */

/** A source that is no text. The message is whole, as those of the assembler are. */
export class SourceTextError extends Error {
  override readonly name = 'SourceTextError';
}

/** The text of a source, without a byte order mark. @throws {SourceTextError} for the first byte that is no UTF-8 */
export function sourceText(name: string, bytes: Uint8Array): string {
  // Something else altogether, which the assembler says of it.
  if (bytes.includes(0)) return new TextDecoder().decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const before = validBeginning(bytes);
    const text = decodeBeginning(bytes, before);
    const line = text.split('\n').length;
    const column = text.length - text.lastIndexOf('\n');
    // A character that the end cuts off begins before it: what was decoded has the place.
    const byte = bytes[Buffer.byteLength(text)] ?? 0;
    const message = `the byte 0x${byte.toString(16).padStart(2, '0')} is no UTF-8, which sources are written in`;
    throw new SourceTextError(`${name}:${line}:${column}: error: ${message}`, { cause });
  }
}

/** How many bytes can be decoded before one that cannot, by halving. */
function validBeginning(bytes: Uint8Array): number {
  let valid = 0;
  let broken = bytes.length + 1;
  while (broken - valid > 1) {
    const middle = Math.floor((valid + broken) / 2);
    try {
      decodeBeginning(bytes, middle);
      valid = middle;
    } catch {
      broken = middle;
    }
  }
  return valid;
}

/** So many bytes as text; a character that they begin and do not end is left out. @throws {TypeError} for what is no UTF-8 */
function decodeBeginning(bytes: Uint8Array, count: number): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, count), { stream: true });
}
