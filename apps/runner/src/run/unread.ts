/** Input that no program took. A job whose programs end before its input does has not done what it was asked for. */
import { type Handle, PoolError } from '@pool/core';
import { JobError } from '../errors.ts';
import { CHUNK_HEADER_BYTES } from '../job/formats.ts';
import type { Job } from '../job/prepare.ts';
import { counted } from '../report/text.ts';
import { accessTo, type SharedState } from './shared-state.ts';

export interface Unread {
  readonly chunks: number;
  readonly bytes: number;
  /** Whether there may be more: nobody knows the size of a pipe. */
  readonly atLeast: boolean;
}

export const NOTHING: Unread = { chunks: 0, bytes: 0, atLeast: false };

/** What is left of the files from `offset` in the file with the index `first` on, where `inHand` bytes are read already. */
export function unsentInput(job: Job, first: number, offset: number, inHand: number): Unread {
  const chunkBytes = job.manifest.input?.['chunk-bytes'] ?? 1;
  const files = job.files.slice(first);
  const sizes = files.map(({ bytes }, index) => (index === 0 ? Math.max(inHand, bytes - offset) : bytes));
  return {
    chunks: sizes.reduce((sum, size) => sum + Math.ceil(size / chunkBytes), 0),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    atLeast: files.some(({ kind }) => kind !== 'file'),
  };
}

/**
 * Checks that all input was taken, once every program has ended.
 * @throws {JobError} that says how much was not: neither handed out, nor taken from the queue
 */
export function checkAllTaken(job: Job, state: SharedState, unsent: Unread): void {
  const waiting = waitingInput(job, state);
  const chunks = unsent.chunks + waiting.chunks;
  if (chunks === 0) return;
  const amount = `${counted(chunks, 'chunk')} (${counted(unsent.bytes + waiting.bytes, 'byte')})`;
  throw new JobError(
    'input',
    `the programs ended before the input: they left ${unsent.atLeast ? 'at least ' : ''}${amount} unread`,
  );
}

/** What was handed out and stands in the queue still. */
function waitingInput(job: Job, state: SharedState): Unread {
  const { input } = job.manifest;
  const queue = input && state.queues.get(input.queue);
  if (input === undefined || queue === undefined) return NOTHING;
  const access = accessTo(job, state, input.domain);
  let chunks = 0;
  let bytes = 0;
  try {
    for (;;) {
      const handle = queue.tryReceive();
      if (typeof handle !== 'bigint') return { chunks, bytes, atLeast: false };
      bytes += access.acquire(handle as Handle) - CHUNK_HEADER_BYTES;
      chunks += 1;
    }
  } catch (cause) {
    if (!(cause instanceof PoolError)) throw cause;
    const message = `what stands in \`${input.queue}\` at the end is no input: ${cause.message}`;
    throw new JobError('input', message, undefined, { cause });
  }
}
