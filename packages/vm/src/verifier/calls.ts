/** Calls and the arguments they give: three in the call itself, six in each `args` word behind it. */
import type { Field } from '../opcodes/row.ts';
import { type Instruction, OP } from '../opcodes/table.ts';
import type { FunctionBody, Program } from '../program/program.ts';
import type { FunctionReader } from './function-reader.ts';

const IN_CALL = 3;
const IN_ARGS = 6;

/** What the call at `index` calls; `undefined` if there is no such function. */
export function calleeOf(program: Program, reader: FunctionReader, index: number): FunctionBody | undefined {
  const field = (reader.rows[index] as Instruction).fields.find(({ role }) => role === 'function') as Field;
  return program.functions[reader.value(index, field)];
}

/** How many `args` words belong to a call of a function. */
export function argumentWords(callee: FunctionBody | undefined): number {
  return Math.ceil(Math.max(0, (callee?.parameters ?? 0) - IN_CALL) / IN_ARGS);
}

/** The argument fields of the call at `index` and of the `args` words behind it, as far as there are such words. */
export function givenArguments(reader: FunctionReader, index: number, words: number): number[] {
  const given: number[] = [];
  for (const field of (reader.rows[index] as Instruction).fields)
    if (field.kind === 'arguments') given.push(reader.value(index, field));
  for (let word = 1; word <= words && reader.rows[index + word]?.code === OP.args; word++)
    given.push(...reader.values(index + word));
  return given;
}

/** Whether `given` has all the fields that a call of the function has. */
export function isComplete(given: readonly number[], callee: FunctionBody): boolean {
  return given.length === IN_CALL + IN_ARGS * argumentWords(callee);
}
