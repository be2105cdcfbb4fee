/** Calls through a table: what the index and the callee's signature are checked for as the program runs. */
import { counted } from '../counted.ts';
import type { FunctionBody, FunctionTable } from '../program/program.ts';
import type { Machine } from './machine.ts';

/**
 * The function that the indirect call means, whose table, index register and count of arguments stand in the cells from `cell`
 * on; or -1, with the machine's reason and message set.
 */
export function calleeThroughTable(machine: Machine, cell: number, base: number, wantsValue: boolean): number {
  const { cells } = machine.code;
  const { tables, functions } = machine.program;
  const table = tables[cells[cell] as number] as FunctionTable;
  const register = base + (cells[cell + 1] as number);
  const callee = machine.u32[2 * register + 1] === 0 ? table.functions[machine.u32[2 * register] as number] : undefined;
  const given = cells[cell + 2] as number;
  if (callee === undefined) {
    machine.reason = 'outside table';
    machine.message = `index ${machine.u64[register]} is outside ${table.name}, which has ${table.functions.length}`;
    return -1;
  }
  const { name, parameters, returnsValue } = functions[callee] as FunctionBody;
  if (parameters === given && (returnsValue || !wantsValue)) return callee;
  machine.reason = 'signature mismatch';
  machine.message =
    parameters === given
      ? `${table.name}[${machine.u64[register]}] is ${name}, which returns no value`
      : `${table.name}[${machine.u64[register]}] is ${name}, which takes ${counted(parameters, 'argument')}, not ${given}`;
  return -1;
}
