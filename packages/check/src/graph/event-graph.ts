/**
 * An execution graph: events in the order in which they were added, program order, reads-from and coherence. An event is the
 * number of its addition (its stamp). The graph only grows and shrinks at its end, or is rebuilt as a restriction of another,
 * so every figure about an event is an entry of an array and nothing is allocated for one.
 *
 * Clocks. For each event and thread, `prefix` counts the events of the thread that come before or are the event under program
 * order and reads-from, `before` those under happens-before; both are sets closed under program order, so a count says it all.
 * `message` is what an acquiring reader of a write learns: the happens-before of the heads of its release sequences.
 * RC11's happens-before: Lahav, Vafeiadis, Kang, Hur and Dreyer, "Repairing Sequential Consistency in C/C++11", PLDI 2017.
 *
 * Coherence positions: the initial value of a place is 0, its writes are 1, 2, ... in coherence order.
 */
import { ALONE, CHOICE, COMPARE, EventStorage, INITIAL, NONE, READ, UNPLACED, WRITE } from './event-storage.ts';
import { isAcquire, isRelease, RELAXED } from './orders.ts';

export class EventGraph extends EventStorage {
  clear(): void {
    this.size = 0;
    for (const events of this.program) empty(events);
    for (const writes of this.coherence) empty(writes);
    this.lastAt.fill(NONE);
  }

  /** Adds an event at the end of its thread, after everything in the graph; its clocks are those of its thread so far. */
  push(kind: number, thread: number, place: number, order: number): number {
    const event = this.size++;
    if (event === this.capacity) this.grow();
    const own = this.program[thread] as number[];
    const index = own.length;
    const previous = index === 0 ? NONE : (own[index - 1] as number);
    own.push(event);
    this.kind[event] = kind;
    this.thread[event] = thread;
    this.order[event] = order;
    this.failureOrder[event] = order;
    this.role[event] = ALONE;
    this.place[event] = place;
    this.index[event] = index;
    this.source[event] = NONE;
    this.position[event] = UNPLACED;
    this.releaseFence[event] = previous === NONE ? NONE : (this.releaseFence[previous] as number);
    this.#link(event, place);
    this.#inherit(event, previous);
    return event;
  }

  /** Takes the last event back; a write must be unplaced. */
  pop(): void {
    const event = --this.size;
    (this.program[this.thread[event] as number] as number[]).pop();
    const place = this.place[event] as number;
    if (place >= 0) this.lastAt[place] = this.previousAt[event] as number;
  }

  /** Lets a read read from a write (or `INITIAL`) and learn what that publishes. */
  readFrom(event: number, write: number): void {
    const place = this.place[event] as number;
    this.source[event] = write;
    const value = write === INITIAL ? (this.places.initial[place] as bigint) : (this.value[write] as bigint);
    this.value[event] = value;
    const index = this.index[event] as number;
    const own = this.program[this.thread[event] as number] as number[];
    this.#inherit(event, index === 0 ? NONE : (own[index - 1] as number));
    if (write === INITIAL) return;
    this.#join(this.prefix, event, this.prefix, write);
    if (isAcquire(this.orderOfRead(event))) this.#join(this.before, event, this.message, write);
  }

  /** The order of a read, which of a compare-exchange depends on what it read. */
  orderOfRead(event: number): number {
    return this.role[event] === COMPARE && this.value[event] !== this.expected[event]
      ? (this.failureOrder[event] as number)
      : (this.order[event] as number);
  }

  /** Says what a new write publishes; `read` is the read of the same update, or `NONE`. */
  publish(event: number, value: bigint, read: number): void {
    this.value[event] = value;
    this.source[event] = read;
    const threads = this.threads;
    const order = this.order[event] as number;
    this.message.fill(0, event * threads, (event + 1) * threads);
    if (order < RELAXED) return;
    if (isRelease(order)) this.#join(this.message, event, this.before, event);
    else {
      const fence = this.releaseFence[event] as number;
      if (fence !== NONE) this.#join(this.message, event, this.before, fence);
      const head = this.#releaseBefore(event);
      if (head !== NONE) this.#join(this.message, event, this.before, head);
    }
    if (read === NONE) return;
    const source = this.source[read] as number;
    if (source !== INITIAL) this.#join(this.message, event, this.message, source);
  }

  /** Completes a new fence: an acquiring one learns what the reads before it were told, a releasing one is remembered. */
  closeFence(event: number): void {
    const order = this.order[event] as number;
    if (isAcquire(order)) {
      const own = this.program[this.thread[event] as number] as number[];
      for (let i = 0; i < (this.index[event] as number); i++) {
        const read = own[i] as number;
        if (this.kind[read] !== READ || (this.source[read] as number) < 0 || this.orderOfRead(read) < RELAXED) continue;
        this.#join(this.before, event, this.message, this.source[read] as number);
      }
    }
    if (isRelease(order)) this.releaseFence[event] = event;
  }

  /** Completes a wake-up: the thread learns what the notification publishes. */
  wakeBy(event: number, notification: number): void {
    this.source[event] = notification;
    this.value[event] = this.value[notification] as bigint;
    this.#join(this.prefix, event, this.prefix, notification);
    this.#join(this.before, event, this.message, notification);
  }

  /** Puts a write at a coherence position; those from there on move up. */
  insert(event: number, position: number): void {
    const writes = this.coherence[this.place[event] as number] as number[];
    writes.push(event);
    for (let at = writes.length - 1; at >= position; at--) {
      const moved = writes[at - 1] as number;
      writes[at] = moved;
      this.position[moved] = at + 1;
    }
    writes[position - 1] = event;
    this.position[event] = position;
  }

  /** Takes a write out of coherence. */
  remove(event: number): void {
    const writes = this.coherence[this.place[event] as number] as number[];
    for (let at = this.position[event] as number; at < writes.length; at++) {
      const moved = writes[at] as number;
      writes[at - 1] = moved;
      this.position[moved] = at;
    }
    writes.pop();
    this.position[event] = UNPLACED;
  }

  /** How many writes a place has. */
  writesAt(place: number): number {
    return place < this.coherence.length ? (this.coherence[place] as number[]).length : 0;
  }

  /** The write at a coherence position; `INITIAL` at 0. */
  writeAt(place: number, position: number): number {
    return position === 0 ? INITIAL : ((this.coherence[place] as number[])[position - 1] as number);
  }

  /** The coherence position that an access touches: a write's own, a read's source's. */
  positionOf(event: number): number {
    if (this.kind[event] === WRITE) return this.position[event] as number;
    const source = this.source[event] as number;
    return source === INITIAL ? 0 : (this.position[source] as number);
  }

  /** Whether `earlier` is `later` or happens before it. */
  happensBefore(earlier: number, later: number): boolean {
    const seen = this.before[later * this.threads + (this.thread[earlier] as number)] as number;
    return seen > (this.index[earlier] as number);
  }

  /** Whether `earlier` is `later` or is reached from it backwards by program order and reads-from. */
  isInPrefix(earlier: number, later: number): boolean {
    const seen = this.prefix[later * this.threads + (this.thread[earlier] as number)] as number;
    return seen > (this.index[earlier] as number);
  }

  /** The lowest position that coherence leaves to an access: that of the latest write it must know of. */
  floor(event: number): number {
    let floor = 0;
    for (let at = this.previousAt[event] as number; at !== NONE; at = this.previousAt[at] as number) {
      if ((this.kind[at] as number) > WRITE || !this.happensBefore(at, event)) continue;
      const position = this.positionOf(at);
      if (position > floor) floor = position;
    }
    return floor;
  }

  /** Whether the write at a position is that of an update which read the write just before: nothing may come between. */
  isUpdate(place: number, position: number): boolean {
    const writes = this.coherence[place] as number[];
    return position <= writes.length && (this.source[writes[position - 1] as number] as number) !== NONE;
  }

  /**
   * Rebuilds this graph as another, restricted: of `other` stay the events up to `read`, those in the prefix of `write`, and
   * `write`, unplaced, at the end. Returns the new number of `read`, which has yet to be given its source.
   */
  restrict(other: EventGraph, read: number, write: number): number {
    this.clear();
    const renumbered = other.#renumbered();
    for (let event = 0; event <= write; event++) {
      if (event > read && !other.isInPrefix(event, write)) {
        renumbered[event] = NONE;
        continue;
      }
      renumbered[event] = this.#copy(other, event);
    }
    for (let event = 0; event < this.size; event++) {
      const kind = this.kind[event];
      const source = this.source[event] as number;
      if (kind !== CHOICE && source >= 0) this.source[event] = renumbered[source] as number;
      const fence = this.releaseFence[event] as number;
      if (fence !== NONE) this.releaseFence[event] = renumbered[fence] as number;
    }
    for (let place = 0; place < other.coherence.length; place++) {
      for (const write of other.coherence[place] as number[]) {
        const kept = renumbered[write] as number;
        if (kept === NONE) continue;
        const writes = this.#coherenceOf(place);
        writes.push(kept);
        this.position[kept] = writes.length;
      }
    }
    return renumbered[read] as number;
  }

  #copy(other: EventGraph, event: number): number {
    const copy = this.size++;
    if (copy === this.capacity) this.grow();
    const thread = other.thread[event] as number;
    const place = other.place[event] as number;
    (this.program[thread] as number[]).push(copy);
    this.kind[copy] = other.kind[event] as number;
    this.thread[copy] = thread;
    this.order[copy] = other.order[event] as number;
    this.failureOrder[copy] = other.failureOrder[event] as number;
    this.role[copy] = other.role[event] as number;
    this.place[copy] = place;
    this.index[copy] = other.index[event] as number;
    this.source[copy] = other.source[event] as number;
    this.position[copy] = UNPLACED;
    this.releaseFence[copy] = other.releaseFence[event] as number;
    this.value[copy] = other.value[event] as bigint;
    this.expected[copy] = other.expected[event] as bigint;
    this.#link(copy, place);
    const threads = this.threads;
    for (let from = event * threads, to = copy * threads; from < (event + 1) * threads; from++, to++) {
      this.prefix[to] = other.prefix[from] as number;
      this.before[to] = other.before[from] as number;
      this.message[to] = other.message[from] as number;
    }
    return copy;
  }

  #link(event: number, place: number): void {
    if (place < 0) {
      this.previousAt[event] = NONE;
      return;
    }
    this.#coherenceOf(place);
    this.previousAt[event] = this.lastAt[place] as number;
    this.lastAt[place] = event;
  }

  #coherenceOf(place: number): number[] {
    while (this.coherence.length <= place) {
      this.coherence.push([]);
      this.lastAt.push(NONE);
    }
    return this.coherence[place] as number[];
  }

  /** Clocks of an event that knows what its thread knew, and itself. */
  #inherit(event: number, previous: number): void {
    const { threads, prefix, before } = this;
    const to = event * threads;
    if (previous === NONE) {
      prefix.fill(0, to, to + threads);
      before.fill(0, to, to + threads);
    } else {
      const from = previous * threads;
      for (let thread = 0; thread < threads; thread++) {
        prefix[to + thread] = prefix[from + thread] as number;
        before[to + thread] = before[from + thread] as number;
      }
    }
    const own = to + (this.thread[event] as number);
    const count = (this.index[event] as number) + 1;
    prefix[own] = count;
    before[own] = count;
  }

  #join(into: Int32Array, event: number, from: Int32Array, other: number): void {
    const { threads } = this;
    let to = event * threads;
    for (let at = other * threads, end = at + threads; at < end; at++, to++) {
      const count = from[at] as number;
      if (count > (into[to] as number)) into[to] = count;
    }
  }

  /** The last release write of the same thread to the same place: its release sequence goes on in the thread's later writes. */
  #releaseBefore(event: number): number {
    const thread = this.thread[event];
    for (let at = this.previousAt[event] as number; at !== NONE; at = this.previousAt[at] as number)
      if (this.thread[at] === thread && this.kind[at] === WRITE && isRelease(this.order[at] as number)) return at;
    return NONE;
  }

  #scratch: Int32Array = new Int32Array(0);
  #renumbered(): Int32Array {
    if (this.#scratch.length < this.capacity) this.#scratch = new Int32Array(this.capacity);
    return this.#scratch;
  }
}

/** Takes out what is in a list, which is to be filled again: a length of 0 would have V8 give its room back, and find it anew. */
function empty(list: number[]): void {
  while (list.length > 0) list.pop();
}
