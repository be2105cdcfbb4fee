/** A function's code with its rows and field values, read once for all rules. */
import { BY_CODE, type Instruction } from '../opcodes/table.ts';
import { codeView, unpackField } from '../program/encoding.ts';
import { type FunctionBody, INSTRUCTION_BYTES } from '../program/program.ts';

export class FunctionReader {
  readonly body: FunctionBody;
  /** How many instructions. */
  readonly count: number;
  readonly view: DataView;
  /** The row of each instruction; `undefined` for an unknown opcode. */
  readonly rows: readonly (Instruction | undefined)[];

  constructor(body: FunctionBody) {
    this.body = body;
    this.count = Math.floor(body.code.length / INSTRUCTION_BYTES);
    this.view = codeView(body.code);
    this.rows = Array.from(
      { length: this.count },
      (_, index) => BY_CODE[body.code[INSTRUCTION_BYTES * index + 1] as number],
    );
  }

  prefix(instruction: number): number {
    return this.body.code[INSTRUCTION_BYTES * instruction] as number;
  }

  /** The values of an instruction's fields, in the order of its row. */
  values(instruction: number): number[] {
    return this.rows[instruction]?.fields.map((field) => unpackField(this.view, instruction, field)) ?? [];
  }
}
