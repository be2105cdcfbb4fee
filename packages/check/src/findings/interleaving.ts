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
  const { events } = execution;
  const units = unitsOf(events);
  // A wait that does not park is no single step in memory: others may have to come between its two reads.
  const writing = new Set(units.filter((_, index) => events[index]?.kind === 'write'));
  const loose = units.map((unit, index) => (writing.has(unit) ? unit : index));
  const strong = linearize(execution, units, () => true) ?? linearize(execution, loose, () => true);
  const order = strong ?? linearize(execution, units, ({ kind }) => kind !== 'co' && kind !== 'fr') ?? [];
  const written = new Map<string, number | undefined>();
  const steps: Step[] = [];
  const stepOf: number[] = [];
  let stale = false;
  order.forEach((index, at) => {
    const event = events[index] as ExecutionEvent;
    if (event.kind === 'read') stale = written.get(event.place) !== event.source;
    if (event.kind === 'write') written.set(event.place, index);
    stepOf[index] = steps.length;
    const next = order[at + 1];
    if (next !== undefined && goesOn(events, index, next)) return;
    const before = order[at - 1];
    const read = before !== undefined && goesOn(events, before, index) ? (events[before] as ExecutionEvent) : undefined;
    steps.push({ thread: event.thread, text: describe(event, read, stale) });
    stale = false;
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

/** Of each event, the first of those that are one step with it. */
function unitsOf(events: readonly ExecutionEvent[]): number[] {
  const last = new Map<string, number>();
  return events.map(({ thread, continues }, index) => {
    const unit = (continues ? last.get(thread) : undefined) ?? index;
    last.set(thread, unit);
    return unit;
  });
}

/** Whether two events that follow each other in the list are parts of one step. */
function goesOn(events: readonly ExecutionEvent[], index: number, next: number): boolean {
  const [one, other] = [events[index] as ExecutionEvent, events[next] as ExecutionEvent];
  return other.continues && one.thread === other.thread;
}

/** Orders units of events so that every edge of the kinds that count points forward; `undefined` if they have a cycle. */
function linearize(
  { events, edges }: Execution,
  units: readonly number[],
  counts: (edge: Edge) => boolean,
): number[] | undefined {
  const members: number[][] = events.map(() => []);
  units.forEach((unit, index) => {
    (members[unit] as number[]).push(index);
  });
  const waits = new Array<number>(events.length).fill(0);
  const out: number[][] = events.map(() => []);
  for (const edge of edges) {
    const [from, to] = [units[edge.from] as number, units[edge.to] as number];
    if (!counts(edge) || from === to) continue;
    waits[to] = (waits[to] as number) + 1;
    (out[from] as number[]).push(to);
  }
  const order: number[] = [];
  const ready = new Set<number>();
  events.forEach((_, index) => {
    if (waits[index] === 0 && units[index] === index) ready.add(index);
  });
  let current: string | undefined;
  while (ready.size > 0) {
    const same = [...ready].filter((index) => (events[index] as ExecutionEvent).thread === current);
    const next = Math.min(...(same.length > 0 ? same : ready));
    ready.delete(next);
    order.push(...(members[next] as number[]));
    current = (events[next] as ExecutionEvent).thread;
    for (const to of out[next] as number[]) {
      waits[to] = (waits[to] as number) - 1;
      if (waits[to] === 0) ready.add(to);
    }
  }
  return order.length === events.length ? order : undefined;
}

function describe(event: ExecutionEvent, read: ExecutionEvent | undefined, stale: boolean): string {
  if (event.text !== undefined) return `${event.text}${stale ? ', not the last write above' : ''}`;
  if (read !== undefined && event.updates)
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
