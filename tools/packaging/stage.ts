/** Lays out each public package as it will be published, in a folder of its own, and packs it. The build must have run. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFolders, readJson, readWorkspaceFile } from '../layering/workspace.ts';
import { type Names, type PackageJson, publishedManifest, renameScope } from './manifest.ts';
import { reachable } from './reachable.ts';

export interface Staged {
  /** The name to be published. */
  readonly name: string;
  readonly folder: string;
}

const TEXT = /\.(js|ts|map|md|json|ya?ml|wat|pool|asm)$/;

/** @throws Error if something that a manifest names is not built */
export function stage(root: string, scope: string, out: string): Staged[] {
  const from = readJson<{ pool: { scope: string } }>(join(root, 'package.json')).pool.scope;
  const { catalog } = readWorkspaceFile(root);
  const packages = packageFolders(root)
    .map((folder) => ({
      folder: join(root, folder),
      manifest: readJson<PackageJson>(join(root, folder, 'package.json')),
    }))
    .filter(({ manifest }) => manifest.private !== true);
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  const names: Names = {
    from,
    to: scope,
    packages: packages.map(({ manifest }) => manifest.name.slice(from.length + 1)),
  };

  return packages.map(({ folder, manifest }) => {
    const target = join(out, manifest.name.slice(from.length + 1));
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const path of filesOf(folder, manifest)) copy(join(folder, path), join(target, path), names);
    cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
    const published = { ...publishedManifest(manifest, versions, catalog), files: ['**'] };
    writeFileSync(join(target, 'package.json'), renameScope(`${JSON.stringify(published, null, 2)}\n`, names));
    return { name: renameScope(manifest.name, names), folder: target };
  });
}

/** Packs a staged package with npm and gives the tarball's path. */
export function pack({ folder }: Staged, out: string): string {
  mkdirSync(out, { recursive: true });
  const args = ['pack', folder, '--pack-destination', out, '--json', '--ignore-scripts'];
  const printed = execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [tarball] = JSON.parse(printed) as { filename: string }[];
  if (tarball === undefined) throw new Error(`npm pack printed no tarball for ${folder}`);
  return join(out, tarball.filename.replace('@', '').replace('/', '-'));
}

function filesOf(folder: string, { exports = {}, bin = {}, files = [] }: PackageJson): string[] {
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string'
      ? []
      : Object.entries(target).flatMap(([condition, path]) => (condition === 'pool-source' ? [] : [path])),
  );
  const named = files.filter((name) => name !== 'dist' && !name.startsWith('!'));
  const shipped = [...named, 'README.md'].flatMap((name) => globSync([name, `${name}/**`], { cwd: folder }));
  const data = shipped.filter((path) => existsSync(join(folder, path)) && statSync(join(folder, path)).isFile());
  return [...new Set([...reachable(folder, [...targets, ...Object.values(bin)]), ...data])];
}

function copy(from: string, to: string, names: Names): void {
  mkdirSync(dirname(to), { recursive: true });
  if (TEXT.test(from)) writeFileSync(to, renameScope(readFileSync(from, 'utf8'), names), { mode: statSync(from).mode });
  else cpSync(from, to);
}
