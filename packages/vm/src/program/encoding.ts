/** Packing and unpacking of single instructions: the fields of the table's row, little-endian; see opcodes/row.ts. */
import type { Field } from '../opcodes/row.ts';
import { GROUPS, type Instruction } from '../opcodes/table.ts';
import { INSTRUCTION_BYTES } from './program.ts';

/** Writes an instruction's 8 bytes at `at`; `values` are its fields in the order of the row. */
export function packInstruction(target: DataView, at: number, row: Instruction, values: readonly number[]): void {
  target.setBigUint64(at, 0n, true);
  target.setUint8(at, GROUPS[row.group]);
  target.setUint8(at + 1, row.code);
  row.fields.forEach((field, index) => {
    const value = values[index] ?? 0;
    if (field.width === 1) target.setUint8(at + field.byte, value);
    else if (field.width === 2) target.setUint16(at + field.byte, value, true);
    else target.setUint32(at + field.byte, value, true);
  });
}

/** One field's value: signed for `value` fields, else unsigned. */
export function unpackField(code: DataView, instruction: number, field: Field): number {
  const at = INSTRUCTION_BYTES * instruction + field.byte;
  const signed = field.role === 'value';
  if (field.width === 1) return signed ? code.getInt8(at) : code.getUint8(at);
  if (field.width === 2) return code.getUint16(at, true);
  return signed ? code.getInt32(at, true) : code.getUint32(at, true);
}

/** A view of a function's code for `unpackField`. */
export function codeView(code: Uint8Array): DataView {
  return new DataView(code.buffer, code.byteOffset, code.byteLength);
}
