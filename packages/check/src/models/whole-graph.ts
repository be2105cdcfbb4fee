/** Questions about a whole graph, where coherence was not built up step by step. */
import type { EventGraph } from '../graph/event-graph.ts';
import { NONE, READ, WAKE, WRITE } from '../graph/event-storage.ts';

/** Whether happens-before and coherence agree everywhere, and updates follow what they read. */
export function isCoherent(graph: EventGraph): boolean {
  for (let event = 0; event < graph.size; event++) {
    if ((graph.kind[event] as number) > WRITE) continue;
    const position = graph.positionOf(event);
    const read = graph.kind[event] === WRITE ? (graph.source[event] as number) : NONE;
    if (read !== NONE && position !== graph.positionOf(read) + 1) return false;
    for (let other = graph.lastAt[graph.place[event] as number] as number; other !== NONE; ) {
      if (other !== event && (graph.kind[other] as number) <= WRITE && graph.happensBefore(other, event)) {
        const earlier = graph.positionOf(other);
        if (earlier > position || (earlier === position && graph.kind[event] === WRITE)) return false;
      }
      other = graph.previousAt[other] as number;
    }
  }
  return true;
}

/**
 * Whether the events can be taken one by one, each thread's in order, so that every read reads the last write: takes whatever
 * can be taken until nothing can. What can be taken stays so until it is, so no choice is wrong.
 */
export function canBeInterleaved(graph: EventGraph): boolean {
  const next = graph.program.map(() => 0);
  const last: number[] = [];
  const unread: number[][] = [];
  for (let place = 0; place < graph.places.count; place++) {
    last.push(0);
    unread.push(new Array<number>(graph.writesAt(place) + 1).fill(0));
  }
  for (let event = 0; event < graph.size; event++) {
    if (graph.kind[event] !== READ) continue;
    const reads = unread[graph.place[event] as number] as number[];
    reads[graph.positionOf(event)] = (reads[graph.positionOf(event)] as number) + 1;
  }
  let taken = 0;
  for (let before = -1; before !== taken; ) {
    before = taken;
    graph.program.forEach((own, thread) => {
      for (; (next[thread] as number) < own.length; taken++) {
        const event = own[next[thread] as number] as number;
        if (graph.kind[event] === WAKE ? !isNotified(event) : (graph.kind[event] as number) <= WRITE && !take(event))
          break;
        next[thread] = (next[thread] as number) + 1;
      }
    });
  }
  return taken === graph.size;

  function isNotified(wake: number): boolean {
    return (last[graph.place[wake] as number] as number) >= graph.positionOf(wake);
  }

  function take(event: number): boolean {
    const place = graph.place[event] as number;
    const position = graph.positionOf(event);
    const reads = unread[place] as number[];
    if (graph.kind[event] === READ) {
      if (last[place] !== position) return false;
      reads[position] = (reads[position] as number) - 1;
      return true;
    }
    if (last[place] !== position - 1 || reads[position - 1] !== 0) return false;
    last[place] = position;
    return true;
  }
}
