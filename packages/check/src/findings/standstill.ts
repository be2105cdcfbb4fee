/** Why no thread goes on, though not all have ended: they are parked, or spin on what nobody will change. */
import { type Level, SPINNING, WAITING } from '../explore/level.ts';
import { waitsAt } from '../explore/waiting-queue.ts';
import type { EventGraph } from '../graph/event-graph.ts';
import { CHOICE, READ } from '../graph/event-storage.ts';
import type { Naming } from './execution.ts';
import type { FindingKind } from './finding.ts';

export interface Standstill {
  readonly kind: FindingKind;
  readonly message: string;
}

/** `undefined` if a thread spins that would go on once it reads what is there: another execution shows that. */
export function describeStandstill(level: Level, naming: Naming): Standstill | undefined {
  const { graph, status } = level;
  const waiting: { readonly place: number; readonly text: string }[] = [];
  const spinning: string[] = [];
  let missed = false;
  for (let thread = 0; thread < graph.threads; thread++) {
    const name = naming.threads[thread] as string;
    if (status[thread] === WAITING) {
      const place = waitsAt(graph, thread);
      waiting.push({ place, text: `${name} at ${naming.word(graph.places.addresses[place] as number)}` });
      if (hasChanged(graph, thread, place)) missed = true;
    } else if (status[thread] === SPINNING) {
      if (!isTypical(graph, thread, level.spinFrom[thread] as number)) return undefined;
      spinning.push(name);
    }
  }
  if (waiting.length === 0)
    return {
      kind: 'stuck thread',
      message: `${spinning.join(' and ')} ${many(spinning)} for ever, and nobody is left to end it`,
    };
  const apart = new Set(waiting.map(({ place }) => place)).size > 1;
  const parked = waiting.map(({ text }) => text).join(' and ');
  const also = spinning.length > 0 ? `, and ${spinning.join(' and ')} ${many(spinning)}` : '';
  return apart && !missed
    ? { kind: 'deadlock', message: `nobody is left to wake ${parked}${also}` }
    : {
        kind: 'lost wake-up',
        message: `nobody wakes ${parked}${missed ? ', though the word has changed' : ''}${also}`,
      };
}

function many(names: readonly string[]): string {
  return names.length === 1 ? 'spins' : 'spin';
}

/** Whether the word that a thread compared before it parked was written since. */
function hasChanged(graph: EventGraph, thread: number, place: number): boolean {
  const own = graph.program[thread] as number[];
  for (let index = own.length - 1; index >= 0; index--) {
    const event = own[index] as number;
    if (graph.kind[event] === READ && graph.place[event] === place)
      return (
        graph.writesAt(place) > 0 && graph.value[graph.writeAt(place, graph.writesAt(place))] !== graph.value[event]
      );
  }
  return false;
}

/** Whether what a thread did from there on reads what is there, and takes the first branch of each choice. */
function isTypical(graph: EventGraph, thread: number, from: number): boolean {
  return (graph.program[thread] as number[]).slice(from).every((event) => {
    if (graph.kind[event] === CHOICE) return graph.source[event] === 0;
    return graph.kind[event] !== READ || graph.positionOf(event) === graph.writesAt(graph.place[event] as number);
  });
}
