/** Where breakpoints are: from a function or a line to the instructions that stop. */
import { LinkError } from '../errors.ts';
import { shown } from '../interpreter/given.ts';
import { sourcePosition } from '../program/program.ts';
import { type VerifiedFunction, type VerifiedProgram, verifiedProgram } from '../verifier/verify.ts';

/** A function's beginning or one of its instructions; or a line, and then the first that has code from there on. */
export type BreakpointPlace =
  | { readonly function: string; readonly instruction?: number }
  | { readonly line: number; readonly file?: string };

/** An instruction, by the index of its function. */
export interface InstructionPlace {
  readonly function: number;
  readonly instruction: number;
}

/**
 * The instructions at which a breakpoint stops: for a line, the first of each run of instructions that the line became.
 * @throws {LinkError} if the program has no such function, instruction, file or line
 */
export function resolveBreakpoint(verified: VerifiedProgram, place: BreakpointPlace): InstructionPlace[] {
  const { name, functions } = verifiedProgram(verified);
  if ('line' in place) return resolveLine(verified, place.line, place.file);
  const index = functions.findIndex((one) => one.name === place.function);
  const subject = verified.functions[index];
  if (subject === undefined)
    throw new LinkError(
      `program ${name} has no function ${place.function}; it has ${functions.map((one) => one.name).join(', ')}`,
    );
  const instruction = place.instruction ?? 0;
  const { count, body } = subject.reader;
  if (!(Number.isInteger(instruction) && instruction >= 0 && instruction < count))
    throw new LinkError(`function ${body.name} has ${count} instructions, and no instruction ${shown(instruction)}`);
  if (isPart(subject, instruction))
    throw new LinkError(
      `instruction ${instruction} of ${body.name} is a part of the one before, and nothing stops there`,
    );
  return [{ function: index, instruction }];
}

function resolveLine(verified: VerifiedProgram, line: number, file: string | undefined): InstructionPlace[] {
  const program = verifiedProgram(verified);
  if (!(Number.isInteger(line) && line >= 1))
    throw new LinkError(`a line is a whole number from 1 on, not ${shown(line)}`);
  const name = file === undefined ? program.files[0] : findFile(program, file);
  if (name === undefined)
    throw new LinkError(
      program.files.length === 0
        ? `program ${program.name} carries no lines`
        : `program ${program.name} has no file ${file}; it has ${program.files.join(', ')}`,
    );
  let nearest = Number.POSITIVE_INFINITY;
  let places: InstructionPlace[] = [];
  verified.functions.forEach((subject, index) => {
    let before = 0;
    for (let instruction = 0; instruction < subject.reader.count; instruction++) {
      if (isPart(subject, instruction)) continue;
      const at = sourcePosition(program, subject.reader.body, instruction);
      const here = at.file === name ? at.line : 0;
      if (here >= line && here <= nearest && here !== before) {
        if (here < nearest) places = [];
        nearest = here;
        places.push({ function: index, instruction });
      }
      before = here;
    }
  });
  if (places.length === 0) throw new LinkError(`${name} has no code at line ${line} or behind it`);
  return places;
}

/** Such as the further arguments of a call: read by the instruction before, wherever its line table says that it comes from. */
function isPart({ reader }: VerifiedFunction, instruction: number): boolean {
  return reader.rows[instruction]?.flow === 'part';
}

/** By its whole name, or by the end of its path. */
function findFile({ files }: VerifiedProgram['program'], file: string): string | undefined {
  return files.find((name) => name === file) ?? files.find((name) => name.endsWith(`/${file}`));
}
