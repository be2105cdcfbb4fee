/**
 * The files of a package's output that its entries lead to, by import, re-export or `new URL`. Only these are packed: output
 * of an older build that nothing names any more stays behind, and an entry that leads nowhere is an error.
 */
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { readModule } from '../layering/read-module.ts';

/**
 * @param folder the package
 * @param entries paths from the package's folder, such as `dist/index.js` and `dist/index.d.ts`
 * @returns paths from the package's folder, source and declaration maps included, sorted
 * @throws Error if an entry or an imported file is missing
 */
export function reachable(folder: string, entries: readonly string[]): string[] {
  const found = new Set<string>();
  const waiting: { path: string; from: string }[] = entries.map((path) => ({
    path: posix.normalize(path),
    from: 'package.json',
  }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path, from } = next;
    if (found.has(path)) continue;
    if (!existsSync(posix.join(folder, path))) throw new Error(`${folder}: ${from} names ${path}, which is not built`);
    found.add(path);
    if (existsSync(posix.join(folder, `${path}.map`))) found.add(`${path}.map`);
    if (!/\.[jt]s$/.test(path)) continue;

    const source = readFileSync(posix.join(folder, path), 'utf8');
    for (const { specifier, kind } of readModule(path, source).edges) {
      if (specifier === undefined || !(kind === 'url' || specifier.startsWith('.'))) continue;
      const target = posix.join(posix.dirname(path), specifier);
      if (!target.startsWith('dist/')) continue; // a data file, packed by `files`
      waiting.push({ path: path.endsWith('.d.ts') ? declarationOf(target) : target, from: path });
    }
  }
  return [...found].sort();
}

/** Declarations import each other as their sources do, by `.ts` (or by the `.js` to be). */
function declarationOf(target: string): string {
  return target.endsWith('.d.ts') ? target : target.replace(/\.[jt]s$/, '.d.ts');
}
