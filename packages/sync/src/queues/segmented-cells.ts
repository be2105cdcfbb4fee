/**
 * Cells without bound: a list of rings. Senders use the last one until it is full; then it is ended, and another is put
 * after it. Receivers use the first one until it has ended and is empty, and go on to the next. While the backlog is short
 * everything happens in one ring, and no room is taken or given.
 *
 * Lists of rings are Morrison and Afek's ("Fast Concurrent Queues for x86 Processors", PPoPP 2013). What a late thread may find
 * in a segment that is used again, and why it does no harm, is in segment-directory.ts and `CellRing.restart`.
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
import type { ParkingSpot } from '../waiting/parking.ts';
import { nameOf } from './cell.ts';
import type { CellGrid } from './cell-grid.ts';
import { CellRing } from './cell-ring.ts';
import {
  type LeftCells,
  NO_CELL,
  NO_VALUE,
  STREAM_ENDED,
  VALUES_ENDED,
  type WordCells,
  type WordReceiver,
  type WordSender,
} from './cells.ts';
import { indexOf, LAST, NOT_YET, SegmentDirectory, type SegmentReference } from './segment-directory.ts';
import { SegmentPointers } from './segment-pointers.ts';

const NAME = 'segmented queue';
/** A ring's hints stand before its cells, a line each. */
const RING_HEAD: number = 2 * LINE_WORDS;
/** There is another segment to try. */
const GO_ON = 2;
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
interface Segment {
  readonly reference: SegmentReference;
  readonly ring: CellRing;
}

export class SegmentedCells implements WordCells, WordSender, WordReceiver {
  readonly #words: Words;
  readonly #pointers: SegmentPointers;
  readonly #directory: SegmentDirectory;
  readonly #shape: SegmentedShape;
  readonly #storage: Storage;
  readonly #name: number;
  readonly #grid: CellGrid;
  #sending: Segment;
  #receiving: Segment;
  #claimedIn: CellRing;
  #takenIn: CellRing;

  private constructor(
    words: Words,
    base: Address,
    shape: SegmentedShape,
    storage: Storage,
    owner: Owner,
    grid: CellGrid,
    fresh: boolean,
  ) {
    this.#words = words;
    this.#pointers = new SegmentPointers(words, base);
    this.#directory = new SegmentDirectory(words, (base + SegmentPointers.size) as Address, shape.segments);
    this.#shape = shape;
    this.#storage = storage;
    if (typeof storage?.allocate !== 'function')
      throw new ValueError(
        typeof storage,
        "segments take their room from a `storage`: an allocator, or core's `Storage`",
      );
    this.#name = nameOf(owner);
    this.#grid = grid;
    if (fresh) this.#init();
    this.#sending = this.#openAt(() => this.#pointers.last);
    this.#receiving = this.#openAt(() => this.#pointers.first);
    this.#claimedIn = this.#sending.ring;
    this.#takenIn = this.#receiving.ring;
  }

  static size(segments: number): number {
    return SegmentPointers.size + SegmentDirectory.size(segments);
  }

  /** Words of one segment, from the storage. */
  static segmentSize({ ringWords }: SegmentedShape): number {
    return RING_HEAD + roundUp(ringWords, LINE_WORDS);
  }

  static create(
    words: Words,
    base: Address,
    shape: SegmentedShape,
    storage: Storage,
    owner: Owner,
    grid: CellGrid,
  ): SegmentedCells {
    return new SegmentedCells(words, base, shape, storage, owner, grid, true);
  }

  static attach(
    words: Words,
    base: Address,
    shape: SegmentedShape,
    storage: Storage,
    owner: Owner,
    grid: CellGrid,
  ): SegmentedCells {
    return new SegmentedCells(words, base, shape, storage, owner, grid, false);
  }

  /** Both sides are this object: which ring they are in changes. */
  get sender(): WordSender {
    return this;
  }

  get receiver(): WordReceiver {
    return this;
  }

  get closed(): boolean {
    for (;;) {
      const { reference } = this.#atLast();
      const next = this.#directory.next(reference);
      if (next === LAST || next === NOT_YET) return next === LAST;
      if (next !== undefined) this.#pointers.moveLast(reference, next);
      else this.#assertMoved(this.#pointers.last, reference);
    }
  }

  get length(): number {
    let length = 0;
    let reference: SegmentReference | undefined = this.#pointers.first;
    for (let steps = 0; reference !== undefined && steps <= this.#shape.segments; steps++) {
      if (reference === LAST || reference === NOT_YET) break;
      const ring = this.#ringOf(reference);
      ring.attach(); // where it is; from lap 0, the last lap looks like the one before
      length += ring.length;
      reference = this.#directory.next(reference);
    }
    return length;
  }

  sendNumber(value: number): number {
    for (;;) {
      const sent = this.#sending.ring.sender.sendNumber(value);
      if (sent > NO_CELL) return sent;
      const next = this.#sendOn();
      if (next !== GO_ON) return next;
    }
  }

  sendWord(value: bigint): number {
    for (;;) {
      const sent = this.#sending.ring.sender.sendWord(value);
      if (sent > NO_CELL) return sent;
      const next = this.#sendOn();
      if (next !== GO_ON) return next;
    }
  }

  sendDouble(value: number): number {
    for (;;) {
      const sent = this.#sending.ring.sender.sendDouble(value);
      if (sent > NO_CELL) return sent;
      const next = this.#sendOn();
      if (next !== GO_ON) return next;
    }
  }

  receiveNumber(): number {
    for (;;) {
      const value = this.#receiving.ring.receiver.receiveNumber();
      if (value >= 0) return value;
      const next = this.#takeOn(value === NO_VALUE ? NO_CELL : STREAM_ENDED);
      if (next !== GO_ON) return next === STREAM_ENDED ? VALUES_ENDED : NO_VALUE;
    }
  }

  receiveWord(): bigint | 'empty' | 'closed' {
    for (;;) {
      const value = this.#receiving.ring.receiver.receiveWord();
      if (typeof value === 'bigint') return value;
      const next = this.#takeOn(value === 'empty' ? NO_CELL : STREAM_ENDED);
      if (next !== GO_ON) return next === STREAM_ENDED ? 'closed' : 'empty';
    }
  }

  receiveDouble(): number | 'empty' | 'closed' {
    for (;;) {
      const value = this.#receiving.ring.receiver.receiveDouble();
      if (typeof value === 'number') return value;
      const next = this.#takeOn(value === 'empty' ? NO_CELL : STREAM_ENDED);
      if (next !== GO_ON) return next === STREAM_ENDED ? 'closed' : 'empty';
    }
  }

  claim(): number {
    for (;;) {
      const { ring } = this.#sending;
      const cell = ring.claim();
      if (cell > NO_CELL) {
        this.#claimedIn = ring;
        return cell;
      }
      const next = this.#sendOn();
      if (next !== GO_ON) return next;
    }
  }

  publish(cell: number): boolean {
    return this.#claimedIn.publish(cell);
  }

  take(): number {
    for (;;) {
      const { ring } = this.#receiving;
      const cell = ring.take();
      if (cell > NO_CELL) {
        this.#takenIn = ring;
        return cell;
      }
      const next = this.#takeOn(cell);
      if (next !== GO_ON) return next;
    }
  }

  release(cell: number): boolean {
    return this.#takenIn.release(cell);
  }

  close(): void {
    for (;;) {
      const { reference, ring } = this.#atLast();
      const next = this.#directory.next(reference);
      if (next === LAST) return;
      if (next === undefined) {
        this.#assertMoved(this.#pointers.last, reference);
      } else if (next !== NOT_YET) {
        this.#pointers.moveLast(reference, next);
      } else {
        ring.close();
        if (!this.#directory.append(reference, LAST)) continue;
        this.#pointers.wakeSenders();
        return;
      }
    }
  }

  parkSender(): ParkingSpot | undefined {
    const spot = this.#pointers.parkSender();
    if (spot === undefined) return undefined;
    const { reference, ring } = this.#atLast();
    const hasRoom = this.#directory.hasSpare || (!ring.closed && ring.parkSender() === undefined);
    return !hasRoom && this.#directory.next(reference) === NOT_YET ? spot : undefined;
  }

  parkReceiver(): ParkingSpot | undefined {
    const { reference, ring } = this.#receiving;
    if (this.#pointers.first !== reference) return undefined;
    return ring.parkReceiver() ?? (ring.ended ? this.#directory.parkOnNext(reference) : undefined);
  }

  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found> {
    let skipped = 0;
    const undelivered: Found[] = [];
    for (const segment of this.#directory.blocks()) {
      const left = this.#ringOf(segment).recover(name, read);
      skipped += left.skipped;
      undelivered.push(...left.undelivered);
    }
    this.#settle(name);
    this.#pointers.wakeForTheDead(); // it may have taken the mark away, and died before it woke those that sleep
    return { skipped, undelivered };
  }

  /** Gives the blocks of segments that are not in use back to the storage; how many. No other object of the queue may be used from here on. */
  trim(): number {
    return this.#directory.trim(this.#storage);
  }

  /** The sender's ring has no room: goes on to the next segment, or says why there is none. */
  #sendOn(): number {
    const { reference } = this.#sending;
    if (this.#pointers.last !== reference) {
      this.#sending = this.#openAt(() => this.#pointers.last);
      return GO_ON;
    }
    const next = this.#directory.next(reference);
    if (next === LAST) return STREAM_ENDED;
    if (next === undefined) this.#assertMoved(this.#pointers.last, reference);
    else if (next !== NOT_YET) this.#pointers.moveLast(reference, next);
    // Another thread may have had the last segment, and put it there: so a look after there was none for this one.
    else if (!this.#extend(this.#sending) && this.#directory.next(reference) === NOT_YET) return NO_CELL;
    return GO_ON;
  }

  /** The receiver's ring has nothing (`NO_CELL`), or ended: goes on to the next segment, or says that there is nothing. */
  #takeOn(why: number): number {
    const { reference } = this.#receiving;
    if (this.#pointers.first !== reference) {
      this.#receiving = this.#openAt(() => this.#pointers.first);
      return GO_ON;
    }
    if (why === NO_CELL) return NO_CELL;
    const next = this.#directory.next(reference);
    if (next === LAST) return STREAM_ENDED;
    if (next === NOT_YET) return NO_CELL; // a sender is about to put one there
    if (next === undefined) {
      this.#assertMoved(this.#pointers.first, reference);
      return GO_ON;
    }
    // Senders' pointer first: it must not stay at a segment that is used again.
    if (this.#pointers.last === reference) this.#pointers.moveLast(reference, next);
    if (this.#pointers.moveFirst(reference, next)) this.#retire(reference);
    return GO_ON;
  }

  #init(): void {
    this.#directory.init();
    const segment = this.#prepare();
    if (segment === undefined)
      throw new ExhaustedError(
        `${this.#storage.name} has no ${SegmentedCells.segmentSize(this.#shape)} words for a first segment`,
      );
    this.#directory.link(segment.reference, this.#name);
    this.#pointers.init(segment.reference);
  }

  /** Puts a segment after the last one. @returns `false` if there is none to be had: the queue is full until receivers free one */
  #extend({ reference, ring }: Segment): boolean {
    const segment = this.#prepare();
    if (segment === undefined) return false;
    ring.close(); // only with another one in hand: or else it could not be used any more, even when it is empty
    if (this.#directory.append(reference, segment.reference)) {
      this.#directory.link(segment.reference, this.#name);
      this.#pointers.moveLast(reference, segment.reference);
    } else {
      this.#directory.unclaim(segment.reference, this.#name);
    }
    this.#pointers.wakeSenders(); // who found no segment while this thread had one in hand
    return true;
  }

  /** A segment in this thread's name with all its cells free. */
  #prepare(): Segment | undefined {
    const busy: SegmentReference[] = [];
    try {
      for (;;) {
        const reference = this.#directory.claim(this.#name, this.#storage, SegmentedCells.segmentSize(this.#shape));
        if (reference === undefined) return undefined;
        const ring = this.#ringOf(reference);
        if (ring.restart()) return { reference, ring };
        busy.push(reference); // a late receiver is still reading there
      }
    } finally {
      for (const reference of busy) this.#directory.unclaim(reference, this.#name);
      if (busy.length > 0) this.#pointers.wakeSenders();
    }
  }

  #settle(name: number): void {
    // Before the walk: what was linked by then, and is not on the list now, has been left behind.
    const suspects = this.#directory.suspects(name);
    for (let look = 0; look < LOOKS; look++) {
      const first = this.#pointers.first;
      const reachable = new Set<SegmentReference>();
      for (let at: SegmentReference | undefined = first; at !== undefined && at !== LAST && at !== NOT_YET; ) {
        if (reachable.has(at)) break;
        reachable.add(at);
        at = this.#directory.next(at);
      }
      if (this.#pointers.first !== first) continue;
      for (const { segment, meta } of suspects)
        this.#directory.settle(segment, meta, reachable.has(segment), this.#storage);
      this.#directory.wake(this.#pointers.last);
      this.#pointers.wakeSenders();
      this.#pointers.wakeForTheDead(); // the dead may have taken the mark away without waking whom it was for
      return;
    }
  }

  /** The last segment, as far as is known. */
  #atLast(): Segment {
    if (this.#pointers.last !== this.#sending.reference) this.#sending = this.#openAt(() => this.#pointers.last);
    return this.#sending;
  }

  #openAt(pointer: () => SegmentReference): Segment {
    for (;;) {
      const reference = pointer();
      const ring = this.#ringOf(reference);
      ring.attach();
      // After the look at the ring: what it has seen there is of this generation.
      if (this.#directory.isCurrent(reference)) return { reference, ring };
      this.#assertMoved(pointer(), reference);
    }
  }

  #ringOf(reference: SegmentReference): CellRing {
    const start = this.#directory.start(reference);
    const place = {
      sendHint: start,
      takeHint: (start + LINE_WORDS) as Address,
      cells: (start + RING_HEAD) as Address,
    };
    const isCurrent = (): boolean => this.#directory.isCurrent(reference);
    // A sender marks the cell that it waits for, too, and parks on `first` all the same.
    const onFreed = (): void => this.#pointers.wakeSenders();
    return new CellRing(this.#words, place, this.#shape.segmentCells, this.#grid, this.#name, { isCurrent, onFreed });
  }

  /** A segment that is not what its pointer says can only be because the pointer has moved on. */
  #assertMoved(now: SegmentReference, reference: SegmentReference): void {
    if (now === reference)
      throw new CorruptError(`${NAME}: segment ${indexOf(reference)} is on the list, and in another generation`);
  }

  /** Gives up a segment that receivers have left behind. */
  #retire(reference: SegmentReference): void {
    this.#directory.retire(reference);
    this.#pointers.wakeSenders();
  }
}
