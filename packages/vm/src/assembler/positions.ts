/** The line table of one function: where its instructions stand in the text, or where a listing says that they came from. */
import type { Place } from './diagnostics.ts';
import { textOf } from './operand-encoder.ts';
import type { ProgramScope } from './scope.ts';
import type { Origin } from './syntax.ts';

/** Line, column and file of each instruction, as the binary format has them. What a macro expands to stands where it was used. */
export function positionsOf(
  program: ProgramScope,
  places: readonly Place[],
  origins: readonly (Origin | undefined)[],
): Uint32Array {
  if (program.statesOrigins) return statedPositions(program, places, origins);
  const stated = origins.find((origin) => origin !== undefined);
  if (stated !== undefined)
    program.constants.diagnostics.report(
      stated.line.at,
      'an instruction says where it came from, and the text declares no files',
      'files "main.pasm"',
    );
  const positions = new Uint32Array(2 * places.length);
  places.forEach((place, index) => {
    const { line, column, source } = place.expansion?.usedAt ?? place;
    positions[2 * index] = line;
    positions[2 * index + 1] = Math.min(column, 0xffff) * 0x1_0000 + program.files.index(source.name);
  });
  return positions;
}

/** All instructions of a function say where they came from, or none. */
function statedPositions(
  { constants, files }: ProgramScope,
  places: readonly Place[],
  origins: readonly (Origin | undefined)[],
): Uint32Array {
  if (origins.length === 0) return new Uint32Array(0);
  const { diagnostics } = constants;
  const positions = new Uint32Array(2 * places.length);
  for (const [index, at] of places.entries()) {
    const origin = origins[index];
    if (origin === undefined) {
      const hint = 'write @ line:column, or leave it out everywhere';
      diagnostics.report(at, 'this instruction does not say where it came from', hint);
      continue;
    }
    const { line, column, file } = origin;
    let number = 0;
    if (file?.kind === 'string') number = files.find(textOf(file.bytes)) ?? -1;
    else if (file?.kind === 'index') number = Number(constants.integer(file.index, 'the file', 0n, 0xffffn) ?? 0n);
    if (number < 0) diagnostics.report(file?.at ?? at, 'no file of this name is declared by files');
    positions[2 * index] = Number(constants.integer(line, 'the line', 0n, 2n ** 32n - 1n) ?? 0n);
    positions[2 * index + 1] =
      Number(constants.integer(column, 'the column', 0n, 0xffffn) ?? 0n) * 0x1_0000 + Math.max(number, 0);
  }
  return positions;
}
