/**
 * What RC11 asks of `seq-cst` events: the partial order psc has no cycle. Lahav, Vafeiadis, Kang, Hur and Dreyer, "Repairing
 * Sequential Consistency in C/C++11", PLDI 2017, definition 1:
 *
 *   scb      = sb ∪ sb|≠loc; hb; sb|≠loc ∪ hb|loc ∪ co ∪ fr
 *   psc_base = ([E_sc] ∪ [F_sc]; hb?); scb; ([E_sc] ∪ hb?; [F_sc])
 *   psc_F    = [F_sc]; (hb ∪ hb; eco; hb); [F_sc]
 *
 * Each relation is a question about two events that clocks and coherence positions answer at once. The rest of RC11 holds by
 * construction: see `EventGraph.floor` for coherence and the explorer for atomicity and the absence of cycles in sb ∪ rf.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { FENCE, NONE, READ, WRITE } from '../graph/event-storage.ts';
import { SEQ_CST } from '../graph/orders.ts';
import type { Model } from './model.ts';
import { isCoherent } from './whole-graph.ts';

function isSequential(graph: EventGraph, event: number): boolean {
  if (graph.kind[event] === READ) return graph.orderOfRead(event) === SEQ_CST;
  return (graph.kind[event] === WRITE || graph.kind[event] === FENCE) && graph.order[event] === SEQ_CST;
}

function isAccess(graph: EventGraph, event: number): boolean {
  return (graph.kind[event] as number) <= WRITE;
}

/** Extended coherence order: co, fr and rf, and their compositions, which positions alone decide. */
function eco(graph: EventGraph, from: number, to: number): boolean {
  if (!isAccess(graph, from) || !isAccess(graph, to) || graph.place[from] !== graph.place[to]) return false;
  const first = graph.positionOf(from);
  const second = graph.positionOf(to);
  return first < second || (first === second && graph.kind[from] === WRITE && graph.kind[to] === READ);
}

class PartialSequentialOrder {
  readonly #sequential: number[] = [];
  /** For each event, the next and the previous event of its thread at another place. */
  readonly #nextElsewhere: number[] = [];
  readonly #previousElsewhere: number[] = [];
  readonly #colour: number[] = [];

  isAcyclic(graph: EventGraph): boolean {
    const sequential = this.#sequential;
    sequential.length = 0;
    for (let event = 0; event < graph.size; event++) if (isSequential(graph, event)) sequential.push(event);
    if (sequential.length < 2) return true;
    this.#findElsewhere(graph);
    for (const event of sequential) this.#colour[event] = 0;
    return sequential.every((event) => this.#colour[event] !== 0 || this.#visit(graph, event));
  }

  #findElsewhere(graph: EventGraph): void {
    for (const own of graph.program) {
      own.forEach((event, index) => {
        const before = own[index - 1];
        this.#previousElsewhere[event] =
          before === undefined
            ? NONE
            : differs(graph, before, event)
              ? before
              : (this.#previousElsewhere[before] as number);
      });
      for (let index = own.length - 1; index >= 0; index--) {
        const event = own[index] as number;
        const after = own[index + 1];
        this.#nextElsewhere[event] =
          after === undefined ? NONE : differs(graph, after, event) ? after : (this.#nextElsewhere[after] as number);
      }
    }
  }

  /** Depth first; false if a cycle is found. */
  #visit(graph: EventGraph, event: number): boolean {
    this.#colour[event] = 1;
    for (const next of this.#sequential) {
      if (next === event || this.#colour[next] === 2 || !this.#psc(graph, event, next)) continue;
      if (this.#colour[next] === 1 || !this.#visit(graph, next)) return false;
    }
    this.#colour[event] = 2;
    return true;
  }

  #psc(graph: EventGraph, from: number, to: number): boolean {
    if (this.#scb(graph, from, to)) return true;
    const fromFence = graph.kind[from] === FENCE;
    const toFence = graph.kind[to] === FENCE;
    if (!fromFence && !toFence) return false;
    if (fromFence && toFence && graph.happensBefore(from, to)) return true;
    for (let first = 0; first < graph.size; first++) {
      if (first !== from && !(fromFence && graph.happensBefore(from, first))) continue;
      for (let second = 0; second < graph.size; second++) {
        if (second !== to && !(toFence && graph.happensBefore(second, to))) continue;
        if (this.#scb(graph, first, second)) return true;
        if (fromFence && toFence && eco(graph, first, second)) return true;
      }
    }
    return false;
  }

  #scb(graph: EventGraph, from: number, to: number): boolean {
    if (from === to) return false;
    if (graph.thread[from] === graph.thread[to]) {
      if ((graph.index[from] as number) < (graph.index[to] as number)) return true;
    } else {
      const next = this.#nextElsewhere[from] as number;
      const previous = this.#previousElsewhere[to] as number;
      if (next !== NONE && previous !== NONE && next !== previous && graph.happensBefore(next, previous)) return true;
    }
    if (!isAccess(graph, from) || !isAccess(graph, to) || graph.place[from] !== graph.place[to]) return false;
    if (graph.happensBefore(from, to)) return true;
    return graph.kind[to] === WRITE && graph.positionOf(from) < (graph.position[to] as number);
  }
}

function differs(graph: EventGraph, one: number, other: number): boolean {
  return (graph.place[one] as number) < 0 || graph.place[one] !== graph.place[other];
}

export function createRc11(): Model {
  const psc = new PartialSequentialOrder();
  return {
    accepts: (graph) => psc.isAcyclic(graph),
    isConsistent: (graph) => isCoherent(graph) && psc.isAcyclic(graph),
  };
}
