/**
 * A memory model decides which execution graphs are possible. Program order and reads-from never form a cycle, coherence holds
 * and updates are atomic by the way in which graphs are built; what is left to a model is asked only where an event was not
 * put last: an event that reads the last write, or is the last write, has no edge that leads away from it and closes no cycle.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { createRc11 } from './rc11.ts';
import { createSequentialConsistency } from './sequential-consistency.ts';

export interface Model {
  /**
   * Whether the graph is possible, if it was so without `event`. After a backward revisit `other` is the write that the read
   * `event` was given; otherwise both are the same.
   */
  accepts(graph: EventGraph, event: number, other: number): boolean;
  /** Whether a graph is possible of which nothing is known. */
  isConsistent(graph: EventGraph): boolean;
}

/** `sc`: sequential consistency. `rc11`: the release/acquire and seq-cst contract, with relaxed and plain accesses. */
export type ModelName = 'sc' | 'rc11';

/** What counts as one execution: `rf-co`, what is read from where and the order of writes; `rf`, what is read from where alone. */
export type Equivalence = 'rf-co' | 'rf';

export const MODEL_NAMES: readonly ModelName[] = ['sc', 'rc11'];

export function createModel(name: ModelName): Model {
  return name === 'sc' ? createSequentialConsistency() : createRc11();
}
