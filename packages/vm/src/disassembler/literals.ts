/** Values as the assembler reads them back: texts, words, doubles, bytes of data. */
import { HIDDEN } from '../visible.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', '"': '\\"' };
const QUOTED: RegExp = new RegExp(`["\\\\]|${HIDDEN.source}`, 'gu');
const BYTES_A_LINE = 16;
const TEXT_A_LINE = 80;
const doubles = new DataView(new ArrayBuffer(8));

/** A text in quotes; what a terminal would act on, or turn around, is escaped. */
export function textLiteral(text: string): string {
  return `"${text.replace(QUOTED, (character) => ESCAPES[character] ?? escapedBytes(character))}"`;
}

function escapedBytes(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\x${hex(byte)}`).join('');
}

/** A word: small numbers as people write them, with their sign, and the others by their bits. */
export function wordLiteral(word: bigint): string {
  const signed = BigInt.asIntN(64, word);
  return signed > -1_000_000n && signed < 2n ** 40n ? String(signed) : `0x${word.toString(16)}`;
}

/** A double that has just these bits, or `undefined` where no literal has: NaN. */
export function doubleLiteral(bits: bigint): string | undefined {
  doubles.setBigUint64(0, bits);
  const value = doubles.getFloat64(0);
  if (Number.isNaN(value)) return undefined;
  if (!Number.isFinite(value)) return value > 0 ? '1.0 / 0.0' : '-1.0 / 0.0';
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Bytes as a value of `data`: as text if they read as text, else in hexadecimal, some lines of them. */
export function bytesLiteral(bytes: Uint8Array): string {
  if (bytes.length === 0) return '""';
  const lines: string[] = [];
  if (bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))) {
    const text = new TextDecoder().decode(bytes);
    for (let at = 0; at < text.length; at += TEXT_A_LINE) lines.push(textLiteral(text.slice(at, at + TEXT_A_LINE)));
    return lines.join(',\n  ');
  }
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE)
    lines.push([...bytes.subarray(at, at + BYTES_A_LINE)].map((byte) => `0x${hex(byte)}`).join(', '));
  return `bytes ${lines.join(',\n  ')}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
