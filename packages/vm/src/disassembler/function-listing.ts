/** One function as text: its registers, labels where something goes to, and an instruction a line with the words that belong to it. */
import { type Program, sourcePosition } from '../program/program.ts';
import { FunctionReader } from '../verifier/function-reader.ts';
import { textLiteral } from './literals.ts';
import { listNames } from './naming.ts';
import { type FunctionListing, listOperands, type ProgramListing } from './operands.ts';

/** Names that mean something to the assembler where a register's name may stand. */
const RESERVED = ['data_end', 'unnamed'];
const ORIGIN_COLUMN = 48;

export function listFunction(listing: ProgramListing, functionIndex: number): string {
  const { program } = listing;
  const body = program.functions[functionIndex] as Program['functions'][number];
  const reader = new FunctionReader(body);
  const recorded = Array.from({ length: body.registers }, (_, register) => body.registerNames[register]);
  const registers = listNames(recorded, 'r', { reserved: RESERVED });
  const subject: FunctionListing = { listing, reader, registers, labels: labelsOf(reader) };
  const parameters = registers.slice(0, body.parameters).map(({ text }) => text);
  const result = body.returnsValue ? ' -> value' : '';
  const lines = [`func ${listing.functions[functionIndex]?.declared}(${parameters.join(', ')})${result} {`];
  if (registers.length > 0) {
    const named = registers.slice(0, body.registerNames.length).map(({ declared }) => declared);
    const unnamed = registers.slice(body.registerNames.length).map(({ declared }) => declared);
    if (unnamed.length > 0) unnamed[0] = `unnamed ${unnamed[0]}`;
    lines.push(`  registers ${[...named, ...unnamed].join(', ')}`);
  }
  for (let index = 0; index < reader.count; ) {
    const label = subject.labels.get(index);
    if (label !== undefined) lines.push(`${label}:`);
    let next = index + 1;
    while (next < reader.count && reader.rows[next]?.flow === 'part') next += 1;
    const text = `  ${reader.rows[index]?.mnemonic} ${listOperands(subject, index, next)}`.trimEnd();
    const origin = listOrigins(program, body, index, next);
    lines.push(origin === '' ? text : `${text.padEnd(ORIGIN_COLUMN)} @ ${origin}`);
    index = next;
  }
  return `${lines.join('\n')}\n}`;
}

/** A label for each instruction that a branch goes to, numbered in the order of the text. */
function labelsOf(reader: FunctionReader): ReadonlyMap<number, string> {
  const targets = new Set<number>();
  reader.rows.forEach((row, index) => {
    if (row?.target !== undefined) targets.add(reader.value(index, row.target));
  });
  return new Map([...targets].sort((one, other) => one - other).map((target, index) => [target, `L${index + 1}`]));
}

/**
 * Where an instruction and its parts come from: `12:5`, with the file unless it is the program's first. Parts that come from
 * elsewhere than their instruction are told one by one.
 */
function listOrigins(program: Program, body: Program['functions'][number], from: number, to: number): string {
  if (body.positions.length === 0) return '';
  const origins = Array.from({ length: to - from }, (_, part) => {
    const { line, column } = sourcePosition(program, body, from + part);
    const file = (body.positions[2 * (from + part) + 1] ?? 0) & 0xffff;
    if (file === 0) return `${line}:${column}`;
    const name = program.files[file];
    const isFirst = name !== undefined && program.files.indexOf(name) === file;
    return `${line}:${column} ${isFirst ? textLiteral(name) : `files[${file}]`}`;
  });
  return origins.every((origin) => origin === origins[0]) ? (origins[0] as string) : origins.join(', ');
}
