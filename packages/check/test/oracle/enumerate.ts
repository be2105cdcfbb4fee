/**
 * The first oracle: every candidate execution of a straight-line program (which exchanges succeed, what each read reads from,
 * every coherence order), filtered by the axioms. It shares nothing with the checker but the names of orders.
 */
import type { ModelName, Order } from '../../src/index.ts';
import { type Event, isConsistent } from './axioms.ts';
import { Relation } from './relation.ts';
import type { Operation, StraightLine } from './straight-line.ts';

interface Candidate {
  readonly events: Event[];
  /** Of each event, what computes its value: a write's from its update's read, if it has one. */
  readonly written: ((read: bigint) => bigint)[];
  /** What an exchange that succeeds has to read, and one that fails must not. */
  readonly reads: { readonly event: number; readonly expected: bigint; readonly succeeds: boolean }[];
}

/**
 * The consistent executions, each as a text: see `keyOf`.
 * @param orders which coherence orders of a place are put to the axioms: all that there are, or those alone that do not break
 * coherence or atomicity at first sight
 */
export function enumerate(program: StraightLine, model: ModelName, orders: Orders = likely): Set<string> {
  const found = new Set<string>();
  const exchanges = program.flat().filter(({ kind }) => kind === 'exchange').length;
  for (let successes = 0; successes < 2 ** exchanges; successes++) {
    const candidate = unfold(program, successes);
    forEachSource(candidate, (rf, sources) => {
      if (!isCoherentChoice(candidate, rf, sources)) return;
      const ordersAt = (writes: readonly number[]): number[][] => orders(writes, candidate.events, sources);
      forEachCoherence(candidate.events, ordersAt, (co, chosen) => {
        if (isConsistent(model, candidate.events, rf, co)) found.add(keyOf(candidate.events, sources, chosen));
      });
    });
  }
  return found;
}

function readOrder(order: Order): Order {
  return order === 'release' ? 'relaxed' : order === 'acq-rel' ? 'acquire' : order;
}

function writeOrder(order: Order): Order {
  return order === 'acquire' ? 'relaxed' : order === 'acq-rel' ? 'release' : order;
}

/** The events of a program, given which of its exchanges succeed, a bit each. */
function unfold(program: StraightLine, successes: number): Candidate {
  const candidate: Candidate = { events: [], written: [], reads: [] };
  const { events, written, reads } = candidate;
  const places = new Set(program.flat().flatMap((one) => ('at' in one ? [one.at] : [])));
  for (const at of [...places].sort()) {
    events.push({ thread: -1, index: 0, kind: 'write', at, order: 'plain' });
    written.push(() => 0n);
  }
  let exchange = 0;
  program.forEach((operations, thread) => {
    let index = 0;
    const add = (event: Omit<Event, 'thread' | 'index'>, value: (read: bigint) => bigint): number => {
      events.push({ ...event, thread, index: index++ });
      written.push(value);
      return events.length - 1;
    };
    const nothing = (): bigint => 0n;
    for (const one of operations as readonly Operation[]) {
      switch (one.kind) {
        case 'load':
          add({ kind: 'read', at: one.at, order: one.order }, nothing);
          break;
        case 'store':
          add({ kind: 'write', at: one.at, order: one.order }, () => BigInt(one.value));
          break;
        case 'fence':
          add({ kind: 'fence', at: -1, order: one.order }, nothing);
          break;
        case 'add': {
          const read = add({ kind: 'read', at: one.at, order: readOrder(one.order) }, nothing);
          add({ kind: 'write', at: one.at, order: writeOrder(one.order), read }, (old) => old + BigInt(one.value));
          break;
        }
        case 'exchange': {
          const succeeds = ((successes >> exchange++) & 1) === 1;
          const order = succeeds ? readOrder(one.order) : one.failure;
          const read = add({ kind: 'read', at: one.at, order }, nothing);
          reads.push({ event: read, expected: BigInt(one.expected), succeeds });
          if (succeeds) add({ kind: 'write', at: one.at, order: writeOrder(one.order), read }, () => BigInt(one.value));
          break;
        }
        default:
          throw new Error(`${one.kind} has no axioms`);
      }
    }
  });
  return candidate;
}

function forEachSource(
  { events }: Candidate,
  visit: (rf: Relation, sources: ReadonlyMap<number, number>) => void,
): void {
  const reads = events.flatMap((event, index) => (event.kind === 'read' ? [index] : []));
  const sources = new Map<number, number>();
  const choose = (next: number): void => {
    const read = reads[next];
    if (read === undefined) {
      const rf = new Relation(events.length);
      for (const [to, from] of sources) rf.add(from, to);
      visit(rf, sources);
      return;
    }
    events.forEach((event, write) => {
      if (event.kind !== 'write' || event.at !== (events[read] as Event).at || event.read === read) return;
      sources.set(read, write);
      choose(next + 1);
    });
    sources.delete(read);
  };
  choose(0);
}

/** Whether values can be computed (nothing depends on itself), and exchanges succeed as they were said to. */
function isCoherentChoice(
  { events, written, reads }: Candidate,
  rf: Relation,
  sources: ReadonlyMap<number, number>,
): boolean {
  const dependsOn = Relation.where(
    events.length,
    (from, to) => rf.has(from, to) || (events[to] as Event).read === from,
  );
  if (!dependsOn.isAcyclic) return false;
  const computed = (event: number): bigint => {
    const { kind, read } = events[event] as Event;
    if (kind === 'read') return computed(sources.get(event) as number);
    return (written[event] as (read: bigint) => bigint)(read === undefined ? 0n : computed(read));
  };
  return reads.every(({ event, expected, succeeds }) => (computed(event) === expected) === succeeds);
}

function forEachCoherence(
  events: readonly Event[],
  ordersAt: (writes: readonly number[]) => number[][],
  visit: (co: Relation, orders: ReadonlyMap<number, readonly number[]>) => void,
): void {
  const places = [...new Set(events.filter(({ at }) => at >= 0).map(({ at }) => at))];
  const orders = new Map<number, readonly number[]>();
  const choose = (next: number): void => {
    const at = places[next];
    if (at === undefined) {
      const co = new Relation(events.length);
      for (const order of orders.values())
        order.forEach((from, index) => {
          for (const to of order.slice(index + 1)) co.add(from, to);
        });
      visit(co, orders);
      return;
    }
    const writes = events.flatMap((event, index) => (event.kind === 'write' && event.at === at ? [index] : []));
    for (const order of ordersAt(writes)) {
      orders.set(at, order);
      choose(next + 1);
    }
  };
  choose(0);
}

type Sources = ReadonlyMap<number, number>;
type Orders = (writes: readonly number[], events: readonly Event[], sources: Sources) => number[][];

/** Every order of the writes to a place that has the initial one first. */
export function permutations([initial, ...others]: readonly number[]): number[][] {
  if (initial === undefined) return [[]];
  return others.length === 0
    ? [[initial]]
    : others.flatMap((first) =>
        permutations([first, ...others.filter((other) => other !== first)]).map((rest) => [initial, ...rest]),
      );
}

/** Those in which the writes of a thread stand as it made them, and an update right behind what it has read. */
function likely([initial, ...others]: readonly number[], events: readonly Event[], sources: Sources): number[][] {
  const found: number[][] = [];
  const sourceOf = (write: number): number | undefined => sources.get((events[write] as Event).read ?? -1);
  const follow = (order: readonly number[], left: readonly number[]): void => {
    if (left.length === 0) found.push([...order]);
    const last = order.at(-1);
    const updates = left.filter((write) => sourceOf(write) === last);
    for (const write of updates.length > 0 ? updates : left) {
      const { thread } = events[write] as Event;
      const isNext = left.find((other) => (events[other] as Event).thread === thread) === write;
      if (isNext && (sourceOf(write) ?? last) === last)
        follow(
          [...order, write],
          left.filter((other) => other !== write),
        );
    }
  };
  follow([initial as number], others);
  return found;
}

function keyOf(
  events: readonly Event[],
  sources: ReadonlyMap<number, number>,
  orders: ReadonlyMap<number, readonly number[]>,
): string {
  const name = (event: number): string => {
    const { thread, index } = events[event] as Event;
    return thread === -1 ? 'init' : `${thread}.${index}`;
  };
  const rf = [...sources].map(([read, write]) => `${name(read)}<${name(write)}`);
  const co = [...orders]
    .filter(([, order]) => order.length > 1)
    .map(([at, order]) => `${at}:${order.slice(1).map(name).join('>')}`);
  return `${rf.sort().join(' ')} | ${co.sort().join(' ')}`;
}
