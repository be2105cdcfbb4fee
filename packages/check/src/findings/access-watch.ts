/** Looks at each access as it is added: whether it races with one that is there, and whether it reads what nobody wrote. */
import type { EventGraph } from '../graph/event-graph.ts';
import { INITIAL, NONE, READ, WRITE } from '../graph/event-storage.ts';
import { PLAIN } from '../graph/orders.ts';
import type { Naming } from './execution.ts';
import type { Findings } from './finding.ts';

export class AccessWatch {
  readonly #findings: Findings;
  readonly #naming: Naming;
  readonly #isUninitialised: ((address: number) => boolean) | undefined;
  /** Places that a plain access has ever touched: others cannot race. */
  readonly #plain: boolean[] = [];

  constructor(findings: Findings, naming: Naming, isUninitialised?: (address: number) => boolean) {
    this.#findings = findings;
    this.#naming = naming;
    this.#isUninitialised = isUninitialised;
  }

  look(graph: EventGraph, event: number): void {
    const place = graph.place[event] as number;
    if (this.#isUninitialised !== undefined && graph.kind[event] === READ && graph.source[event] === INITIAL) {
      const address = graph.places.addresses[place] as number;
      if (address >= 0 && this.#isUninitialised(address)) this.#report('uninitialised read', graph, event, NONE);
    }
    if (graph.order[event] === PLAIN) this.#plain[place] = true;
    if (this.#plain[place] !== true) return;
    for (let other = graph.lastAt[place] as number; other !== NONE; other = graph.previousAt[other] as number)
      if (races(graph, other, event)) this.#report('data race', graph, event, other);
  }

  #report(kind: 'data race' | 'uninitialised read', graph: EventGraph, event: number, other: number): void {
    const word = this.#naming.word(graph.places.addresses[graph.place[event] as number] as number);
    const name = (of: number): string => this.#naming.threads[graph.thread[of] as number] as string;
    if (other === NONE)
      this.#findings.add(kind, `${name(event)} reads ${word}, which nobody has written`, graph, [event]);
    else {
      const [one, two] = [name(event), name(other)].sort();
      this.#findings.add(kind, `${one} and ${two} access ${word}, and nothing orders them`, graph, [event, other]);
    }
  }
}

function races(graph: EventGraph, one: number, other: number): boolean {
  if (graph.thread[one] === graph.thread[other]) return false;
  if ((graph.kind[one] as number) > WRITE || (graph.kind[one] === READ && graph.kind[other] === READ)) return false;
  if (graph.order[one] !== PLAIN && graph.order[other] !== PLAIN) return false;
  return !graph.happensBefore(one, other) && !graph.happensBefore(other, one);
}
