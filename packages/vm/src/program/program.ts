/**
 * A program as data: what the binary format says, and nothing checked beyond that it could be read. Only the verifier turns
 * one into something that runs.
 */

/** Bytes in a page of private memory. */
export const PAGE_BYTES = 65_536;
/** The most pages that a program may ask for: 1 GiB. */
export const MAX_PAGES = 16_384;
/** Bytes in an instruction. */
export const INSTRUCTION_BYTES = 8;
/** The most registers a function has. */
export const MAX_REGISTERS = 256;
/** The most parameters a function has. */
export const MAX_PARAMETERS = 15;
/** The length of a place that goes to the end of its window, however large the window that is granted. */
export const REST = 0xffff_ffff;

/** A window that the program wants to be granted, and what it must have at least. */
export interface WindowDeclaration {
  readonly name: string;
  readonly words: number;
  readonly slots: number;
}

/** A range of a window's words or slots that instructions name by its index. */
export interface Place {
  readonly name: string;
  readonly kind: 'words' | 'slots';
  readonly window: number;
  readonly address: number;
  /** `REST`: to the end of the granted window. */
  readonly length: number;
}

export interface FunctionBody {
  readonly name: string;
  readonly parameters: number;
  readonly registers: number;
  readonly returnsValue: boolean;
  /** Eight bytes an instruction. */
  readonly code: Uint8Array;
  /** A name a register, where known; for people only. */
  readonly registerNames: readonly string[];
  /** `{ line, column << 16 | file }` an instruction, or empty; for people only. */
  readonly positions: Uint32Array;
}

/** Functions that indirect calls choose among. */
export interface FunctionTable {
  readonly name: string;
  /** Functions by index; they need not have one signature. */
  readonly functions: readonly number[];
}

/** A function that the host must grant. */
export interface HostImport {
  readonly name: string;
  readonly parameters: number;
  readonly returnsValue: boolean;
}

/** Bytes that private memory holds when the program begins. */
export interface DataSegment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export interface Program {
  readonly name: string;
  readonly initialPages: number;
  readonly maximumPages: number;
  readonly windows: readonly WindowDeclaration[];
  readonly places: readonly Place[];
  readonly functions: readonly FunctionBody[];
  readonly tables: readonly FunctionTable[];
  readonly imports: readonly HostImport[];
  readonly constants: BigUint64Array;
  readonly data: readonly DataSegment[];
  readonly messages: readonly string[];
  readonly files: readonly string[];
}

/** Where an instruction stands in the source; line 0 where the program does not say. */
export function sourcePosition(
  program: Program,
  body: Pick<FunctionBody, 'positions'>,
  instruction: number,
): { readonly file: string; readonly line: number; readonly column: number } {
  const line = body.positions[2 * instruction] ?? 0;
  const rest = body.positions[2 * instruction + 1] ?? 0;
  return { file: program.files[rest & 0xffff] ?? '', line, column: rest >>> 16 };
}
