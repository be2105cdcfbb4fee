/** Streams the input files into segments, chunk by chunk, and sends each chunk's handle through the input's queue. */
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Domain, SegmentDraft } from '@pool/core';
import { JobError } from '../errors.ts';
import { CHUNK_HEADER_BYTES, encodeChunkHeader } from '../job/formats.ts';
import { domainOf } from '../job/plan.ts';
import type { Job } from '../job/prepare.ts';
import type { SharedState } from './shared-state.ts';

/** How long to wait for a segment when programs hold them all; nothing tells of a retirement. */
const NO_SEGMENT_MS = 1;

export interface Fed {
  readonly files: number;
  readonly bytes: number;
  readonly chunks: number;
}

/**
 * Feeds all files and closes the queue. Ends early when the queue is closed by somebody else.
 * @throws {JobError} if a file cannot be read to its end
 */
export async function feed(
  job: Job,
  state: SharedState,
  signal: AbortSignal,
  progress: (fed: Fed) => void,
): Promise<Fed> {
  const { input } = job.manifest;
  const queue = input && state.queues.get(input.queue);
  if (input === undefined || queue === undefined) return { files: 0, bytes: 0, chunks: 0 };
  const domain = domainOf(job.plan, input.domain);
  const buffer = new Uint8Array(input['chunk-bytes']);
  let bytes = 0;
  let chunks = 0;
  for (const [file, { path, name }] of job.files.entries()) {
    const source = await reading(name, () => open(path));
    try {
      for (let offset = 0; ; ) {
        const length = await reading(name, () => fill(source, buffer));
        if (length === 0) break;
        const draft = await draftFor(state, length, domain, signal);
        draft.set(encodeChunkHeader({ sequence: chunks, file, offset, length }));
        draft.set(buffer.subarray(0, length), CHUNK_HEADER_BYTES);
        if ((await queue.sendAsync(draft.publish(), { signal })) === 'closed') return { files: file, bytes, chunks };
        offset += length;
        bytes += length;
        chunks += 1;
        progress({ files: file + 1, bytes, chunks });
      }
    } finally {
      await source.close();
    }
  }
  queue.close();
  return { files: job.files.length, bytes, chunks };
}

/** Reads until `buffer` is full or the file ends; returns how many bytes there are. */
async function fill(source: FileHandle, buffer: Uint8Array): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await source.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

async function draftFor(
  state: SharedState,
  length: number,
  domain: Domain,
  signal: AbortSignal,
): Promise<SegmentDraft> {
  for (;;) {
    const draft = state.segments?.draft(CHUNK_HEADER_BYTES + length, domain);
    if (draft) return draft;
    await delay(NO_SEGMENT_MS, undefined, { signal });
  }
}

async function reading<Value>(file: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (cause) {
    throw new JobError('input', `${file} cannot be read: ${(cause as Error).message}`, undefined, { cause });
  }
}
