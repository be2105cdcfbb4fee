/**
 * Cells without bound: a list of rings. Senders use the last one until it is full; then it is ended, and another is put
 * after it. Receivers use the first one until it has ended and is empty, and go on to the next. While the backlog is short
 * everything happens in one ring, and no room is taken or given. The list itself is in segment-list.ts.
 *
 * Lists of rings are Morrison and Afek's ("Fast Concurrent Queues for x86 Processors", PPoPP 2013).
 */
import type { Address, Owner, Storage, Words } from '@pool/core';
import type { ParkingSpot } from '../waiting/parking.ts';
import type { CellGrid } from './cell-grid.ts';
import type { CellRing } from './cell-ring.ts';
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
import { LAST, NOT_YET, type SegmentDirectory, type SegmentReference } from './segment-directory.ts';
import { type Segment, type SegmentedShape, SegmentList } from './segment-list.ts';
import type { SegmentPointers } from './segment-pointers.ts';

/** There is another segment to try. */
const GO_ON = 2;

export class SegmentedCells implements WordCells, WordSender, WordReceiver {
  readonly #list: SegmentList;
  readonly #pointers: SegmentPointers;
  readonly #directory: SegmentDirectory;
  readonly #segments: number;
  #sending: Segment;
  #receiving: Segment;
  #claimedIn: CellRing;
  #takenIn: CellRing;

  private constructor(list: SegmentList, segments: number) {
    this.#list = list;
    this.#pointers = list.pointers;
    this.#directory = list.directory;
    this.#segments = segments;
    this.#sending = list.openAt(() => this.#pointers.last);
    this.#receiving = list.openAt(() => this.#pointers.first);
    this.#claimedIn = this.#sending.ring;
    this.#takenIn = this.#receiving.ring;
  }

  static create(
    words: Words,
    base: Address,
    shape: SegmentedShape,
    storage: Storage,
    owner: Owner,
    grid: CellGrid,
  ): SegmentedCells {
    const list = new SegmentList(words, base, shape, storage, owner, grid);
    list.init();
    return new SegmentedCells(list, shape.segments);
  }

  static attach(
    words: Words,
    base: Address,
    shape: SegmentedShape,
    storage: Storage,
    owner: Owner,
    grid: CellGrid,
  ): SegmentedCells {
    return new SegmentedCells(new SegmentList(words, base, shape, storage, owner, grid), shape.segments);
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
      else this.#list.assertMoved(this.#pointers.last, reference);
    }
  }

  get length(): number {
    let length = 0;
    let reference: SegmentReference | undefined = this.#pointers.first;
    for (let steps = 0; reference !== undefined && steps <= this.#segments; steps++) {
      if (reference === LAST || reference === NOT_YET) break;
      const ring = this.#list.ringOf(reference);
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
        this.#list.assertMoved(this.#pointers.last, reference);
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
    if (!hasRoom && this.#directory.next(reference) === NOT_YET) return spot;
    // The mark must not stay: another sender, whose own has been taken away since, may be about to park on a word that looks the same.
    this.#pointers.wakeSenders();
    return undefined;
  }

  parkReceiver(): ParkingSpot | undefined {
    const { reference, ring } = this.#receiving;
    if (this.#pointers.first !== reference) return undefined;
    const spot = ring.parkReceiver() ?? (ring.ended ? this.#directory.parkOnNext(reference) : undefined);
    // After the mark: it was set in a segment that was on the list then, so whoever leaves that one sees it.
    return this.#pointers.first === reference ? spot : undefined;
  }

  recover<Found>(name: number, read: (cell: Address) => Found): LeftCells<Found> {
    let skipped = 0;
    const undelivered: Found[] = [];
    for (const segment of this.#directory.blocks()) {
      const left = this.#list.ringOf(segment).recover(name, read);
      skipped += left.skipped;
      undelivered.push(...left.undelivered);
    }
    this.#list.settle(name);
    this.#pointers.wakeForTheDead(); // it may have taken the mark away, and died before it woke those that sleep
    return { skipped, undelivered };
  }

  /** As `SegmentList.trim`. */
  trim(): number {
    return this.#list.trim();
  }

  /** The sender's ring has no room: goes on to the next segment, or says why there is none. */
  #sendOn(): number {
    const { reference } = this.#sending;
    if (this.#pointers.last !== reference) {
      this.#sending = this.#list.openAt(() => this.#pointers.last);
      return GO_ON;
    }
    const next = this.#directory.next(reference);
    if (next === LAST) return STREAM_ENDED;
    if (next === undefined) this.#list.assertMoved(this.#pointers.last, reference);
    else if (next !== NOT_YET) this.#pointers.moveLast(reference, next);
    // Another thread may have had the last segment, and put it there: so a look after there was none for this one.
    else if (!this.#list.extend(this.#sending) && this.#directory.next(reference) === NOT_YET) return NO_CELL;
    return GO_ON;
  }

  /** The receiver's ring has nothing (`NO_CELL`), or ended: goes on to the next segment, or says that there is nothing. */
  #takeOn(why: number): number {
    const { reference } = this.#receiving;
    if (this.#pointers.first !== reference) {
      this.#receiving = this.#list.openAt(() => this.#pointers.first);
      return GO_ON;
    }
    if (why === NO_CELL) return NO_CELL;
    const next = this.#directory.next(reference);
    if (next === LAST) return STREAM_ENDED;
    if (next === NOT_YET) return NO_CELL; // a sender is about to put one there
    if (next === undefined) {
      this.#list.assertMoved(this.#pointers.first, reference);
      return GO_ON;
    }
    // Senders' pointer first: it must not stay at a segment that is used again.
    if (this.#pointers.last === reference) this.#pointers.moveLast(reference, next);
    if (this.#pointers.moveFirst(reference, next)) this.#list.retire(reference);
    return GO_ON;
  }

  /** The last segment, as far as is known. */
  #atLast(): Segment {
    if (this.#pointers.last !== this.#sending.reference) this.#sending = this.#list.openAt(() => this.#pointers.last);
    return this.#sending;
  }
}
