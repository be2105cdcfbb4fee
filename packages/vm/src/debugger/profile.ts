/**
 * Where instructions go. All instructions of a basic block run equally often, so it is enough to count blocks, and a block is
 * where linked code asks for fuel anyway: at a price that nobody can pay the interpreter comes back at every block's beginning.
 * A trap within a block is the one case in which its rest has not run.
 */
import { LinkError } from '../errors.ts';
import { execute, type Signal } from '../interpreter/execute.ts';
import { checkMost } from '../interpreter/given.ts';
import type { Outcome } from '../interpreter/instance.ts';
import { CELLS, COST, ENTER, isExecuted, type LinkedCode, ORIGIN } from '../interpreter/linked-code.ts';
import type { Machine } from '../interpreter/machine.ts';
import { functionAt, outcomeOf } from '../interpreter/trace.ts';
import { type FunctionBody, sourcePosition } from '../program/program.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
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

/** A run that is counted, from `Instance.startProfile`. Another `start`, `run` or `profile` of the instance ends it. */
export class Profiler {
  readonly #machine: Machine;
  readonly #verified: VerifiedProgram;
  readonly #name: string;
  readonly #linked: LinkedCode;
  readonly #counts: Float64Array;
  readonly #calls: Float64Array;
  /** Calls around the last block that was counted; -1: none was. */
  #depth = -1;
  #signal: Signal | undefined;

  /** The machine stands at its entry, with the arguments in its first registers. */
  constructor(machine: Machine, verified: VerifiedProgram, name: string) {
    this.#machine = machine;
    this.#verified = verified;
    this.#name = name;
    this.#linked = machine.code;
    this.#counts = new Float64Array(machine.code.cells.length / CELLS);
    this.#calls = new Float64Array(verified.functions.length);
    machine.message = undefined;
    machine.result = undefined;
    machine.code = { ...machine.code, cells: counted(machine.code.cells) };
    machine.session = this;
  }

  /**
   * Runs to the end, or until about `most` units of fuel are used or the program has slept for 25 ms: `interrupted`, and then it
   * can go on.
   * @throws {LinkError} if the program has ended, or the instance was started anew
   */
  continue(most: number = Number.POSITIVE_INFINITY): Outcome {
    checkMost(most);
    if (this.#signal !== undefined && this.#signal !== 'interrupted')
      throw new LinkError(`the instance ${this.#name} has ended`);
    const machine = this.#own();
    if (machine.inHost) throw new LinkError(`the instance ${this.#name} is waiting for a function of the host`);
    machine.interrupt = most === Number.POSITIVE_INFINITY ? undefined : () => true;
    this.#signal = this.#countBlocks(most);
    return outcomeOf(machine, this.#signal, this.#name);
  }

  /** What was executed until now. @throws {LinkError} if the instance was started anew */
  profile(): Profile {
    const machine = this.#own();
    const signal = this.#signal ?? 'interrupted';
    const { cells, entries } = this.#linked;
    const counts = spread(cells, this.#counts);
    if (signal !== 'done' && machine.paid) takeBack(machine, cells, counts, signal);
    const functions = this.#verified.functions.map(({ reader: { body } }, index) =>
      functionProfile(this.#verified, body, this.#calls[index] as number, cells, counts, entries[index] as number),
    );
    functions.sort((one, other) => other.instructions - one.instructions);
    const instructions = functions.reduce((sum, one) => sum + one.instructions, 0);
    return { outcome: outcomeOf(machine, signal, this.#name), instructions, functions };
  }

  #countBlocks(most: number): Signal {
    const machine = this.#machine;
    const { cells } = this.#linked;
    let left = most;
    for (;;) {
      if (left <= 0) return 'interrupted';
      // Within a block, where a bulk operation or a wait was interrupted, all is paid and counted.
      const cost = machine.paid ? 0 : (cells[machine.pc + COST] as number);
      if (cost > machine.fuel) return 'exhausted';
      if (!machine.paid) this.#count(machine);
      left -= cost;
      const handed = Math.min(HANDED, machine.fuel - cost);
      const withheld = machine.fuel - cost - handed;
      machine.fuel = handed;
      machine.paid = true;
      const signal = execute(machine);
      left -= handed - machine.fuel;
      machine.fuel += withheld;
      if (signal !== 'exhausted' || machine.paid) return signal;
    }
  }

  /** A block begins. */
  #count({ pc, depth }: Machine): void {
    if (depth > this.#depth) {
      const callee = functionAt(this.#machine, pc);
      this.#calls[callee] = (this.#calls[callee] as number) + 1;
    }
    this.#depth = depth;
    this.#counts[pc / CELLS] = (this.#counts[pc / CELLS] as number) + 1;
  }

  /** The machine, if it is still this profile's. */
  #own(): Machine {
    if (this.#machine.session !== this) throw new LinkError(`the instance ${this.#name} has been started anew`);
    return this.#machine;
  }
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

/** From blocks to their instructions. */
function spread(cells: Int32Array, blocks: Float64Array): Float64Array {
  const counts = blocks.slice();
  let count = 0;
  for (let pc = 0; pc < cells.length; pc += CELLS) {
    if (!isExecuted(cells[pc])) continue;
    if (beginsBlock(cells, pc)) count = counts[pc / CELLS] as number;
    else counts[pc / CELLS] = count;
  }
  return counts;
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
  body: Omit<FunctionBody, 'code'>,
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
    const { file, line } = sourcePosition(verifiedProgram(verified), body, instruction);
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
