/** `pool run`: the job that a manifest describes. */
import type { Command } from 'commander';
import { prepareJob } from '../job/prepare.ts';
import { MOST_INSTANCES } from '../manifest/schema.ts';
import { visible } from '../report/escape.ts';
import { progressDisplay } from '../report/progress.ts';
import { resultJson } from '../report/result-json.ts';
import { logText, resultText, summaryText } from '../report/result-text.ts';
import { runJob } from '../run/run-job.ts';
import { parseDuration, wholeNumber } from './arguments.ts';
import { exitCodes } from './exit.ts';

const EXIT_CODES: string = exitCodes(
  'done',
  'a program trapped, ran out of fuel or time, or its thread died; an input or a result is broken, or\n       input was left unread',
  'wrong usage, a wrong manifest, a missing file, a program that does not assemble: nothing was started',
);

interface RunFlags {
  readonly input?: string[];
  readonly workers?: number;
  readonly timeLimit?: number;
  readonly top?: number;
  readonly json?: true;
  readonly quiet?: true;
}

export function addRun(pool: Command, signal: AbortSignal): void {
  pool
    .command('run')
    .description('run the job that a manifest describes')
    .usage('[options] <manifest>')
    .argument('[manifest]', 'the job, a YAML file')
    .option('-i, --input <file...>', 'read these files instead of the ones that the manifest names')
    .option(
      '-w, --workers <n>',
      'what `instances: cores` stands for (default: the number of cores)',
      wholeNumber(1, MOST_INSTANCES),
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
    .option('-q, --quiet', 'print the results only: no progress, no log, no summary')
    .addHelpText('after', EXIT_CODES)
    .action((manifest: string | undefined, flags: RunFlags, command: Command) =>
      run(manifest ?? missingManifest(command, flags), flags, signal),
    );
}

/** `--input` takes every word up to the next option: then the manifest is one of its files. */
function missingManifest(command: Command, { input = [] }: RunFlags): never {
  const taken = input.at(-1);
  const hint =
    taken === undefined ? '' : ` (--input took ${visible(taken)} as a file: put the manifest first, or behind --)`;
  return command.error(`error: missing required argument 'manifest'${hint}`);
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
    const result = await runJob(job, {
      signal,
      onProgress: (progress) => display?.show(progress),
      onLog: (line) => display?.note(logText(line)),
    });
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
