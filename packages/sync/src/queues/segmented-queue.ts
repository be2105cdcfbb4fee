/**
 * A queue of words without bound, between any number of senders and receivers: see segmented-cells.ts for how it works. Room
 * comes from a storage, a segment at a time, and what it has taken it uses again; so it holds as much as the longest backlog
 * ever took, until `trim`.
 *
 *   magic, segmentCells, segments, lanes   constant
 *   owners   see lanes.ts
 *   rest     pointers to the last and the first segment, and the directory; the cells are in the storage's blocks
 *
 * Progress: every `try` is lock-free as long as the storage's `allocate` is. `full` is answered only when the storage has no
 * more, or all segments are in use. It holds addresses: in the window of an untrusted program use it through `WindowWords` only.
 */
import {
  type Address,
  AttachError,
  type Layout,
  layout,
  MOST_LANES,
  type Owner,
  rest,
  type Storage,
  unpackOwner,
  ValueError,
  word,
  words,
} from '@pool/core';
import {
  assertOptions,
  assertStands,
  magicWord,
  type OwnedWords,
  type OwnerOptions,
  packedOwner,
} from '../internal/standing.ts';
import { LARGEST_CELL_COUNT, laneGrid, laneGridWords } from './cell-grid.ts';
import { CellQueue } from './cell-queue.ts';
import { checkLanes, isLaneCount, Lanes } from './lanes.ts';
import { MOST_SEGMENTS } from './segment-directory.ts';
import { type SegmentedShape, SegmentList } from './segment-list.ts';
import { SegmentedCells } from './segmented-cells.ts';

/** The queue's own words. */
export const SEGMENTED_QUEUE: Layout<'magic' | 'segmentCells' | 'segments' | 'lanes' | 'owners' | 'rest'> = layout(
  'segmented queue',
  {
    magic: word,
    segmentCells: word,
    segments: word,
    lanes: word,
    owners: words(MOST_LANES, { ownLine: true }),
    rest,
  },
);

export const SEGMENTED_QUEUE_MAGIC: bigint = magicWord('segmq', 2);

export interface SegmentedQueueOptions extends OwnerOptions {
  /** Cells of a segment: a power of two of 2..2^22. Default: 1024. */
  readonly segmentCells?: number;
  /** How many segments there can be at once, 2..2^24 - 2. Default: 1024. */
  readonly segments?: number;
  /** How many senders have a lane of their own, in which sending takes a step less; another word for each cell. 0..15. Default: 4. */
  readonly lanes?: number;
}

export class SegmentedQueue extends CellQueue {
  readonly #cells: SegmentedCells;

  private constructor(words: OwnedWords, base: Address, cells: SegmentedCells, lanes: Lanes) {
    super('segmented queue', words, base, cells, lanes);
    this.#cells = cells;
  }

  /** How many words to reserve for the queue itself. @throws {ValueError} for options that cannot be */
  static size(options: SegmentedQueueOptions = {}): number {
    return SEGMENTED_QUEUE.size(SegmentList.size(shapeOf(options).segments));
  }

  /** The words of one segment: what the storage must have in one range. */
  static segmentSize(options: SegmentedQueueOptions = {}): number {
    return SegmentList.segmentSize(shapeOf(options));
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
    const lanes = new Lanes(words, at.owners, checkLanes(options.lanes), options);
    lanes.init();
    const cells = SegmentedCells.create(
      words,
      at.rest,
      shape,
      storage,
      ownerOf(words, options),
      laneGrid(shape.segmentCells, lanes),
    );
    words.storeNumber(at.segmentCells, shape.segmentCells);
    words.storeNumber(at.segments, shape.segments);
    words.storeNumber(at.lanes, lanes.count);
    words.store(at.magic, SEGMENTED_QUEUE_MAGIC); // pairs with load(magic) in attach(): publishes all of the above
    return new SegmentedQueue(words, base, cells, lanes);
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
    const count = Number(words.load(at.lanes));
    const shape = { segmentCells, segments, ringWords: laneGridWords(segmentCells, count) };
    if (!isLaneCount(count) || !isShape(shape) || base + SEGMENTED_QUEUE.size(SegmentList.size(segments)) > words.size)
      throw new AttachError(`the segmented queue at word ${base} says of itself what cannot be`);
    const lanes = new Lanes(words, at.owners, count, options);
    const cells = SegmentedCells.attach(
      words,
      at.rest,
      shape,
      storage,
      ownerOf(words, options),
      laneGrid(shape.segmentCells, lanes),
    );
    return new SegmentedQueue(words, base, cells, lanes);
  }

  /**
   * Gives segments that are not in use back to the storage. Call it while no other object of the queue is used, and attach those anew
   * afterwards: they remember segments, whose words may be somebody else's by then.
   * @returns how many
   */
  trim(): number {
    return this.#cells.trim();
  }
}

const DEFAULT_SEGMENT_CELLS = 1024;
const DEFAULT_SEGMENTS = 1024;

export function isShape({ segmentCells, segments }: Omit<SegmentedShape, 'ringWords'>): boolean {
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
  if (!isShape({ segmentCells, segments }))
    throw new ValueError(
      `${String(segmentCells)} cells, ${String(segments)} segments`,
      `a segment has a power of two of 2..${LARGEST_CELL_COUNT} cells, and there are 2..${MOST_SEGMENTS} segments`,
    );
  return { segmentCells, segments, ringWords: laneGridWords(segmentCells, checkLanes(options.lanes)) };
}

function ownerOf(words: OwnedWords, options: OwnerOptions | undefined): Owner {
  return unpackOwner(packedOwner(words, options, 'queue'));
}
