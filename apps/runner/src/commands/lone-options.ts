/** The options of the commands that run one program alone. */

import type { VerifiedProgram } from '@pool/vm';
import type { Command } from 'commander';
import { type Problem, SetupError } from '../errors.ts';
import { oneOf } from '../manifest/nearest.ts';
import { counted } from '../report/text.ts';
import { collectValue, wholeNumber } from './arguments.ts';
import { type AssemblyFlags, withAssemblyOptions } from './program-file.ts';

export interface LoneFlags extends AssemblyFlags {
  readonly entry: string;
  readonly words?: number;
  readonly fuel?: number;
}

const MOST_WORDS: number = 2 ** 27;

export function withLoneOptions(command: Command): Command {
  return withAssemblyOptions(
    command
      .argument('<program>', 'assembly, or a binary program')
      .argument('[values...]', 'what its function is given: integers or doubles; behind --', collectValue)
      .option('-e, --entry <function>', 'the function to begin with', 'main')
      .option('-w, --words <n>', 'words of each window, where the program asks for fewer', wholeNumber(1, MOST_WORDS))
      .option('-f, --fuel <n>', 'fuel to begin with (default: no limit)', wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  );
}

/** @throws {SetupError} if the program has no such function, or it takes another number of values */
export function checkEntry({ program }: VerifiedProgram, entry: string, values: readonly bigint[]): void {
  const body = program.functions.find(({ name }) => name === entry);
  const names = program.functions.map(({ name }) => name);
  let problem: Problem | undefined;
  if (body === undefined) {
    const hint = oneOf(entry, names);
    problem = { message: `the program has no function \`${entry}\``, ...(hint === undefined ? {} : { hint }) };
  } else if (body.parameters !== values.length)
    problem = {
      message: `the function \`${entry}\` takes ${counted(body.parameters, 'value')}, and ${values.length} are given`,
      hint: 'values stand behind --',
    };
  if (problem !== undefined) throw new SetupError([problem]);
}
