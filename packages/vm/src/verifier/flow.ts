/**
 * Definite initialisation. A function is cut into basic blocks; for each, the set of registers that every path has written
 * before it is found by going over the blocks until nothing changes.
 *
 * Blocks wait in a queue, at first in reverse postorder. Since what is written stays written, a loop cannot take a register from
 * the one block that it is entered by; so where every loop has one entry, each block is looked at once. Loops with several
 * entries can be made to settle slowly, and the bound holds for them as well: registers are taken 32 at a time, one word a
 * block, and as a word only ever loses registers, a block is looked at again at most 32 times for each. That is linear in the
 * blocks and in what leads from one to another, for every function, also where somebody means to make it long.
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

/** Registers in a word of a set. */
const WORD = 32;

/** Basic blocks in the order of the code, and what is written before each. */
export class Flow {
  readonly blocks: readonly Block[];
  /** How often blocks were looked at to settle what is written before them: at most 33 times a block for 32 registers. */
  readonly looks: number;
  /** Words that a set takes. */
  readonly #size: number;
  /** The sets of all blocks, word by word: the first of each, then the second of each. */
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
    const { length } = this.blocks;
    this.#size = Math.ceil(reader.body.registers / WORD);
    this.#before = new Uint32Array(this.#size * length).fill(0xffff_ffff);
    this.#written = new Uint32Array(this.#size * length);
    this.blocks.forEach(({ start, end }, index) => {
      for (let instruction = start; instruction < end; instruction++) {
        const register = this.#writtenBy(instruction);
        if (register !== undefined) add(this.#written, length * Math.floor(register / WORD) + index, register);
      }
    });
    const edges = this.#connect();
    const order = reversePostorder(edges);
    this.#reached = new Uint8Array(length);
    for (const block of order) this.#reached[block] = 1;
    this.looks = 0;
    for (let word = 0; word < this.#size; word++) this.looks += this.#settle(word, edges, order);
  }

  /** Whether every path to a block's beginning has written the register; `undefined` if no path leads there. */
  isWritten(block: number, register: number): boolean | undefined {
    return this.#reached[block] === 0
      ? undefined
      : has(this.#before, this.blocks.length * Math.floor(register / WORD) + block, register);
  }

  /** Reports registers that a path reads before it writes them. */
  check(report: Report): void {
    const written = new Uint32Array(this.#size);
    this.blocks.forEach((block, index) => {
      if (this.#reached[index] === 0) return;
      for (let word = 0; word < this.#size; word++)
        written[word] = this.#before[this.blocks.length * word + index] as number;
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

  /** Which blocks each block goes on to. */
  #connect(): Edges {
    const { rows } = this.#reader;
    const first = new Int32Array(this.blocks.length + 1);
    const targets: number[] = [];
    const lead = (start: number | undefined): void => {
      const block = start === undefined ? -1 : (this.#blockAt[start] ?? -1);
      if (block >= 0) targets.push(block);
    };
    this.blocks.forEach(({ end }, index) => {
      let last = end - 1;
      for (; rows[last]?.flow === 'part'; last--) lead(this.#targetOf(last));
      lead(this.#targetOf(last));
      const flow = rows[last]?.flow ?? 'next';
      if (flow !== 'end' && flow !== 'jump' && flow !== 'table') lead(end);
      first[index + 1] = targets.length;
    });
    return { first, targets: Int32Array.from(targets) };
  }

  /** Carries one word of the sets from block to block until nothing changes; gives how many blocks it looked at. */
  #settle(word: number, { first, targets }: Edges, order: Int32Array): number {
    const { length } = this.blocks;
    const before = this.#before.subarray(length * word, length * (word + 1));
    const written = this.#written.subarray(length * word, length * (word + 1));
    const parameters = this.#reader.body.parameters - WORD * word;
    before[0] = parameters >= WORD ? 0xffff_ffff : (1 << Math.max(0, parameters)) - 1;
    const queue = order.slice();
    const waits = this.#reached.slice();
    let looks = 0;
    // A ring: a block waits in it at most once, so it never holds more than all of them.
    for (let waiting = queue.length; waiting > 0; waiting--, looks++) {
      const block = queue[looks % queue.length] as number;
      waits[block] = 0;
      const after = (before[block] as number) | (written[block] as number);
      for (let edge = first[block] as number; edge < (first[block + 1] as number); edge++) {
        const target = targets[edge] as number;
        const known = before[target] as number;
        const narrowed = (known & after) >>> 0;
        if (narrowed === known) continue;
        before[target] = narrowed;
        if (waits[target] === 1) continue;
        waits[target] = 1;
        queue[(looks + waiting) % queue.length] = target;
        waiting += 1;
      }
    }
    return looks;
  }

  /** Where the branch at `index` goes if it is taken; `undefined` for an instruction without a target. */
  #targetOf(index: number): number | undefined {
    const row = this.#reader.rows[index];
    return row?.target === undefined ? undefined : this.#reader.value(index, row.target);
  }

  #writtenBy(instruction: number): number | undefined {
    const written = this.#reader.rows[instruction]?.written;
    return written === undefined ? undefined : this.#reader.value(instruction, written);
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
    const register = this.#writtenBy(instruction);
    if (register !== undefined) add(written, Math.floor(register / WORD), register);
  }

  #require(register: number, instruction: number, written: Uint32Array, report: Report): void {
    if (has(written, Math.floor(register / WORD), register)) return;
    const name = this.#reader.body.registerNames[register] || register;
    report.violate('initialised', `register ${name} is read here, and some path to here has not written it`, {
      reader: this.#reader,
      instruction,
    });
  }
}

/** The blocks that block `b` goes on to are `targets` from `first[b]` up to `first[b + 1]`. */
interface Edges {
  readonly first: Int32Array;
  readonly targets: Int32Array;
}

/** The blocks that paths from the first one reach, each before those it goes on to, except back into a loop. */
function reversePostorder({ first, targets }: Edges): Int32Array {
  const order = new Int32Array(first.length - 1);
  const next = first.slice(0, -1);
  const reached = new Uint8Array(order.length);
  let free = order.length;
  const path = order.length > 0 ? [0] : [];
  reached[0] = 1;
  while (path.length > 0) {
    const block = path.at(-1) as number;
    const edge = next[block] as number;
    if (edge === first[block + 1]) {
      path.pop();
      free -= 1;
      order[free] = block;
      continue;
    }
    next[block] = edge + 1;
    const target = targets[edge] as number;
    if (reached[target] === 1) continue;
    reached[target] = 1;
    path.push(target);
  }
  return order.subarray(free);
}

/** `at` is where the register's word stands. */
function add(sets: Uint32Array, at: number, register: number): void {
  sets[at] = (sets[at] as number) | (1 << (register % WORD));
}

function has(sets: Uint32Array, at: number, register: number): boolean {
  return (((sets[at] ?? 0) >>> (register % WORD)) & 1) === 1;
}
