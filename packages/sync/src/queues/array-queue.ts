/**
 * A bounded queue of words between any number of senders and receivers that survives the death of any of them: see
 * cell-ring.ts for how it works. `WordQueue` does the same for programs in the virtual machine, without names in its cells.
 *
 *   magic, capacity, lanes   constant
 *   owners                   see lanes.ts            own line
 *   sendHint                 see cell-search.ts      own line
 *   takeHint                 the same                own line
 *   cells                    a word each; then their values, lane by lane
 *
 * Progress: every `try` is lock-free: it goes round again only when another thread got further. A sender that has no lane and
 * stops for good between claim and publication holds up receivers at that one position until `recover` skips it.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  MOST_LANES,
  ownLine,
  rest,
  unpackOwner,
  ValueError,
  word,
  words,
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
import { LARGEST_CELL_COUNT, laneGrid, laneGridWords } from './cell-grid.ts';
import { CellQueue } from './cell-queue.ts';
import { CellRing } from './cell-ring.ts';
import { checkLanes, isLaneCount, Lanes } from './lanes.ts';

type ArrayQueueField = 'magic' | 'capacity' | 'lanes' | 'owners' | 'sendHint' | 'takeHint' | 'cells';

/** The queue's words. */
export const ARRAY_QUEUE: Layout<ArrayQueueField> = layout('array queue', {
  magic: word,
  capacity: word,
  lanes: word,
  owners: words(MOST_LANES, { ownLine: true }),
  sendHint: ownLine,
  takeHint: ownLine,
  cells: rest,
});

export const ARRAY_QUEUE_MAGIC: bigint = magicWord('arrayq', 2);

export interface ArrayQueueOptions extends OwnerOptions {
  /** How many words fit: a power of two of 2..2^22. */
  readonly capacity: number;
  /** How many senders have a lane of their own, in which sending takes a step less; another word for each cell. 0..15. Default: 4. */
  readonly lanes?: number;
  /** Where positions begin, modulo 2^29 times the capacity, to show that nothing depends on it. Default: 0. */
  readonly start?: bigint;
}

export class ArrayQueue extends CellQueue {
  /** How many words fit. */
  readonly capacity: number;

  private constructor(words: OwnedWords, base: Address, ring: CellRing, lanes: Lanes) {
    super('array queue', words, base, ring, lanes);
    this.capacity = ring.capacity;
  }

  /** How many words to reserve. @throws {ValueError} for a capacity that is no power of two of 2..2^22, or other lanes than 0..15 */
  static size(options: ArrayQueueOptions): number {
    return ARRAY_QUEUE.size(laneGridWords(checkCapacity(options?.capacity), checkLanes(options.lanes)));
  }

  /** Lays an empty queue into words that are the caller's own. */
  static create(words: OwnedWords, base: Address, options: ArrayQueueOptions): ArrayQueue {
    const capacity = checkCapacity(options?.capacity);
    const at = ARRAY_QUEUE.at(base);
    const lanes = new Lanes(words, at.owners, checkLanes(options.lanes), options);
    const ring = ringOf(words, base, capacity, lanes, options);
    lanes.init();
    ring.init(startOf(options));
    words.storeNumber(at.capacity, capacity);
    words.storeNumber(at.lanes, lanes.count);
    words.store(at.magic, ARRAY_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new ArrayQueue(words, base, ring, lanes);
  }

  /** The queue that stands at `base`. @throws {AttachError} if none does */
  static attach(words: OwnedWords, base: Address, options?: OwnerOptions): ArrayQueue {
    const at = ARRAY_QUEUE.at(base);
    assertStands(words, base, at.magic, ARRAY_QUEUE_MAGIC, 'array queue');
    const [capacity, count] = [Number(words.load(at.capacity)), Number(words.load(at.lanes))];
    if (
      !isCapacity(capacity) ||
      !isLaneCount(count) ||
      base + ARRAY_QUEUE.size(laneGridWords(capacity, count)) > words.size
    )
      throw new AttachError(
        `the array queue at word ${base} says it has ${capacity} cells and ${count} lanes, which cannot be`,
      );
    const lanes = new Lanes(words, at.owners, count, options);
    const ring = ringOf(words, base, capacity, lanes, options);
    ring.attach();
    return new ArrayQueue(words, base, ring, lanes);
  }
}

function ringOf(
  words: OwnedWords,
  base: Address,
  capacity: number,
  lanes: Lanes,
  options: OwnerOptions | undefined,
): CellRing {
  const name = nameOf(unpackOwner(packedOwner(words, options, 'queue')));
  return new CellRing(words, ARRAY_QUEUE.at(base), capacity, laneGrid(capacity, lanes), name);
}

function isCapacity(value: number): boolean {
  return Number.isInteger(value) && value >= 2 && value <= LARGEST_CELL_COUNT && (value & (value - 1)) === 0;
}

function checkCapacity(capacity: number): number {
  if (!isCapacity(capacity))
    throw new ValueError(capacity, `a queue's capacity is a power of two of 2..${LARGEST_CELL_COUNT}`);
  return capacity;
}
