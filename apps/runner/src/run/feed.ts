/** Streams the input files into segments, chunk by chunk, and sends each chunk's handle through the input's queue. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Domain, PoolError, type SegmentDraft } from '@pool/core';
import type { WordQueue } from '@pool/sync';
import { JobError } from '../errors.ts';
import { CHUNK_HEADER_BYTES, encodeChunkHeader } from '../job/formats.ts';
import { domainOf } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import { openSource } from './input-source.ts';
import type { SharedState } from './shared-state.ts';
import { NOTHING, type Unread, unsentInput } from './unread.ts';

/** How long to wait for a segment when programs hold them all; nothing tells of a retirement. */
const NO_SEGMENT_MS = 1;

export interface Fed {
  readonly files: number;
  readonly bytes: number;
  readonly chunks: number;
}

export interface Feeding extends Fed {
  /** How much was handed out of each file. */
  readonly fileBytes: readonly number[];
  /** What was not handed out, because the queue was closed before. */
  readonly unsent: Unread;
}

/**
 * Feeds all files and closes the queue. Ends early when somebody else closes it: a program, or the host when no program is left.
 * @throws {JobError} if a file cannot be read to its end, or a program has overwritten the queue
 */
export async function feed(
  job: Job,
  state: SharedState,
  signal: AbortSignal,
  progress: (fed: Fed) => void,
): Promise<Feeding> {
  const { input } = job.manifest;
  const queue = input && state.queues.get(input.queue);
  if (input === undefined || queue === undefined)
    return { files: 0, bytes: 0, chunks: 0, fileBytes: [], unsent: NOTHING };
  const domain = domainOf(job.plan, input.domain);
  const buffer = new Uint8Array(input['chunk-bytes']);
  const fileBytes = job.files.map(() => 0);
  let bytes = 0;
  let chunks = 0;
  for (const [file, from] of job.files.entries()) {
    const { name } = from;
    const source = await reading(name, () => openSource(from, signal));
    try {
      for (let offset = 0; ; ) {
        const length = await reading(name, () => source.fill(buffer));
        if (length === 0) break;
        const draft = await draftFor(state, queue, input.queue, length, domain, signal);
        draft?.set(encodeChunkHeader({ sequence: chunks, file, offset, length }));
        draft?.set(buffer.subarray(0, length), CHUNK_HEADER_BYTES);
        if (draft === undefined || !(await sent(queue, draft, input.queue, signal)))
          return { files: file, bytes, chunks, fileBytes, unsent: unsentInput(job, file, offset, length) };
        offset += length;
        fileBytes[file] = offset;
        bytes += length;
        chunks += 1;
        progress({ files: file + 1, bytes, chunks });
      }
    } finally {
      await source.close();
    }
  }
  queue.close();
  return { files: job.files.length, bytes, chunks, fileBytes, unsent: NOTHING };
}

/** A draft as soon as there is a segment; `undefined` if the queue is closed before: then nobody gives one back. */
async function draftFor(
  state: SharedState,
  queue: WordQueue,
  name: string,
  length: number,
  domain: Domain,
  signal: AbortSignal,
): Promise<SegmentDraft | undefined> {
  while (!isClosed(queue, name)) {
    const draft = state.segments?.draft(CHUNK_HEADER_BYTES + length, domain);
    if (draft) return draft;
    await delay(NO_SEGMENT_MS, undefined, { signal });
  }
  return undefined;
}

/** Whether the queue took the segment: a closed one does not. */
async function sent(queue: WordQueue, draft: SegmentDraft, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await queue.sendAsync(draft.publish(), { signal })) === 'ok';
  } catch (cause) {
    throw asJobError(cause, name);
  }
}

function isClosed(queue: WordQueue, name: string): boolean {
  try {
    return queue.closed;
  } catch (cause) {
    throw asJobError(cause, name);
  }
}

/** A queue that programs can write to may hold anything. */
function asJobError(cause: unknown, name: string): unknown {
  if (!(cause instanceof PoolError)) return cause;
  return new JobError('input', `the queue \`${name}\` takes no more input: ${cause.message}`, undefined, { cause });
}

async function reading<Value>(file: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    throw new JobError('input', `${file} cannot be read: ${(cause as Error).message}`, undefined, { cause });
  }
}
