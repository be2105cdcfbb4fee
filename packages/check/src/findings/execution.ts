/**
 * One execution as plain data, for people and for drawing: events, and how they are related. It may be a part of a graph, namely
 * what some events depend on; such a part is an execution too, since a prefix of a possible execution is possible.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, FENCE, INITIAL, NONE, READ, WAKE, WRITE } from '../graph/event-storage.ts';
import { ORDERS, type Order } from '../graph/orders.ts';
import { partOfWaiting } from './waiting.ts';

export type EventKind = 'read' | 'write' | 'fence' | 'choice' | 'wake';

export interface ExecutionEvent {
  /** The name of the thread. */
  readonly thread: string;
  readonly kind: EventKind;
  /** The word, by its name if it has one; a queue of waiting threads is `waiting(word)`. Empty of fences and choices. */
  readonly place: string;
  readonly order: Order;
  /** What was read or written; the branch of a choice. */
  readonly value: bigint;
  /** Whether this is the write of an update; the event before in its thread is the read. */
  readonly updates: boolean;
  /** Whether it belongs to one step with the event before it in its thread: the write of an update, and most of a wait. */
  readonly continues: boolean;
  /** Of a part of a wait or a notification: what it does, such as `notifies flag: wakes nobody`. */
  readonly text: string | undefined;
  /** Of a read or a wake-up: the event it reads from; `undefined` is the initial value. */
  readonly source: number | undefined;
}

export interface Edge {
  /**
   * `po`: next in the thread. `rf`: reads from. `co`: next write in coherence. `fr`: the next write after the one read.
   * `sw`: a read-from that orders the threads, by which happens-before goes from one to the other.
   */
  readonly kind: 'po' | 'rf' | 'co' | 'fr' | 'sw';
  readonly from: number;
  readonly to: number;
}

export interface Execution {
  readonly threads: readonly string[];
  /** In an order in which each thread's events keep theirs. */
  readonly events: readonly ExecutionEvent[];
  /** Between indices of `events`. */
  readonly edges: readonly Edge[];
}

const KINDS: { readonly [kind: number]: EventKind } = {
  [READ]: 'read',
  [WRITE]: 'write',
  [FENCE]: 'fence',
  [CHOICE]: 'choice',
  [WAKE]: 'wake',
};

export interface Naming {
  readonly threads: readonly string[];
  readonly word: (address: number) => string;
}

/** Copies a graph, or only what `roots` depend on and they themselves. */
export function captureExecution(graph: EventGraph, naming: Naming, roots?: readonly number[]): Execution {
  const kept: number[] = [];
  const renumbered = new Map<number, number>();
  for (let event = 0; event < graph.size; event++) {
    if (roots !== undefined && !roots.some((root) => graph.isInPrefix(event, root))) continue;
    renumbered.set(event, kept.length);
    kept.push(event);
  }
  const placeName = (place: number): string => {
    if (place < 0) return '';
    const address = graph.places.addresses[place] as number;
    return address < 0 ? `waiting(${naming.word(-1 - address)})` : naming.word(address);
  };
  const reads = (event: number): boolean => graph.kind[event] === READ || graph.kind[event] === WAKE;
  const events = kept.map((event): ExecutionEvent => {
    const kind = graph.kind[event] as number;
    const part = partOfWaiting(graph, event, naming);
    const updates = kind === WRITE && graph.source[event] !== NONE;
    return {
      thread: naming.threads[graph.thread[event] as number] as string,
      kind: KINDS[kind] as EventKind,
      place: placeName(graph.place[event] as number),
      order: ORDERS[kind === READ ? graph.orderOfRead(event) : (graph.order[event] as number)] as Order,
      value: kind === CHOICE ? BigInt(graph.source[event] as number) : (graph.value[event] as bigint),
      updates,
      continues: part?.continues ?? updates,
      text: part?.text,
      source: reads(event) ? renumbered.get(graph.source[event] as number) : undefined,
    };
  });
  return { threads: naming.threads, events, edges: edgesOf(graph, kept, renumbered) };
}

function edgesOf(graph: EventGraph, kept: readonly number[], renumbered: ReadonlyMap<number, number>): Edge[] {
  const edges: Edge[] = [];
  const add = (kind: Edge['kind'], from: number, to: number): void => {
    const [start, end] = [renumbered.get(from), renumbered.get(to)];
    if (start !== undefined && end !== undefined) edges.push({ kind, from: start, to: end });
  };
  const nextWrite = (place: number, position: number): number => {
    for (let at = position + 1; at <= graph.writesAt(place); at++)
      if (renumbered.has(graph.writeAt(place, at))) return graph.writeAt(place, at);
    return NONE;
  };
  for (const event of kept) {
    const index = graph.index[event] as number;
    const own = graph.program[graph.thread[event] as number] as number[];
    if (index > 0) add('po', own[index - 1] as number, event);
    const kind = graph.kind[event];
    const place = graph.place[event] as number;
    if (kind === READ || kind === WAKE) {
      const source = graph.source[event] as number;
      if (source !== INITIAL) add(synchronizes(graph, source, event) ? 'sw' : 'rf', source, event);
      const write = nextWrite(place, graph.positionOf(event));
      // The write of the same update follows by definition.
      if (kind === READ && write !== NONE && graph.source[write] !== event) add('fr', event, write);
    }
    if (kind === WRITE && graph.position[event] !== NONE) {
      const write = nextWrite(place, graph.position[event] as number);
      if (write !== NONE) add('co', event, write);
    }
  }
  return edges;
}

/** Whether a read of another thread's write makes that write happen before the read. */
function synchronizes(graph: EventGraph, write: number, read: number): boolean {
  return graph.thread[write] !== graph.thread[read] && graph.happensBefore(write, read);
}
