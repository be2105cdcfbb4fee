/** The verifier's rule for the segment group: slots are places of slots, proved as words are; drafts belong to a declared window's domain. */
import type { OperandKind } from '../opcodes/row.ts';
import type { Instruction } from '../opcodes/table.ts';
import type { Program } from '../program/program.ts';
import type { Report } from './rules.ts';
import { hasFirst } from './shared-rule.ts';

export function checkSegmentOperand(
  program: Program,
  row: Instruction,
  kind: OperandKind,
  index: number,
  where: { readonly function: string; readonly instruction: number },
  report: Report,
): void {
  if (kind === 'window') {
    const known = row.group === 'segments' && index < program.windows.length;
    report.require('segment-window', known, () => `window ${index} of ${program.windows.length}`, where);
    return;
  }
  const place = program.places[index];
  const isSlots = row.group === 'segments' && place?.kind === 'slots';
  if (
    !report.require(
      'segment-slot',
      isSlots,
      () => `${row.mnemonic} names place ${index}, which is no place of slots`,
      where,
    ) ||
    place === undefined
  )
    return;
  if (kind === 'slot')
    report.require(
      'segment-slot',
      hasFirst(program, index),
      () =>
        `${place.name} may have no first slot: its window is declared with ${program.windows[place.window]?.slots} slots`,
      where,
    );
}
