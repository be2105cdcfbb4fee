/**
 * A trap is a program's fault: named, located, and data to the host, which never dies of it. The reasons of numeric and
 * memory traps are WebAssembly's own words, so that its conformance vectors apply as they are.
 */

import { visible } from './visible.ts';

/** Every reason for which a program can trap, with what it means. */
export const TRAP_REASONS = {
  'integer divide by zero': 'A division or remainder by zero.',
  'integer overflow': 'A quotient or a truncated number that 64 bits cannot hold.',
  'invalid conversion to integer': 'A truncation of NaN.',
  'out of bounds memory access': 'A range of private memory that does not lie inside its present size.',
  'call stack exhausted': 'Calls nested deeper than the limit of the instance.',
  'outside table': 'An indirect call with an index that is not below the length of its table.',
  'signature mismatch':
    'An indirect call of a function that takes another number of arguments, or returns no value where one is wanted.',
  'host function': 'A function that the host granted threw, or gave back no word of 64 bits where one is declared.',
  'explicit trap': 'The program executed `trap`; the message is its own.',
  'outside place': 'An index that is not below the length of its place.',
  'stale segment': 'A handle whose segment was retired.',
  'foreign segment': 'A handle of a domain that the program does not hold, or another thread’s draft.',
  'segment state': 'A segment that is not in the state that the operation needs.',
  'segment range': 'Bytes that do not lie inside the segment.',
  'released segment': 'A segment that was given back already.',
  'tampered segment': 'Checked mode: the bytes changed after publication.',
  'corrupt segment': 'The segment table holds nonsense.',
  'must not block': 'A wait on a thread that must not block.',
} as const;

export type TrapReason = keyof typeof TRAP_REASONS;

/** One line of source, as far as the program carries a line table; line and column count from 1, 0 means unknown. */
export interface Location {
  readonly function: string;
  /** The instruction's index within its function. */
  readonly instruction: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A call that has not returned, in a back trace. */
export interface TraceFrame extends Location {
  /** So many calls between this one and the next of the trace are left out, where any are. */
  readonly omitted?: number;
}

export interface Trap extends Location {
  readonly reason: TrapReason;
  /** The reason, or for an explicit trap the program's own words, or what the segment layer said. */
  readonly message: string;
  /** The instance's name. */
  readonly program: string;
  readonly fuelLeft: number;
  /** Where the trap happened first, then the callers, outermost last; of more than 32 the middle is left out, and counted. */
  readonly backTrace: readonly TraceFrame[];
}

/** A location in the form that editors and terminals make clickable. */
export function formatLocation(at: Location): string {
  return at.line > 0 ? `${visible(at.file)}:${at.line}:${at.column}` : `instruction ${at.instruction}`;
}

/** A trap as several lines of text: reason and place, then the back trace; nothing that the program chose begins a line. */
export function formatTrap(trap: Trap): string {
  const what = trap.message === trap.reason ? trap.reason : `${trap.reason}: ${trap.message}`;
  const frames = trap.backTrace.flatMap((at) => [
    `    at ${visible(at.function)} (${formatLocation(at)})`,
    ...(at.omitted === undefined ? [] : [`    ... ${at.omitted} more`]),
  ]);
  return [`trap in ${visible(trap.program)}: ${visible(what)}`, ...frames].join('\n');
}
