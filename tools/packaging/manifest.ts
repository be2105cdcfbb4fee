/** A workspace manifest turned into the one that is published: another scope, real versions, no development parts. */

/** The fields of a `package.json` that staging reads or rewrites. */
export interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

export interface Names {
  /** The scope of the sources, such as `@pool`. */
  readonly from: string;
  /** The scope to publish under. */
  readonly to: string;
  /** Package names without their scope. */
  readonly packages: readonly string[];
}

/** Replaces the scope wherever one of the workspace's packages is named in full. */
export function renameScope(text: string, { from, to, packages }: Names): string {
  if (from === to) return text;
  const pattern = new RegExp(
    `${RegExp.escape(from)}/(${packages.map((name) => RegExp.escape(name)).join('|')})(?![\\w-])`,
    'g',
  );
  return text.replace(pattern, (_, name: string) => `${to}/${name}`);
}

/**
 * @param versions of the workspace's packages, by their full name
 * @param catalog versions of everything else, by name
 * @throws Error if a dependency has no version in either
 */
export function publishedManifest(
  manifest: PackageJson,
  versions: ReadonlyMap<string, string>,
  catalog: Readonly<Record<string, string>>,
): PackageJson {
  const { devDependencies: _development, scripts: _scripts, dependencies, exports, ...kept } = manifest;
  const version = (name: string, range: string): string => {
    if (!/^(workspace|catalog):/.test(range)) return range;
    const found = range.startsWith('workspace:') ? versions.get(name) : catalog[name];
    if (found === undefined) throw new Error(`${manifest.name}: no version of ${name} for ${range}`);
    return found;
  };
  return {
    ...kept,
    ...(exports && {
      exports: Object.fromEntries(Object.entries(exports).map(([path, to]) => [path, withoutSources(to)])),
    }),
    ...(dependencies && {
      dependencies: Object.fromEntries(
        Object.entries(dependencies).map(([name, range]) => [name, version(name, range)]),
      ),
    }),
  };
}

/** The condition `pool-source` is the workspace's own. */
function withoutSources(target: string | Readonly<Record<string, string>>): string | Record<string, string> {
  if (typeof target === 'string') return target;
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== 'pool-source'));
}
