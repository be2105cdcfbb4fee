/**
 * What the parts of waits and notifications are, in words: as events they are reads and writes of a queue that no program names
 * (see `explore/waiting-queue.ts`). A step of a counterexample is all of a wait up to where the thread parks.
 */
import { comparedBy, wokenIn } from '../explore/waiting-queue.ts';
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, NONE, READ, SECTION, WAKE, WRITE } from '../graph/event-storage.ts';
import type { Naming } from './execution.ts';

export interface Part {
  /** What it does; of a read, as much as is known by then. A wake-up speaks for itself. */
  readonly text: string | undefined;
  /** Whether it goes on with the step of the event before it in its thread. */
  readonly continues: boolean;
}

/** `undefined` for every other event. */
export function partOfWaiting(graph: EventGraph, event: number, { threads, word }: Naming): Part | undefined {
  const place = graph.place[event] as number;
  const kind = graph.kind[event];
  const before = eventBefore(graph, event);
  if (kind === CHOICE) {
    if (comparedBy(graph, before) === NONE) return undefined;
    return { text: graph.source[event] === 0 ? 'waits on' : 'time is up', continues: false };
  }
  if (kind === WAKE) return { text: undefined, continues: graph.kind[before] === CHOICE };
  if (place < 0) return undefined;
  const address = graph.places.addresses[place] as number;
  const inSection = kind === READ && graph.role[event] === SECTION;
  if (address >= 0) {
    if (!inSection) return undefined;
    const value = graph.value[event] as bigint;
    const waits = value === graph.expected[event];
    const text = `${waits ? 'is to wait' : 'does not wait'} at ${word(address)}: it holds ${value}`;
    return { text, continues: true };
  }
  const at = word(-1 - address);
  if (kind === READ) return { text: `looks who waits at ${at}`, continues: inSection && isTimeUp(graph, before) };
  if (kind !== WRITE) return undefined;
  if (comparedBy(graph, event) !== NONE) return { text: `waits at ${at}`, continues: true };
  if (graph.role[before] === SECTION) return { text: `stops waiting at ${at}: time is up`, continues: true };
  const woken = wokenIn(graph.value[event] as bigint).map((thread) => threads[thread] as string);
  return { text: `notifies ${at}: wakes ${woken.join(', ') || 'nobody'}`, continues: true };
}

function eventBefore(graph: EventGraph, event: number): number {
  const index = graph.index[event] as number;
  return index === 0 ? NONE : ((graph.program[graph.thread[event] as number] as number[])[index - 1] as number);
}

/** Whether it is the choice of a thread that waits no longer. */
function isTimeUp(graph: EventGraph, event: number): boolean {
  return event !== NONE && graph.kind[event] === CHOICE && comparedBy(graph, eventBefore(graph, event)) !== NONE;
}
