/** The rules that look at one instruction at a time: bytes, registers, constants, targets, calls. What names the pool has rules of its own. */
import type { OperandKind } from '../opcodes/row.ts';
import { GROUPS, type Instruction, OP } from '../opcodes/table.ts';
import { INSTRUCTION_BYTES, type Program } from '../program/program.ts';
import type { FunctionReader } from './function-reader.ts';
import type { Report } from './rules.ts';
import { checkSegmentOperand } from './segment-rule.ts';
import { checkSharedOperand } from './shared-rule.ts';

/** Arguments in a call, and in each `args` word after it. */
const IN_CALL = 3;
const IN_ARGS = 6;

export function checkInstructions(program: Program, reader: FunctionReader, report: Report): void {
  for (let index = 0; index < reader.count; index++) {
    const row = reader.rows[index];
    const where = { function: reader.body.name, instruction: index };
    const code = reader.body.code[INSTRUCTION_BYTES * index + 1] as number;
    if (
      !report.require(
        'opcode',
        row !== undefined,
        () => `0x${code.toString(16).padStart(2, '0')} is no opcode`,
        where,
      ) ||
      row === undefined
    )
      continue;
    const prefix = reader.prefix(index);
    report.require(
      'group',
      prefix === GROUPS[row.group],
      () =>
        `${row.name} has the prefix 0x${prefix.toString(16)}, and its group ${row.group} has 0x${GROUPS[row.group].toString(16)}`,
      where,
    );
    checkUnusedBytes(reader, index, row, report);
    const values = reader.values(index);
    row.fields.forEach((field, position) => {
      checkField(program, reader, index, row, field.kind, field.role, values[position] as number, report);
    });
    if (row.flow === 'call') checkCall(program, reader, index, row, values, report);
    if (row.code === OP.args)
      report.require(
        'arguments',
        followsCall(program, reader, index),
        () => 'further arguments without a call before them that needs them',
        where,
      );
    if (row.code === OP.ret || row.code === OP.ret_value) {
      const { returnsValue, name } = reader.body;
      report.require(
        'return',
        returnsValue === (row.code === OP.ret_value),
        () => (returnsValue ? `${name} must return a value` : `${name} is declared without a result`),
        where,
      );
    }
  }
  const last = reader.rows[reader.count - 1];
  const ends = last === undefined || last.flow === 'end' || last.flow === 'jump';
  report.require(
    'end',
    ends,
    () => `${reader.body.name} runs past its end: the last instruction must be ret, halt, trap or br`,
    { function: reader.body.name, instruction: reader.count - 1 },
  );
}

function checkUnusedBytes(reader: FunctionReader, index: number, row: Instruction, report: Report): void {
  const used = [true, true, false, false, false, false, false, false];
  for (const field of row.fields) used.fill(true, field.byte, field.byte + field.width);
  const clean = used.every((isUsed, byte) => isUsed || reader.body.code[INSTRUCTION_BYTES * index + byte] === 0);
  report.require('unused-bytes', clean, () => `${row.name} has bytes that no operand uses, and they are not zero`, {
    function: reader.body.name,
    instruction: index,
  });
}

function checkField(
  program: Program,
  reader: FunctionReader,
  index: number,
  row: Instruction,
  kind: OperandKind,
  role: string,
  value: number,
  report: Report,
): void {
  const { body } = reader;
  const where = { function: body.name, instruction: index };
  if (role === 'register') {
    // Arguments that the callee does not have are zero bytes, which checkCall() sees to.
    if (kind !== 'arguments' && kind !== 'further')
      report.require('register', value < body.registers, () => `register ${value} of ${body.registers}`, where);
  } else if (role === 'index')
    report.require(
      'constant',
      value < program.constants.length,
      () => `constant ${value} of ${program.constants.length}`,
      where,
    );
  else if (role === 'offset')
    report.require('offset', value < 2 ** 31, () => `the offset ${value} is not below 2^31`, where);
  else if (role === 'message')
    report.require(
      'message',
      value < program.messages.length,
      () => `message ${value} of ${program.messages.length}`,
      where,
    );
  else if (role === 'function')
    report.require(
      'callee',
      value < program.functions.length,
      () => `function ${value} of ${program.functions.length}`,
      where,
    );
  else if (role === 'target') {
    const lands = value < reader.count && reader.rows[value]?.code !== OP.args;
    report.require(
      'target',
      lands,
      () => `a branch to ${value}, which is no instruction of ${body.name} to go to`,
      where,
    );
  } else if (role === 'place' || role === 'window') {
    if (kind === 'place' || kind === 'element') checkSharedOperand(program, row, kind, value, where, report);
    else checkSegmentOperand(program, row, kind, value, where, report);
  }
}

function checkCall(
  program: Program,
  reader: FunctionReader,
  index: number,
  row: Instruction,
  values: readonly number[],
  report: Report,
): void {
  const { body } = reader;
  const where = { function: body.name, instruction: index };
  const callee = program.functions[values[row.fields.findIndex((field) => field.role === 'function')] as number];
  if (callee === undefined) return;
  if (row.code === OP.call_value)
    report.require('result', callee.returnsValue, () => `${callee.name} returns no value`, where);
  const words = Math.ceil(Math.max(0, callee.parameters - IN_CALL) / IN_ARGS);
  const given = givenArguments(reader, index, words);
  const complete = given.length === IN_CALL + words * IN_ARGS;
  report.require(
    'arguments',
    complete,
    () => `${callee.name} takes ${callee.parameters} arguments, and further arguments are missing`,
    where,
  );
  given.forEach((register, position) => {
    if (position < callee.parameters)
      report.require('register', register < body.registers, () => `register ${register} of ${body.registers}`, where);
    else
      report.require(
        'arguments',
        register === 0,
        () => `${callee.name} takes ${callee.parameters} arguments, and one more is given`,
        where,
      );
  });
}

/** The argument fields of a call and of the `args` words after it, as far as there are such words. */
export function givenArguments(reader: FunctionReader, index: number, words: number): number[] {
  const row = reader.rows[index] as Instruction;
  const values = reader.values(index);
  const given = values.filter((_, position) => row.fields[position]?.kind === 'arguments');
  for (let word = 1; word <= words && reader.rows[index + word]?.code === OP.args; word++)
    given.push(...reader.values(index + word));
  return given;
}

/** How many `args` words belong to the call at `index`. */
export function argumentWords(program: Program, reader: FunctionReader, index: number): number {
  const row = reader.rows[index] as Instruction;
  const callee =
    program.functions[reader.values(index)[row.fields.findIndex((field) => field.role === 'function')] as number];
  return Math.ceil(Math.max(0, (callee?.parameters ?? 0) - IN_CALL) / IN_ARGS);
}

function followsCall(program: Program, reader: FunctionReader, index: number): boolean {
  let call = index - 1;
  while (call >= 0 && reader.rows[call]?.code === OP.args) call -= 1;
  return reader.rows[call]?.flow === 'call' && index - call <= argumentWords(program, reader, call);
}
