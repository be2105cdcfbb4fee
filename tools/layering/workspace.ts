/** The workspace as the layer rules see it: packages, what their manifests declare, and every module that they hold. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Layer } from '../layers.ts';
import { type ModuleFacts, readModule } from './read-module.ts';

/** `source` ships; `test` and `tooling` (build scripts and configuration) do not. */
export type Section = 'source' | 'test' | 'tooling';

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Module extends ModuleFacts {
  /** Path from the workspace's root, with forward slashes. */
  readonly path: string;
  readonly section: Section;
}

export interface Package {
  /** The layer's name in the table. */
  readonly layer: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly modules: readonly Module[];
}

export function sectionOf(pathInPackage: string): Section {
  if (pathInPackage.startsWith('src/')) return 'source';
  return pathInPackage.startsWith('test/') ? 'test' : 'tooling';
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Reads every package of the table from `root`. */
export function readWorkspace(root: string, layers: Readonly<Record<string, Layer>>): Package[] {
  return Object.entries(layers).map(([layer, { folder }]) => {
    const paths = globSync('**/*.{ts,mts,cts,js,mjs,cjs}', {
      cwd: join(root, folder),
      exclude: (name) => ['node_modules', 'dist', 'coverage', '.turbo'].includes(name),
    });
    return {
      layer,
      folder,
      manifest: readJson<Manifest>(join(root, folder, 'package.json')),
      modules: paths.sort().map((path) => {
        const fromRoot = `${folder}/${path.replaceAll('\\', '/')}`;
        const source = readFileSync(join(root, folder, path), 'utf8');
        return { path: fromRoot, section: sectionOf(path), ...readModule(fromRoot, source) };
      }),
    };
  });
}

/** The part of `pnpm-workspace.yaml` that is read here. */
export interface WorkspaceFile {
  readonly packages: readonly string[];
  /** The Node that engines are checked against. */
  readonly nodeVersion: string;
  /** Versions by name. */
  readonly catalog: Readonly<Record<string, string>>;
}

export function readWorkspaceFile(root: string): WorkspaceFile {
  return parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as WorkspaceFile;
}

/** The folders that pnpm takes for packages: those under the workspace's patterns that hold a `package.json`. */
export function packageFolders(root: string): string[] {
  const manifests = readWorkspaceFile(root).packages.map((pattern) => `${pattern}/package.json`);
  return globSync(manifests, { cwd: root })
    .map((path) => path.replaceAll('\\', '/').replace(/\/package\.json$/, ''))
    .sort();
}
