/**
 * The verifier's rule for the shared group. Its operands are places, never addresses: a program has no way to write a pool
 * address down. The form without an index runs unchecked, so its place must have a word for sure; the form with one is
 * checked as it runs. That the place itself lies inside the declared window is the rule `place-bounds`, and that the granted
 * window is no smaller than the declared one is checked when the program is linked.
 */
import type { Instruction } from '../opcodes/table.ts';
import { type Program, REST } from '../program/program.ts';
import type { Report, Where } from './rules.ts';

export function checkSharedOperand(
  program: Program,
  row: Instruction,
  kind: 'place' | 'element',
  index: number,
  where: Where,
  report: Report,
): void {
  const place = program.places[index];
  if (row.group !== 'shared' || place?.kind !== 'words')
    report.violate('shared-place', `${row.mnemonic} names place ${index}, which is no place of words`, where);
  else if (kind === 'place' && !hasFirst(program, index))
    report.violate(
      'shared-place',
      `${place.name} may have no first word: its window is declared with ${program.windows[place.window]?.words} words`,
      where,
    );
}

/** Whether a place has an element even in the smallest window that may be granted. */
export function hasFirst(program: Program, index: number): boolean {
  const place = program.places[index];
  const window = place === undefined ? undefined : program.windows[place.window];
  if (place === undefined || window === undefined) return false;
  return place.length === REST ? place.address < window[place.kind] : place.length > 0;
}
