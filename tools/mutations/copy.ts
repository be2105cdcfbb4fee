/**
 * A copy of the checkout in a temporary folder, for mutants to live in: whatever happens to the campaign, the checkout itself
 * was never written to. Dependencies are shared by a link; the packages' links to each other are copied as they are, so that
 * they lead to packages of the copy. Generated and built files come along, so the build must have run.
 */
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const LEFT_OUT: ReadonlySet<string> = new Set(['.git', '.turbo', 'node_modules', 'release', 'coverage']);

/** @throws {Error} if the checkout was not built */
export function copyCheckout(root: string): string {
  if (!existsSync(join(root, 'packages/core/dist')))
    throw new Error('mutants run in a copy of the built checkout: run `pnpm build` first');
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'pool-mutations-')));
  cpSync(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !LEFT_OUT.has(relative(root, path)), // of the root only: a package's own node_modules are links
  });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

export function removeCopy(copy: string): void {
  rmSync(copy, { recursive: true, force: true, maxRetries: 3 });
}
