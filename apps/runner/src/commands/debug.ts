/** `pool debug`: a program, run a little at a time. */

import type { Command } from 'commander';
import { instantiateAlone } from '../debug/lone-instance.ts';
import { DebugSession } from '../debug/session.ts';
import { converse } from '../debug/terminal.ts';
import { JobError, ProgramError, SetupError } from '../errors.ts';
import { counted } from '../report/text.ts';
import { trapText } from '../report/trap-text.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { checkEntry, type LoneFlags, withLoneOptions } from './lone-options.ts';
import { loadFile } from './program-file.ts';

const EXIT_CODES: string = exitCodes(
  'the session was left',
  'the program trapped, or does not load',
  `${WRONG_FILE}; or a script with a command that could not be done`,
);
const MORE = `
The program is alone in a pool of its own: the windows that it declares are granted, all zero. Its waits end after a second.
Functions that it imports are printed as they are called, and give 0.
Commands come from standard input, so a script can be piped in; \`help\` lists them. Ctrl-C stops a program that runs,
and forgets what was typed until then.`;

export function addDebug(pool: Command, signal: AbortSignal): void {
  withLoneOptions(pool.command('debug'))
    .description('run a program alone, step by step')
    .addHelpText('after', MORE)
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, values: readonly bigint[], flags: LoneFlags) => {
      const program = await loadFile(file, flags);
      checkEntry(program, flags.entry, values);
      const onImport = (call: string): void => void process.stdout.write(`import ${call}\n`);
      const instance = instantiateAlone(program, { ...flags, onImport });
      const session = new DebugSession(program, instance.start(flags.entry, values));
      const { stdin: input, stdout: output } = process;
      const interactive = input.isTTY === true && output.isTTY === true;
      const failed = await converse(session, { input, output, interactive, signal });
      if (signal.aborted) throw new JobError('cancelled', 'the session was cancelled');
      const { lastStop } = session;
      if (lastStop?.kind === 'trap' && !interactive) throw new ProgramError(trapText(lastStop.trap));
      if (failed > 0 && !interactive)
        throw new SetupError([{ message: `${counted(failed, 'command')} could not be done` }]);
    });
}
