/**
 * Sequential consistency: program order, reads-from, coherence and from-read together have no cycle (Shasha and Snir,
 * "Efficient and Correct Execution of Parallel Programs that Share Memory", TOPLAS 1988). A search from the new event asks
 * whether it leads back to itself. It never visits a thread's events twice, nor a place's writes: having reached one, it has
 * reached all that come after.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { NONE, READ, WRITE } from '../graph/event-storage.ts';
import type { Model } from './model.ts';
import { canBeInterleaved, isCoherent } from './whole-graph.ts';

class Search {
  /** The first event of each thread that was reached, as an index. */
  readonly #reached: number[] = [];
  /** The first coherence position of each place that was reached. */
  readonly #lowest: number[] = [];
  readonly #pending: number[] = [];

  /** Whether a path of at least one edge leads from an event, the last of its thread, to itself. */
  returns(graph: EventGraph, event: number): boolean {
    for (let thread = 0; thread < graph.threads; thread++)
      this.#reached[thread] = (graph.program[thread] as number[]).length;
    for (let place = 0; place < graph.places.count; place++) this.#lowest[place] = Number.MAX_SAFE_INTEGER;
    this.#pending.length = 0;
    const home = graph.thread[event] as number;
    this.#follow(graph, event);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      const thread = graph.thread[next] as number;
      if (thread === home) return true;
      const own = graph.program[thread] as number[];
      const first = graph.index[next] as number;
      const end = this.#reached[thread] as number;
      if (first >= end) continue;
      this.#reached[thread] = first;
      for (let index = first; index < end; index++) this.#follow(graph, own[index] as number);
    }
    return false;
  }

  /** Notes where the edges of an event lead that leave its thread. */
  #follow(graph: EventGraph, event: number): void {
    const kind = graph.kind[event] as number;
    if (kind > WRITE) return;
    const place = graph.place[event] as number;
    const from = kind === READ ? graph.positionOf(event) + 1 : (graph.position[event] as number);
    const lowest = this.#lowest[place] as number;
    if (from >= lowest) return;
    this.#lowest[place] = from;
    for (let at = graph.lastAt[place] as number; at !== NONE; at = graph.previousAt[at] as number) {
      if (at === event) continue;
      const position = graph.positionOf(at);
      if (position >= from && position < lowest) this.#pending.push(at);
    }
  }
}

export function createSequentialConsistency(): Model {
  const search = new Search();
  return {
    accepts: (graph, event, other) =>
      !search.returns(graph, event) && (other === event || !search.returns(graph, other)),
    isConsistent: (graph) => isCoherent(graph) && canBeInterleaved(graph),
  };
}
