/**
 * The rules that keep the layers apart. Each takes the packages as read and gives findings; none reads a file.
 *
 * The scan is of real imports. What it cannot read (a module specifier computed at run time, in a source) is a finding too,
 * so that silence means "looked at and allowed".
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { ATOMICS_LAYER, type Layer } from '../layers.ts';
import type { Edge } from './read-module.ts';
import type { Module, Package, Section } from './workspace.ts';

export type Rule = 'modules' | 'layer' | 'insides' | 'cycle' | 'platform' | 'dependency' | 'atomics';

export interface Finding {
  readonly rule: Rule;
  readonly at: string;
  readonly message: string;
}

type Layers = Readonly<Record<string, Layer>>;

/** Globals that only some of Node, browsers, Deno and Bun have, or that mean different things there. */
const PLATFORM_GLOBALS: ReadonlySet<string> = new Set(
  (
    'process Buffer global require module exports __dirname __filename setImmediate clearImmediate ' +
    'self document location navigator postMessage onmessage importScripts addEventListener XMLHttpRequest Worker'
  ).split(' '),
);

export function findings(packages: readonly Package[], layers: Layers): Finding[] {
  const found = packages.flatMap((unit) => [
    ...unreadPackages(unit),
    ...manifestFindings(unit, packages, layers),
    ...unit.modules.flatMap((module) => moduleFindings(module, unit, packages, layers)),
  ]);
  return [...found, ...cycleFindings(packages)];
}

/** A scan that reads nothing finds nothing: that is a failure of the scan. */
function unreadPackages(unit: Package): Finding[] {
  if (unit.modules.some((module) => module.section === 'source')) return [];
  return [{ rule: 'modules', at: unit.folder, message: 'no source module was read' }];
}

function manifestFindings(unit: Package, packages: readonly Package[], layers: Layers): Finding[] {
  const at = `${unit.folder}/package.json`;
  const found: Finding[] = [];
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = unit.manifest;
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    const target = packages.find((other) => other.manifest.name === name);
    if (target) found.push(...layerFinding(unit, target, 'source', at, layers));
    else if (layers[unit.layer]?.platform === 'neutral') {
      found.push({ rule: 'dependency', at, message: `${unit.layer} may have no dependency from outside: ${name}` });
    }
  }
  for (const name of Object.keys(devDependencies ?? {})) {
    const target = packages.find((other) => other.manifest.name === name);
    if (target) found.push(...layerFinding(unit, target, 'test', at, layers));
  }
  return found;
}

function moduleFindings(module: Module, unit: Package, packages: readonly Package[], layers: Layers): Finding[] {
  const found = module.edges.flatMap((edge) => edgeFindings(edge, module, unit, packages, layers));
  if (module.section !== 'source') return found;
  for (const { name, at } of module.globals) {
    if (name === 'Atomics' && unit.layer !== ATOMICS_LAYER && unit.manifest.private !== true) {
      found.push({
        rule: 'atomics',
        at,
        message: `Atomics is named in ${unit.layer}: use the Words of ${ATOMICS_LAYER}`,
      });
    }
    if (layers[unit.layer]?.platform === 'neutral' && PLATFORM_GLOBALS.has(name)) {
      found.push({ rule: 'platform', at, message: `${name} is not on every platform: take it as a parameter` });
    }
  }
  return found;
}

function edgeFindings(
  edge: Edge,
  module: Module,
  unit: Package,
  packages: readonly Package[],
  layers: Layers,
): Finding[] {
  const { specifier, at, kind } = edge;
  const { section } = module;
  if (specifier === undefined) {
    if (section !== 'source' || layers[unit.layer]?.loadsNamedModules?.includes(module.path)) return [];
    return [{ rule: 'layer', at, message: 'a module specifier computed at run time cannot be checked' }];
  }
  if (/^(https?|data|blob|file):/.test(specifier)) return [];
  if (kind === 'url' || /^\.{0,2}\//.test(specifier)) return relativeFindings(specifier, edge, module, unit, packages);
  if (isBuiltin(specifier)) {
    if (layers[unit.layer]?.platform !== 'neutral' || section !== 'source') return [];
    return [{ rule: 'platform', at, message: `${specifier} is Node's alone: take it as a parameter` }];
  }

  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const target = packages.find((other) => other.manifest.name === name);
  const found = declarationFindings(name, at, section, unit);
  if (!target) return found;
  const subpath = `.${specifier.slice(name.length)}`;
  if (!Object.hasOwn(target.manifest.exports ?? {}, subpath)) {
    found.push({ rule: 'insides', at, message: `${specifier} is not in the exports of ${name}` });
  }
  return [...found, ...layerFinding(unit, target, section, at, layers)];
}

function relativeFindings(
  specifier: string,
  edge: Edge,
  module: Module,
  unit: Package,
  packages: readonly Package[],
): Finding[] {
  const { at, kind } = edge;
  const target = posix.join(posix.dirname(module.path), specifier);
  const isModule = /\.[cm]?[jt]s$/.test(target);
  if (kind === 'url' && !isModule && module.section !== 'source') return []; // a data file
  const inside = (folder: string): boolean => target === folder || target.startsWith(`${folder}/`);
  const owner = packages.find((other) => inside(other.folder));
  if (owner && owner !== unit) {
    return [
      { rule: 'insides', at, message: `${specifier} reaches into ${owner.layer}: import ${owner.manifest.name}` },
    ];
  }
  if (module.section === 'source' && !inside(`${unit.folder}/src`) && !(kind === 'url' && inside(unit.folder))) {
    return [{ rule: 'insides', at, message: `${specifier} leaves the sources of ${unit.layer}` }];
  }
  return [];
}

function declarationFindings(name: string, at: string, section: Section, unit: Package): Finding[] {
  const { manifest } = unit;
  if (name === manifest.name) {
    if (section !== 'source') return [];
    return [{ rule: 'insides', at, message: `a source of ${unit.layer} imports its own package by name` }];
  }
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest;
  const declared = { ...dependencies, ...peerDependencies, ...optionalDependencies };
  if (Object.hasOwn(section === 'source' ? declared : { ...declared, ...devDependencies }, name)) return [];
  return [{ rule: 'dependency', at, message: `${name} is not declared in ${unit.folder}/package.json` }];
}

function layerFinding(from: Package, to: Package, section: Section, at: string, layers: Layers): Finding[] {
  if (from === to) return [];
  const row = layers[from.layer];
  const allowed = section === 'source' ? (row?.imports ?? []) : [...(row?.imports ?? []), ...(row?.testsImport ?? [])];
  if (allowed.includes(to.layer)) return [];
  const where = section === 'source' ? from.layer : `${section} of ${from.layer}`;
  return [
    { rule: 'layer', at, message: `${where} may not use ${to.layer} (allowed: ${allowed.join(', ') || 'none'})` },
  ];
}

/** Cycles among packages, over declared and real edges alike, test-only ones included. */
function cycleFindings(packages: readonly Package[]): Finding[] {
  const edges = new Map(packages.map((unit) => [unit, targetsOf(unit, packages)]));
  const done = new Set<Package>();
  const path: Package[] = [];
  const visit = (unit: Package): Finding[] => {
    const start = path.indexOf(unit);
    if (start >= 0) {
      const round = [...path.slice(start), unit].map((each) => each.layer).join(' -> ');
      return [{ rule: 'cycle', at: `${unit.folder}/package.json`, message: `packages depend in a circle: ${round}` }];
    }
    if (done.has(unit)) return [];
    path.push(unit);
    const found = [...(edges.get(unit) ?? [])].flatMap(visit);
    path.pop();
    done.add(unit);
    return found;
  };
  return packages.flatMap(visit);
}

function targetsOf(unit: Package, packages: readonly Package[]): Set<Package> {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = unit.manifest;
  const declared = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies, ...devDependencies });
  const imported = unit.modules.flatMap((module) => module.edges.map((edge) => edge.specifier ?? ''));
  const names = [...declared, ...imported];
  return new Set(
    packages.filter(
      (other) =>
        other !== unit &&
        names.some((name) => name === other.manifest.name || name.startsWith(`${other.manifest.name}/`)),
    ),
  );
}
