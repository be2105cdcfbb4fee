/** Where a machine stands, in the words of the source; and how a stay in the interpreter's loop looks from outside. */
import { type FunctionBody, sourcePosition } from '../program/program.ts';
import type { Location, TraceFrame, TrapReason } from '../traps.ts';
import type { Signal } from './execute.ts';
import type { Outcome } from './instance.ts';
import { CELLS, ORIGIN } from './linked-code.ts';
import { FRAME_CELLS, type Machine } from './machine.ts';
import { isSuspension } from './places.ts';

/** A back trace shows this many frames at each end. */
const TRACE_ENDS = 16;

/** The index of the function that a cell belongs to. */
export function functionAt(machine: Machine, pc: number): number {
  const { entries } = machine.code;
  let index = entries.length - 1;
  while ((entries[index] as number) > pc) index -= 1;
  return index;
}

export function locate(machine: Machine, pc: number): Location {
  const body = machine.program.functions[functionAt(machine, pc)] as FunctionBody;
  const instruction = machine.code.cells[Math.floor(pc / CELLS) * CELLS + ORIGIN] as number;
  return { function: body.name, instruction, ...sourcePosition(machine.program, body, instruction) };
}

/** Where the machine stands, then the callers, outermost last; of deep ones the middle is left out, and counted. */
export function backTrace(machine: Machine): TraceFrame[] {
  const { pc, depth, frames } = machine;
  const frame = (level: number): Location =>
    locate(machine, level === depth ? pc : (frames[FRAME_CELLS * level] as number));
  const omitted = depth + 1 - 2 * TRACE_ENDS;
  const trace: TraceFrame[] = [];
  for (let level = depth; level >= 0; level--) {
    const cut = omitted > 0 && level === depth - TRACE_ENDS + 1;
    trace.push(cut ? { ...frame(level), omitted } : frame(level));
    if (cut) level -= omitted;
  }
  return trace;
}

/** What a signal of the interpreter means to the host; `name` is the instance's. */
export function outcomeOf(machine: Machine, signal: Signal, name: string): Outcome {
  if (signal === 'done') return { kind: 'done', value: machine.result, fuelLeft: machine.fuel };
  if (isSuspension(signal)) return { kind: signal, at: locate(machine, machine.pc) };
  const reason = machine.reason as TrapReason;
  const trap = {
    reason,
    message: machine.message ?? reason,
    program: name,
    ...locate(machine, machine.pc),
    fuelLeft: machine.fuel,
    backTrace: backTrace(machine),
  };
  return { kind: 'trap', trap };
}
