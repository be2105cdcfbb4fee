/**
 * The arrays that an execution graph is kept in: one entry for each event, twice as many whenever there is no room. Nothing is
 * allocated for an event.
 */
import type { Places } from './places.ts';

export const READ = 0;
export const WRITE = 1;
export const FENCE = 2;
/** A branch that memory does not decide, such as whether a timed wait ends by its time. */
export const CHOICE = 3;
/** A parked thread goes on; its source is the notification that woke it. */
export const WAKE = 4;

/** A read by itself. */
export const ALONE = 0;
/** The read of a read-modify-write that always writes. */
export const UPDATE = 1;
/** The read of a compare-exchange: it writes if it read what was expected. */
export const COMPARE = 2;
/** The read of a queue of waiting threads, and the comparison inside: a write may follow, and must not wait for other threads. */
export const SECTION = 3;

/** The source of a read of the initial value. */
export const INITIAL = -1;
/** No event. */
export const NONE = -1;
/** The position of a write that has none yet. */
export const UNPLACED = -1;

const FIRST_CAPACITY = 64;

export class EventStorage {
  readonly threads: number;
  readonly places: Places;
  /** How many events there are. */
  size = 0;
  kind: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  thread: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  order: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  /** The order that a compare-exchange's read has if it fails; of other reads, `order`. */
  failureOrder: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  role: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  /** The place of an access; -1 of other events. */
  place: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** How many events of the thread come before. */
  index: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** Reads: the write read from, or `INITIAL`. Writes of an update: the read that belongs to it, else `NONE`. Choices: the branch. */
  source: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** The coherence position of a write. */
  position: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** The event added to the same place before, or `NONE`. */
  previousAt: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** The last release fence of the thread up to the event, or `NONE`. */
  releaseFence: Int32Array = new Int32Array(FIRST_CAPACITY);
  prefix: Int32Array;
  before: Int32Array;
  message: Int32Array;
  /** What was written or read. */
  readonly value: bigint[] = [];
  /** What a compare-exchange hopes to read, or a wait. */
  readonly expected: bigint[] = [];
  /** The events of each thread in program order. */
  readonly program: number[][] = [];
  /** The writes of each place in coherence order, without the initial one. */
  readonly coherence: number[][] = [];
  /** The last event added to each place, or `NONE`. */
  readonly lastAt: number[] = [];
  protected capacity: number = FIRST_CAPACITY;

  constructor(threads: number, places: Places) {
    this.threads = threads;
    this.places = places;
    this.prefix = new Int32Array(FIRST_CAPACITY * threads);
    this.before = new Int32Array(FIRST_CAPACITY * threads);
    this.message = new Int32Array(FIRST_CAPACITY * threads);
    for (let thread = 0; thread < threads; thread++) this.program.push([]);
  }

  /** Makes room for twice as many events. */
  protected grow(): void {
    const capacity = this.capacity * 2;
    const bytes = (old: Uint8Array): Uint8Array => {
      const grown = new Uint8Array(capacity);
      grown.set(old);
      return grown;
    };
    const integers = (old: Int32Array, length = capacity): Int32Array => {
      const grown = new Int32Array(length);
      grown.set(old);
      return grown;
    };
    this.kind = bytes(this.kind);
    this.thread = bytes(this.thread);
    this.order = bytes(this.order);
    this.failureOrder = bytes(this.failureOrder);
    this.role = bytes(this.role);
    this.place = integers(this.place);
    this.index = integers(this.index);
    this.source = integers(this.source);
    this.position = integers(this.position);
    this.previousAt = integers(this.previousAt);
    this.releaseFence = integers(this.releaseFence);
    this.prefix = integers(this.prefix, capacity * this.threads);
    this.before = integers(this.before, capacity * this.threads);
    this.message = integers(this.message, capacity * this.threads);
    this.capacity = capacity;
  }
}
