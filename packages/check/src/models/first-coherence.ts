/**
 * Counting by reads-from alone. Executions that differ only in coherence count as one: the one whose coherence comes first,
 * when the writes of each place are ordered by thread and program order. Whether that is so is asked of each execution by
 * itself, so that nothing need be remembered.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { INITIAL, NONE, READ } from '../graph/event-storage.ts';
import type { Model } from './model.ts';

/** Whether no coherence that comes before this graph's would do as well with the same reads-from. The graph is left as it was. */
export function isFirstCoherence(graph: EventGraph, model: Model): boolean {
  const places = graph.coherence.flatMap((writes, place) => (writes.length > 1 ? [place] : []));
  const own = places.map((place) => [...(graph.coherence[place] as number[])]);
  const ordered = own.map((writes) => [...writes].sort((one, other) => compare(graph, one, other)));
  const precedence: Precedence[] = [];
  const isFirst = tryFirst() ?? tryFrom(0);
  own.forEach((writes, index) => {
    arrange(graph, places[index] as number, writes);
  });
  return isFirst === true;

  /** Tries the first coherence of each place that happens-before allows, which most often does. */
  function tryFirst(): boolean | undefined {
    for (const [index, place] of places.entries()) {
      const writes = arrangements(graph, ordered[index] as number[], [], (one, other) =>
        graph.happensBefore(one, other),
      );
      const { value } = writes.next();
      if (value === undefined) return undefined;
      arrange(graph, place, value);
    }
    return model.isConsistent(graph) ? isOwn() : undefined;
  }

  /** Tries the coherences of the places from `index` on, in order; whether the first that does is the graph's own. */
  function tryFrom(index: number): boolean | undefined {
    const place = places[index];
    if (place === undefined) return model.isConsistent(graph) ? isOwn() : undefined;
    const writes = ordered[index] as number[];
    precedence[index] ??= comesBefore(graph, place, writes);
    for (const arrangement of arrangements(graph, writes, [], precedence[index])) {
      arrange(graph, place, arrangement);
      const found = tryFrom(index + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function isOwn(): boolean {
    return places.every((place, which) =>
      (graph.coherence[place] as number[]).every((write, position) => write === own[which]?.[position]),
    );
  }
}

function compare(graph: EventGraph, one: number, other: number): number {
  const threads = (graph.thread[one] as number) - (graph.thread[other] as number);
  return threads !== 0 ? threads : (graph.index[one] as number) - (graph.index[other] as number);
}

type Precedence = (one: number, other: number) => boolean;

/**
 * Which of two writes of a place must come first: the one that happens before the other, or is read before the other, or
 * before something that reads the other.
 */
function comesBefore(graph: EventGraph, place: number, writes: readonly number[]): Precedence {
  const accesses = new Map(writes.map((write) => [write, [write]]));
  for (let event = graph.lastAt[place] as number; event !== NONE; event = graph.previousAt[event] as number)
    if (graph.kind[event] === READ) accesses.get(graph.source[event] as number)?.push(event);
  const isBefore: Precedence = (one, other) =>
    (accesses.get(one) as number[]).some((from) =>
      (accesses.get(other) as number[]).some((to) => graph.happensBefore(from, to)),
    );
  const earlier = new Map(writes.map((write) => [write, new Set(writes.filter((one) => isBefore(one, write)))]));
  return (one, other) => (earlier.get(other) as Set<number>).has(one);
}

/** Every order of the writes that keeps a precedence, and updates behind what they read. */
function* arrangements(
  graph: EventGraph,
  left: readonly number[],
  placed: readonly number[],
  precedes: Precedence,
): Generator<readonly number[], undefined> {
  if (left.length === 0) {
    yield placed;
    return;
  }
  const before = placed.at(-1) ?? INITIAL;
  for (const write of left) {
    const read = graph.source[write] as number;
    if (read !== NONE && graph.source[read] !== before) continue;
    if (left.some((other) => other !== write && precedes(other, write))) continue;
    yield* arrangements(
      graph,
      left.filter((other) => other !== write),
      [...placed, write],
      precedes,
    );
  }
}

function arrange(graph: EventGraph, place: number, writes: readonly number[]): void {
  const coherence = graph.coherence[place] as number[];
  writes.forEach((write, index) => {
    coherence[index] = write;
    graph.position[write] = index + 1;
  });
}
