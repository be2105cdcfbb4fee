/** What is wrong with a program, each with an execution that shows it. */
import type { EventGraph } from '../graph/event-graph.ts';
import { formatDot } from './dot.ts';
import { captureExecution, type Execution, type Naming } from './execution.ts';
import { formatInterleaving, interleave } from './interleaving.ts';

export type FindingKind =
  | 'assertion' // a thread asserted what does not hold, threw, or asked for a word that there is not
  | 'ownership violation' // a thread did something with what another one has, and was told so
  | 'final condition' // all threads ended, and what must hold then does not
  | 'data race' // a plain access and another one of the same word, one of them a write, and nothing orders them
  | 'uninitialised read' // a word was read that nobody had written
  | 'deadlock' // threads wait at different words, none of which has changed, and nobody is left to change them
  | 'lost wake-up' // a thread waits at a word, and nobody is left to notify it
  | 'stuck thread'; // a thread spins on words that nobody is left to change

export interface Finding {
  readonly kind: FindingKind;
  readonly message: string;
  /** The execution with the fewest events that was seen, or as much of it as the finding needs. */
  readonly execution: Execution;
  /** How the execution ended, if the final condition says so. */
  readonly outcome?: string | undefined;
}

/** An execution that the final condition asked to see; nothing is wrong with it. */
export interface Witness extends Omit<Finding, 'kind'> {
  readonly kind: 'witness';
}

/** The finding as lines of text: what, how it comes about step by step, and how that ends. */
export function formatFinding({ kind, message, execution, outcome }: Finding | Witness): string {
  const end = outcome ? `\nends with ${outcome}` : '';
  return `${kind}: ${message}\n${formatInterleaving(interleave(execution))}${end}`;
}

/** The finding's execution as a Graphviz graph. */
export function formatFindingDot({ kind, message, execution }: Finding | Witness): string {
  return formatDot(execution, `${kind}: ${message}`);
}

/** Collects findings (or witnesses), of each kind and message the one with the shortest execution. */
export class Findings<Found extends Finding | Witness = Finding> {
  readonly #naming: Naming;
  readonly #found: Map<string, Found> = new Map();

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  add(kind: Found['kind'], message: string, graph: EventGraph, roots?: readonly number[], outcome?: string): void {
    const key = `${kind}: ${message}`;
    const known = this.#found.get(key);
    if (
      known !== undefined &&
      (roots === undefined ? graph.size : this.#count(graph, roots)) >= known.execution.events.length
    )
      return;
    const execution = captureExecution(graph, this.#naming, roots);
    this.#found.set(key, { kind, message, execution, outcome } as Found);
  }

  get all(): Found[] {
    return [...this.#found.values()];
  }

  #count(graph: EventGraph, roots: readonly number[]): number {
    let count = 0;
    for (let event = 0; event < graph.size; event++)
      if (roots.some((root) => graph.isInPrefix(event, root))) count += 1;
    return count;
  }
}
