/** `pool verify`: every rule that a program breaks, or what it needs to be run. */

import type { VerifiedProgram } from '@pool/vm';
import type { Command } from 'commander';
import { visibleLines } from '../report/escape.ts';
import { columns, counted, grouped } from '../report/text.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { type AssemblyFlags, loadFile, withAssemblyOptions } from './program-file.ts';

const EXIT_CODES: string = exitCodes(
  'the program keeps every rule',
  'it breaks rules: the first 100 are printed with function and line; or it is no program, or does not assemble',
  WRONG_FILE,
);

export function addVerify(pool: Command): void {
  withAssemblyOptions(pool.command('verify'))
    .description('verify a program, and say what it needs to be granted')
    .argument('<file>', 'assembly, or a binary program')
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, flags: AssemblyFlags) => {
      const verified = await loadFile(file, flags);
      process.stdout.write(`${visibleLines(needs(verified))}\n`);
    });
}

/** What a program is, and what it needs. */
function needs({ program, functions, windows }: VerifiedProgram): string {
  const instructions = functions.reduce((sum, { reader }) => sum + reader.count, 0);
  const usesSegments = functions.some(({ reader }) => reader.rows.some((row) => row?.group === 'segments'));
  const rows = [
    ['functions', `${grouped(functions.length)}, ${counted(instructions, 'instruction')}`],
    ['memory', `${counted(program.initialPages, 'page')} at first, at most ${grouped(program.maximumPages)}`],
    ...windows.map(({ name, words, slots }) => [
      `window ${name}`,
      `${counted(words, 'word')}, ${counted(slots, 'slot')}`,
    ]),
    ...program.imports.map(({ name, parameters, returnsValue }) => [
      `import ${name}`,
      `${counted(parameters, 'parameter')}, ${returnsValue ? 'a value' : 'no value'}`,
    ]),
    ['segments', usesSegments ? 'used' : 'not used'],
  ];
  return `${program.name}: verified\n${columns(
    rows.map(([what, value]) => [`  ${what}`, value ?? '']),
    ['left', 'left'],
  )}`;
}
