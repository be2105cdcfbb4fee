/** One end of the hand-off through the pool: two slots, and an event count for each direction. */
import { StaticStorage } from '@pool/alloc';
import {
  type Address,
  type Handle,
  NO_HANDLE,
  type Pool,
  type SegmentDraft,
  Segments,
  type SegmentView,
  type Slot,
} from '@pool/core';
import { EventCount } from '@pool/sync';
import { HANDOFF_BYTES, type HandoffTask } from './handoff.ts';

export class HandoffEnd {
  readonly pool: Pool;
  readonly #segments: Segments;
  readonly #outSlot: Slot;
  readonly #inSlot: Slot;
  readonly #outEvent: EventCount;
  readonly #inEvent: EventCount;
  readonly #spins: number;

  constructor(pool: Pool, task: HandoffTask, side: 'asker' | 'worker') {
    this.pool = pool;
    this.#segments = new Segments(pool, { storage: new StaticStorage(task.storage) });
    const events = [0, 32].map(
      (offset) => new EventCount(pool, (task.events + offset) as Address, (task.events + offset + 16) as Address),
    ) as [EventCount, EventCount];
    [this.#outEvent, this.#inEvent] = side === 'asker' ? events : [events[1], events[0]];
    [this.#outSlot, this.#inSlot] = side === 'asker' ? [task.there, task.back] : [task.back, task.there];
    this.#spins = task.spins;
  }

  /** Writes a new segment and hands it over. */
  send(write: (draft: SegmentDraft) => void): void {
    const draft = this.#segments.draft(HANDOFF_BYTES);
    if (draft === undefined) throw new Error('no segment is free');
    write(draft);
    draft.publishTo(this.#outSlot);
    this.#outEvent.signal();
  }

  /** Waits for a segment, reads it and hands the same one back. */
  readAndReturn<T>(read: (view: SegmentView) => T): T {
    const handle = this.#receive();
    const view = this.#segments.acquire(handle);
    const result = read(view);
    view.release();
    this.#segments.swap(this.#outSlot, handle);
    this.#outEvent.signal();
    return result;
  }

  /** Waits for the segment that was sent to come back, and gives its bytes back. */
  reclaim(): void {
    this.#segments.retire(this.#receive());
  }

  #receive(): Handle {
    return this.#inEvent.wait(() => this.#take(), { spins: this.#spins }) as Handle;
  }

  #take(): Handle | undefined {
    if (this.pool.load(this.#inSlot as number as Address) === NO_HANDLE) return undefined;
    return this.#segments.swap(this.#inSlot, NO_HANDLE);
  }
}
