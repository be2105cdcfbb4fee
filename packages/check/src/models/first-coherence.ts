/**
 * Counting by reads-from alone. Executions that differ only in coherence count as one: the one whose coherence comes first,
 * when the writes of each place are ordered by thread and program order. Whether that is so is asked of each execution by
 * itself, so that nothing need be remembered.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { INITIAL, NONE } from '../graph/event-storage.ts';
import type { Model } from './model.ts';

/** Whether no coherence that comes before this graph's would do as well with the same reads-from. The graph is left as it was. */
export function isFirstCoherence(graph: EventGraph, model: Model): boolean {
  const places = graph.coherence.flatMap((writes, place) => (writes.length > 1 ? [place] : []));
  const own = places.map((place) => [...(graph.coherence[place] as number[])]);
  const ordered = own.map((writes) => [...writes].sort((one, other) => compare(graph, one, other)));
  const isFirst = tryFrom(0);
  own.forEach((writes, index) => {
    arrange(graph, places[index] as number, writes);
  });
  return isFirst === true;

  /** Tries the coherences of the places from `index` on, in order; whether the first that does is the graph's own. */
  function tryFrom(index: number): boolean | undefined {
    const place = places[index];
    if (place === undefined) {
      if (!model.isConsistent(graph)) return undefined;
      return places.every((at, which) =>
        (graph.coherence[at] as number[]).every((write, position) => write === own[which]?.[position]),
      );
    }
    for (const writes of arrangements(graph, ordered[index] as number[], [])) {
      arrange(graph, place, writes);
      const found = tryFrom(index + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function compare(graph: EventGraph, one: number, other: number): number {
  const threads = (graph.thread[one] as number) - (graph.thread[other] as number);
  return threads !== 0 ? threads : (graph.index[one] as number) - (graph.index[other] as number);
}

/** Every order of the writes that keeps happens-before, and updates behind what they read. */
function* arrangements(
  graph: EventGraph,
  left: readonly number[],
  placed: readonly number[],
): Generator<readonly number[]> {
  if (left.length === 0) {
    yield placed;
    return;
  }
  const before = placed.at(-1) ?? INITIAL;
  for (const write of left) {
    const read = graph.source[write] as number;
    if (read !== NONE && graph.source[read] !== before) continue;
    if (left.some((other) => other !== write && graph.happensBefore(other, write))) continue;
    yield* arrangements(
      graph,
      left.filter((other) => other !== write),
      [...placed, write],
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
