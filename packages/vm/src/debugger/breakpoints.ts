/** Where breakpoints are: from a function or a line to the instructions that stop. */
import { LinkError } from '../errors.ts';
import { INSTRUCTION_BYTES, type Program, sourcePosition } from '../program/program.ts';

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
export function resolveBreakpoint(program: Program, place: BreakpointPlace): InstructionPlace[] {
  if ('line' in place) return resolveLine(program, place.line, place.file);
  const index = program.functions.findIndex(({ name }) => name === place.function);
  const body = program.functions[index];
  if (body === undefined)
    throw new LinkError(
      `program ${program.name} has no function ${place.function}; it has ${program.functions.map(({ name }) => name).join(', ')}`,
    );
  const instruction = place.instruction ?? 0;
  const count = body.code.length / INSTRUCTION_BYTES;
  if (!(Number.isInteger(instruction) && instruction >= 0 && instruction < count))
    throw new LinkError(`function ${body.name} has ${count} instructions, and no instruction ${instruction}`);
  return [{ function: index, instruction }];
}

function resolveLine(program: Program, line: number, file: string | undefined): InstructionPlace[] {
  const name = file === undefined ? program.files[0] : findFile(program, file);
  if (name === undefined)
    throw new LinkError(
      program.files.length === 0
        ? `program ${program.name} carries no lines`
        : `program ${program.name} has no file ${file}; it has ${program.files.join(', ')}`,
    );
  let nearest = Number.POSITIVE_INFINITY;
  let places: InstructionPlace[] = [];
  program.functions.forEach((body, index) => {
    let before = 0;
    for (let instruction = 0; instruction < body.code.length / INSTRUCTION_BYTES; instruction++) {
      const at = sourcePosition(program, body, instruction);
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

/** By its whole name, or by the end of its path. */
function findFile(program: Program, file: string): string | undefined {
  return program.files.find((name) => name === file) ?? program.files.find((name) => name.endsWith(`/${file}`));
}
