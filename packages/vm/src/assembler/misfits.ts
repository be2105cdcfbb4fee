/** What an author is told whose operands fit no form of an instruction: how many there are, or which one is wrong and what it should have been. */
import { counted } from '../counted.ts';
import type { OperandKind } from '../opcodes/row.ts';
import type { Instruction } from '../opcodes/table.ts';
import { KIND_NAMES, writtenOperands } from './forms.ts';
import type { FunctionScope } from './scope.ts';
import { didYouMean } from './suggest.ts';
import type { Expression, InstructionSyntax } from './syntax.ts';

/** Reports an instruction against the form that it comes nearest to, whose operand at `position` is the first that does not fit. */
export function reportMisfit(
  item: InstructionSyntax,
  nearest: Instruction,
  position: number,
  scope: FunctionScope,
): void {
  const { diagnostics } = scope.program.constants;
  const wanted = writtenOperands(nearest);
  const operand = item.operands[position];
  const form =
    `${nearest.mnemonic} ${wanted.map(({ kind, name }) => (kind === 'targets' ? `[${name}, ...]` : name)).join(', ')}`.trimEnd();
  if (item.operands.length !== wanted.length || operand === undefined) {
    const message = `${item.mnemonic} takes ${counted(wanted.length, 'operand')}, not ${item.operands.length}`;
    diagnostics.report(item.at, message, `it is written: ${form}`);
    return;
  }
  const kind = wanted[position]?.kind ?? 'from';
  if ('name' in operand && scope.program.constants.isBroken(operand.name)) return;
  if (kind === 'to' && operand.kind === 'name' && scope.program.constants.has(operand.name)) {
    diagnostics.report(operand.at, `${operand.name} is a constant, and cannot be written`);
    return;
  }
  const message = `the operand "${wanted[position]?.name}" of ${item.mnemonic} must be ${KIND_NAMES[kind]}`;
  diagnostics.report(operand.at, message, () => misfitHint(kind, operand, scope) ?? `it is written: ${form}`);
}

function misfitHint(kind: OperandKind, operand: Expression, scope: FunctionScope): string | undefined {
  const { windows, constants } = scope.program;
  const wantsPool = kind === 'place' || kind === 'element' || kind === 'slot' || kind === 'slot_element';
  if (wantsPool && operand.kind === 'memory') return 'private memory is read by i64.load and written by i64.store';
  const isRegister = operand.kind === 'name' && scope.has(operand.name);
  if (kind === 'memory' && (isRegister || constants.isConstant(operand)))
    return `an address stands in brackets${operand.kind === 'name' ? `: [${operand.name}]` : ''}`;
  if (operand.kind !== 'name' && operand.kind !== 'index') return undefined;
  if (kind === 'message') return `a text stands in quotes: "${operand.name}"`;
  const place = windows.find(operand.name)?.place;
  if (wantsPool)
    return place === undefined ? didYouMean(operand.name, windows.names()) : `${operand.name} has ${place.kind}`;
  if (place !== undefined)
    return place.kind === 'slots'
      ? 'a slot of a window is exchanged by swap_segment'
      : 'a word of a window is read by shared_load and written by shared_store';
  if (kind === 'window') return didYouMean(operand.name, windows.windowNames());
  return didYouMean(operand.name, scope.readableNames());
}
