/** Which files a job reads: those of the command line, or else those of the manifest, each checked before anything runs. */
import { existsSync } from 'node:fs';
import { access, constants, glob, open, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { type Problem, SetupError } from '../errors.ts';
import { unreadable } from '../manifest/read.ts';
import type { FileSpec } from '../manifest/schema.ts';
import type { ManifestSource } from '../manifest/source.ts';

export interface InputFile {
  /** As people know it. */
  readonly name: string;
  readonly path: string;
  /** As the file system says; 0 for a pipe. */
  readonly bytes: number;
  /** Only a file has a size before it is read. */
  readonly kind: 'file' | 'pipe' | 'device';
}

/** The files named on a command line. @throws {SetupError} that lists all that cannot be read */
export async function namedFiles(paths: readonly string[]): Promise<InputFile[]> {
  return settle(paths.map((path) => inspect(path, resolve(path), { at: path, message: '' })));
}

/** The files that the manifest names, relative to `folder`, its own. @throws {SetupError} that lists all that cannot be read */
export async function manifestFiles(
  files: readonly FileSpec[],
  folder: string,
  source: ManifestSource,
): Promise<InputFile[]> {
  const found = await Promise.allSettled(
    files.map(async (file, index) => {
      const path = ['input', 'files', index];
      if (typeof file === 'string')
        return [await inspect(file, resolve(folder, file), source.problem(path, `${file}: `))];
      const root = packageFolder(file.package, folder);
      if (root === undefined)
        throw new SetupError([
          source.problem(
            [...path, 'package'],
            `the package \`${file.package}\` is not installed here`,
            'name files with --input',
          ),
        ]);
      const matches = await Array.fromAsync(glob(file.match, { cwd: root, withFileTypes: true }));
      const names = matches
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)));
      if (names.length === 0)
        throw new SetupError([
          source.problem([...path, 'match'], `nothing in the package \`${file.package}\` matches ${file.match}`),
        ]);
      // In one order on every machine, so that a job over them is the same job.
      names.sort();
      return settle(
        names.map((name) => inspect(join(file.package, name), join(root, name), source.problem(path, `${name}: `))),
      );
    }),
  );
  return gather(found).flat();
}

/** Where a package that a module in `folder` may import is installed: in the nearest node_modules that has it. */
function packageFolder(name: string, folder: string): string | undefined {
  const places = createRequire(resolve(folder, 'manifest')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((place) => existsSync(join(place, 'package.json')));
}

/**
 * Opens a file once: that it exists does not mean that it may be read. A pipe is opened when it is read: whoever writes to it
 * would take the end of this look for the end of its reader.
 */
async function inspect(name: string, path: string, problem: Problem): Promise<InputFile> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    const kind = stats.isFile() ? 'file' : stats.isFIFO() ? 'pipe' : 'device';
    if (kind === 'file') await (await open(path)).close();
    else await access(path, constants.R_OK);
    return { name, path, bytes: kind === 'file' ? stats.size : 0, kind };
  } catch (cause) {
    throw new SetupError([{ ...problem, message: `${problem.message}${unreadable(cause, 'input file')}` }], { cause });
  }
}

async function settle(files: readonly Promise<InputFile>[]): Promise<InputFile[]> {
  return gather(await Promise.allSettled(files));
}

/** All values, or one error with the problems of all that failed. */
function gather<Value>(results: readonly PromiseSettledResult<Value>[]): Value[] {
  const problems = results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (result.reason instanceof SetupError) return result.reason.problems;
    throw result.reason;
  });
  if (problems.length > 0) throw new SetupError(problems);
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
