/** `pool map`: where everything of a job stands in its pool, as it is laid out or as a run left it. */
import type { Command } from 'commander';
import { planJob } from '../job/plan.ts';
import { prepareJob } from '../job/prepare.ts';
import { coreCount } from '../job/programs.ts';
import { readManifest } from '../manifest/read.ts';
import { MOST_INSTANCES } from '../manifest/schema.ts';
import { mapJob } from '../map/job-map.ts';
import { mapSvg } from '../map/map-svg.ts';
import { mapText } from '../map/map-text.ts';
import type { PoolMap } from '../map/pool-map.ts';
import { runJob } from '../run/run-job.ts';
import { createSharedState } from '../run/shared-state.ts';
import { wholeNumber } from './arguments.ts';
import { write } from './asm.ts';
import { exitCodes } from './exit.ts';

const EXIT_CODES: string = exitCodes(
  'printed',
  'the job that was to be run failed; what it left is printed all the same',
  'wrong usage, a wrong manifest, a missing file; with --run, a program that does not assemble',
);

interface MapFlags {
  readonly run?: true;
  readonly input?: string[];
  readonly workers?: number;
  readonly svg?: string;
}

export function addMap(pool: Command, signal: AbortSignal): void {
  pool
    .command('map')
    .description('print where the objects and segments of a job stand in its pool')
    .argument('<manifest>', 'the job, a YAML file')
    .option('-r, --run', 'run the job first, and print what it left')
    .option('-i, --input <file...>', 'with --run: read these files instead of the ones that the manifest names')
    .option(
      '-w, --workers <n>',
      'what `instances: cores` stands for (default: the number of cores)',
      wholeNumber(1, MOST_INSTANCES),
    )
    .option('--svg <file>', 'write a picture as well; - is standard output, instead of the text')
    .addHelpText('after', EXIT_CODES)
    .action((manifest: string, flags: MapFlags, command: Command) => {
      if (flags.run) return showRun(manifest, flags, signal);
      if (flags.input !== undefined) command.error("error: option '--input' goes with --run");
      return showPlan(manifest, flags);
    });
}

/** Nothing is assembled and nothing started. */
async function showPlan(path: string, { workers, svg }: MapFlags): Promise<void> {
  const { manifest, source } = await readManifest(path);
  const job = { manifest, plan: planJob(manifest, workers ?? coreCount(), source) };
  const state = createSharedState(job);
  try {
    await show(mapJob(job, state), svg);
  } finally {
    state.pool.detach();
  }
}

async function showRun(path: string, { input, workers, svg }: MapFlags, signal: AbortSignal): Promise<void> {
  const job = await prepareJob(path, {
    ...(input === undefined ? {} : { input }),
    ...(workers === undefined ? {} : { workers }),
  });
  const left: PoolMap[] = [];
  try {
    await runJob(job, { signal, onMap: (map) => left.push(map) });
  } finally {
    for (const map of left) await show(map, svg);
  }
}

async function show(map: PoolMap, svg: string | undefined): Promise<void> {
  if (svg === '-') {
    process.stdout.write(mapSvg(map));
    return;
  }
  process.stdout.write(`${mapText(map)}\n`);
  if (svg !== undefined) await write(svg, mapSvg(map));
}
