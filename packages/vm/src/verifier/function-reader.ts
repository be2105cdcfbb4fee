/** A function's code with its rows, read in place: nothing is allocated for an instruction, since programs may have millions. */
import type { Field } from '../opcodes/row.ts';
import { BY_CODE, type Instruction } from '../opcodes/table.ts';
import { codeView, unpackField } from '../program/encoding.ts';
import { type FunctionBody, INSTRUCTION_BYTES } from '../program/program.ts';

export class FunctionReader {
  /** All but the code, which can be read here only: what was verified stays as it was. */
  readonly body: Omit<FunctionBody, 'code'>;
  /** How many instructions. */
  readonly count: number;
  /** The row of each instruction; `undefined` for an unknown opcode. */
  readonly rows: readonly (Instruction | undefined)[];
  readonly #code: Uint8Array;
  readonly #view: DataView;

  constructor({ code, ...body }: FunctionBody) {
    this.body = Object.freeze(body);
    this.count = Math.floor(code.length / INSTRUCTION_BYTES);
    this.#code = code;
    this.#view = codeView(code);
    const rows: (Instruction | undefined)[] = [];
    for (let index = 0; index < this.count; index++) rows.push(BY_CODE[this.byte(index, 1)]);
    this.rows = rows;
  }

  /** One of the eight bytes of an instruction. */
  byte(instruction: number, byte: number): number {
    return this.#code[INSTRUCTION_BYTES * instruction + byte] as number;
  }

  /** The value of a field of the instruction's row. */
  value(instruction: number, field: Field): number {
    return unpackField(this.#view, instruction, field);
  }

  /** The values of an instruction's fields, in the order of its row. */
  values(instruction: number): number[] {
    return this.rows[instruction]?.fields.map((field) => this.value(instruction, field)) ?? [];
  }
}
