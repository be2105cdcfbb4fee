/**
 * One backward revisit deep: a graph, how far each thread has come in it, and for each event which choices are left. The graph
 * of the level below stays as it was, with the revisiting write as its last event, and exploration goes on there afterwards.
 */
import { EventGraph } from '../graph/event-graph.ts';
import { NONE } from '../graph/event-storage.ts';
import type { Places } from '../graph/places.ts';

/** A thread has something to do, or has not said otherwise since its last event. */
export const RUNNABLE = 0;
export const FINISHED = 1;
/** Cut off by `assume`, a spin or a bound; it goes on in other executions. */
export const BLOCKED = 2;
/** Parked until a notification. */
export const WAITING = 3;
/** An assertion failed, or the thread threw. */
export const FAILED = 4;
/** On a path that another execution stands for: this one is not reported. */
export const REDUNDANT = 5;
/** In a loop that only reads, if spins are pruned. */
export const SPINNING = 6;
/** Parked until a notification, and if there is none, another execution in which time runs out stands for this one. */
export const TIMED = 7;
/** In a wait that compared as equal and has no place to park at: it may compare anew yet. */
export const DOOMED = 8;

export interface Observation {
  readonly name: string;
  readonly value: bigint | number | string | boolean;
}

const NOTHING: readonly Observation[] = [];

export class Level {
  readonly graph: EventGraph;
  /** How far each thread has come. */
  readonly status: Uint8Array;
  /** What each finished thread has observed. */
  readonly observed: (readonly Observation[])[] = [];
  /** Where the last turn of a spinning thread begins, as an index of its events. */
  readonly spinFrom: number[] = [];
  /** The revisiting write: choices of events up to it belong to the levels below; `NONE` at the lowest. */
  base: number = NONE;
  /** The revisited read. */
  read: number = NONE;
  /** The lowest position that is left to an access. */
  readonly floor: number[] = [];
  /** The position, branch or revisited read that an event is trying. */
  readonly cursor: number[] = [];
  /** Of a write: whether its places are used up, and it revisits reads. */
  readonly revisiting: boolean[] = [];

  /** How many choices on the way here were not the first, revisits included. */
  deviations = 0;
  /** The events of this level whose choice is not the first. */
  readonly #deviated: boolean[] = [];

  constructor(threads: number, places: Places) {
    this.graph = new EventGraph(threads, places);
    this.status = new Uint8Array(threads);
    for (let thread = 0; thread < threads; thread++) {
      this.observed.push(NOTHING);
      this.spinFrom.push(0);
    }
  }

  /** Becomes the level above `below`, whose last event `write` revisits `read`. */
  rebuild(below: Level, read: number, write: number): void {
    const { graph } = this;
    this.read = graph.restrict(below.graph, read, write);
    this.base = graph.size - 1;
    const revisited = graph.thread[this.read] as number;
    for (let thread = 0; thread < graph.threads; thread++) {
      const whole = (graph.program[thread] as number[]).length === (below.graph.program[thread] as number[]).length;
      const status = whole && thread !== revisited ? (below.status[thread] as number) : RUNNABLE;
      // Parking was tried below; what this revisit has changed is no way to the reads that the write might revisit.
      this.status[thread] = status === DOOMED ? REDUNDANT : status;
      this.observed[thread] = below.observed[thread] as readonly Observation[];
      this.spinFrom[thread] = below.spinFrom[thread] as number;
    }
    this.deviations = below.deviations + 1;
    this.#deviated.fill(false);
    graph.readFrom(this.read, this.base);
    this.floor[this.base] = graph.floor(this.base);
    this.floor[this.read] = graph.floor(this.read);
  }

  /** Lets those try again to park that could not here: whom their writes may revisit depends on the place of the base. */
  reconsider(): void {
    for (let thread = 0; thread < this.status.length; thread++)
      if (this.status[thread] === DOOMED) this.status[thread] = RUNNABLE;
  }

  /** Notes that the choice of an event is not the first any more; always true. */
  deviate(event: number): true {
    if (this.#deviated[event] !== true) this.deviations += 1;
    this.#deviated[event] = true;
    return true;
  }

  /** Takes that back. */
  conform(event: number): void {
    if (this.#deviated[event] === true) this.deviations -= 1;
    this.#deviated[event] = false;
  }
}
