/** The `pool` command: its arguments, what it prints, and how it ends. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { JobError, SetupError } from './errors.ts';
import { prepareJob } from './job/prepare.ts';
import { duration } from './manifest/quantities.ts';
import { progressDisplay } from './report/progress.ts';
import { resultJson } from './report/result-json.ts';
import { resultText, summaryText } from './report/result-text.ts';
import { runJob } from './run/run-job.ts';

/** What the command's exit codes mean. */
export const EXIT = { done: 0, failed: 1, usage: 2, internal: 70, interrupted: 130 } as const;

const EXIT_CODES = `
Exit codes:
  0    done
  1    a program trapped, ran out of fuel or time, or its thread died; an input or a result is broken
  2    wrong usage, a wrong manifest, a missing file, a program that does not assemble: nothing was started
  70   a bug of this command
  130  interrupted`;

const MOST_WORKERS = 1_024;

interface RunFlags {
  readonly input?: string[];
  readonly workers?: number;
  readonly timeLimit?: number;
  readonly top?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** Runs the command with the arguments after its name; returns the exit code. */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    await command(signal).parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // commander has printed it
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
    .description('Runs programs on worker threads over one shared memory pool.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError('(pool --help says more)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  pool
    .command('run')
    .description('run the job that a manifest describes')
    .argument('<manifest>', 'the job, a YAML file')
    .option('-i, --input <file...>', 'read these files instead of the ones that the manifest names')
    .option(
      '-w, --workers <n>',
      'what `instances: cores` stands for (default: the number of cores)',
      wholeNumber(1, MOST_WORKERS),
    )
    .option(
      '-t, --time-limit <duration>',
      'end the job after so long, such as `90 s`, instead of what the manifest says',
      parseDuration,
    )
    .option(
      '--top <n>',
      'give so many records of each table instead of what the manifest says',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'print the results and the summary as JSON')
    .option('-q, --quiet', 'print the results only: no progress, no summary')
    .addHelpText('after', EXIT_CODES)
    .action((manifest: string, flags: RunFlags) => run(manifest, flags, signal));
  return pool;
}

async function run(path: string, flags: RunFlags, signal: AbortSignal): Promise<void> {
  const prepared = await prepareJob(path, {
    ...(flags.input === undefined ? {} : { input: flags.input }),
    ...(flags.workers === undefined ? {} : { workers: flags.workers }),
  });
  const time = flags.timeLimit ?? prepared.manifest.limits.time;
  const job = { ...prepared, manifest: { ...prepared.manifest, limits: { time } } };
  const display = flags.quiet ? undefined : progressDisplay(job.manifest.job, process.stderr);
  try {
    const result = await runJob(job, { signal, onProgress: (progress) => display?.show(progress) });
    display?.end();
    if (flags.json) {
      process.stdout.write(`${resultJson(job, result, flags.top)}\n`);
      return;
    }
    const parts = result.results.map((one) => resultText(one, flags.top));
    if (!flags.quiet) parts.push(summaryText(job, result));
    process.stdout.write(`${parts.join('\n\n')}\n`);
  } finally {
    display?.end();
  }
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`A whole number of ${least}..${most} is expected.`);
  };
}

function parseDuration(text: string): number {
  const parsed = duration.safeParse(/^\d+$/.test(text) ? Number(text) : text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('A duration is expected, such as `500 ms`, `90 s` or `5 min`.');
}

function complain(message: string, code: number): number {
  process.stderr.write(`pool: ${message.replaceAll('\n', '\n      ')}\n`);
  return code;
}
