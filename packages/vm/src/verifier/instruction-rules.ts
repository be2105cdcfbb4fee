/** The rules that look at one instruction at a time: bytes, registers, constants, targets, calls. What names the pool has rules of its own. */
import { counted } from '../counted.ts';
import type { Field } from '../opcodes/row.ts';
import { GROUPS, type Instruction, OP } from '../opcodes/table.ts';
import type { Program } from '../program/program.ts';
import { argumentWords, calleeOf, givenArguments, isComplete, MAX_ARGUMENT_WORDS } from './calls.ts';
import type { FunctionReader } from './function-reader.ts';
import type { Report, Where } from './rules.ts';
import { checkSegmentOperand } from './segment-rule.ts';
import { checkSharedOperand } from './shared-rule.ts';

export function checkInstructions(program: Program, reader: FunctionReader, report: Report): void {
  for (let index = 0; index < reader.count; index++) {
    const row = reader.rows[index];
    if (row === undefined) {
      report.violate('opcode', `0x${hex(reader.byte(index, 1))} is no opcode`, { reader, instruction: index });
      continue;
    }
    const prefix = reader.byte(index, 0);
    if (prefix !== GROUPS[row.group])
      report.violate(
        'group',
        `${row.name} has the prefix 0x${hex(prefix)}, and its group ${row.group} has 0x${hex(GROUPS[row.group])}`,
        {
          reader,
          instruction: index,
        },
      );
    for (const byte of row.unused)
      if (reader.byte(index, byte) !== 0)
        report.violate('unused-bytes', `byte ${byte} of ${row.name} is no operand's, and is not zero`, {
          reader,
          instruction: index,
        });
    for (const field of row.fields) checkField(program, reader, index, row, field, report);
    if (row.flow === 'call') checkCall(program, reader, index, row, report);
    else if (row.code === OP.args) checkArgs(program, reader, index, report);
    else if (row.code === OP.br_table || row.code === OP.entry) checkEntries(reader, index, row, report);
    else if (row.code === OP.ret || row.code === OP.ret_value) checkReturn(reader, index, row, report);
  }
  checkEnd(reader, report);
}

function checkField(
  program: Program,
  reader: FunctionReader,
  instruction: number,
  row: Instruction,
  field: Field,
  report: Report,
): void {
  const value = reader.value(instruction, field);
  const refuse = (rule: Parameters<Report['violate']>[0], message: string): void =>
    report.violate(rule, message, { reader, instruction });
  switch (field.role) {
    case 'value':
      return;
    case 'register':
      // Arguments that the callee does not have are zero bytes, which checkCall() sees to.
      if (value >= reader.body.registers && field.kind !== 'arguments' && field.kind !== 'further')
        refuse('register', `register ${value} of ${reader.body.registers}`);
      return;
    case 'index':
      if (value >= program.constants.length) refuse('constant', `constant ${value} of ${program.constants.length}`);
      return;
    case 'offset':
      if (value >= 2 ** 31) refuse('offset', `the offset ${value} is not below 2^31`);
      return;
    case 'message':
      if (value >= program.messages.length) refuse('message', `message ${value} of ${program.messages.length}`);
      return;
    case 'count':
      return;
    case 'import':
      if (value >= program.imports.length) refuse('import', `import ${value} of ${program.imports.length}`);
      return;
    case 'table':
      if (value >= program.tables.length) refuse('table', `table ${value} of ${program.tables.length}`);
      return;
    case 'function':
      if (value >= program.functions.length) refuse('callee', `function ${value} of ${program.functions.length}`);
      return;
    case 'target':
      if (value >= reader.count || reader.rows[value]?.flow === 'part')
        refuse('target', `a branch to ${value}, which is no instruction of ${reader.body.name} to go to`);
      return;
    case 'place':
    case 'window': {
      const where: Where = { reader, instruction };
      if (field.kind === 'place' || field.kind === 'element')
        checkSharedOperand(program, row, field.kind, value, where, report);
      else checkSegmentOperand(program, row, field.kind, value, where, report);
      return;
    }
    default:
      field.role satisfies never;
  }
}

function checkCall(
  program: Program,
  reader: FunctionReader,
  instruction: number,
  row: Instruction,
  report: Report,
): void {
  const callee = calleeOf(program, reader, instruction);
  if (callee === undefined) return;
  const where: Where = { reader, instruction };
  if (row.written !== undefined && !callee.returnsValue)
    report.violate('result', `${callee.name} returns no value`, where);
  const given = givenArguments(reader, instruction, callee);
  if (!isComplete(given, row, callee))
    report.violate(
      'arguments',
      `${callee.name} takes ${counted(callee.parameters, 'argument')}, and further arguments are missing`,
      where,
    );
  given.forEach((register, position) => {
    if (position >= callee.parameters) {
      if (register !== 0)
        report.violate(
          'arguments',
          `${callee.name} takes ${counted(callee.parameters, 'argument')}, and one more is given`,
          where,
        );
    } else if (register >= reader.body.registers)
      report.violate('register', `register ${register} of ${reader.body.registers}`, where);
  });
}

/** Further arguments belong to a call right before them that has so many. */
function checkArgs(program: Program, reader: FunctionReader, instruction: number, report: Report): void {
  let call = instruction - 1;
  // No call has more words than the longest list of arguments needs, so a longer run is not walked over again and again.
  while (instruction - call <= MAX_ARGUMENT_WORDS && reader.rows[call]?.code === OP.args) call -= 1;
  const row = reader.rows[call];
  const belongs = row?.flow === 'call' && instruction - call <= argumentWords(row, calleeOf(program, reader, call));
  if (!belongs)
    report.violate('arguments', 'further arguments without a call before them that needs them', {
      reader,
      instruction,
    });
}

/** Entries stand directly behind a br_table, which has one at least: together they are its table. */
function checkEntries(reader: FunctionReader, instruction: number, row: Instruction, report: Report): void {
  const refuse = (message: string): void => report.violate('entries', message, { reader, instruction });
  if (row.code === OP.br_table) {
    if (reader.rows[instruction + 1]?.code !== OP.entry) refuse('br_table without an entry behind it');
    return;
  }
  const before = reader.rows[instruction - 1]?.code;
  if (before !== OP.entry && before !== OP.br_table) refuse('an entry without a br_table before it');
}

function checkReturn(reader: FunctionReader, instruction: number, row: Instruction, report: Report): void {
  const { returnsValue, name } = reader.body;
  if (returnsValue === (row.code === OP.ret_value)) return;
  report.violate('return', returnsValue ? `${name} must return a value` : `${name} is declared without a result`, {
    reader,
    instruction,
  });
}

function checkEnd(reader: FunctionReader, report: Report): void {
  let index = reader.count - 1;
  while (reader.rows[index]?.flow === 'part') index -= 1;
  const last = reader.rows[index];
  if (last === undefined || last.flow === 'end' || last.flow === 'jump' || last.flow === 'table') return;
  report.violate(
    'end',
    `${reader.body.name} runs past its end: the last instruction must be ret, halt, trap, br or br_table`,
    {
      reader,
      instruction: reader.count - 1,
    },
  );
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
