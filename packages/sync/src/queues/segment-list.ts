/**
 * A list of rings: how one is put at its end, found, given up and used again. What moves messages is in segmented-cells.ts, and what
 * a late thread may find in a segment that is used again, and why it does no harm, in segment-directory.ts and `CellRing.restart`.
 *
 *   pointers    see segment-pointers.ts
 *   directory   see segment-directory.ts
 */
import {
  type Address,
  CorruptError,
  ExhaustedError,
  LINE_WORDS,
  type Owner,
  roundUp,
  type Storage,
  ValueError,
  type Words,
} from '@pool/core';
import { nameOf } from './cell.ts';
import type { CellGrid } from './cell-grid.ts';
import { CellRing } from './cell-ring.ts';
import { indexOf, LAST, NOT_YET, SegmentDirectory, type SegmentReference } from './segment-directory.ts';
import { SegmentPointers } from './segment-pointers.ts';

const NAME = 'segmented queue';
/** A ring's hints stand before its cells, a line each. */
const RING_HEAD: number = 2 * LINE_WORDS;
/** How often recovery looks again for a list that nobody moves on meanwhile. */
const LOOKS = 1_000;

/** Plain data. */
export interface SegmentedShape {
  /** Cells of a segment: a power of two of 2..2^22. */
  readonly segmentCells: number;
  /** How many segments there can be at once, at most 2^24 - 2. */
  readonly segments: number;
  /** Words of a segment's cells, with all that belongs to them. */
  readonly ringWords: number;
}

/** A segment as this thread has it. */
export interface Segment {
  readonly reference: SegmentReference;
  readonly ring: CellRing;
}

export class SegmentList {
  readonly pointers: SegmentPointers;
  readonly directory: SegmentDirectory;
  readonly #words: Words;
  readonly #shape: SegmentedShape;
  readonly #storage: Storage;
  readonly #name: number;
  readonly #grid: CellGrid;

  /** @throws {ValueError} for what is no storage */
  constructor(words: Words, base: Address, shape: SegmentedShape, storage: Storage, owner: Owner, grid: CellGrid) {
    this.pointers = new SegmentPointers(words, base);
    this.directory = new SegmentDirectory(words, (base + SegmentPointers.size) as Address, shape.segments);
    this.#words = words;
    this.#shape = shape;
    this.#storage = storage;
    if (typeof storage?.allocate !== 'function')
      throw new ValueError(
        typeof storage,
        "segments take their room from a `storage`: an allocator, or core's `Storage`",
      );
    this.#name = nameOf(owner);
    this.#grid = grid;
  }

  static size(segments: number): number {
    return SegmentPointers.size + SegmentDirectory.size(segments);
  }

  /** Words of one segment, from the storage. */
  static segmentSize({ ringWords }: SegmentedShape): number {
    return RING_HEAD + roundUp(ringWords, LINE_WORDS);
  }

  /** Gives the blocks of segments that are not in use back to the storage; how many. No other object of the queue may be used from here on. */
  trim(): number {
    return this.directory.trim(this.#storage);
  }

  /** Lays an empty list of one segment. @throws {ExhaustedError} if the storage has no room for it */
  init(): void {
    this.directory.init();
    const segment = this.#prepare();
    if (segment === undefined)
      throw new ExhaustedError(
        `${this.#storage.name} has no ${SegmentList.segmentSize(this.#shape)} words for a first segment`,
      );
    this.directory.link(segment.reference, this.#name);
    this.pointers.init(segment.reference);
  }

  /** Puts a segment after the last one. @returns `false` if there is none to be had: the queue is full until receivers free one */
  extend({ reference, ring }: Segment): boolean {
    const segment = this.#prepare();
    if (segment === undefined) return false;
    ring.close(); // only with another one in hand: or else it could not be used any more, even when it is empty
    if (this.directory.append(reference, segment.reference)) {
      this.directory.link(segment.reference, this.#name);
      this.pointers.moveLast(reference, segment.reference);
    } else {
      this.directory.unclaim(segment.reference, this.#name);
    }
    this.pointers.wakeSenders(); // who found no segment while this thread had one in hand
    return true;
  }

  /** A segment in this thread's name with all its cells free. */
  #prepare(): Segment | undefined {
    const busy: SegmentReference[] = [];
    try {
      for (;;) {
        const reference = this.directory.claim(this.#name, this.#storage, SegmentList.segmentSize(this.#shape));
        if (reference === undefined) return undefined;
        const ring = this.ringOf(reference);
        if (ring.restart()) return { reference, ring };
        busy.push(reference); // a late receiver is still reading there
      }
    } finally {
      for (const reference of busy) this.directory.unclaim(reference, this.#name);
      if (busy.length > 0) this.pointers.wakeSenders();
    }
  }

  /** Says of every segment that a dead owner had a hand in whether it is on the list, and wakes all who wait for one. */
  settle(name: number): void {
    // Before the walk: what was linked by then, and is not on the list now, has been left behind.
    const suspects = this.directory.suspects(name);
    for (let look = 0; look < LOOKS; look++) {
      const first = this.pointers.first;
      const reachable = new Set<SegmentReference>();
      for (let at: SegmentReference | undefined = first; at !== undefined && at !== LAST && at !== NOT_YET; ) {
        if (reachable.has(at)) break;
        reachable.add(at);
        at = this.directory.next(at);
      }
      if (this.pointers.first !== first) continue;
      for (const { segment, meta } of suspects)
        this.directory.settle(segment, meta, reachable.has(segment), this.#storage);
      this.directory.wake(this.pointers.last);
      this.pointers.wakeSenders();
      this.pointers.wakeForTheDead(); // the dead may have taken the mark away without waking whom it was for
      return;
    }
  }

  /** The segment that a pointer is at, as this thread has it. */
  openAt(pointer: () => SegmentReference): Segment {
    for (;;) {
      const reference = pointer();
      const ring = this.ringOf(reference);
      ring.attach();
      // After the look at the ring: what it has seen there is of this generation.
      if (this.directory.isCurrent(reference)) return { reference, ring };
      this.assertMoved(pointer(), reference);
    }
  }

  /** The cells of a segment, to be made ready, or attached to. */
  ringOf(reference: SegmentReference): CellRing {
    const start = this.directory.start(reference);
    const place = {
      sendHint: start,
      takeHint: (start + LINE_WORDS) as Address,
      cells: (start + RING_HEAD) as Address,
    };
    const isCurrent = (): boolean => this.directory.isCurrent(reference);
    // A sender marks the cell that it waits for, too, and parks on `first` all the same.
    const onUnmarked = (): void => this.pointers.wakeSenders();
    return new CellRing(this.#words, place, this.#shape.segmentCells, this.#grid, this.#name, {
      isCurrent,
      onUnmarked,
    });
  }

  /** A segment that is not what its pointer says can only be because the pointer has moved on. */
  assertMoved(now: SegmentReference, reference: SegmentReference): void {
    if (now === reference)
      throw new CorruptError(`${NAME}: segment ${indexOf(reference)} is on the list, and in another generation`);
  }

  /** Gives up a segment that receivers have left behind. */
  retire(reference: SegmentReference): void {
    this.directory.retire(reference);
    this.pointers.wakeSenders();
  }
}
