/**
 * Whether a thread that looked, found nothing and paused will look for ever. A turn that only read is tried again with the same
 * answers, as if nothing had changed meanwhile. If it goes round in the same way, the thread spins, and what it does once it reads
 * something else is shown by other executions. If it does anything else, it was not one turn of many: it has counted, say.
 *
 * What a thread does follows from what it was answered, so what was found out about a turn holds wherever the same answers lead
 * to it, and is found out once.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, NONE, READ } from '../graph/event-storage.ts';

/** How often a thread whose state can be compared may go round before it comes back to where it was. */
export const ROUNDS_TO_SETTLE = 8;

/** A turn that is being tried again. */
export class Rounds {
  /** Which of the thread's events the turn has. */
  readonly #from: number;
  readonly #to: number;
  /** What leads to it: see `answersTo`. */
  readonly answers: string;
  /** The event that comes next. */
  #at: number;
  #done = 0;

  constructor(from: number, to: number, answers: string) {
    this.#from = from;
    this.#to = to;
    this.answers = answers;
    this.#at = from;
  }

  /** How often the thread has come round. */
  get done(): number {
    return this.#done;
  }

  /** The event that the thread comes past, or `NONE` if it does something else. */
  next(graph: EventGraph, events: readonly number[], kind: number, place: number): number {
    if (this.#at === this.#to) return NONE;
    const event = events[this.#at++] as number;
    return graph.kind[event] === kind && graph.place[event] === place ? event : NONE;
  }

  /** The thread has paused again; whether that is the end of the turn. */
  closes(): boolean {
    const whole = this.#at === this.#to;
    this.#at = this.#from;
    this.#done += 1;
    return whole;
  }
}

/** Kept of one thread, at most. */
const MOST_VERDICTS = 2 ** 16;

/** What is known of a thread's turns, by what leads to them. */
export class SpinVerdicts {
  readonly #spins: Map<string, boolean> = new Map();

  /** Whether the thread spins there, if that is known. */
  of(answers: string): boolean | undefined {
    return this.#spins.get(answers);
  }

  keep(answers: string, spins: boolean): void {
    if (this.#spins.size === MOST_VERDICTS) this.#spins.clear();
    this.#spins.set(answers, spins);
  }
}

/** All that a thread was answered up to its event `to`, and where its present turn began. */
export function answersTo(graph: EventGraph, events: readonly number[], from: number, to: number): string {
  let answers = `${from}`;
  for (let index = 0; index < to; index++) {
    const event = events[index] as number;
    const kind = graph.kind[event];
    if (kind === READ) answers += ` ${graph.value[event]}`;
    else if (kind === CHOICE) answers += `:${graph.source[event]}`;
    else answers += '.';
  }
  return answers;
}
