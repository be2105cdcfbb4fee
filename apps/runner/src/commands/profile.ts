/** `pool profile`: where a program's instructions go. */

import { setImmediate } from 'node:timers/promises';
import { formatLocation, type Outcome, type Profile, type Profiler } from '@pool/vm';
import type { Command } from 'commander';
import { instantiateAlone } from '../debug/lone-instance.ts';
import { Slices } from '../debug/slices.ts';
import { SourceLines } from '../debug/source-lines.ts';
import { JobError, ProgramError } from '../errors.ts';
import { visibleLines } from '../report/escape.ts';
import { columns, counted, grouped } from '../report/text.ts';
import { trapText } from '../report/trap-text.ts';
import { wholeNumber } from './arguments.ts';
import { exitCodes, WRONG_FILE } from './exit.ts';
import { checkEntry, type LoneFlags, withLoneOptions } from './lone-options.ts';
import { loadFile } from './program-file.ts';

const EXIT_CODES: string = exitCodes(
  'the program is done',
  'it trapped or ran out of fuel, after the table of what it executed until then; or it does not load',
  WRONG_FILE,
);
const MORE = `
The program is alone in a pool of its own: the windows that it declares are granted, all zero. Its waits end after a second.
Functions that it imports do nothing and give 0. Ctrl-C ends a program that does not end, and the table is printed so far.`;

interface ProfileFlags extends LoneFlags {
  readonly top: number;
}

export function addProfile(pool: Command, signal: AbortSignal): void {
  withLoneOptions(pool.command('profile'))
    .description('run a program alone, and count its instructions by function and line')
    .option('--top <n>', 'how many lines to show', wholeNumber(1, Number.MAX_SAFE_INTEGER), 20)
    .addHelpText('after', MORE)
    .addHelpText('after', EXIT_CODES)
    .action(async (file: string, values: readonly bigint[], flags: ProfileFlags) => {
      const program = await loadFile(file, flags);
      checkEntry(program, flags.entry, values);
      const profile = await profileUntil(signal, instantiateAlone(program, flags).startProfile(flags.entry, values));
      process.stdout.write(`${visibleLines(profileText(profile, flags.top))}\n`);
      failOf(profile.outcome, program.name);
    });
}

/** To the program's end, or until the signal: the program runs on this very thread, and between slices signals have their turn. */
export async function profileUntil(signal: AbortSignal, profiler: Profiler): Promise<Profile> {
  const slices = new Slices();
  while (!signal.aborted && profiler.continue(slices.next()).kind === 'interrupted') {
    slices.end();
    await setImmediate();
  }
  return profiler.profile();
}

/** Tables of functions and lines, the most costly first. */
function profileText({ outcome, instructions, functions }: Profile, top: number): string {
  const sources = new SourceLines();
  const share = (count: number): string => `${((100 * count) / Math.max(1, instructions)).toFixed(1)} %`;
  const ran = functions.filter((one) => one.instructions > 0);
  const byFunction = ran.map((one) => [
    share(one.instructions),
    grouped(one.instructions),
    grouped(one.calls),
    one.name,
  ]);
  const lines = ran
    .flatMap((one) => one.lines.map((line) => ({ ...line, function: one.name })))
    .filter((line) => line.instructions > 0)
    .sort((one, other) => other.instructions - one.instructions);
  const byLine = lines
    .slice(0, top)
    .map((line) => [
      share(line.instructions),
      grouped(line.instructions),
      line.function,
      line.line === 0 ? '' : `${line.file}:${line.line}`,
      sources.text(line.file, line.line)?.trim() ?? '',
    ]);
  const shown = byLine.length < lines.length ? ` (${byLine.length} of ${grouped(lines.length)})` : '';
  return [
    ending(outcome, instructions),
    columns([['share', 'instructions', 'calls', 'function'], ...byFunction], ['right', 'right', 'right', 'left']),
    columns(
      [['share', 'instructions', 'function', `line${shown}`], ...byLine],
      ['right', 'right', 'left', 'left', 'left'],
    ),
  ].join('\n\n');
}

function ending(outcome: Outcome, instructions: number): string {
  const value = outcome.kind === 'done' && outcome.value !== undefined ? `: ${outcome.value}` : '';
  return `${outcome.kind}${value}, after ${counted(instructions, 'instruction')}`;
}

/** @throws {ProgramError | JobError} if the program did not come to its end */
function failOf(outcome: Outcome, name: string): void {
  if (outcome.kind === 'interrupted') throw new JobError('cancelled', 'the profile was interrupted');
  if (outcome.kind === 'trap') throw new ProgramError(trapText(outcome.trap));
  if (outcome.kind === 'exhausted')
    throw new ProgramError(`${name} used up its fuel at ${outcome.at.function} (${formatLocation(outcome.at)})`);
}
