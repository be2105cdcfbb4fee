/**
 * What a row of the opcode table says, and everything that follows from its operand signature: which bytes of the
 * instruction an operand takes, what the assembler accepts for it, what the verifier checks.
 *
 * An instruction is 8 bytes: the group's prefix, the opcode, and six bytes of operand fields. Fields are placed in the
 * order of the signature, each at the lowest free byte from 2 on that is a multiple of its width; bytes left over are 0.
 */
import type { TrapReason } from '../traps.ts';

/** The kinds of operands, with their fields: name and width in bytes. */
export const OPERAND_KINDS = {
  /** A register that is written. */
  to: [['register', 1]],
  /** A register that is read. */
  from: [['register', 1]],
  /** A signed constant of 8 bits. */
  small: [['value', 1]],
  /** A signed constant of 32 bits. */
  immediate: [['value', 4]],
  /** The index of a 64-bit constant. */
  constant: [['index', 4]],
  /** The index of a 64-bit constant that is meant as a double. */
  float: [['index', 4]],
  /** A place in private memory: a register and an unsigned offset below 2^31. */
  memory: [
    ['register', 1],
    ['offset', 4],
  ],
  /** The index of an instruction of the same function. */
  label: [['target', 4]],
  /** Labels: no field of its own, but the `entry` words right behind, as many as there are. */
  targets: [],
  /** A function of the program. */
  function: [['function', 2]],
  /** The first three arguments of a call; those that the function does not have are 0. */
  arguments: [
    ['register', 1],
    ['register', 1],
    ['register', 1],
  ],
  /** Six further arguments of a call; those that the function does not have are 0. */
  further: [
    ['register', 1],
    ['register', 1],
    ['register', 1],
    ['register', 1],
    ['register', 1],
    ['register', 1],
  ],
  /** A function that the host grants. */
  import: [['import', 2]],
  /** A table of functions and a register: the index into it, checked at run time. */
  handler: [
    ['table', 2],
    ['register', 1],
  ],
  /** How many arguments an indirect call gives; all of them stand in `args` words. */
  count: [['count', 1]],
  /** A message of the program, by index. */
  message: [['message', 4]],
  /** A window that the program declares. */
  window: [['window', 2]],
  /** A place of words: its first word. Proved inside its window by the verifier. */
  place: [['place', 2]],
  /** A place of words and a register: the index into it, checked at run time. */
  element: [
    ['place', 2],
    ['register', 1],
  ],
  /** As `place`, of slots. */
  slot: [['place', 2]],
  /** As `element`, of slots. */
  slot_element: [
    ['place', 2],
    ['register', 1],
  ],
} as const;

export type OperandKind = keyof typeof OPERAND_KINDS;
export type FieldRole =
  | 'register'
  | 'value'
  | 'index'
  | 'offset'
  | 'target'
  | 'function'
  | 'import'
  | 'table'
  | 'count'
  | 'message'
  | 'window'
  | 'place';

/**
 * What follows an instruction: the next one, either of two, a target only, one of several targets, a call and then the next, or
 * nothing here. A `part` belongs to the instruction before it: it is never executed or branched to by itself.
 */
export type Flow = 'next' | 'branch' | 'jump' | 'table' | 'call' | 'end' | 'part';

/** The ordering that an instruction promises to other threads. */
export type MemoryOrder = 'acquire' | 'release' | 'acq_rel' | 'seq_cst' | 'none';

export interface Row {
  /** The second byte; unique over all groups. */
  readonly code: number;
  /** `kind name, kind name, ...` in the order of the assembly. */
  readonly operands: string;
  /** What it does, in one line. */
  readonly doc: string;
  /** What the assembly calls it, where that is not the row's name: several rows may be forms of one mnemonic. */
  readonly mnemonic?: string;
  readonly traps?: readonly TrapReason[];
  /** Default: 1. */
  readonly fuel?: number;
  /** Moves bytes: charges one more for each 64 of them, in chunks between which it can be stopped; see interpreter/bulk.ts. */
  readonly bulk?: boolean;
  readonly order?: MemoryOrder;
  /** Default: `next`. */
  readonly flow?: Flow;
}

export type Rows = { readonly [name: string]: Row };

export interface Operand {
  readonly kind: OperandKind;
  readonly name: string;
}

/** Where one field of an operand stands in the instruction. */
export interface Field {
  readonly operand: number;
  readonly kind: OperandKind;
  readonly role: FieldRole;
  readonly byte: number;
  readonly width: 1 | 2 | 4;
}

/** Reads a signature. @throws {TypeError} for a kind that does not exist: the table is wrong */
export function parseOperands(signature: string): readonly Operand[] {
  if (signature === '') return [];
  return signature.split(', ').map((part) => {
    const [kind, name] = part.split(' ');
    if (kind === undefined || !(kind in OPERAND_KINDS) || name === undefined) throw new TypeError(`operand "${part}"`);
    return { kind: kind as OperandKind, name };
  });
}

/** Places the fields of a signature's operands. @throws {TypeError} if they do not fit: the table is wrong */
export function placeFields(operands: readonly Operand[]): readonly Field[] {
  const free = [false, false, true, true, true, true, true, true];
  return operands.flatMap((operand, index) =>
    OPERAND_KINDS[operand.kind].map(([role, width]): Field => {
      for (let byte = 0; byte < 8; byte += width) {
        if (!free.slice(byte, byte + width).every(Boolean)) continue;
        free.fill(false, byte, byte + width);
        return { operand: index, kind: operand.kind, role, byte, width };
      }
      throw new TypeError(`no room for operand ${operand.name}`);
    }),
  );
}
