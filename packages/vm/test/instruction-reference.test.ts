/** The reference: every instruction is in it, and every example is what it is an example of. */
import { INSTRUCTIONS, type Instruction, instructionReference } from '@pool/vm';
import { describe, expect, test } from 'vitest';
import { BY_CODE } from '../src/opcodes/table.ts';
import { exampleOf, SURROUNDINGS } from '../src/reference/examples.ts';
import { bytesOf, program } from './support/programs.ts';

const REFERENCE = instructionReference();

/** A program with the example in it, and everything that it names around it. */
function programWith(row: Instruction): string {
  const example = exampleOf(row);
  const read = [
    ...new Set(['i', 'a', 'b', 'c', 'd', 'e', 'p', 'sum', 'index', ...row.operands.map(({ name }) => name)]),
  ];
  const parameters = read.filter((name) =>
    new RegExp(`(?<![\\w.])${name}(?![\\w.(])`).test(example.replace(/"[^"]*"/, '')),
  );
  const value = row.mnemonic === 'ret' && row.operands.length > 0 ? ' -> value' : '';
  const goes = row.target !== undefined;
  const labels = ['zero', 'one', 'done'].filter((label) => goes && new RegExp(`\\b${label}\\b`).test(example));
  const ends = labels.map((label) => `${label}:\n  halt 0\n`).join('');
  const end =
    row.flow === 'end' || row.flow === 'jump' || row.flow === 'table' || row.name === 'entry' ? '' : '  halt 0\n';
  const five = 'func add(a, b, c, d, e) -> sum {\n  i64.add sum, a, b\n  ret sum\n}\n';
  return `${SURROUNDINGS}\n${five}\nfunc main(${parameters.join(', ')})${value} {\n  ${example}\n${end}${ends}}\n`;
}

describe('examples', () => {
  test.each(INSTRUCTIONS.map((row) => [row.name, row] as const))('%s', (name, row) => {
    const main = program(programWith(row)).program.functions.at(-1);
    const rows = Array.from(
      { length: (main?.code.length ?? 0) / 8 },
      (_, index) => BY_CODE[main?.code[8 * index + 1] ?? 0],
    );
    // A word that belongs to an instruction stands right behind it.
    expect(rows[row.flow === 'part' ? 1 : 0]?.name).toBe(name);
  });
});

test('what is around the examples is a program by itself', () => {
  expect(bytesOf(SURROUNDINGS).length).toBeGreaterThan(0);
});

test('every form is in the reference once, with its opcode, its fuel, its traps', () => {
  for (const row of INSTRUCTIONS) {
    const lines = REFERENCE.split('\n').filter((line) => line.startsWith(`| \`${row.name}\` |`));
    expect(lines, row.name).toHaveLength(1);
    const [line = ''] = lines;
    expect(line).toContain(` ${row.code.toString(16).padStart(2, '0')}`);
    expect(line).toContain(`| ${row.fuel}${row.bulk ? ' + 1 for each 64 bytes' : ''} |`);
    for (const trap of row.traps) expect(line).toContain(trap);
    expect(REFERENCE).toContain(row.doc);
    expect(REFERENCE).toContain(exampleOf(row));
  }
});

test('encodings have eight bytes', () => {
  const encodings = [...REFERENCE.matchAll(/\| `([\da-f]{2} [\da-f]{2} [^`]*)` \|$/gm)].map(
    ([, encoding = '']) => encoding,
  );
  expect(encodings).toHaveLength(INSTRUCTIONS.length);
  for (const encoding of encodings) {
    const bytes = encoding.split(' ').map((part) => Number(/:[iu](\d+)$/.exec(part)?.[1] ?? 8) / 8);
    expect(
      bytes.reduce((sum, each) => sum + each, 0),
      encoding,
    ).toBe(8);
  }
});
