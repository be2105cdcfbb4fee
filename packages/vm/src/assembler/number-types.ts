/**
 * What numbers mean to an instruction. Registers hold 64 bits and no type, but a constant has one, so the assembler can tell the
 * bits of 1.0 from the integer 1: an integer where an instruction reads doubles becomes one, and a double where it reads integers
 * is an error, since its bits as an integer are never what was meant. Instructions that only move words take either.
 */
import { BY_MNEMONIC } from '../opcodes/table.ts';

export type NumberType = 'integer' | 'double' | 'word';

const DOUBLES = /^(?:f64\.(?!convert_)|i64\.trunc_)/;
const INTEGERS = /^(?:i64\.(?!store$)|f64\.convert_|memory\.|br_|segment_|swap_segment$|shared_(?:fetch_|notify$))/;

/** How an instruction reads the registers that are its operands. */
export function numberTypeOf(mnemonic: string): NumberType {
  if (DOUBLES.test(mnemonic)) return 'double';
  return INTEGERS.test(mnemonic) ? 'integer' : 'word';
}

/** What to do about a double that stands where `mnemonic` reads an integer. */
export function doubleHint(mnemonic: string, value: number): string {
  const twin = mnemonic.startsWith('i64.') ? `f64.${mnemonic.slice(4).replace(/_[su]$/, '')}` : undefined;
  const takes = twin !== undefined && BY_MNEMONIC.has(twin) ? `${twin} takes it` : 'doubles are for f64 instructions';
  return Number.isSafeInteger(value) ? `${takes}; as an integer it is written ${value}` : takes;
}

/** A double as it is written in a source: never like an integer. */
export function doubleText(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}
