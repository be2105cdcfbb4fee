/** `pool disasm`: a binary program to text that assembles to the same bytes. */

import { disassemble } from '@pool/vm';
import type { Command } from 'commander';
import { ProgramError } from '../errors.ts';
import { write } from './asm.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { isBinary, readBytes, verifyBytes } from './program-file.ts';

const EXIT_CODES: string = exitCodes('disassembled', 'the file is no program, or breaks a rule', WRONG_FILE);

export function addDisasm(pool: Command): void {
  pool
    .command('disasm')
    .description('print a binary program as assembly that assembles to the same bytes')
    .argument('<file>', 'a binary program')
    .option('-o, --output <file>', 'where to write the text (default: standard output)')
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, flags: { readonly output?: string }) => {
      const bytes = await readBytes(file);
      if (bytes.length === 0) throw new ProgramError(`${file}: this file is empty`);
      if (!isBinary(bytes) && !bytes.includes(0))
        throw new ProgramError(`${file}: this is a text, not a binary program (pool asm makes one of assembly)`);
      const text = disassemble(verifyBytes(file, bytes));
      if (flags.output === undefined) process.stdout.write(text);
      else await write(flags.output, text);
    });
}
