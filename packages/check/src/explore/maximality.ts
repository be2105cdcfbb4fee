/**
 * When a backward revisit may delete an event. Many graphs lead to the same one by a revisit; the one that is to do it is that
 * in which everything deleted was added with the choice tried first, as the latest of what was there or is in the revisiting
 * write's prefix. Kokologiannakis, Marmanis, Gladstein and Vafeiadis, "Truly Stateless, Optimal Dynamic Partial Order
 * Reduction", POPL 2022, section 4.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, INITIAL, NONE, READ, WRITE } from '../graph/event-storage.ts';

/** Whether `event` was added with its first choice, seen from `write`, which is the last event and has no coherence position. */
export function isMaximallyAdded(graph: EventGraph, event: number, write: number): boolean {
  const kind = graph.kind[event];
  if (kind === CHOICE) return graph.source[event] === 0;
  if (kind === READ) {
    const source = graph.source[event] as number;
    if (source !== INITIAL && source > event && !graph.isInPrefix(source, write)) return false;
    return isLatest(graph, event, write);
  }
  if (kind === WRITE) return !isReadByEarlier(graph, event) && isLatest(graph, event, write);
  return true;
}

/** Whether a write revisited a read that was there before it. */
function isReadByEarlier(graph: EventGraph, write: number): boolean {
  for (let at = graph.previousAt[write] as number; at !== NONE; at = graph.previousAt[at] as number)
    if (graph.kind[at] === READ && graph.source[at] === write) return true;
  return false;
}

/** Whether no write that was there, or is in the prefix of `write`, comes after what the event reads or is. */
function isLatest(graph: EventGraph, event: number, write: number): boolean {
  const place = graph.place[event] as number;
  const end = graph.writesAt(place);
  for (let position = graph.positionOf(event) + 1; position <= end; position++) {
    const later = graph.writeAt(place, position);
    if (later <= event || graph.isInPrefix(later, write)) return false;
  }
  return true;
}

/**
 * The next read before `from` that `write` may revisit, or `NONE`. All that stands behind it and is not in the prefix of
 * `write` is deleted, so the search ends at the first event that may not be.
 */
export function nextRevisited(graph: EventGraph, write: number, from: number): number {
  const place = graph.place[write];
  for (let event = from - 1; event >= 0; event--) {
    if (graph.isInPrefix(event, write)) continue;
    if (!isMaximallyAdded(graph, event, write)) return NONE;
    if (graph.kind[event] === READ && graph.place[event] === place) return event;
  }
  return NONE;
}

/** Whether the last event, or a write that follows it at once, may revisit `read`: all that this deletes was added maximally. */
export function mayRevisit(graph: EventGraph, read: number, last: number): boolean {
  for (let event = last - 1; event >= read; event--)
    if (!graph.isInPrefix(event, last) && !isMaximallyAdded(graph, event, last)) return false;
  return true;
}
