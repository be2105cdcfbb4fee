/**
 * The opcode table: the one place that says what instructions there are. Encoding, assembler, verifier, engines and the
 * reference follow from it; a row without a handler in the interpreter does not compile.
 */

import type { TrapReason } from '../traps.ts';
import { CONTROL } from './control.ts';
import { FLOAT } from './float.ts';
import { INTEGER } from './integer.ts';
import { MEMORY } from './memory.ts';
import {
  type Field,
  type Flow,
  type MemoryOrder,
  type Operand,
  parseOperands,
  placeFields,
  type Row,
  type Rows,
} from './row.ts';
import { SEGMENTS } from './segments.ts';
import { SHARED } from './shared.ts';

/** The prefix bytes. Only the shared and the segment group can name the pool. */
export const GROUPS = { local: 0x00, segments: 0xfd, shared: 0xfe } as const;
export type GroupName = keyof typeof GROUPS;

type LocalRows = typeof CONTROL & typeof INTEGER & typeof FLOAT & typeof MEMORY;
type AllRows = LocalRows & typeof SHARED & typeof SEGMENTS;
export type OpcodeName = keyof AllRows;

/** Opcodes by name, as literal types: what the interpreter's switch is written on, and checked to be whole by. */
export type Opcodes = { readonly [Name in OpcodeName]: AllRows[Name]['code'] };
export type Opcode = Opcodes[OpcodeName];

/** A row with everything that follows from it. */
export interface Instruction {
  readonly name: OpcodeName;
  readonly mnemonic: string;
  readonly group: GroupName;
  readonly code: number;
  readonly operands: readonly Operand[];
  readonly fields: readonly Field[];
  /** The register that is written, if one is. */
  readonly written: Field | undefined;
  /** The registers that are read, those of a call's arguments excepted: how many they are, the callee says. */
  readonly read: readonly Field[];
  /** Where a branch goes, if it is one. */
  readonly target: Field | undefined;
  /** Bytes that no field has. */
  readonly unused: readonly number[];
  readonly flow: Flow;
  readonly fuel: number;
  readonly bulk: boolean;
  readonly traps: readonly TrapReason[];
  readonly order: MemoryOrder | undefined;
  readonly doc: string;
}

function instruction(group: GroupName, name: string, row: Row): Instruction {
  const operands = parseOperands(row.operands);
  const fields = placeFields(operands);
  const isRead = ({ role, kind }: Field): boolean =>
    role === 'register' && kind !== 'to' && kind !== 'arguments' && kind !== 'further';
  return {
    name: name as OpcodeName,
    mnemonic: row.mnemonic ?? name,
    group,
    code: row.code,
    operands,
    fields,
    written: fields.find(({ kind }) => kind === 'to'),
    read: fields.filter(isRead),
    target: fields.find(({ role }) => role === 'target'),
    unused: [2, 3, 4, 5, 6, 7].filter(
      (byte) => !fields.some((field) => byte >= field.byte && byte < field.byte + field.width),
    ),
    flow: row.flow ?? 'next',
    fuel: row.fuel ?? 1,
    bulk: row.bulk ?? false,
    traps: row.traps ?? [],
    order: row.order,
    doc: row.doc,
  };
}

const LOCAL: Rows = { ...CONTROL, ...INTEGER, ...FLOAT, ...MEMORY };

/** Every instruction, in the order of the tables. */
export const INSTRUCTIONS: readonly Instruction[] = [
  ...Object.entries(LOCAL).map(([name, row]) => instruction('local', name, row)),
  ...Object.entries(SHARED).map(([name, row]) => instruction('shared', name, row)),
  ...Object.entries(SEGMENTS).map(([name, row]) => instruction('segments', name, row)),
];

/** By opcode byte; the byte is unique over all groups, and the prefix must agree with it. */
export const BY_CODE: readonly (Instruction | undefined)[] = (() => {
  const byCode: (Instruction | undefined)[] = new Array(256).fill(undefined);
  for (const row of INSTRUCTIONS) {
    if (byCode[row.code] !== undefined) throw new TypeError(`opcode ${row.code} is used twice`);
    byCode[row.code] = row;
  }
  return byCode;
})();

/** The forms of each mnemonic, in the order of the tables. */
export const BY_MNEMONIC: ReadonlyMap<string, readonly Instruction[]> = Map.groupBy(
  INSTRUCTIONS,
  (row) => row.mnemonic,
);

/** `OP['i64.add']` is the opcode byte of `i64.add`. */
export const OP: Opcodes = Object.fromEntries(INSTRUCTIONS.map((row) => [row.name, row.code])) as Opcodes;
