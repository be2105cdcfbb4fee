/**
 * Takes what programs hand over as results. Programs are not trusted: a handle may be any number, and a segment may hold
 * anything; both are found out here and end the job.
 */
import { type Address, type Handle, NO_HANDLE, PoolError, type SegmentAccess, type Slot } from '@pool/core';
import type { WordQueue } from '@pool/sync';
import { JobError } from '../errors.ts';
import { RecordStream, type TextRecord } from '../job/formats.ts';
import { addressOf, domainOf } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import { own } from '../manifest/own.ts';
import type { ResultSpec } from '../manifest/schema.ts';
import { accessTo, type SharedState } from './shared-state.ts';

export type Result =
  | {
      readonly kind: 'counters';
      readonly title: string;
      readonly counters: readonly { readonly name: string; readonly value: bigint }[];
    }
  | {
      readonly kind: 'table';
      readonly title: string;
      /** What the text and the value of a record are called. */
      readonly columns: readonly [string, string];
      /** Every record, largest value first, equal values by the bytes of their texts. */
      readonly records: readonly TextRecord[];
      /** How many of them are worth printing. */
      readonly top: number | undefined;
    };

/** Starts to collect what comes through a queue; ends when the queue is closed and drained. Gives `undefined` for other results. */
export function collectWhileRunning(
  job: Job,
  state: SharedState,
  spec: ResultSpec,
  signal: AbortSignal,
): Promise<readonly TextRecord[]> | undefined {
  const queue = spec.table === undefined ? undefined : state.queues.get(spec.table);
  return queue && receiveRecords(queue, accessTo(job, state, spec.domain ?? 'job'), spec.table ?? '', signal);
}

/** The result once all programs are done; `collected` is what came through its queue. */
export function finishResult(
  job: Job,
  state: SharedState,
  spec: ResultSpec,
  collected: readonly TextRecord[] | undefined,
): Result {
  const { plan, manifest } = job;
  if (spec.counters !== undefined) {
    const { counters: name } = spec;
    const base = addressOf(plan, state.base, name);
    const step = (own(plan.regions.regions, name)?.words ?? 0) / (own(manifest.objects, name)?.counters?.length ?? 1);
    const counters = (own(manifest.objects, name)?.counters ?? []).map((counter, index) => ({
      name: counter,
      value: state.pool.load((base + index * step) as Address),
    }));
    return { kind: 'counters', title: spec.title ?? name, counters };
  }
  const name = spec.table ?? '';
  const records = [...(collected ?? takeSlots(job, state, spec, name))].sort(byValueThenText);
  return {
    kind: 'table',
    title: spec.title ?? name,
    columns: spec.columns ?? ['text', 'value'],
    records,
    top: spec.top,
  };
}

async function receiveRecords(
  queue: WordQueue,
  access: SegmentAccess,
  name: string,
  signal: AbortSignal,
): Promise<readonly TextRecord[]> {
  const records = new RecordStream();
  return attempt(name, async () => {
    for (;;) {
      const handle = await queue.receiveAsync({ signal });
      if (typeof handle === 'bigint') records.push(takeSegment(access, handle as Handle));
      else return records.end();
    }
  });
}

function takeSlots(job: Job, state: SharedState, spec: ResultSpec, name: string): TextRecord[] {
  const domain = spec.domain ?? 'job';
  const access = accessTo(job, state, domain);
  const base = addressOf(job.plan, state.base, name);
  return Array.from({ length: own(job.manifest.objects, name)?.slots ?? 0 }, (_, index) => {
    try {
      const handle = access.swap((base + index) as number as Slot, NO_HANDLE, domainOf(job.plan, domain));
      if (handle === NO_HANDLE) return [];
      const records = new RecordStream();
      records.push(takeSegment(access, handle));
      return records.end();
    } catch (cause) {
      throw asJobError(cause, name);
    }
  }).flat();
}

/** A private copy of a segment's bytes; the segment is given back. */
function takeSegment(access: SegmentAccess, handle: Handle): Uint8Array {
  const bytes = new Uint8Array(access.acquire(handle));
  access.read(handle, 0, bytes);
  access.release(handle);
  access.retire(handle);
  return bytes;
}

async function attempt<Value>(name: string, take: () => Promise<Value>): Promise<Value> {
  try {
    return await take();
  } catch (cause) {
    throw asJobError(cause, name);
  }
}

function asJobError(cause: unknown, name: string): unknown {
  if (cause instanceof PoolError || cause instanceof RangeError)
    return new JobError('result', `what came through \`${name}\` is no result: ${cause.message}`, undefined, { cause });
  return cause;
}

function byValueThenText(a: TextRecord, b: TextRecord): number {
  if (a.value !== b.value) return a.value > b.value ? -1 : 1;
  return compareBytes(a.text, b.text);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let index = 0; index < common; index++) {
    const difference = (a[index] as number) - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
