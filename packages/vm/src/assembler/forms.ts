/**
 * Choosing the row that an instruction is written with. One mnemonic may have several forms (a register or a constant on the
 * right, a place or an element of it): each operand says how well it fits what a row wants there, and the best form is taken.
 */
import type { OperandKind } from '../opcodes/row.ts';
import type { Instruction } from '../opcodes/table.ts';
import type { FunctionScope } from './scope.ts';
import type { Expression } from './syntax.ts';

/** Does not fit; fits at the price of one more instruction, which loads a constant; fits as it is; is just what the form is for. */
export const FIT = { none: 0, loaded: 1, plain: 2, best: 3 } as const;
export type Fit = (typeof FIT)[keyof typeof FIT];

/** What an author is told that an operand should have been. */
export const KIND_NAMES: Readonly<Record<OperandKind, string>> = {
  to: 'a register to write',
  from: 'a register or a constant',
  small: 'a constant of -128..127',
  immediate: 'a constant of 32 bits',
  constant: 'a constant',
  float: 'a number',
  memory: 'a place in private memory, like [p + 8]',
  label: 'a label',
  targets: 'labels in brackets, like [zero, one]',
  function: 'a call, like f(a, b)',
  arguments: 'arguments',
  further: 'arguments',
  import: 'a call of an import, like log(a)',
  handler: 'a call through a table, like handlers[i](a, b)',
  count: 'arguments',
  message: 'a text in quotes',
  window: 'a window',
  place: 'a word of a window, like queue.head',
  element: 'a word of a window, like queue.slots[i]',
  slot: 'a slot of a window, like queue.input',
  slot_element: 'a slot of a window, like queue.inputs[i]',
};

/** The operands of a row as they are written: the arguments and their number stand within the call. */
export function writtenOperands(row: Instruction): readonly { readonly kind: OperandKind; readonly name: string }[] {
  return row.operands.filter(({ kind }) => kind !== 'arguments' && kind !== 'count');
}

/** Chooses among the forms of a mnemonic; if none fits, says which operand of the nearest one does not. */
export function chooseForm(
  forms: readonly Instruction[],
  operands: readonly Expression[],
  scope: FunctionScope,
): { readonly row: Instruction } | { readonly nearest: Instruction; readonly operand: number } {
  let best: Instruction | undefined;
  let bestScore = -1;
  let nearest = forms[0] as Instruction;
  let furthest = -1;
  for (const row of forms) {
    const wanted = writtenOperands(row);
    const fits = wanted.map((operand, index) => rate(operand.kind, operands[index], scope));
    const misfit = fits.indexOf(FIT.none);
    const reached = misfit >= 0 ? misfit : wanted.length;
    if (misfit < 0 && wanted.length === operands.length) {
      const score = fits.reduce<number>((sum, each) => sum + each, 0);
      if (score > bestScore) {
        best = row;
        bestScore = score;
      }
    }
    const distance = reached - Math.abs(wanted.length - operands.length) / 16;
    if (distance > furthest) {
      furthest = distance;
      nearest = row;
    }
  }
  return best === undefined ? { nearest, operand: Math.floor(furthest) } : { row: best };
}

function rate(kind: OperandKind, operand: Expression | undefined, scope: FunctionScope): Fit {
  if (operand === undefined) return FIT.none;
  const { constants, windows, imports } = scope.program;
  const isRegister = operand.kind === 'name' && scope.has(operand.name);
  switch (kind) {
    case 'to':
      return isRegister ? FIT.plain : FIT.none;
    case 'from':
      if (isRegister) return FIT.plain;
      if (constants.isConstant(operand) || isArithmetic(operand)) return FIT.loaded;
      return operand.kind === 'name' && windows.find(operand.name) === undefined ? FIT.plain : FIT.none;
    case 'small':
      return constantWithin(operand, scope, -128n, 127n);
    case 'immediate':
      return constantWithin(operand, scope, -(2n ** 31n), 2n ** 31n - 1n);
    case 'constant':
    case 'float':
      if (operand.kind === 'index') return operand.name === 'constants' ? FIT.plain : FIT.none;
      return isRegister || (operand.kind !== 'name' && !isArithmetic(operand)) ? FIT.none : FIT.plain;
    case 'memory':
      return operand.kind === 'memory' ? FIT.plain : FIT.none;
    case 'label':
      return operand.kind === 'name' ? FIT.plain : FIT.none;
    case 'targets':
      return labelsOf(operand) === undefined ? FIT.none : FIT.plain;
    case 'window':
      return operand.kind === 'name' && windows.windowIndex(operand.name) !== undefined ? FIT.plain : FIT.none;
    case 'function':
      return operand.kind === 'call' && imports.find(operand.name) === undefined ? FIT.plain : FIT.none;
    case 'import':
      return operand.kind === 'call' && imports.find(operand.name) !== undefined ? FIT.plain : FIT.none;
    case 'handler':
      return operand.kind === 'indirect' ? FIT.plain : FIT.none;
    case 'message':
      if (operand.kind === 'index') return operand.name === 'messages' ? FIT.plain : FIT.none;
      return operand.kind === 'string' ? FIT.plain : FIT.none;
    case 'place':
    case 'slot':
      if (operand.kind !== 'name' && !(operand.kind === 'index' && constants.isConstant(operand.index)))
        return FIT.none;
      return windows.find(operand.name)?.place.kind === (kind === 'place' ? 'words' : 'slots') ? FIT.plain : FIT.none;
    case 'element':
    case 'slot_element':
      if (operand.kind !== 'index' || constants.isConstant(operand.index)) return FIT.none;
      return windows.find(operand.name)?.place.kind === (kind === 'element' ? 'words' : 'slots') ? FIT.plain : FIT.none;
    default:
      return FIT.none;
  }
}

/** The names in `[one, other]`; one alone is read as an address is. */
export function labelsOf(operand: Expression): Extract<Expression, { kind: 'name' }>[] | undefined {
  const items = operand.kind === 'list' ? operand.items : operand.kind === 'memory' ? [operand.inside] : [];
  const names = items.filter((item) => item.kind === 'name');
  return names.length === items.length && names.length > 0 ? names : undefined;
}

function constantWithin(operand: Expression, scope: FunctionScope, least: bigint, most: bigint): Fit {
  const { constants } = scope.program;
  if ((operand.kind === 'name' && scope.has(operand.name)) || !constants.isConstant(operand)) return FIT.none;
  const value = constants.evaluate(operand);
  return typeof value === 'bigint' && value >= least && value <= most ? FIT.best : FIT.none;
}

function isArithmetic(operand: Expression): boolean {
  return (
    operand.kind === 'integer' || operand.kind === 'float' || operand.kind === 'unary' || operand.kind === 'binary'
  );
}
