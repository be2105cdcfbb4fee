/** From a file to a program: a binary as it is, a text through the assembler. */
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import {
  assemble,
  decode,
  FormatError,
  formatErrors,
  load,
  locateViolation,
  type Program,
  VerificationError,
  type VerifiedProgram,
  type Violation,
} from '@pool/vm';
import type { Command } from 'commander';
import { ProgramError, SetupError } from '../errors.ts';
import { Includes } from '../job/includes.ts';
import { unreadable } from '../manifest/read.ts';
import { SourceTextError, sourceText } from '../manifest/source-text.ts';
import { counted, mebibytes } from '../report/text.ts';
import { collect, collectConstant } from './arguments.ts';

/** How a file's text is assembled. */
export interface AssemblyFlags {
  readonly constants?: Readonly<Record<string, number | bigint>>;
  readonly include?: readonly string[];
}

/** Room for all of the largest private memory would be more; nobody ships that as data. */
const MOST_BYTES: number = 2 ** 28;
/** Of the errors of a binary; people act on the first. */
const MOST_TOLD = 100;
const MAGIC = [0x50, 0x56, 0x4d, 0x00] as const;

/** Gives a command the options that `AssemblyFlags` are. */
export function withAssemblyOptions(command: Command): Command {
  return command
    .option('-c, --constants <name=value>', 'define a constant for the text; can be repeated', collectConstant)
    .option('-I, --include <dir>', 'look for includes here too; can be repeated', collect);
}

/** Assembles a file. @throws {SetupError} if it cannot be read @throws {ProgramError} with the errors, their lines and hints */
export async function assembleFile(path: string, flags: AssemblyFlags): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  if (isBinary(bytes))
    throw new ProgramError(`${path}: this is a binary program already (pool disasm makes a text of one)`);
  return assembleText(path, bytes, flags);
}

/**
 * The bytes of a program: a text is assembled, anything that is no text, or is called `.pvm`, is taken as a binary.
 * @throws {SetupError} if it cannot be read @throws {ProgramError} if it does not assemble
 */
export async function readProgram(path: string, flags: AssemblyFlags): Promise<Uint8Array> {
  const bytes = await readBytes(path);
  const extension = extname(path);
  const isText = !isBinary(bytes) && extension !== '.pvm' && (extension === '.pasm' || !bytes.includes(0));
  return isText ? assembleText(path, bytes, flags) : bytes;
}

/** A program that can be run. @throws {SetupError | ProgramError} with every rule that it breaks */
export async function loadFile(path: string, flags: AssemblyFlags): Promise<VerifiedProgram> {
  return verifyBytes(path, await readProgram(path, flags));
}

/** Decodes and verifies. @throws {ProgramError} */
export function verifyBytes(path: string, bytes: Uint8Array): VerifiedProgram {
  try {
    return load(bytes);
  } catch (cause) {
    if (cause instanceof FormatError) throw new ProgramError(`${path}: ${cause.message}`, { cause });
    if (!(cause instanceof VerificationError)) throw cause;
    const program = decode(bytes);
    const lines = cause.violations.slice(0, MOST_TOLD).map((violation) => violationText(path, program, violation));
    const untold = cause.violations.length - lines.length;
    if (untold > 0) lines.push(`${path}: and ${counted(untold, 'more error')}`);
    throw new ProgramError(lines.join('\n'), { cause });
  }
}

/**
 * A whole file; never more than a program can be, so that a device or a pipe without an end is no trap for the command.
 * @param what is expected there, for the message @throws {SetupError} that says why it cannot be read
 */
export async function readBytes(path: string, what = 'program'): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // `end` is the last byte that is read: one more than there may be.
    for await (const chunk of createReadStream(path, { end: MOST_BYTES }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
    }
  } catch (cause) {
    throw new SetupError([{ at: path, message: unreadable(cause, what) }], { cause });
  }
  if (size > MOST_BYTES)
    throw new SetupError([
      { at: path, message: `this file has more than ${mebibytes(MOST_BYTES)} MiB, and no ${what} has` },
    ]);
  return Buffer.concat(chunks, size);
}

export function isBinary(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/** What is made of sources. @throws {ProgramError} if one of them is no text */
export function withText<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SourceTextError) throw new ProgramError(cause.message, { cause });
    throw cause;
  }
}

function assembleText(path: string, bytes: Uint8Array, { constants = {}, include = [] }: AssemblyFlags): Uint8Array {
  const includes = new Includes(path, include);
  const result = withText(() =>
    assemble({ name: path, text: sourceText(path, bytes) }, { constants, include: includes.find }),
  );
  if (!result.ok) throw new ProgramError(includes.explained(formatErrors(result.errors, result.more)));
  return result.bytes;
}

/** `file:line:column: error: message [rule] in function`, or the path of the binary and the instruction. */
function violationText(path: string, program: Program, violation: Violation): string {
  const at = locateViolation(program, violation);
  const where = at === undefined || at.line === 0 ? path : `${at.file}:${at.line}:${at.column}`;
  const inside = at === undefined ? '' : ` in ${at.function}, instruction ${at.instruction}`;
  return `${where}: error: ${violation.message} [${violation.rule}]${inside}`;
}
