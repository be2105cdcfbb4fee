/** The verifier's rule for the segment group: slots are places of slots, proved as words are; drafts belong to a declared window's domain. */
import type { OperandKind } from '../opcodes/row.ts';
import type { Instruction } from '../opcodes/table.ts';
import type { Program } from '../program/program.ts';
import type { Report, Where } from './rules.ts';
import { hasFirst } from './shared-rule.ts';

export function checkSegmentOperand(
  program: Program,
  row: Instruction,
  kind: OperandKind,
  index: number,
  where: Where,
  report: Report,
): void {
  if (kind === 'window') {
    if (row.group !== 'segments' || index >= program.windows.length)
      report.violate('segment-window', `window ${index} of ${program.windows.length}`, where);
    return;
  }
  const place = program.places[index];
  if (row.group !== 'segments' || place?.kind !== 'slots')
    report.violate('segment-slot', `${row.mnemonic} names place ${index}, which is no place of slots`, where);
  else if (kind === 'slot' && !hasFirst(program, index))
    report.violate(
      'segment-slot',
      `${place.name} may have no first slot: its window is declared with ${program.windows[place.window]?.slots} slots`,
      where,
    );
}
