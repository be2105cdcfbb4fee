/** A folder for one test's manifest, programs and input files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeThreadsOptions } from '../../src/index.ts';

export const JOBS: string = join(import.meta.dirname, '../../jobs');
export const MAIN_JOB: string = join(JOBS, 'word-frequency.yaml');
/** Threads run what the packages ship: the built script, without the condition by which the tests see sources. */
export const BUILT: NodeThreadsOptions = { script: new URL('../../dist/worker.js', import.meta.url), execArgv: [] };

export class JobFolder {
  readonly path: string = mkdtempSync(join(tmpdir(), 'pool-job-'));

  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  /** The main job, with chunks of another size; `segments` are more lines about these. */
  wordFrequency(chunkBytes: number, segments = ''): string {
    const text = readFileSync(MAIN_JOB, 'utf8')
      .replace('chunk-bytes: 64 KiB', `chunk-bytes: ${chunkBytes}`)
      .replace('bytes: 65664', `bytes: ${segmentBytes(chunkBytes)}${segments}`)
      .replaceAll('source: ', `source: ${JOBS}/`);
    return this.write('word-frequency.yaml', text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A segment that has room for a chunk, and for a record with a word as long as a chunk. */
export function segmentBytes(chunkBytes: number): number {
  return Math.ceil(chunkBytes / 8) * 8 + 64;
}
