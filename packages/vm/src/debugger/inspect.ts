/** What a stopped machine holds: frames and their registers, by the names that the program carries. */
import { FRAME_CELLS, type Machine } from '../interpreter/machine.ts';
import { functionAt, locate } from '../interpreter/trace.ts';
import type { FunctionBody } from '../program/program.ts';
import type { Location } from '../traps.ts';
import type { VerifiedFunction, VerifiedProgram } from '../verifier/verify.ts';

/** A register's 64 bits in the three ways in which instructions read them. */
export interface Register {
  /** Its name in the source, or `r` and its number. */
  readonly name: string;
  readonly unsigned: bigint;
  readonly signed: bigint;
  readonly double: number;
  /** Whether every path to here has written it; where not, the value may be left over from another call. */
  readonly written: boolean;
}

/** One call that has not returned. */
export interface Frame extends Location {
  readonly registers: readonly Register[];
}

/** All frames, innermost first; a caller stands at its call. */
export function framesOf(machine: Machine, verified: VerifiedProgram): Frame[] {
  const found: Frame[] = [];
  let { pc, base } = machine;
  for (let level = machine.depth; ; level--) {
    const index = functionAt(machine, pc);
    const at = locate(machine, pc);
    const body = machine.program.functions[index] as FunctionBody;
    const subject = verified.functions[index] as VerifiedFunction;
    const written = writtenBefore(subject, at.instruction);
    const registers = Array.from({ length: body.registers }, (_, register): Register => {
      const cell = base + register;
      return {
        name: body.registerNames[register] || `r${register}`,
        unsigned: machine.u64[cell] as bigint,
        signed: machine.i64[cell] as bigint,
        double: machine.f64[cell] as number,
        written: written(register),
      };
    });
    found.push({ ...at, registers });
    if (level === 0) return found;
    pc = machine.frames[FRAME_CELLS * (level - 1)] as number;
    base -= machine.frames[FRAME_CELLS * (level - 1) + 1] as number;
  }
}

/** The verifier's sets at the block's entry, and what the block has written since. */
function writtenBefore({ flow, reader }: VerifiedFunction, instruction: number): (register: number) => boolean {
  const block = flow.blocks.findIndex(({ start, end }) => instruction >= start && instruction < end);
  const since = new Set<number>();
  for (let index = flow.blocks[block]?.start ?? 0; index < instruction; index++) {
    const field = reader.rows[index]?.written;
    if (field !== undefined) since.add(reader.value(index, field));
  }
  return (register) => since.has(register) || flow.isWritten(block, register) === true;
}
