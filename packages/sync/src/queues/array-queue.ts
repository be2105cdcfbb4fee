/**
 * A bounded queue of words between any number of senders and receivers that survives the death of any of them: see
 * cell-ring.ts for how it works. `WordQueue` does the same for programs in the virtual machine, without names in its cells.
 *
 *   magic, capacity   constant
 *   sendHint          see cell-ring.ts        own line
 *   takeHint          the same                own line
 *   cells             { word, value } each
 *
 * Progress: every `try` is lock-free: it goes round again only when another thread got further. A thread that stops for good
 * between claim and publication holds up receivers at that one position until `recover` skips it.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  ownLine,
  rest,
  unpackOwner,
  ValueError,
  word,
} from '@pool/core';
import {
  assertStands,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
  startOf,
} from '../internal/standing.ts';
import { nameOf } from './cell.ts';
import { CELL_WORDS, CellQueue } from './cell-queue.ts';
import { CellRing, LARGEST_CELL_COUNT } from './cell-ring.ts';

type ArrayQueueField = 'magic' | 'capacity' | 'sendHint' | 'takeHint' | 'cells';

/** The queue's words. */
export const ARRAY_QUEUE: Layout<ArrayQueueField> = layout('array queue', {
  magic: word,
  capacity: word,
  sendHint: ownLine,
  takeHint: ownLine,
  cells: rest,
});

export const ARRAY_QUEUE_MAGIC: bigint = magicWord('arrayq', 1);

export interface ArrayQueueOptions extends OwnerOptions {
  /** How many words fit: a power of two of 2..2^22. */
  readonly capacity: number;
  /** Where positions begin, modulo 2^29 times the capacity, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
}

export class ArrayQueue extends CellQueue {
  /** How many words fit. */
  readonly capacity: number;

  private constructor(words: OwnedWords, base: Address, ring: CellRing) {
    super('array queue', words, base, ring);
    this.capacity = ring.capacity;
  }

  /** How many words to reserve. @throws {ValueError} for a capacity that is no power of two of 2..2^22 */
  static size(options: ArrayQueueOptions): number {
    return ARRAY_QUEUE.size(checkCapacity(options?.capacity) * CELL_WORDS);
  }

  /** Lays an empty queue into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: ArrayQueueOptions): ArrayQueue {
    const ring = ringOf(words, base, checkCapacity(options?.capacity), options);
    const at = ARRAY_QUEUE.at(base);
    ring.init(startOf(options));
    words.storeNumber(at.capacity, options.capacity);
    words.store(at.magic, ARRAY_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new ArrayQueue(words, base, ring);
  }

  /** The queue that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): ArrayQueue {
    const at = ARRAY_QUEUE.at(base);
    assertStands(words, base, at.magic, ARRAY_QUEUE_MAGIC, 'array queue');
    const capacity = Number(words.load(at.capacity));
    if (!isCapacity(capacity) || base + ARRAY_QUEUE.size(capacity * CELL_WORDS) > words.size)
      throw new AttachError(`the array queue at word ${base} says it has ${capacity} cells, which cannot be`);
    const ring = ringOf(words, base, capacity, options);
    ring.attach();
    return new ArrayQueue(words, base, ring);
  }
}

function ringOf(words: OwnedWords, base: Address, capacity: number, options: OwnerOptions | undefined): CellRing {
  const name = nameOf(unpackOwner(packedOwner(words, options, 'queue')));
  return new CellRing(words, ARRAY_QUEUE.at(base), capacity, CELL_WORDS, name);
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 2 && value <= LARGEST_CELL_COUNT && (value & (value - 1)) === 0;
}

function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(capacity, `a queue's capacity is a power of two of 2..${LARGEST_CELL_COUNT}`);
  return capacity;
}
