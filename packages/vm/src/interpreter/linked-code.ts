/**
 * A verified program made ready for the interpreter: every instruction is eight 32-bit cells, places without an index have
 * become pool addresses, constants and immediates stand in one table, and basic blocks know their cost.
 *
 *   cell 0    opcode
 *   1..5      the fields of the row, in its order; labels are cell indices, constants are indices into `constants`;
 *             behind those of a br_table, how many entries follow it
 *   6         at the first instruction of a block: the fuel of the whole block
 *   7         the instruction's index in its function
 */
import { BY_CODE, type Instruction, OP } from '../opcodes/table.ts';
import type { Block } from '../verifier/flow.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
import type { LinkedPlaces } from './link-windows.ts';

/** Cells an instruction takes. */
export const CELLS = 8;
export const COST = 6;
export const ORIGIN = 7;
/** Not in any program: begins the next block where the one before runs into it, so that it is charged. */
export const ENTER = 256;

export interface LinkedCode {
  readonly cells: Int32Array;
  readonly constants: BigInt64Array;
  /** Function by function: where it begins, how many registers a frame has, how many parameters. */
  readonly entries: Int32Array;
  readonly frameSizes: Int32Array;
  readonly parameters: Int32Array;
}

/** What `separate` says yes to has an `ENTER` before it if the one before runs into it: it can then be stopped at. */
export function linkCode(
  verified: VerifiedProgram,
  places: LinkedPlaces,
  separate: (row: Instruction | undefined) => boolean = () => false,
): LinkedCode {
  const cells: number[] = [];
  const constants: bigint[] = Array.from(verifiedProgram(verified).constants);
  const known = new Map<bigint, number>();
  const constantIndex = (value: number): number => {
    const wide = BigInt(value);
    const index = known.get(wide) ?? constants.push(wide) - 1;
    known.set(wide, index);
    return index;
  };
  const entries: number[] = [];
  for (const {
    reader,
    flow: { blocks },
  } of verified.functions) {
    const at = new Int32Array(reader.count);
    const labels: { readonly cell: number; readonly target: number }[] = [];
    entries.push(cells.length);
    blocks.forEach((block) => {
      for (let index = block.start; index < block.end; index++) {
        const begins = index === block.start || separate(reader.rows[index]);
        if (begins && runsOn(reader.rows[index - 1])) cells.push(ENTER, 0, 0, 0, 0, 0, 0, index);
        const row = reader.rows[index] as Instruction;
        const values = reader.values(index);
        at[index] = cells.length;
        const cell = cells.length + 1;
        const linked = row.fields.map((field, position): number => {
          const value = values[position] as number;
          if (field.role === 'target') labels.push({ cell: cell + position, target: value });
          if (field.role === 'value') return constantIndex(value);
          // An unindexed place of words is proved inside its window: it becomes an address, and costs nothing as it runs.
          return field.kind === 'place' ? (places.bases[value] as number) : value;
        });
        if (row.code === OP.br_table) linked.push(entriesBehind(reader.rows, index));
        const operands = Object.assign([0, 0, 0, 0, 0], linked.slice(0, 5));
        // `args` words have six fields and no cost.
        cells.push(
          row.code,
          ...operands,
          row.code === OP.args ? (linked[5] ?? 0) : index === block.start ? blockCost(reader.rows, block) : 0,
          index,
        );
      }
    });
    for (const { cell, target } of labels) cells[cell] = at[target] as number;
  }
  const { functions } = verifiedProgram(verified);
  return {
    cells: Int32Array.from(cells),
    constants: BigInt64Array.from(constants),
    entries: Int32Array.from(entries),
    frameSizes: Int32Array.from(functions, (body) => body.registers),
    parameters: Int32Array.from(functions, (body) => body.parameters),
  };
}

/** Whether the cells hold an instruction that is executed: neither an `ENTER` nor a part of the instruction before. */
export function isExecuted(opcode: number | undefined): boolean {
  return opcode !== undefined && opcode !== ENTER && BY_CODE[opcode]?.flow !== 'part';
}

/** Whether an instruction goes on to the next by itself; a call comes back to it, and pays then. */
function runsOn(row: Instruction | undefined): boolean {
  return row?.flow === 'next';
}

function entriesBehind(rows: readonly (Instruction | undefined)[], index: number): number {
  let end = index + 1;
  while (rows[end]?.code === OP.entry) end += 1;
  return end - index - 1;
}

function blockCost(rows: readonly (Instruction | undefined)[], block: Block): number {
  let cost = 0;
  for (let index = block.start; index < block.end; index++) cost += rows[index]?.fuel ?? 0;
  return cost;
}
