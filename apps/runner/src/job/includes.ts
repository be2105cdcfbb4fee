/** What `include` means to programs that this package assembles. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { Source } from '@pool/vm';

/** How a program includes the routines that a package ships: `include "pool:sync/word-queue.pasm"`. */
const SHIPPED = /^pool:sync\/([a-z0-9-]+\.pasm)$/;

/** Looks beside the file that names an include, and then in the folders. */
export function includes(folders: readonly string[] = []): (path: string, from: Source) => Source | undefined {
  return (path, from) => {
    const shipped = SHIPPED.exec(path);
    if (shipped) return read(path, () => createRequire(import.meta.url).resolve(`@pool/sync/asm/${shipped[1]}`));
    for (const folder of [dirname(from.name), ...folders]) {
      const found = relative(process.cwd(), resolve(folder, path));
      const source = read(found, () => found);
      if (source !== undefined) return source;
    }
    return undefined;
  };
}

/** `undefined` where it cannot be read: the assembler reports it, with the line. */
function read(name: string, path: () => string): Source | undefined {
  try {
    return { name, text: readFileSync(path(), 'utf8') };
  } catch {
    return undefined;
  }
}
