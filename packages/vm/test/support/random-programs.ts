/** Programs out of thin air, for fast-check: most of them pass the verifier, since their registers are set and their fields are nearly right. */
import type { FunctionBody, Program } from '@pool/vm';
import fc from 'fast-check';
import { BY_CODE, INSTRUCTIONS, type Instruction, OP } from '../../src/opcodes/table.ts';
import { packInstruction } from '../../src/program/encoding.ts';
import { REST } from '../../src/program/program.ts';

const REGISTERS = 8;

/** Values at which things go wrong, if they do. */
export const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  8n,
  63n,
  64n,
  4096n,
  65_528n,
  65_535n,
  65_536n,
  2n ** 31n,
  2n ** 32n,
  2n ** 32n + 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

export interface RandomInstruction {
  readonly row: number;
  readonly fields: readonly number[];
}

const WINDOWS: Program['windows'] = [{ name: 'job', words: 64, slots: 8 }];
const PLACES: Program['places'] = [
  { name: 'job', kind: 'words', window: 0, address: 0, length: REST },
  { name: 'job.last', kind: 'words', window: 0, address: 63, length: 1 },
  { name: 'job.cells', kind: 'words', window: 0, address: 8, length: 8 },
  { name: 'job.slots', kind: 'slots', window: 0, address: 0, length: 8 },
  { name: 'job.end', kind: 'slots', window: 0, address: 7, length: 1 },
];

/** Four parameters, so that a call needs further arguments. */
const CALLEE: FunctionBody = body('callee', 4, [[OP.ret_value, 3]]);

export const randomInstruction: fc.Arbitrary<RandomInstruction> = fc.record({
  row: fc.nat(INSTRUCTIONS.length - 1),
  fields: fc.array(fc.nat(0xffff_ffff), { minLength: 6, maxLength: 6 }),
});

/** A program whose `main` sets eight registers from `values` and then does what it was given. */
export function randomProgram(instructions: readonly RandomInstruction[], values: readonly bigint[]): Program {
  const prelude = Array.from({ length: REGISTERS }, (_, register): number[] => [
    OP['i64.const'],
    register,
    register % values.length,
  ]);
  const code: number[][] = [...prelude];
  const targets = prelude.length + instructions.length;
  for (const { row, fields } of instructions) {
    const instruction = INSTRUCTIONS[row] as Instruction;
    // A place fits its instruction most of the time; otherwise the verifier has something to reject.
    const values = instruction.fields.map((field, index) =>
      fieldValue(field.kind, field.role, fields[index] as number, targets),
    );
    code.push([instruction.code, ...values]);
    const count = values[instruction.fields.findIndex(({ role }) => role === 'count')] ?? 0;
    for (let given = 0; given < count; given += 6) code.push([OP.args, (fields[5] as number) & 7]);
    if (instruction.code === OP.br_table) code.push([OP.entry, (fields[4] as number) % targets]);
    if (instruction.flow === 'call' && values[instruction.fields.findIndex(({ role }) => role === 'function')] === 1)
      code.push([OP.args, fields[5] as number & 7]);
  }
  code.push([OP.ret_value, 0]);
  return {
    name: 'random',
    initialPages: 1,
    maximumPages: 3,
    windows: WINDOWS,
    places: PLACES,
    functions: [body('main', 0, code), CALLEE],
    tables: [{ name: 'table', functions: [1, 0, 1, 1] }],
    imports: [
      { name: 'mix', parameters: 3, returnsValue: true },
      { name: 'refuse', parameters: 3, returnsValue: true },
    ],
    constants: BigUint64Array.from(values),
    data: [],
    messages: ['random'],
    files: [],
  };
}

function fieldValue(kind: string, role: string, random: number, targets: number): number {
  if (role === 'register') return kind === 'further' ? 0 : random % REGISTERS;
  if (role === 'index') return random % EDGES.length;
  if (role === 'offset') return random % 3 === 0 ? random % 2 ** 31 : random % 70_000;
  if (role === 'target') return random % targets;
  if (role === 'function') return random % 2;
  if (role === 'table') return 0;
  if (role === 'import') return random % 2;
  if (role === 'count') return random % 3 === 0 ? random % 16 : 4;
  if (role === 'message' || role === 'window') return 0;
  if (role === 'place') return kind.startsWith('slot') ? 3 + (random % 2) : random % 3;
  return random % 5 === 0 ? random : random % 128;
}

function body(name: string, parameters: number, code: readonly number[][]): FunctionBody {
  const bytes = new Uint8Array(8 * code.length);
  const view = new DataView(bytes.buffer);
  code.forEach(([opcode, ...fields], index) => {
    const row = BY_CODE[opcode as number] as Instruction;
    // `main` has no arguments to give to itself: fields of a call that the callee does not have are zero.
    const values = row.fields.map((field, position) =>
      field.kind === 'arguments' && fields[row.fields.findIndex(({ role }) => role === 'function')] === 0
        ? 0
        : (fields[position] ?? 0),
    );
    packInstruction(view, 8 * index, row, values);
  });
  return {
    name,
    parameters,
    registers: REGISTERS,
    returnsValue: true,
    code: bytes,
    registerNames: [],
    positions: new Uint32Array(0),
  };
}
