/** A job that is ready to run: everything read, assembled, verified and measured; nothing started. */
import { dirname } from 'node:path';
import { SetupError } from '../errors.ts';
import { readManifest } from '../manifest/read.ts';
import type { Manifest } from '../manifest/schema.ts';
import { type InputFile, manifestFiles, namedFiles } from './files.ts';
import { type Plan, planJob } from './plan.ts';
import { coreCount, type PreparedProgram, preparePrograms } from './programs.ts';

export interface PrepareOptions {
  /** Files to read instead of those that the manifest names. */
  readonly input?: readonly string[];
  /** What `instances: cores` stands for. Default: the number of cores. */
  readonly workers?: number;
}

export interface Job {
  readonly manifest: Manifest;
  readonly plan: Plan;
  readonly programs: readonly PreparedProgram[];
  readonly files: readonly InputFile[];
}

/**
 * Reads a manifest and all it names.
 * @throws {SetupError} that lists everything that is wrong
 */
export async function prepareJob(manifestPath: string, options: PrepareOptions = {}): Promise<Job> {
  const { manifest, source } = await readManifest(manifestPath);
  const folder = dirname(manifestPath);
  const plan = planJob(manifest, options.workers ?? coreCount(), source);
  if (options.input !== undefined && manifest.input === undefined)
    throw new SetupError([{ at: manifestPath, message: 'this job takes no input', hint: 'it has no `input`' }]);
  const programs = await preparePrograms(manifest, plan, folder, source);
  const files =
    manifest.input === undefined
      ? []
      : options.input !== undefined
        ? await namedFiles(options.input)
        : await manifestFiles(manifest.input.files, folder, source);
  if (manifest.input !== undefined && options.input === undefined && manifest.input.files.length === 0)
    throw new SetupError([source.problem(['input'], 'this job names no files', 'name some with --input')]);
  return { manifest, plan, programs, files };
}
