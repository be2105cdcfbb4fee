/** The words of a ring between one sender and one receiver, and how its counters are read; see spsc-ring.ts for the idea. */
import { CorruptError, type Layout, layout, ownLine, type Placed, rest, type Words, word } from '@pool/core';
import { magicWord } from '../internal/standing.ts';

export type SpscField = 'magic' | 'capacity' | 'ack' | 'sender' | 'receiver' | 'tail' | 'head' | 'slots';

/** The ring's words. Programs in the virtual machine use the same layout. */
export const SPSC_RING: Layout<SpscField> = layout('spsc ring', {
  magic: word,
  capacity: word,
  ack: word,
  sender: word,
  receiver: word,
  tail: ownLine,
  head: ownLine,
  slots: rest,
});

export const SPSC_RING_MAGIC: bigint = magicWord('spsc', 1);

/** Positions are counted modulo this, and stand above two bits. */
export const POSITIONS: number = 2 ** 50;
export const POSITION_UNIT = 4;
export const COUNTER_CLOSED = 2;
export const COUNTER_WAITING = 1;

/** What both ends need to know. */
export interface SpscShape {
  readonly words: Words;
  readonly at: Placed<SpscField>;
  readonly capacity: number;
  /** After how many words taken the receiver tells of them. */
  readonly batch: number;
}

export function positionOf(counter: number): number {
  return Math.floor(counter / POSITION_UNIT);
}

/** How many words lie between two positions. @throws {CorruptError} if more than there is room for */
export function fillOf(tail: number, head: number, capacity: number): number {
  const fill = tail >= head ? tail - head : tail - head + POSITIONS;
  if (fill > capacity)
    throw new CorruptError(`spsc ring: ${tail} words sent and ${head} taken, with room for ${capacity}`);
  return fill;
}
