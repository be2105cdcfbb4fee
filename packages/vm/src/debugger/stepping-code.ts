/**
 * How a program stops at an instruction without a test in the interpreter's loop. Linked code already asks for fuel wherever a
 * block begins, so a stop is a block whose price nobody can pay. Here every instruction begins a block: of the two forms, one
 * stops before each of them, the other only where a stop is set. What blocks really cost is kept aside, and whoever drives the
 * machine pays it.
 */
import type { LinkedPlaces } from '../interpreter/link-windows.ts';
import { CELLS, COST, ENTER, isExecuted, type LinkedCode, linkCode, ORIGIN } from '../interpreter/linked-code.ts';
import type { VerifiedProgram } from '../verifier/verify.ts';

/** More than a machine is ever handed at once. */
export const UNPAYABLE: number = 2 ** 31 - 1;
/** Fuel that a machine is handed at once while stops are set. */
export const HANDED: number = 2 ** 30;

export class SteppingCode {
  /** Stops before every instruction. */
  readonly single: LinkedCode;
  /** Stops where it is told to; cell for cell the same. */
  readonly free: LinkedCode;
  readonly #costs: Int32Array;

  constructor(verified: VerifiedProgram, places: LinkedPlaces) {
    this.free = linkCode(verified, places, () => true);
    const cells = this.free.cells.slice();
    this.#costs = new Int32Array(cells.length / CELLS);
    for (let pc = 0; pc < cells.length; pc += CELLS) {
      if (!isExecuted(cells[pc])) continue;
      this.#costs[pc / CELLS] = cells[pc + COST] as number;
      cells[pc + COST] = UNPAYABLE;
    }
    this.single = { ...this.free, cells };
  }

  /** What entering the instruction at `pc` really costs: its block's price, or 0 within a block. */
  cost(pc: number): number {
    return this.#costs[pc / CELLS] as number;
  }

  setStop(pc: number, stop: boolean): void {
    this.free.cells[pc + COST] = stop ? UNPAYABLE : this.cost(pc);
  }

  /** The cell of an instruction of a function, both by index. */
  cellOf(functionIndex: number, instruction: number): number {
    const { cells, entries } = this.free;
    let pc = entries[functionIndex] as number;
    while (cells[pc] === ENTER || cells[pc + ORIGIN] !== instruction) pc += CELLS;
    return pc;
  }

  /** Where the call at `pc` comes back to. */
  afterCall(pc: number): number {
    let after = pc + CELLS;
    while (!isExecuted(this.free.cells[after])) after += CELLS;
    return after;
  }
}
