/**
 * An example for every instruction, made from its operands: each kind of operand has one way to be written, and the surroundings
 * below declare what it names. A test assembles them all and looks whether the example is the instruction that it is for.
 */
import type { OperandKind } from '../opcodes/row.ts';
import type { Instruction } from '../opcodes/table.ts';
import { BY_CODE, OP } from '../opcodes/table.ts';

/** What the examples name: a program to put one into, with the registers that it reads as parameters. */
export const SURROUNDINGS = `memory 1 max 4

window queue words 64 slots 8 {
  head
  cells[16]
  slot input
  slot outputs[4]
}

table handlers = increment, decrement

import log(value) -> logged

func increment(value) -> result {
  i64.add result, value, 1
  ret result
}

func decrement(value) -> result {
  i64.sub result, value, 1
  ret result
}
`;

/** By kind; `undefined` for what is written inside another operand. A register is called what the row calls it. */
const WRITTEN: Readonly<Record<OperandKind, ((name: string) => string) | undefined>> = {
  to: (name) => name,
  from: (name) => name,
  small: () => '10',
  immediate: () => '1_000',
  constant: () => '0x1234_5678_9abc_def0',
  float: () => '1.5',
  memory: () => '[p + 8]',
  label: () => 'done',
  targets: () => '[zero, one]',
  function: () => 'increment(a)',
  import: () => 'log(a)',
  handler: () => 'handlers[i](a)',
  arguments: undefined,
  further: undefined,
  count: undefined,
  message: () => '"the queue is full"',
  window: () => 'queue',
  place: () => 'queue.head',
  element: () => 'queue.cells[i]',
  slot: () => 'queue.input',
  slot_element: () => 'queue.outputs[i]',
};

/** Words that belong to an instruction are shown with it. */
const WHOLE: ReadonlyMap<Instruction | undefined, string> = new Map([
  [BY_CODE[OP.args], 'call sum, add(a, b, c, d, e)'],
  [BY_CODE[OP.entry], 'br_table index, [zero, one], done'],
]);

/** The instruction as an author may write it. */
export function exampleOf(row: Instruction): string {
  const whole = WHOLE.get(row);
  if (whole !== undefined) return whole;
  const operands = row.operands.flatMap(({ kind, name }) => WRITTEN[kind]?.(name) ?? []);
  return `${row.mnemonic} ${operands.join(', ')}`.trimEnd();
}
