/**
 * Where instructions go. All instructions of a basic block run equally often, so it is enough to count blocks, and a block is
 * where linked code asks for fuel anyway: at a price that nobody can pay the interpreter comes back at every block's beginning.
 * A trap within a block is the one case in which its rest has not run.
 */
import { execute, type Signal } from '../interpreter/execute.ts';
import type { Outcome } from '../interpreter/instance.ts';
import { CELLS, COST, ENTER, isExecuted, ORIGIN } from '../interpreter/linked-code.ts';
import type { Machine } from '../interpreter/machine.ts';
import { functionAt, outcomeOf } from '../interpreter/trace.ts';
import { type FunctionBody, sourcePosition } from '../program/program.ts';
import type { VerifiedProgram } from '../verifier/verify.ts';
import { HANDED, UNPAYABLE } from './stepping-code.ts';

/** Instructions that a line of the source became, by how often they ran altogether. */
export interface LineProfile {
  readonly file: string;
  /** 0 where the program carries no lines. */
  readonly line: number;
  readonly instructions: number;
}

export interface FunctionProfile {
  readonly name: string;
  readonly calls: number;
  /** Executed in the function itself, what it calls excepted. */
  readonly instructions: number;
  /** In the order of the source; lines that never ran have 0. */
  readonly lines: readonly LineProfile[];
}

/** What a run executed, instruction by instruction, exactly; most costly functions first. */
export interface Profile {
  readonly outcome: Outcome;
  readonly instructions: number;
  readonly functions: readonly FunctionProfile[];
}

/** Runs the machine from its entry to the end and counts; out of fuel it ends there. */
export function profile(machine: Machine, verified: VerifiedProgram, name: string): Profile {
  const linked = machine.code;
  const counts = new Float64Array(linked.cells.length / CELLS);
  const calls = new Float64Array(verified.functions.length);
  machine.message = undefined;
  machine.result = undefined;
  machine.code = { ...linked, cells: counted(linked.cells) };
  const signal = countBlocks(machine, linked.cells, counts, calls);
  machine.code = linked;
  spread(linked.cells, counts);
  if (signal !== 'done' && machine.paid) takeBack(machine, linked.cells, counts, signal);
  const functions = verified.functions.map(({ reader: { body } }, index) =>
    functionProfile(verified, body, calls[index] as number, linked.cells, counts, linked.entries[index] as number),
  );
  functions.sort((one, other) => other.instructions - one.instructions);
  const instructions = functions.reduce((sum, one) => sum + one.instructions, 0);
  return { outcome: outcomeOf(machine, signal, name), instructions, functions };
}

/** The same code, with blocks that nobody can pay. */
function counted(cells: Int32Array): Int32Array {
  const copy = cells.slice();
  for (let pc = 0; pc < copy.length; pc += CELLS) if (beginsBlock(cells, pc)) copy[pc + COST] = UNPAYABLE;
  return copy;
}

function beginsBlock(cells: Int32Array, pc: number): boolean {
  return isExecuted(cells[pc]) && (cells[pc + COST] as number) > 0;
}

function countBlocks(machine: Machine, cells: Int32Array, counts: Float64Array, calls: Float64Array): Signal {
  let depth = -1;
  for (;;) {
    const { pc } = machine;
    if (machine.depth > depth) {
      const callee = functionAt(machine, pc);
      calls[callee] = (calls[callee] as number) + 1;
    }
    depth = machine.depth;
    const cost = cells[pc + COST] as number;
    if (cost > machine.fuel) return 'exhausted';
    counts[pc / CELLS] = (counts[pc / CELLS] as number) + 1;
    const handed = Math.min(HANDED, machine.fuel - cost);
    const withheld = machine.fuel - cost - handed;
    machine.fuel = handed;
    machine.paid = true;
    const signal = execute(machine);
    machine.fuel += withheld;
    if (signal !== 'exhausted' || machine.paid) return signal;
  }
}

/** From blocks to their instructions. */
function spread(cells: Int32Array, counts: Float64Array): void {
  let count = 0;
  for (let pc = 0; pc < cells.length; pc += CELLS) {
    if (!isExecuted(cells[pc])) continue;
    if (beginsBlock(cells, pc)) count = counts[pc / CELLS] as number;
    else counts[pc / CELLS] = count;
  }
}

/** The rest of a block that trapped, or ended with a bulk operation without fuel, has not run. */
function takeBack(machine: Machine, cells: Int32Array, counts: Float64Array, signal: Signal): void {
  for (let pc = signal === 'trap' ? machine.pc + CELLS : machine.pc; pc < cells.length; pc += CELLS) {
    if (pc !== machine.pc && (cells[pc] === ENTER || beginsBlock(cells, pc))) return;
    if (isExecuted(cells[pc])) counts[pc / CELLS] = (counts[pc / CELLS] as number) - 1;
  }
}

function functionProfile(
  verified: VerifiedProgram,
  body: FunctionBody,
  calls: number,
  cells: Int32Array,
  counts: Float64Array,
  entry: number,
): FunctionProfile {
  const lines = new Map<string, { file: string; line: number; instructions: number }>();
  let instructions = 0;
  let seen = -1;
  for (let pc = entry; pc < cells.length; pc += CELLS) {
    if (!isExecuted(cells[pc])) continue;
    const instruction = cells[pc + ORIGIN] as number;
    if (instruction <= seen) break; // the next function begins
    seen = instruction;
    const { file, line } = sourcePosition(verified.program, body, instruction);
    const key = `${file}:${line}`;
    const sum = lines.get(key) ?? { file, line, instructions: 0 };
    sum.instructions += counts[pc / CELLS] as number;
    lines.set(key, sum);
    instructions += counts[pc / CELLS] as number;
  }
  const sorted = [...lines.values()].sort(
    (one, other) => (one.file < other.file ? -1 : one.file > other.file ? 1 : 0) || one.line - other.line,
  );
  return { name: body.name, calls, instructions, lines: sorted };
}
