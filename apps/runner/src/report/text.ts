/** Numbers and bytes as people read them. */
import stringWidth from 'string-width';

const MIB = 2 ** 20;
const strict: TextDecoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes of unknown origin as text that a terminal can be given: what is not UTF-8, and control characters, as `\x1b`. */
export function printable(bytes: Uint8Array): string {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    text = Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : escaped(byte))).join('');
  }
  return text.replace(/\p{Cc}/gu, (character) => escaped(character.charCodeAt(0)));
}

export function grouped(value: number | bigint): string {
  return value.toLocaleString('en-US');
}

export function mebibytes(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 10 * MIB ? 2 : 1);
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export type Alignment = 'left' | 'right';

/** Rows in columns as wide as their widest cell, two spaces apart. */
export function columns(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): string {
  const widths = alignments.map((_, index) => Math.max(0, ...rows.map((row) => stringWidth(row[index] ?? ''))));
  return rows
    .map((row) =>
      alignments
        .map((alignment, index) => {
          const cell = row[index] ?? '';
          const fill = ' '.repeat((widths[index] ?? 0) - stringWidth(cell));
          return alignment === 'left' ? cell + fill : fill + cell;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
