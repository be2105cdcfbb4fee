/** `pool asm`: text to a binary program. */
import { stat, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { SetupError } from '../errors.ts';
import { counted } from '../report/text.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { type AssemblyFlags, assembleFile, verifyBytes, withAssemblyOptions } from './program-file.ts';

const EXIT_CODES: string = exitCodes('assembled', 'the text has errors: each is printed with its line', WRONG_FILE);

export function addAsm(pool: Command): void {
  withAssemblyOptions(pool.command('asm'))
    .description('assemble a program')
    .argument('<file>', 'assembly, a .pasm file')
    .option(
      '-o, --output <file>',
      'where to write the binary; - is standard output (default: beside the file, as .pvm)',
    )
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, flags: AssemblyFlags & { readonly output?: string }) => {
      const output = flags.output ?? `${file.replace(/\.pasm$/, '')}.pvm`;
      if (output !== '-' && (await isSameFile(file, output)))
        throw new SetupError([{ at: output, message: 'this is the source itself, and would be overwritten' }]);
      const bytes = await assembleFile(file, flags);
      if (output === '-') {
        process.stdout.write(bytes);
        return;
      }
      await write(output, bytes);
      const { functions } = verifyBytes(file, bytes);
      const instructions = functions.reduce((sum, { reader }) => sum + reader.count, 0);
      const parts = [
        counted(functions.length, 'function'),
        counted(instructions, 'instruction'),
        counted(bytes.length, 'byte'),
      ];
      process.stdout.write(`${output}: ${parts.join(', ')}\n`);
    });
}

/** Whether two paths lead to one file, by links of either kind or however they are spelt. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return first !== undefined && first.ino === second?.ino && first.dev === second.dev;
}

/** @throws {SetupError} if it cannot be written */
export async function write(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content);
  } catch (cause) {
    throw new SetupError([{ at: path, message: `this file cannot be written: ${(cause as Error).message}` }], {
      cause,
    });
  }
}
