/**
 * Where everything of a job stands. The plan is computed from the manifest alone, before there is a pool: the objects in the
 * order of the manifest, each from the beginning of a line on, then the blocks that segments take their bytes from.
 */
import { planRegions, type RegionPlan, StaticStorage } from '@pool/alloc';
import {
  type Address,
  type Domain,
  domain,
  LINE_WORDS,
  MAX_POOL_WORDS,
  type PoolOptions,
  type Slot,
  type WindowGrant,
} from '@pool/core';
import { WordQueue } from '@pool/sync';
import { SetupError } from '../errors.ts';
import { own } from '../manifest/own.ts';
import type { Manifest, ObjectSpec, WindowSpec } from '../manifest/schema.ts';
import type { ManifestSource, Path } from '../manifest/source.ts';
import { type Structs, structsOf, typeOf } from '../manifest/structs.ts';
import { faultOf, type LaidSegments, reuseWords, type SegmentsShape, storageWords } from './segment-strategy.ts';

/** No object has these names: names begin with a letter. */
const SEGMENT_BLOCKS = '(segments)';
export const SEGMENT_REUSE = '(reuse of segments)';
const MOST_SEGMENTS: number = 2 ** 24 - 1;
/** A pool has rows for 2^16 owners, and the host is one of them. */
const MOST_THREADS = 2 ** 16 - 1;

export interface Plan {
  readonly regions: RegionPlan<string>;
  readonly domains: ReadonlyMap<string, Domain>;
  /** Instances by program. */
  readonly instances: ReadonlyMap<string, number>;
  readonly segments: SegmentsShape | undefined;
  readonly pool: PoolOptions;
  /** Where the manifest speaks of the pool, for what only making it can find out. */
  readonly poolAt: string | undefined;
}

/** Plans a job on a machine with `cores` cores. @throws {SetupError} if no pool is large enough */
export function planJob(manifest: Manifest, cores: number, source: ManifestSource): Plan {
  const refuse = (path: Path, message: string, hint?: string): never => {
    throw new SetupError([source.problem(path, message, hint)]);
  };
  const instances = new Map(
    Object.entries(manifest.programs).map(([name, program]) => [
      name,
      program.instances === 'cores' ? cores : program.instances,
    ]),
  );
  const total = [...instances.values()].reduce((sum, count) => sum + count, 0);
  const segments = manifest.segments && {
    count: manifest.segments.count + manifest.segments['per-instance'] * total,
    bytes: manifest.segments.bytes,
    owners: total + 1,
    storage: manifest.segments.storage,
    reuse: manifest.segments.reuse,
  };
  if (total > MOST_THREADS) refuse(['programs'], `these are ${total} instances, and at most ${MOST_THREADS} can be`);
  if (segments && segments.count > MOST_SEGMENTS)
    refuse(['segments'], `these are ${segments.count} segments, and at most ${MOST_SEGMENTS} can be`);
  if (segments && segments.count > MAX_POOL_WORDS / blockWords(segments.bytes))
    refuse(['segments'], `${segments.count} segments of ${segments.bytes} bytes are more than the largest pool holds`);
  const fault = segments && faultOf(segments);
  if (fault) refuse(['segments', fault.part], fault.message, fault.hint);
  const structs = structsOf(manifest);
  const sizes = Object.entries(manifest.objects).map(([name, object]) => [name, wordsOf(object, structs)] as const);
  const regions = planRegions(Object.fromEntries(segments ? [...sizes, ...segmentSizes(segments)] : sizes));
  if (regions.size > MAX_POOL_WORDS)
    refuse(
      ['objects'],
      `these objects and segments take ${regions.size} words, and the largest pool has ${MAX_POOL_WORDS}`,
    );
  const { checked, words = Math.max(1, regions.size), 'max-words': maxWords } = manifest.pool;
  if (words < regions.size)
    throw new SetupError([
      source.problem(
        ['pool', 'words'],
        `the objects and segments of this job take ${regions.size} words`,
        'leave it out to get what is needed',
      ),
    ]);
  if (maxWords !== undefined && maxWords < words)
    refuse(['pool', 'max-words'], `the pool has ${words} words from the beginning`);
  return {
    regions,
    domains: nameDomains(manifest),
    instances,
    segments,
    poolAt: source.problem(['pool'], '').at,
    pool: {
      words,
      owners: total + 1,
      segments: segments?.count ?? 0,
      ...(maxWords === undefined ? {} : { maxWords }),
      ...(checked === undefined ? {} : { checked }),
    },
  };
}

/** The regions of a job's segments. */
function segmentSizes(shape: SegmentsShape): [string, number][] {
  const reuse = reuseWords(shape);
  return [[SEGMENT_BLOCKS, storageWords(shape)], ...(reuse > 0 ? [[SEGMENT_REUSE, reuse] as [string, number]] : [])];
}

/** How many words the block of one segment takes. */
function blockWords(bytes: number): number {
  return StaticStorage.size(1, bytes);
}

/** How many words an object takes. */
export function wordsOf(object: ObjectSpec, structs: Structs): number {
  if (object.queue !== undefined) return WordQueue.size(object.queue);
  if (object.counters !== undefined) return object.counters.length * LINE_WORDS;
  if (object.records !== undefined) return typeOf(object.records, structs).words;
  return object.words ?? object.slots ?? 1;
}

/** The address of an object in a pool whose plan begins at `base`. */
export function addressOf(plan: Plan, base: Address, object: string): Address {
  const region = own(plan.regions.regions, object);
  if (region === undefined) throw new Error(`the plan has no region ${object}`);
  return (base + region.offset) as Address;
}

/** What each thread opens a job's segments with. */
export function laidSegments(plan: Plan, base: Address): LaidSegments | undefined {
  const { segments } = plan;
  if (segments === undefined) return undefined;
  const reuseAt = reuseWords(segments) > 0 ? addressOf(plan, base, SEGMENT_REUSE) : (0 as Address);
  return { ...segments, storageAt: addressOf(plan, base, SEGMENT_BLOCKS), reuseAt };
}

/** What a program is granted under the name `name`. */
export function grantOf(plan: Plan, base: Address, name: string, window: WindowSpec): WindowGrant {
  const first = window.words[0];
  const start = first === undefined ? (0 as Address) : addressOf(plan, base, first);
  const slots = window.slots === undefined ? undefined : own(plan.regions.regions, window.slots);
  return {
    name,
    base: start,
    words: windowWords(plan, window),
    slotBase: (window.slots === undefined ? 0 : addressOf(plan, base, window.slots)) as number as Slot,
    slots: slots?.words ?? 0,
    domain: domainOf(plan, window.domain),
  };
}

/** How many words a window has: from the first of its objects to the end of the last. */
export function windowWords(plan: Plan, window: WindowSpec): number {
  const first = own(plan.regions.regions, window.words[0]);
  const last = own(plan.regions.regions, window.words.at(-1));
  return first && last ? last.offset + last.words - first.offset : 0;
}

export function domainOf(plan: Plan, name: string): Domain {
  const found = plan.domains.get(name);
  if (found === undefined) throw new Error(`the plan has no domain ${name}`);
  return found;
}

/** Domains are numbered from 1 in the order they are named; 0 is the host's own, which no program is granted. */
function nameDomains(manifest: Manifest): Map<string, Domain> {
  const names = [
    ...Object.values(manifest.programs).flatMap(({ windows }) => Object.values(windows).map((window) => window.domain)),
    ...(manifest.input ? [manifest.input.domain] : []),
    ...manifest.results.flatMap((result) => (result.table === undefined ? [] : [result.domain ?? 'job'])),
  ];
  return new Map([...new Set(names)].map((name, index) => [name, domain(index + 1)]));
}
