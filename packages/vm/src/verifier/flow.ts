/**
 * Definite initialisation. A function is cut into basic blocks; for each, the set of registers that every path has written
 * before it is found by going over the blocks until nothing changes. A set only ever shrinks, so a block is looked at again at
 * most once for each register it loses; what it writes itself is found once, so a long block costs no more to look at again than
 * a short one. Linear in the length of the function, also where somebody means to make it long.
 *
 * The blocks and the sets at their entries are the result's data: engines charge fuel by the blocks.
 */
import type { Program } from '../program/program.ts';
import { calleeOf, givenArguments } from './calls.ts';
import type { FunctionReader } from './function-reader.ts';
import type { Report } from './rules.ts';

export interface Block {
  /** The first instruction. */
  readonly start: number;
  /** The instruction after the last. */
  readonly end: number;
}

/** Basic blocks in the order of the code, and what is written before each. */
export class Flow {
  readonly blocks: readonly Block[];
  /** Numbers of 32 registers that a set takes. */
  readonly #size: number;
  /** The sets of all blocks, one after the other. */
  readonly #before: Uint32Array;
  /** What each block writes itself. */
  readonly #written: Uint32Array;
  readonly #reached: Uint8Array;
  readonly #blockAt: Int32Array;
  readonly #program: Program;
  readonly #reader: FunctionReader;

  /** For a function whose instructions were found valid. */
  constructor(program: Program, reader: FunctionReader) {
    this.#program = program;
    this.#reader = reader;
    this.#blockAt = new Int32Array(reader.count + 1).fill(-1);
    this.blocks = this.#cut();
    this.#size = Math.ceil(reader.body.registers / 32);
    this.#before = new Uint32Array(this.#size * this.blocks.length);
    this.#written = new Uint32Array(this.#size * this.blocks.length);
    this.blocks.forEach(({ start, end }, index) => {
      for (let instruction = start; instruction < end; instruction++)
        this.#write(instruction, this.#written, this.#size * index);
    });
    this.#reached = new Uint8Array(this.blocks.length);
    this.#spread();
  }

  /** Whether every path to a block's beginning has written the register; `undefined` if no path leads there. */
  isWritten(block: number, register: number): boolean | undefined {
    return this.#reached[block] === 0 ? undefined : has(this.#before, this.#size * block, register);
  }

  /** Reports registers that a path reads before it writes them. */
  check(report: Report): void {
    const written = new Uint32Array(this.#size);
    this.blocks.forEach((block, index) => {
      if (this.#reached[index] === 0) return;
      for (let part = 0; part < this.#size; part++) written[part] = this.#before[this.#size * index + part] as number;
      for (let instruction = block.start; instruction < block.end; instruction++)
        this.#checkReads(instruction, written, report);
    });
  }

  #cut(): Block[] {
    const { rows, count } = this.#reader;
    const leads = new Uint8Array(count + 1);
    leads[0] = 1;
    for (let index = 0; index < count; index++) {
      const row = rows[index];
      const target = this.#targetOf(index);
      if (target !== undefined) leads[target] = 1;
      if (row === undefined || row.flow === 'next' || row.flow === 'part') continue;
      let next = index + 1;
      while (rows[next]?.flow === 'part') next += 1;
      leads[next] = 1;
    }
    const blocks: Block[] = [];
    for (let start = 0; start < count; ) {
      let end = start + 1;
      while (end < count && leads[end] === 0) end += 1;
      this.#blockAt[start] = blocks.push({ start, end }) - 1;
      start = end;
    }
    return blocks;
  }

  /** Carries sets from block to block until nothing changes. */
  #spread(): void {
    const size = this.#size;
    for (let parameter = 0; parameter < this.#reader.body.parameters; parameter++) add(this.#before, 0, parameter);
    this.#reached[0] = 1;
    const after = new Uint32Array(size);
    const pending = [0];
    for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
      const { end } = this.blocks[index] as Block;
      for (let at = size * index, part = 0; part < size; at++, part++)
        after[part] = (this.#before[at] as number) | (this.#written[at] as number);
      let last = end - 1;
      for (; this.#reader.rows[last]?.flow === 'part'; last--) this.#reach(this.#targetOf(last), after, pending);
      const flow = this.#reader.rows[last]?.flow ?? 'next';
      if (flow !== 'end' && flow !== 'jump' && flow !== 'table') this.#reach(end, after, pending);
      this.#reach(this.#targetOf(last), after, pending);
    }
  }

  /** Carries a set to the block that begins at `start`, if there is one, and looks at it again if that changed anything. */
  #reach(start: number | undefined, written: Uint32Array, pending: number[]): void {
    if (start !== undefined && this.#meet(start, written)) pending.push(this.#blockAt[start] as number);
  }

  /** Narrows the set of the block that begins at `start` to what this path has written too; whether that changed anything. */
  #meet(start: number, written: Uint32Array): boolean {
    const block = this.#blockAt[start] ?? -1;
    if (block < 0) return false;
    const first = this.#reached[block] === 0;
    this.#reached[block] = 1;
    let changed = first;
    for (let part = 0; part < this.#size; part++) {
      const at = this.#size * block + part;
      const before = this.#before[at] as number;
      const narrowed = first ? (written[part] as number) : before & (written[part] as number);
      if (narrowed >>> 0 !== before) changed = true;
      this.#before[at] = narrowed;
    }
    return changed;
  }

  /** Where the branch at `index` goes if it is taken; `undefined` for an instruction without a target. */
  #targetOf(index: number): number | undefined {
    const row = this.#reader.rows[index];
    return row?.target === undefined ? undefined : this.#reader.value(index, row.target);
  }

  #write(instruction: number, sets: Uint32Array, base: number): void {
    const written = this.#reader.rows[instruction]?.written;
    if (written !== undefined) add(sets, base, this.#reader.value(instruction, written));
  }

  #checkReads(instruction: number, written: Uint32Array, report: Report): void {
    const reader = this.#reader;
    const row = reader.rows[instruction];
    if (row === undefined || row.flow === 'part') return;
    for (const field of row.read) this.#require(reader.value(instruction, field), instruction, written, report);
    if (row.flow === 'call') {
      const callee = calleeOf(this.#program, reader, instruction);
      const given = givenArguments(reader, instruction, callee);
      for (const register of given.slice(0, callee?.parameters ?? 0))
        this.#require(register, instruction, written, report);
    }
    this.#write(instruction, written, 0);
  }

  #require(register: number, instruction: number, written: Uint32Array, report: Report): void {
    if (has(written, 0, register)) return;
    const name = this.#reader.body.registerNames[register] || register;
    report.violate('initialised', `register ${name} is read here, and some path to here has not written it`, {
      reader: this.#reader,
      instruction,
    });
  }
}

function add(sets: Uint32Array, base: number, register: number): void {
  const at = base + (register >>> 5);
  sets[at] = (sets[at] as number) | (1 << (register & 31));
}

function has(sets: Uint32Array, base: number, register: number): boolean {
  return (((sets[base + (register >>> 5)] ?? 0) >>> (register & 31)) & 1) === 1;
}
