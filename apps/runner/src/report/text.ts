/** Numbers and columns as people read them. */
import stringWidth from 'string-width';

const MIB = 2 ** 20;

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

/** A 64-bit word, unsigned, and signed where that is another number. */
export function wordText(value: bigint): string {
  const signed = BigInt.asIntN(64, value);
  return signed === value ? `${value}` : `${value} (${signed})`;
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
