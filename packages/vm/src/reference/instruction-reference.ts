/** The instruction reference, as Markdown: everything in it comes from the opcode table, so it says what the engines do. */

import { CONTROL } from '../opcodes/control.ts';
import { FLOAT } from '../opcodes/float.ts';
import { INTEGER } from '../opcodes/integer.ts';
import { MEMORY } from '../opcodes/memory.ts';
import type { MemoryOrder, OperandKind } from '../opcodes/row.ts';
import { SEGMENTS } from '../opcodes/segments.ts';
import { SHARED } from '../opcodes/shared.ts';
import { GROUPS, INSTRUCTIONS, type Instruction } from '../opcodes/table.ts';
import { exampleOf } from './examples.ts';

const SECTIONS: readonly (readonly [title: string, text: string, rows: object])[] = [
  ['Control', 'Constants, moves, branches, calls and ends.', CONTROL],
  ['Integers', 'Whole registers, with the semantics of WebAssembly.', INTEGER],
  [
    'Doubles',
    'Registers as IEEE 754 doubles, with the semantics of WebAssembly. An arithmetic result that is NaN is `7ff8000000000000`.',
    FLOAT,
  ],
  ['Private memory', 'Little-endian bytes that belong to one instance; unaligned access works.', MEMORY],
  [
    'Shared words',
    'The only instructions that name words of the pool, and only those of granted windows. A form with an index is checked as it runs.',
    SHARED,
  ],
  [
    'Segments',
    'Bulk data, written privately and made visible by one atomic exchange. Handles are words; 0 is no segment.',
    SEGMENTS,
  ],
];

const ORDERS: Readonly<Record<MemoryOrder, string>> = {
  acquire: 'acquire',
  release: 'release',
  acq_rel: 'acquire and release',
  seq_cst: 'sequentially consistent',
  none: 'none',
};

/** How operands are called in the table of kinds. */
const KINDS: Readonly<Partial<Record<OperandKind, string>>> = {
  to: 'a register that is written',
  from: 'a register that is read; a constant there is loaded first',
  small: 'a constant of -128..127',
  immediate: 'a constant of 32 bits, with its sign',
  constant: 'a constant of 64 bits',
  float: 'a double',
  memory: 'private memory: a register plus a constant below 2^31',
  label: 'a label of the function',
};

/** The reference of the whole instruction set. */
export function instructionReference(): string {
  const sections = SECTIONS.map(([title, text, rows]) => {
    const own = INSTRUCTIONS.filter((row) => Object.hasOwn(rows, row.name));
    const mnemonics = Map.groupBy(own, (row) => row.mnemonic);
    const prefix = GROUPS[own[0]?.group ?? 'local'];
    const entries = [...mnemonics].map(([mnemonic, forms]) => entry(mnemonic, forms));
    return `## ${title}\n\n${text} Prefix \`${hex(prefix)}\`.\n\n${entries.join('\n\n')}`;
  });
  return `${INTRODUCTION}\n\n${sections.join('\n\n')}\n`;
}

const INTRODUCTION = `# Instructions

Made from the opcode table; not to be edited. ${INSTRUCTIONS.length} instructions.

Registers are 64-bit words, a set of up to 256 for each call of a function. An instruction has eight bytes: the prefix of its group,
its opcode, and the fields of its operands, little-endian; \`name:i32\` takes four bytes and \`00\` is a byte that nothing has. One
mnemonic may have several forms, of which the assembler takes the one that fits what is written.

Fuel is charged for a basic block at its entry; "+ 1 for each 64 bytes" is charged as the instruction runs, before each chunk of
256 KiB moves, for each whole 64 bytes: 63 bytes cost nothing more, 64 one. Order is what an instruction promises to other threads;
"private" ones touch nothing that others see.

| operand | is |
|---|---|
${Object.entries(KINDS)
  .map(([kind, text]) => `| \`${kind}\` | ${text} |`)
  .join('\n')}`;

function entry(mnemonic: string, forms: readonly Instruction[]): string {
  const docs = [...new Set(forms.map(({ doc }) => doc))];
  const rows = forms.map(
    (row) =>
      `| \`${row.name}\` | ${operandsOf(row)} | ${effectsOf(row)} | ${trapsOf(row)} | ${fuelOf(row)} | ${orderOf(row)} | ${encodingOf(row)} |`,
  );
  return [
    `### ${mnemonic}`,
    '',
    docs.length === 1 ? docs[0] : forms.map((row) => `- \`${row.name}\`: ${row.doc}`).join('\n'),
    '',
    '| form | operands | registers | traps | fuel | order | encoding |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    '```',
    ...new Set(forms.map(exampleOf)),
    '```',
  ].join('\n');
}

function operandsOf({ operands }: Instruction): string {
  return operands.map(({ kind, name }) => `${kind} *${name}*`).join(', ') || 'none';
}

/** What happens to registers; what else happens, the sentence above says. */
function effectsOf(row: Instruction): string {
  const nameOf = (index: number): string => `*${row.operands[index]?.name}*`;
  const read = [...new Set(row.read.map(({ operand }) => nameOf(operand)))];
  const given = row.operands.flatMap(({ kind }) => (kind === 'arguments' || kind === 'count' ? ['its arguments'] : []));
  const reads = [...read, ...given];
  const parts = [
    ...(reads.length > 0 ? [`reads ${reads.join(', ')}`] : []),
    ...(row.written === undefined ? [] : [`writes ${nameOf(row.written.operand)}`]),
  ];
  return parts.join('; ') || 'none';
}

function trapsOf({ traps }: Instruction): string {
  return traps.join(', ') || 'none';
}

function fuelOf({ fuel, bulk }: Instruction): string {
  return bulk ? `${fuel} + 1 for each 64 bytes` : String(fuel);
}

function orderOf({ order }: Instruction): string {
  return order === undefined ? 'private' : ORDERS[order];
}

/** The eight bytes: numbers as they are, fields by the name of their operand. */
function encodingOf(row: Instruction): string {
  const parts = [hex(GROUPS[row.group]), hex(row.code)];
  for (let byte = 2; byte < 8; ) {
    const field = row.fields.find((each) => each.byte === byte);
    if (field === undefined) parts.push('00');
    else {
      const operand = row.operands[field.operand];
      const several = (row.fields.filter((each) => each.operand === field.operand).length ?? 0) > 1;
      const name = several ? `${operand?.name}.${field.role}` : operand?.name;
      parts.push(`${name}:${field.role === 'value' ? 'i' : 'u'}${8 * field.width}`);
    }
    byte += field?.width ?? 1;
  }
  return `\`${parts.join(' ')}\``;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
