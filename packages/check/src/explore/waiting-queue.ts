/**
 * How `wait` and `notify` are modelled. Each word has a hidden queue of the threads that are parked at it. A wait is one update
 * of the queue with the comparing load inside, so that nobody can notify in between; a notification is an update that takes
 * threads out. A parked thread goes on by an event of its own, which reads from the notification that took it out: there is
 * never more than one, so that is no choice.
 *
 * A queue's value: { parked: threads + 1, oldest lowest, a byte each; woken: 64, the threads that the notification took out }.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, NONE, SECTION, WRITE } from '../graph/event-storage.ts';

const WOKEN_BITS = 64n;
const THREAD_BITS = 8n;

/** More threads than this cannot be told apart in a queue. */
export const MAX_THREADS = 64;

function parkedIn(queue: bigint): bigint {
  return queue >> WOKEN_BITS;
}

/** The queue after a thread has parked. */
export function park(queue: bigint, thread: number): bigint {
  let end = 0n;
  for (let rest = parkedIn(queue); rest !== 0n; rest >>= THREAD_BITS) end += THREAD_BITS;
  return (parkedIn(queue) | (BigInt(thread + 1) << end)) << WOKEN_BITS;
}

/** The queue after a thread has left it by itself; `undefined` if it is not in it. */
export function leave(queue: bigint, thread: number): bigint | undefined {
  const own = BigInt(thread + 1);
  let below = 0n;
  for (let rest = parkedIn(queue); rest !== 0n; rest >>= THREAD_BITS, below += THREAD_BITS) {
    if ((rest & 0xffn) !== own) continue;
    const older = parkedIn(queue) & ((1n << below) - 1n);
    return (older | ((rest >> THREAD_BITS) << below)) << WOKEN_BITS;
  }
  return undefined;
}

/** The queue after a notification of up to `count` threads, and how many those were. */
export function wakeUp(queue: bigint, count: number): { readonly queue: bigint; readonly woken: number } {
  let parked = parkedIn(queue);
  let mask = 0n;
  let woken = 0;
  for (; woken < count && parked !== 0n; woken++, parked >>= THREAD_BITS) mask |= 1n << ((parked & 0xffn) - 1n);
  return { queue: (parked << WOKEN_BITS) | mask, woken };
}

function hasWoken(queue: bigint, thread: number): boolean {
  return ((queue >> BigInt(thread)) & 1n) !== 0n;
}

/** The threads that a notification has woken, by the queue it has left. */
export function wokenIn(queue: bigint): number[] {
  return Array.from({ length: MAX_THREADS }, (_, thread) => thread).filter((thread) => hasWoken(queue, thread));
}

/** Where a thread that has just parked did so: the write that put it into a queue, its last event but a choice. */
function parkedBy(graph: EventGraph, thread: number): number {
  const own = graph.program[thread] as number[];
  let at = own.length - 1;
  while (at >= 0 && graph.kind[own[at] as number] === CHOICE) at -= 1;
  return at < 0 ? NONE : (own[at] as number);
}

/** The notification that woke a parked thread, or `NONE` if there is none yet. */
export function wokenBy(graph: EventGraph, thread: number): number {
  const parked = parkedBy(graph, thread);
  if (parked === NONE || graph.kind[parked] !== WRITE) return NONE;
  const place = graph.place[parked] as number;
  const end = graph.writesAt(place);
  for (let position = (graph.position[parked] as number) + 1; position <= end; position++) {
    const write = graph.writeAt(place, position);
    if (hasWoken(graph.value[write] as bigint, thread)) return write;
  }
  return NONE;
}

/** The read that a write which parks its thread depends on: it stands between the read of the queue and the write; else `NONE`. */
export function comparedBy(graph: EventGraph, write: number): number {
  if (write === NONE || graph.kind[write] !== WRITE) return NONE;
  const entered = graph.source[write] as number;
  if (entered === NONE || graph.role[entered] !== SECTION) return NONE;
  const before = (graph.program[graph.thread[write] as number] as number[])[
    (graph.index[write] as number) - 1
  ] as number;
  return before === entered ? NONE : before;
}

/** The word at which a parked thread waits, as a place of the graph. */
export function waitsAt(graph: EventGraph, thread: number): number {
  const compared = comparedBy(graph, parkedBy(graph, thread));
  return compared === NONE ? NONE : (graph.place[compared] as number);
}
