/**
 * What `include` means to programs that this package assembles. A program is somebody's text, and an error shows the line it is
 * about: so includes stay inside the folders that were given to it, links followed, or else an include would show any file.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { Source } from '@pool/vm';
import { sourceText } from '../manifest/source-text.ts';

/** How a program includes the routines that a package ships: `include "pool:sync/word-queue.pasm"`. */
const SHIPPED = /^pool:sync\/([a-z0-9-]+\.pasm)$/;

export class Includes {
  readonly #folders: readonly string[];
  readonly #refused = new Set<string>();

  /** Looks beside the file that names an include, and then in `folders`; all of it has to be in them or beside `program`. */
  constructor(program: string, folders: readonly string[]) {
    this.#folders = [dirname(program), ...folders];
  }

  /** What the assembler asks for; `undefined` where there is nothing, which it reports with the line. @throws {SourceTextError} */
  readonly find = (path: string, from: Source): Source | undefined => {
    const shipped = SHIPPED.exec(path);
    if (shipped) return read(path, () => createRequire(import.meta.url).resolve(`@pool/sync/asm/${shipped[1]}`));
    for (const folder of [dirname(from.name), ...this.#folders]) {
      const name = relative(process.cwd(), resolve(folder, path));
      const real = isAbsolute(path) ? undefined : realPath(name);
      if (real !== undefined && this.#holds(real)) return read(name, () => real);
      if (isAbsolute(path) || real !== undefined || leadsOut(path)) this.#refused.add(path);
    }
    return undefined;
  };

  /** Errors of the assembler, with a note on each include that leads out of the folders. */
  explained(errors: string): string {
    const folders = [...new Set(this.#folders.map((folder) => relative(process.cwd(), resolve(folder)) || '.'))];
    const notes = [...this.#refused].map(
      (path) => `note: ${JSON.stringify(path)} is not inside ${folders.join(' or ')}, and includes are`,
    );
    return [errors, ...notes].join('\n');
  }

  #holds(path: string): boolean {
    return this.#folders.some((folder) => {
      const real = realPath(folder);
      return real !== undefined && path.startsWith(real.endsWith(sep) ? real : `${real}${sep}`);
    });
  }
}

function leadsOut(path: string): boolean {
  return path.split(/[/\\]/).includes('..');
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** @throws {SourceTextError} if it is no text */
function read(name: string, path: () => string): Source | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path());
  } catch {
    return undefined;
  }
  return { name, text: sourceText(name, bytes) };
}
