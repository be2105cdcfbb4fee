import type { Layout } from '@pool/core';
import { MAILBOX } from './channels/mailbox.ts';
import { ONE_SHOT } from './channels/one-shot.ts';
import { MUTEX } from './locks/mutex.ts';
import { PERMIT_GATE } from './locks/permit-gate.ts';
import { SPSC_RING } from './queues/spsc-layout.ts';
import { WORD_QUEUE } from './word-queue.ts';

/** A layout's offsets in words, as assembly names constants: `ONE_SHOT_STATE` for the field `state` of `ONE_SHOT`. */
export function layoutConstants(prefix: string, layout: Layout<string>): Record<string, bigint> {
  const constant = (field: string): string => field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
  return Object.fromEntries(
    Object.entries(layout.offsets).map(([field, offset]) => [`${prefix}_${constant(field)}`, BigInt(offset)]),
  );
}

/** The constants that the routines in `asm` are assembled with, so that nothing of a layout is written twice. */
export const PROGRAM_CONSTANTS: Readonly<Record<string, bigint>> = Object.freeze({
  ...layoutConstants('MAILBOX', MAILBOX),
  ...layoutConstants('MUTEX', MUTEX),
  ...layoutConstants('ONE_SHOT', ONE_SHOT),
  ...layoutConstants('SEMAPHORE', PERMIT_GATE),
  ...layoutConstants('SPSC_RING', SPSC_RING),
  ...layoutConstants('WORD_QUEUE', WORD_QUEUE),
});
