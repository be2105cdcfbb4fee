/**
 * Calls and the arguments they give: three in the call itself, or none if it is indirect, and six in each `args` word behind it.
 */
import { type Instruction, OP } from '../opcodes/table.ts';
import type { Program } from '../program/program.ts';
import type { FunctionReader } from './function-reader.ts';

const IN_CALL = 3;
const IN_ARGS = 6;
/** Of an indirect call that says it gives as many arguments as its byte can say. */
export const MAX_ARGUMENT_WORDS: number = Math.ceil(255 / IN_ARGS);

/** What a call relies on: of a function or an import as it is declared, of an indirect call as it says itself, which is checked as it runs. */
export interface Callee {
  readonly name: string;
  readonly parameters: number;
  readonly returnsValue: boolean;
}

/** What the call at `index` calls; `undefined` if there is no such function. */
export function calleeOf(program: Program, reader: FunctionReader, index: number): Callee | undefined {
  for (const field of (reader.rows[index] as Instruction).fields) {
    const value = reader.value(index, field);
    if (field.role === 'function') return program.functions[value];
    if (field.role === 'import') return program.imports[value];
    if (field.role === 'count') return { name: 'the function', parameters: value, returnsValue: true };
  }
  return undefined;
}

/** How many `args` words belong to a call. */
export function argumentWords(row: Instruction, callee: Callee | undefined): number {
  return Math.ceil(Math.max(0, (callee?.parameters ?? 0) - argumentsInCall(row)) / IN_ARGS);
}

function argumentsInCall(row: Instruction): number {
  return row.code === OP.call_indirect || row.code === OP.call_indirect_value ? 0 : IN_CALL;
}

/** The argument fields of the call at `index` and of the `args` words behind it, as far as there are such words. */
export function givenArguments(reader: FunctionReader, index: number, callee: Callee | undefined): number[] {
  const given: number[] = [];
  const words = argumentWords(reader.rows[index] as Instruction, callee);
  for (const field of (reader.rows[index] as Instruction).fields)
    if (field.kind === 'arguments') given.push(reader.value(index, field));
  for (let word = 1; word <= words && reader.rows[index + word]?.code === OP.args; word++)
    given.push(...reader.values(index + word));
  return given;
}

/** Whether `given` has all the fields that a call has. */
export function isComplete(given: readonly number[], row: Instruction, callee: Callee): boolean {
  return given.length === argumentsInCall(row) + IN_ARGS * argumentWords(row, callee);
}
