/**
 * A program that is run from one instruction of the shared group to the next, and put back to where it was: what it does in
 * between depends on what those instructions answered alone. As in a debugger, a stop is a block whose price nobody can pay
 * (see stepping-code.ts); here the shared instructions are such blocks, and what lies between them runs as it always does.
 */
import type { Words } from '@pool/core';
import { HANDED, UNPAYABLE } from '../debugger/stepping-code.ts';
import { LinkError } from '../errors.ts';
import { BY_CODE } from '../opcodes/table.ts';
import type { VerifiedProgram } from '../verifier/verify.ts';
import { execute } from './execute.ts';
import type { Outcome } from './instance.ts';
import { CELLS, COST, isExecuted, type LinkedCode, linkCode } from './linked-code.ts';
import { BULK_BYTES, FRAME_CELLS, type Machine } from './machine.ts';
import { outcomeOf } from './trace.ts';

/** All that a program is between two instructions, in buffers of its own. */
export interface MachineState {
  registers: BigInt64Array;
  frames: Int32Array;
  bytes: Uint8Array<ArrayBuffer>;
  pc: number;
  base: number;
  frameSize: number;
  depth: number;
  fuel: number;
  /** Whether it stands before a shared instruction. */
  stands: boolean;
}

/** From `Instance.startShared`. Another `start`, `run` or `profile` of the instance ends it. */
export class SharedSteps {
  readonly #name: string;
  readonly #machine: Machine;
  readonly #costs: Int32Array;
  #stands = false;

  /** The machine has the arguments in its first registers; `entry` is the function's index. */
  constructor(name: string, verified: VerifiedProgram, machine: Machine, entry: number) {
    this.#name = name;
    this.#machine = machine;
    const code = linkCode(verified, machine.places, (row) => row?.group === 'shared');
    this.#costs = code.cells;
    machine.code = { ...code, cells: stopped(code) };
    machine.pc = code.entries[entry] as number;
    machine.message = undefined;
    machine.result = undefined;
    machine.session = this;
  }

  /** Of what the state has. @throws {LinkError} if the instance was started anew */
  get fuelLeft(): number {
    return this.#own().fuel;
  }

  /** How many bytes `save` copies, and how much work that is in the units that fuel is counted in. */
  get price(): { readonly bytes: number; readonly work: number } {
    const { bytes, base, frameSize, depth } = this.#own();
    const count = bytes.length + 8 * (base + frameSize) + 4 * FRAME_CELLS * depth;
    return { bytes: count, work: count / Number(BULK_BYTES) };
  }

  /**
   * Carries out the shared instruction that the program stands before, if it does, and goes on to just before the next; how it
   * ended, if it did. What an operation of `Words` throws comes out of here, and then only `restore` leads on.
   * @throws {LinkError} if the instance was started anew
   */
  step(): Outcome | undefined {
    const machine = this.#own();
    if (this.#stands) {
      const cost = this.#costs[machine.pc + COST] as number;
      if (cost > machine.fuel) return outcomeOf(machine, 'exhausted', this.#name);
      machine.fuel -= cost;
      machine.paid = true;
      this.#stands = false;
    }
    for (;;) {
      const handed = Math.min(HANDED, machine.fuel);
      const withheld = machine.fuel - handed;
      machine.fuel = handed;
      const signal = execute(machine);
      machine.fuel += withheld;
      if (signal !== 'exhausted') return outcomeOf(machine, signal, this.#name);
      this.#stands = !machine.paid && machine.code.cells[machine.pc + COST] === UNPAYABLE;
      if (this.#stands) return undefined;
      if (withheld === 0) return outcomeOf(machine, signal, this.#name);
    }
  }

  /** Copies what the program is now, into a state that nobody needs any more if there is one. */
  save(into?: MachineState): MachineState {
    const { i64, frames, bytes, pc, base, frameSize, depth, fuel } = this.#own();
    const state = into ?? { registers: NO_REGISTERS, frames: NO_FRAMES, bytes: NO_BYTES, ...NOWHERE };
    state.registers = i64.slice(0, base + frameSize);
    state.frames = depth === 0 ? NO_FRAMES : frames.slice(0, FRAME_CELLS * depth);
    if (state.bytes.length === bytes.length) state.bytes.set(bytes);
    else state.bytes = bytes.slice();
    state.pc = pc;
    state.base = base;
    state.frameSize = frameSize;
    state.depth = depth;
    state.fuel = fuel;
    state.stands = this.#stands;
    return state;
  }

  /** From here on the program uses other words, of the same size. @throws {LinkError} if the instance was started anew */
  use(words: Words): void {
    this.#own().words = words;
  }

  /** Makes the program what it was. @throws {LinkError} if the instance was started anew */
  restore(state: MachineState): void {
    const machine = this.#own();
    machine.i64.set(state.registers);
    machine.frames.set(state.frames);
    if (machine.bytes.length === state.bytes.length) machine.bytes.set(state.bytes);
    else {
      machine.bytes = state.bytes.slice();
      machine.view = new DataView(machine.bytes.buffer);
    }
    machine.pc = state.pc;
    machine.base = state.base;
    machine.frameSize = state.frameSize;
    machine.depth = state.depth;
    machine.fuel = state.fuel;
    machine.paid = false;
    machine.progress = 0;
    machine.message = undefined;
    machine.result = undefined;
    this.#stands = state.stands;
  }

  #own(): Machine {
    if (this.#machine.session !== this) throw new LinkError(`the instance ${this.#name} has been started anew`);
    return this.#machine;
  }
}

const NO_REGISTERS: BigInt64Array = new BigInt64Array(0);
const NO_FRAMES: Int32Array = new Int32Array(0);
const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const NOWHERE = { pc: 0, base: 0, frameSize: 0, depth: 0, fuel: 0, stands: false };

/** The same cells, with shared instructions that nobody can pay. */
function stopped({ cells }: LinkedCode): Int32Array {
  const copy = cells.slice();
  for (let pc = 0; pc < copy.length; pc += CELLS)
    if (isExecuted(cells[pc]) && BY_CODE[cells[pc] as number]?.group === 'shared') copy[pc + COST] = UNPAYABLE;
  return copy;
}
