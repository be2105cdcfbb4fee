/**
 * Definite initialisation. A function is cut into basic blocks; for each, the set of registers that every path has written
 * before it is found by going over the blocks until nothing changes. A set only ever shrinks, so a block is looked at again at
 * most once for each register it loses: linear in the length of the function.
 *
 * The sets at the joins and the blocks are the result's data: engines charge fuel by the blocks.
 */
import { OP } from '../opcodes/table.ts';
import type { Program } from '../program/program.ts';
import type { FunctionReader } from './function-reader.ts';
import { argumentWords, givenArguments } from './instruction-rules.ts';
import type { Report } from './rules.ts';

/** A set of registers, 32 to a number. */
type RegisterSet = Uint32Array;

export interface Block {
  /** The first instruction. */
  readonly start: number;
  /** The instruction after the last. */
  readonly end: number;
  /** Registers that are written on every path to here; `undefined`: no path leads here. */
  written: RegisterSet | undefined;
}

/** Cuts a function whose instructions were found valid into basic blocks. */
export function findBlocks(program: Program, reader: FunctionReader): Block[] {
  const leads = new Uint8Array(reader.count + 1);
  leads[0] = 1;
  for (let index = 0; index < reader.count; index++) {
    const flow = reader.rows[index]?.flow ?? 'next';
    if (flow === 'next') continue;
    const words = flow === 'call' ? argumentWords(program, reader, index) : 0;
    leads[index + 1 + words] = 1;
    const target = targetOf(reader, index);
    if (target !== undefined) leads[target] = 1;
  }
  const blocks: Block[] = [];
  for (let start = 0; start < reader.count; ) {
    let end = start + 1;
    while (end < reader.count && leads[end] === 0) end += 1;
    blocks.push({ start, end, written: undefined });
    start = end;
  }
  return blocks;
}

/** Where the branch at `index` goes if it is taken; `undefined` for an instruction without a target. */
export function targetOf(reader: FunctionReader, index: number): number | undefined {
  const position = reader.rows[index]?.fields.findIndex((field) => field.role === 'target') ?? -1;
  return position < 0 ? undefined : reader.values(index)[position];
}

/** Fills in `written` of every block and reports registers that a path reads first. */
export function checkInitialised(
  program: Program,
  reader: FunctionReader,
  blocks: readonly Block[],
  report: Report,
): void {
  const { body } = reader;
  const size = Math.ceil(body.registers / 32);
  const blockAt = new Map(blocks.map((block) => [block.start, block]));
  const effects = blocks.map((block) => blockWrites(reader, block, size));
  const order = new Map(blocks.map((block, index) => [block, index]));
  const entry = blocks[0] as Block;
  entry.written = new Uint32Array(size);
  for (let parameter = 0; parameter < body.parameters; parameter++) add(entry.written, parameter);
  const pending = [entry];
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    const after = Uint32Array.from(block.written as RegisterSet);
    const writes = effects[order.get(block) as number] as RegisterSet;
    for (let index = 0; index < size; index++) after[index] = (after[index] as number) | (writes[index] as number);
    for (const next of successors(reader, block)) {
      const target = blockAt.get(next);
      if (target !== undefined && meet(target, after)) pending.push(target);
    }
  }
  for (const block of blocks)
    if (block.written !== undefined) checkReads(program, reader, block, Uint32Array.from(block.written), report);
}

function successors(reader: FunctionReader, block: Block): number[] {
  let last = block.end - 1;
  while (reader.rows[last]?.code === OP.args) last -= 1;
  const flow = reader.rows[last]?.flow ?? 'next';
  const target = targetOf(reader, last);
  const next = flow === 'end' || flow === 'jump' ? [] : [block.end];
  return target === undefined ? next : [...next, target];
}

/** Narrows a block's set to what this path has written too; whether that changed anything. */
function meet(block: Block, written: RegisterSet): boolean {
  if (block.written === undefined) {
    block.written = written;
    return true;
  }
  let changed = false;
  const narrowed = block.written.map((bits, index) => bits & (written[index] as number));
  for (let index = 0; index < narrowed.length; index++) if (narrowed[index] !== block.written[index]) changed = true;
  if (changed) block.written = narrowed;
  return changed;
}

function blockWrites(reader: FunctionReader, block: Block, size: number): RegisterSet {
  const writes = new Uint32Array(size);
  for (let index = block.start; index < block.end; index++) {
    const values = reader.values(index);
    reader.rows[index]?.fields.forEach((field, position) => {
      if (field.kind === 'to') add(writes, values[position] as number);
    });
  }
  return writes;
}

function checkReads(
  program: Program,
  reader: FunctionReader,
  block: Block,
  written: RegisterSet,
  report: Report,
): void {
  const { body } = reader;
  for (let index = block.start; index < block.end; index++) {
    const row = reader.rows[index];
    if (row === undefined || row.code === OP.args) continue;
    const values = reader.values(index);
    const reads: number[] = [];
    row.fields.forEach((field, position) => {
      if (field.role === 'register' && field.kind !== 'to' && field.kind !== 'arguments')
        reads.push(values[position] as number);
    });
    if (row.flow === 'call') {
      const callee = program.functions[values[row.fields.findIndex((field) => field.role === 'function')] as number];
      reads.push(
        ...givenArguments(reader, index, argumentWords(program, reader, index)).slice(0, callee?.parameters ?? 0),
      );
    }
    for (const register of reads)
      report.require(
        'initialised',
        has(written, register),
        () =>
          `register ${body.registerNames[register] || register} is read here, and some path to here has not written it`,
        {
          function: body.name,
          instruction: index,
        },
      );
    row.fields.forEach((field, position) => {
      if (field.kind === 'to') add(written, values[position] as number);
    });
  }
}

function add(set: RegisterSet, register: number): void {
  set[register >>> 5] = (set[register >>> 5] as number) | (1 << (register & 31));
}

function has(set: RegisterSet, register: number): boolean {
  return (((set[register >>> 5] as number) >>> (register & 31)) & 1) === 1;
}
