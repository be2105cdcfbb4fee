/**
 * A thread that need not be run from its beginning: it can be put back to where it stood before one of its operations. What it
 * is there follows from what the operations before it answered, so a kept state serves every graph in which they answer the
 * same. Kept are the states along the thread's last run; the next one differs from it late, as the exploration goes depth
 * first, and goes on from the deepest state that still holds.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, READ } from '../graph/event-storage.ts';

export interface ResumableThread {
  /** To its beginning. */
  restart(): void;
  /** Carries out the operation that it stands before, if it does, and goes on to just before the next; false: it has ended. */
  step(): boolean;
  /** What it has done since its beginning; whoever goes back to a state, goes back to this. */
  readonly work: number;
  /** What keeping its state costs, in the units of `work`, and in bytes. */
  readonly price: { readonly work: number; readonly bytes: number };
  /** Copies its state, into one that is not needed any more if there is one. */
  save(into: unknown): unknown;
  restore(state: unknown): void;
  /** Whether two states differ in `work` alone. */
  isSame(one: unknown, other: unknown): boolean;
}

/** What a run is between two operations. */
export interface Moment {
  /** How many events it has come past. */
  events: number;
  /** Whether it has written since it paused, and how many events there were then. */
  wrote: boolean;
  turn: number;
}

interface Kept extends Moment {
  work: number;
  state: unknown;
}

/** States of one thread. */
const MOST = 64;
const MOST_BYTES = 2 ** 24;

export class KeptStates {
  readonly #thread: ResumableThread;
  /** Along the last run; those from `#count` on are there to be written over. */
  readonly #kept: Kept[] = [];
  #count = 0;
  /** What the operations answered that led to the last of them. */
  readonly #answers: bigint[] = [];
  /** Of the thread, at the last state kept or gone back to. */
  #work = 0;

  constructor(thread: ResumableThread) {
    this.#thread = thread;
  }

  /** Puts the thread back to the last state that `events` lead to; where that is, if it is not its beginning. */
  resume(graph: EventGraph, events: readonly number[]): Moment | undefined {
    const same = this.#sameAnswers(graph, events);
    while (this.#count > 0 && (this.#kept[this.#count - 1] as Kept).events > same) this.#count -= 1;
    const last = this.#count === 0 ? undefined : (this.#kept[this.#count - 1] as Kept);
    this.#answers.length = Math.min(this.#answers.length, last?.events ?? 0);
    if (last === undefined) this.#thread.restart();
    else this.#thread.restore(last.state);
    this.#work = this.#thread.work;
    return last;
  }

  /** Keeps the thread's state if going there again would cost more. */
  keep(graph: EventGraph, events: readonly number[], now: Moment): void {
    const { work, price } = this.#thread;
    if (work - this.#work < price.work) return;
    this.#work = work;
    for (let index = this.#answers.length; index < now.events; index++)
      this.#answers.push(answerOf(graph, events[index] as number));
    if (this.#count >= Math.max(1, Math.min(MOST, Math.floor(MOST_BYTES / price.bytes)))) this.#forgetFirst();
    const place = this.#kept[this.#count];
    const state = this.#thread.save(place?.state);
    const kept = { ...now, work, state };
    if (place === undefined) this.#kept.push(kept);
    else this.#kept[this.#count] = kept;
    this.#count += 1;
  }

  /** The first is the one that is gone back to least often. */
  #forgetFirst(): void {
    this.#kept.push(this.#kept.shift() as Kept);
    this.#count -= 1;
  }

  #sameAnswers(graph: EventGraph, events: readonly number[]): number {
    const length = Math.min(this.#answers.length, events.length);
    for (let index = 0; index < length; index++)
      if (this.#answers[index] !== answerOf(graph, events[index] as number)) return index;
    return length;
  }
}

/** What the thread learns by an event; writes, fences and wake-ups say nothing that the events before did not. */
function answerOf(graph: EventGraph, event: number): bigint {
  const kind = graph.kind[event];
  if (kind === READ) return graph.value[event] as bigint;
  return kind === CHOICE ? BigInt(graph.source[event] as number) : 0n;
}
