/** The two models as their papers write them, on relations: what a candidate execution must satisfy. */
import type { ModelName, Order } from '../../src/index.ts';
import { Relation } from './relation.ts';

export interface Event {
  /** -1 of initial writes. */
  readonly thread: number;
  /** Its number in the thread. */
  readonly index: number;
  readonly kind: 'read' | 'write' | 'fence';
  /** -1 of fences. */
  readonly at: number;
  readonly order: Order;
  /** Of the write of an update: its read. */
  readonly read?: number;
}

/** `rf` relates writes to the reads that read from them, `co` all writes of one place. */
export function isConsistent(model: ModelName, events: readonly Event[], rf: Relation, co: Relation): boolean {
  const size = events.length;
  const event = (index: number): Event => events[index] as Event;
  const sb = Relation.where(size, (from, to) => {
    const [one, two] = [event(from), event(to)];
    return one.thread === -1 ? two.thread !== -1 : one.thread === two.thread && one.index < two.index;
  });
  const same = (from: number, to: number): boolean => event(from).at === event(to).at && event(from).at >= 0;
  const fr = rf
    .inverse()
    .compose(co)
    .filter((from, to) => from !== to);
  const rmw = Relation.where(size, (from, to) => event(to).read === from);
  if (!rmw.filter((from, to) => fr.compose(co).has(from, to)).rows.every((row) => row === 0)) return false;
  if (model === 'sc') return sb.or(rf, co, fr).isAcyclic;
  if (!sb.or(rf).isAcyclic) return false;

  const is = (holds: (one: Event) => boolean): Relation =>
    Relation.where(size, (from, to) => from === to && holds(event(from)));
  const releasing = is(({ kind, order }) => kind !== 'read' && ['release', 'acq-rel', 'seq-cst'].includes(order));
  const acquiring = is(({ kind, order }) => kind !== 'write' && ['acquire', 'acq-rel', 'seq-cst'].includes(order));
  const fences = is(({ kind }) => kind === 'fence');
  const atomicWrites = is(({ kind, order }) => kind === 'write' && order !== 'plain');
  const atomicReads = is(({ kind, order }) => kind === 'read' && order !== 'plain');
  const writes = is(({ kind }) => kind === 'write');
  const sequence = writes.compose(sb.filter(same).optional(), atomicWrites, rf.compose(rmw).closure().optional());
  const sw = releasing.compose(
    fences.compose(sb).optional(),
    sequence,
    rf,
    atomicReads,
    sb.compose(fences).optional(),
    acquiring,
  );
  const hb = sb.or(sw).closure();
  const eco = rf.or(co, fr).closure();
  if (!hb.isIrreflexive || !hb.compose(eco.optional()).isIrreflexive) return false;

  const elsewhere = sb.filter((from, to) => !same(from, to));
  const scb = sb.or(elsewhere.compose(hb, elsewhere), hb.filter(same), co, fr);
  const sequential = is(({ order }) => order === 'seq-cst');
  const sequentialFences = is(({ kind, order }) => kind === 'fence' && order === 'seq-cst');
  const psc = sequential
    .or(sequentialFences.compose(hb.optional()))
    .compose(scb, sequential.or(hb.optional().compose(sequentialFences)))
    .or(sequentialFences.compose(hb.or(hb.compose(eco, hb)), sequentialFences));
  return psc.isAcyclic;
}
