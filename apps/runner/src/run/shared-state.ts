/** The pool of one job, laid out: its queues, and the host's own access to its segments. */
import { type Address, Pool, PoolError, type SegmentAccess, type Segments, type Storage } from '@pool/core';
import { WordQueue } from '@pool/sync';
import { instantiate, LinkError, load } from '@pool/vm';
import { SetupError } from '../errors.ts';
import { addressOf, domainOf, grantOf, laidSegments } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import type { PreparedProgram } from '../job/programs.ts';
import { createStorage, openSegments } from '../job/segment-strategy.ts';
import { hostImports, isHostFunction } from './host-functions.ts';
import type { Assignment } from './protocol.ts';

export interface SharedState {
  readonly pool: Pool;
  readonly base: Address;
  readonly queues: ReadonlyMap<string, WordQueue>;
  readonly segments: Segments | undefined;
  /** Where the segments have their bytes. */
  readonly storage: Storage | undefined;
}

/** Makes the pool and everything in it. @throws {SetupError} if there is no such memory */
export function createSharedState({ manifest, plan }: Pick<Job, 'manifest' | 'plan'>): SharedState {
  try {
    const pool = Pool.create(plan.pool);
    const base = plan.regions.size > 0 ? pool.reserve(plan.regions.size) : (0 as Address);
    const queues = new Map<string, WordQueue>();
    for (const [name, { queue: capacity }] of Object.entries(manifest.objects))
      if (capacity !== undefined) queues.set(name, WordQueue.create(pool, addressOf(plan, base, name), capacity));
    const laid = laidSegments(plan, base);
    if (laid) createStorage(pool, laid);
    const { segments, storage } = laid ? openSegments(pool, laid) : {};
    return { pool, base, queues, segments, storage };
  } catch (cause) {
    if (cause instanceof PoolError)
      throw new SetupError(
        [
          {
            ...(plan.poolAt === undefined ? {} : { at: plan.poolAt }),
            message: `no pool for this job: ${cause.message}`,
          },
        ],
        { cause },
      );
    throw cause;
  }
}

/** What a thread needs to run one instance of a program. */
export function assignmentOf(job: Job, state: SharedState, program: PreparedProgram, index: number): Assignment {
  const { spec, name, instances } = program;
  const windows = Object.entries(spec.windows).map(([window, shape]) => grantOf(job.plan, state.base, window, shape));
  return {
    name: `${name}#${index}`,
    pool: state.pool.handle,
    program: program.bytes,
    windows,
    domains: windows.map(({ domain }) => domain),
    segments: laidSegments(job.plan, state.base),
    imports: spec.imports.filter(isHostFunction),
    entry: spec.entry,
    arguments: spec.arguments.map((argument) =>
      BigInt(argument === 'instance' ? index : argument === 'instances' ? instances : argument),
    ),
    fuel: spec.fuel,
    memoryBytes: spec.memory,
  };
}

/** Links every program once, here, so that what does not fit is told before a thread is started. @throws {SetupError} */
export function checkLinks(job: Job, state: SharedState): void {
  for (const program of job.programs) {
    const { name, windows, domains, imports, memoryBytes } = assignmentOf(job, state, program, 0);
    const access = state.segments?.access({ domains: new Set(domains) });
    try {
      instantiate(load(program.bytes), {
        name,
        words: state.pool,
        windows,
        imports: hostImports(imports, { log: () => {}, clock: () => 0n }),
        ...(access === undefined ? {} : { segments: access }),
        limits: { memoryBytes },
      });
    } catch (cause) {
      if (cause instanceof LinkError) throw new SetupError([{ at: program.name, message: cause.message }], { cause });
      throw cause;
    }
  }
}

/** The host's view of a domain that programs hold too. */
export function accessTo(job: Job, state: SharedState, domain: string): SegmentAccess {
  if (state.segments === undefined) throw new Error('a job without segments has no domains to read');
  return state.segments.access({ domains: new Set([domainOf(job.plan, domain)]) });
}
