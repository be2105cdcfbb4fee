/**
 * A program as text that assembles to the very same bytes. Everything that the binary format holds is in it: the tables (where
 * the assembler would not number them so by itself), the registers with their names, and behind each instruction, after `@`, the
 * line and column of the source it was assembled from, so that traps of the reassembled program still point there.
 */
import { type Program, REST } from '../program/program.ts';
import { type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';
import { listFunction } from './function-listing.ts';
import { bytesLiteral, textLiteral } from './literals.ts';
import { listNames } from './naming.ts';
import type { ProgramListing } from './operands.ts';
import { impliedFields, listConstants, listMessages } from './tables.ts';

/** The text of a verified program; `assemble` makes the same bytes of it, names and line table included. */
export function disassemble(verified: VerifiedProgram): string {
  const program = verifiedProgram(verified);
  const fields = impliedFields(program);
  const functions = listNames(
    program.functions.map(({ name }) => name),
    'function',
  );
  const listing: ProgramListing = {
    program,
    constants: listConstants(program),
    messages: listMessages(program),
    functions,
    imports: listNames(
      program.imports.map(({ name }) => name),
      'import',
      { reserved: functions.map(({ text }) => text) },
    ),
    tables: listNames(
      program.tables.map(({ name }) => name),
      'table',
    ),
    windows: listNames(
      program.windows.map(({ name }) => name),
      'window',
    ),
    places:
      fields === undefined
        ? listNames(
            program.places.map(({ name }) => name),
            'place',
            { dotted: true },
          )
        : program.places.map(({ name }) => ({ text: name, declared: name })),
  };
  const parts = [
    header(listing),
    ...(fields === undefined ? [bareWindows(listing), placeTable(listing)] : [windowsWithFields(program, fields)]),
    program.data.map(({ address, bytes }) => `data _ @ ${address} = ${bytesLiteral(bytes)}`).join('\n'),
    importList(listing),
    functionTables(listing),
    ...program.functions.map((_, index) => listFunction(listing, index)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function header({ program, constants, messages }: ProgramListing): string {
  const { name, files, initialPages, maximumPages } = program;
  return [
    `program ${textLiteral(name)}`,
    `files ${files.map(textLiteral).join(', ')}`.trimEnd(),
    `memory ${initialPages} max ${maximumPages}`,
    constants.declaration,
    messages.declaration,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

function windowsWithFields(program: Program, fields: readonly (readonly Program['places'][number][])[]): string {
  return program.windows
    .map(({ name, words, slots }, index) => {
      const lines = (fields[index] ?? []).map((field) => {
        const length = field.length === REST ? '[]' : field.length === 1 ? '' : `[${field.length}]`;
        const slot = field.kind === 'slots' ? 'slot ' : '';
        return `  ${slot}${field.name.slice(name.length + 1)}${length} @ ${field.address}\n`;
      });
      const body = lines.length === 0 ? '' : ` {\n${lines.join('')}}`;
      return `window ${name} words ${words} slots ${slots}${body}`;
    })
    .join('\n\n');
}

function importList({ program, imports }: ProgramListing): string {
  return program.imports
    .map(({ parameters, returnsValue }, index) => {
      const names = Array.from({ length: parameters }, (_, parameter) => `p${parameter}`).join(', ');
      return `import ${imports[index]?.declared}(${names})${returnsValue ? ' -> value' : ''}`;
    })
    .join('\n');
}

function functionTables({ program, tables, functions }: ProgramListing): string {
  return program.tables
    .map((table, index) => {
      const entries = table.functions.map((entry) => functions[entry]?.text).join(', ');
      return `table ${tables[index]?.declared} = ${entries}`.trimEnd();
    })
    .join('\n');
}

function bareWindows({ program, windows }: ProgramListing): string {
  return program.windows
    .map(({ words, slots }, index) => `window ${windows[index]?.declared} words ${words} slots ${slots}`)
    .join('\n');
}

function placeTable({ program, windows, places }: ProgramListing): string {
  const lines = program.places.map(({ kind, window, address, length }, index) => {
    const size = length === REST ? '' : length;
    const slot = kind === 'slots' ? 'slot ' : '';
    return `  ${places[index]?.declared} = ${slot}${windows[window]?.text}[${size}] @ ${address}\n`;
  });
  return `places {\n${lines.join('')}}`;
}
