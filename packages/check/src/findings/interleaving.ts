/**
 * An execution as a list of steps, one thread at a time, with as few switches as a greedy choice gives. If some order of the
 * steps explains every read by the last write before it, the list is such an order; if none does, the execution shows weak
 * memory, the list keeps each thread's order and lets writes come before their reads, and says which reads miss a later write.
 */
import type { Edge, Execution, ExecutionEvent } from './execution.ts';

export interface Step {
  readonly thread: string;
  /** What was done, such as `store x = 1 (release)`. */
  readonly text: string;
}

export interface Interleaving {
  readonly steps: readonly Step[];
  /** The execution's graph, between indices of `steps`; without `po`, which is the order of a thread's steps. */
  readonly edges: readonly Edge[];
  /** Whether each read saw the last write before it. */
  readonly sequential: boolean;
}

export function interleave(execution: Execution): Interleaving {
  const strong = linearize(execution, () => true);
  const order = strong ?? linearize(execution, ({ kind }) => kind !== 'co' && kind !== 'fr') ?? [];
  const written = new Map<string, number | undefined>();
  const { events } = execution;
  const steps: Step[] = [];
  const stepOf: number[] = [];
  order.forEach((index, at) => {
    const event = events[index] as ExecutionEvent;
    const stale = event.kind === 'read' && written.get(event.place) !== event.source;
    if (event.kind === 'write') written.set(event.place, index);
    stepOf[index] = steps.length;
    const next = order[at + 1];
    if (next !== undefined && isUpdateOf(execution, index, next)) return;
    const before = order[at - 1];
    const read =
      before !== undefined && isUpdateOf(execution, before, index) ? (events[before] as ExecutionEvent) : undefined;
    steps.push({ thread: event.thread, text: describe(event, read, stale) });
  });
  const edges = execution.edges
    .map(({ kind, from, to }) => ({ kind, from: stepOf[from] as number, to: stepOf[to] as number }))
    .filter(({ kind, from, to }) => kind !== 'po' && from !== to);
  return { steps, edges, sequential: strong !== undefined };
}

/** The steps as lines of text, and below them the graph: a line for each kind of edge. */
export function formatInterleaving({ steps, edges, sequential }: Interleaving): string {
  const width = Math.max(0, ...steps.map(({ thread }) => thread.length));
  const digits = String(steps.length).length;
  const lines = steps.map(
    ({ thread, text }, index) => `${String(index + 1).padStart(digits)}  ${thread.padEnd(width)}  ${text}`,
  );
  if (!sequential) lines.push('(no order of these steps explains every read: this execution shows weak memory)');
  for (const kind of ['rf', 'sw', 'co', 'fr']) {
    const pairs = edges.filter((edge) => edge.kind === kind).map(({ from, to }) => `${from + 1} -> ${to + 1}`);
    if (pairs.length > 0) lines.push(`${kind}  ${pairs.join(', ')}`);
  }
  return lines.join('\n');
}

function isUpdateOf({ events, edges }: Execution, read: number, write: number): boolean {
  if (!(events[write] as ExecutionEvent).updates || (events[read] as ExecutionEvent).kind !== 'read') return false;
  return edges.some(({ kind, from, to }) => kind === 'po' && from === read && to === write);
}

/** Orders events so that every edge of the kinds that count points forward; `undefined` if they have a cycle. */
function linearize({ events, edges }: Execution, counts: (edge: Edge) => boolean): number[] | undefined {
  const waits = new Array<number>(events.length).fill(0);
  const out: number[][] = events.map(() => []);
  for (const edge of edges) {
    if (!counts(edge)) continue;
    waits[edge.to] = (waits[edge.to] as number) + 1;
    (out[edge.from] as number[]).push(edge.to);
  }
  const order: number[] = [];
  const ready = new Set<number>();
  events.forEach((_, index) => {
    if (waits[index] === 0) ready.add(index);
  });
  let current: string | undefined;
  while (ready.size > 0) {
    const same = [...ready].filter((index) => (events[index] as ExecutionEvent).thread === current);
    const next = Math.min(...(same.length > 0 ? same : ready));
    ready.delete(next);
    order.push(next);
    current = (events[next] as ExecutionEvent).thread;
    for (const to of out[next] as number[]) {
      waits[to] = (waits[to] as number) - 1;
      if (waits[to] === 0) ready.add(to);
    }
  }
  return order.length === events.length ? order : undefined;
}

function describe(event: ExecutionEvent, read: ExecutionEvent | undefined, stale: boolean): string {
  if (read !== undefined)
    return `update ${event.place}: ${read.value} to ${event.value} (${read.order}, ${event.order})`;
  switch (event.kind) {
    case 'read':
      return `load ${event.place} gives ${event.value} (${event.order})${stale ? ', not the last write above' : ''}`;
    case 'write':
      return `store ${event.place} = ${event.value} (${event.order})`;
    case 'fence':
      return `fence (${event.order})`;
    case 'choice':
      return `takes branch ${event.value}`;
    case 'wake':
      return `wakes up, out of ${event.place}`;
    default:
      return event.kind satisfies never;
  }
}
