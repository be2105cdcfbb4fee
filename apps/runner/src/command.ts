/** The `pool` command: its arguments, what it prints, and how it ends. Each command has a file of its own. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAsm } from './commands/asm.ts';
import { addCheck } from './commands/check.ts';
import { addDebug } from './commands/debug.ts';
import { addDisasm } from './commands/disasm.ts';
import { EXIT, exitCodes } from './commands/exit.ts';
import { addMap } from './commands/map.ts';
import { addProfile } from './commands/profile.ts';
import { addRun } from './commands/run.ts';
import { addVerify } from './commands/verify.ts';
import { JobError, ProgramError, SetupError } from './errors.ts';
import { visibleLines } from './report/escape.ts';

/** Runs the command with the arguments after its name; returns the exit code. */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await command(signal).parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander has printed it
    if (error instanceof ProgramError) {
      process.stderr.write(`${visibleLines(error.message)}\n`);
      return EXIT.failed;
    }
    if (error instanceof SetupError) return complain(error.message, EXIT.usage);
    if (error instanceof JobError)
      return complain(error.message, error.fault === 'cancelled' ? EXIT.interrupted : EXIT.failed);
    process.stderr.write(
      `pool: this is a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return EXIT.internal;
  }
}

function command(signal: AbortSignal): Command {
  const pool = new Command('pool')
    .description('Runs programs on worker threads over one shared memory pool, and has the tools to write them.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(pool --help says more)')
    .addHelpText(
      'after',
      exitCodes('done', 'a program is at fault, or a job failed', 'wrong usage, or a file that is not there'),
    )
    .exitOverride();
  addRun(pool, signal);
  addMap(pool, signal);
  addAsm(pool);
  addDisasm(pool);
  addVerify(pool);
  addCheck(pool, signal);
  addDebug(pool, signal);
  addProfile(pool, signal);
  return pool;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function complain(message: string, code: number): number {
  process.stderr.write(`pool: ${visibleLines(message).replaceAll('\n', '\n      ')}\n`);
  return code;
}
