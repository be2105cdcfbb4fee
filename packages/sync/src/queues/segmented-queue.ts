/**
 * A queue of words without bound, between any number of senders and receivers: see segmented-cells.ts for how it works. Room
 * comes from a storage, a segment at a time, and what it has taken it uses again; so it holds as much as the longest backlog
 * ever took, until `trim`.
 *
 *   magic, segmentCells, segments   constant
 *   rest   pointers to the last and the first segment, and the directory; the cells are in the storage's blocks
 *
 * Progress: every `try` is lock-free as long as the storage's `allocate` is. `full` is answered only when the storage has no
 * more, or all segments are in use. It holds addresses: in the window of an untrusted program use it through `WindowWords` only.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  type Owner,
  rest,
  type Storage,
  unpackOwner,
  ValueError,
  word,
} from '@pool/core';
import {
  assertOptions,
  assertStands,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
} from '../internal/standing.ts';
import { CELL_WORDS, CellQueue } from './cell-queue.ts';
import { LARGEST_CELL_COUNT } from './cell-ring.ts';
import { MOST_SEGMENTS } from './segment-directory.ts';
import { SegmentedCells, type SegmentedShape } from './segmented-cells.ts';

/** The queue's own words. */
export const SEGMENTED_QUEUE: Layout<'magic' | 'segmentCells' | 'segments' | 'rest'> = layout('segmented queue', {
  magic: word,
  segmentCells: word,
  segments: word,
  rest,
});

export const SEGMENTED_QUEUE_MAGIC: bigint = magicWord('segmq', 1);

export interface SegmentedQueueOptions extends OwnerOptions {
  /** Cells of a segment: a power of two of 2..2^22. Default: 1024. */
  readonly segmentCells?: number;
  /** How many segments there can be at once, 2..2^24 - 2. Default: 1024. */
  readonly segments?: number;
}

export class SegmentedQueue extends CellQueue {
  readonly #cells: SegmentedCells;

  private constructor(words: OwnedWords, base: Address, cells: SegmentedCells) {
    super('segmented queue', words, base, cells);
    this.#cells = cells;
  }

  /** How many words to reserve for the queue itself. @throws {ValueError} for options that cannot be */
  static size(options: SegmentedQueueOptions = {}): number {
    return SEGMENTED_QUEUE.size(SegmentedCells.size(shapeOf(options)));
  }

  /** The words of one segment: what the storage must have in one range. */
  static segmentSize(options: SegmentedQueueOptions = {}): number {
    return SegmentedCells.segmentSize(shapeOf(options));
  }

  /**
   * Lays an empty queue into words that are the caller's own.
   * @throws {ExhaustedError} if the storage has no room for a first segment
   */
  static create(
    words: OwnedWords,
    base: Address,
    storage: Storage,
    options: SegmentedQueueOptions = {},
  ): SegmentedQueue {
    const shape = shapeOf(options);
    const at = SEGMENTED_QUEUE.at(base);
    const cells = SegmentedCells.create(words, at.rest, shape, storage, ownerOf(words, options));
    words.storeNumber(at.segmentCells, shape.segmentCells);
    words.storeNumber(at.segments, shape.segments);
    words.store(at.magic, SEGMENTED_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new SegmentedQueue(words, base, cells);
  }

  /**
   * The queue that stands at `base`.
   * @param storage this thread's own object for the same storage
   * @throws {AttachError} if none does
   */
  static attach(words: OwnedWords, base: Address, storage: Storage, options?: OwnerOptions): SegmentedQueue {
    const at = SEGMENTED_QUEUE.at(base);
    assertStands(words, base, at.magic, SEGMENTED_QUEUE_MAGIC, 'segmented queue');
    const [segmentCells, segments] = [Number(words.load(at.segmentCells)), Number(words.load(at.segments))];
    const shape = { segmentCells, segments, cellWords: CELL_WORDS };
    if (!isShape(shape) || base + SEGMENTED_QUEUE.size(SegmentedCells.size(shape)) > words.size)
      throw new AttachError(`the segmented queue at word ${base} says of itself what cannot be`);
    return new SegmentedQueue(
      words,
      base,
      SegmentedCells.attach(words, at.rest, shape, storage, ownerOf(words, options)),
    );
  }

  /** Gives segments that are not in use back to the storage; how many. Only while no other thread uses the queue. */
  trim(): number {
    return this.#cells.trim();
  }
}

const DEFAULT_SEGMENT_CELLS = 1024;
const DEFAULT_SEGMENTS = 1024;

export function isShape({ segmentCells, segments }: SegmentedShape): boolean {
  const power = Number.isInteger(segmentCells) && segmentCells >= 2 && (segmentCells & (segmentCells - 1)) === 0;
  return (
    power &&
    segmentCells <= LARGEST_CELL_COUNT &&
    Number.isInteger(segments) &&
    segments >= 2 &&
    segments <= MOST_SEGMENTS
  );
}

function shapeOf(options: SegmentedQueueOptions): SegmentedShape {
  assertOptions(options, 'segmented queue', 'segments: 64');
  const { segmentCells = DEFAULT_SEGMENT_CELLS, segments = DEFAULT_SEGMENTS } = options;
  const shape = { segmentCells, segments, cellWords: CELL_WORDS };
  if (!isShape(shape))
    throw new ValueError(
      `${String(segmentCells)} cells, ${String(segments)} segments`,
      `a segment has a power of two of 2..${LARGEST_CELL_COUNT} cells, and there are 2..${MOST_SEGMENTS} segments`,
    );
  return shape;
}

function ownerOf(words: OwnedWords, options: OwnerOptions | undefined): Owner {
  return unpackOwner(packedOwner(words, options, 'queue'));
}
