/**
 * Stateless model checking without storing what was seen: Kokologiannakis, Marmanis, Gladstein and Vafeiadis, "Truly Stateless,
 * Optimal Dynamic Partial Order Reduction", POPL 2022. Threads run one after another and add events to one graph. A read tries
 * every write that coherence and the model leave to it, latest first; a write tries every coherence position, last first, and
 * then revisits reads that were there before it: it rebuilds the graph without what depends on the read's old value, if that
 * was added in the one way that is to count. So every graph is reached once, and memory holds one graph for each revisit that
 * is under way.
 *
 * Which thread goes on depends on the graph and the order of its events alone: the one whose update or critical section was
 * revisited, so that it completes at once; else the one of the last event; else the first that can. Threads whose events all
 * stand are not run again.
 */
import type { EventGraph } from '../graph/event-graph.ts';
import {
  ALONE,
  CHOICE,
  COMPARE,
  FENCE,
  INITIAL,
  NONE,
  READ,
  UNPLACED,
  UPDATE,
  WAKE,
  WRITE,
} from '../graph/event-storage.ts';
import type { Places } from '../graph/places.ts';
import type { Model } from '../models/model.ts';
import { DOOMED, FINISHED, Level, RUNNABLE, TIMED, WAITING } from './level.ts';
import { isMaximallyAdded, mayRevisit, nextRevisited } from './maximality.ts';
import type { Share } from './share.ts';
import { comparedBy, wokenBy } from './waiting-queue.ts';

/** What runs a thread in the present graph, from the thread's beginning until it ends or can add no further event. */
export type RunThread = (thread: number) => void;

export class Explorer {
  readonly places: Places;
  readonly #model: Model;
  readonly #levels: Level[] = [];
  readonly #threads: number;
  #depth = 0;
  /** Whether the graph that threads are adding to has turned out impossible. */
  #dead = false;
  /** Called for each access once it has its source or place; set by those who look for races. */
  onAccess: ((graph: EventGraph, event: number) => void) | undefined;

  constructor(threads: number, places: Places, model: Model) {
    this.#threads = threads;
    this.places = places;
    this.#model = model;
    this.#levels.push(new Level(threads, places));
  }

  /** The level that threads are adding to. */
  get level(): Level {
    return this.#levels[this.#depth] as Level;
  }

  /** How many revisits are under way. */
  get depth(): number {
    return this.#depth;
  }

  /** What of the exploration is to be done here; default: all of it. */
  share: Share | undefined;

  /** Lets threads run until none can go on. Whether the graph they leave is possible, and to be looked at here. */
  forward(run: RunThread): boolean {
    this.#dead = false;
    for (let thread = this.#next(); thread !== NONE; thread = this.#next()) {
      run(thread);
      if (this.#dead) return false;
    }
    return this.share === undefined || this.share.ownsEnd(this.level.deviations);
  }

  #next(): number {
    const level = this.level;
    const { graph } = level;
    const last = graph.size - 1;
    if (level.read !== NONE && last === level.base && graph.role[level.read] !== ALONE) {
      const revisited = graph.thread[level.read] as number;
      if (this.#canRun(level, revisited)) return revisited;
    }
    if (last >= 0 && this.#canRun(level, graph.thread[last] as number)) return graph.thread[last] as number;
    for (let thread = 0; thread < this.#threads; thread++) if (this.#canRun(level, thread)) return thread;
    return NONE;
  }

  #canRun(level: Level, thread: number): boolean {
    const status = level.status[thread];
    return status === RUNNABLE || ((status === WAITING || status === TIMED) && wokenBy(level.graph, thread) !== NONE);
  }

  /** Adds a read, which takes the last write first. */
  read(thread: number, place: number, order: number, failureOrder: number, role: number, expected: bigint): number {
    const level = this.level;
    const { graph } = level;
    const event = graph.push(READ, thread, place, order);
    graph.failureOrder[event] = failureOrder;
    graph.role[event] = role;
    graph.expected[event] = expected;
    level.floor[event] = graph.floor(event);
    const position = graph.writesAt(place);
    level.cursor[event] = position;
    graph.readFrom(event, graph.writeAt(place, position));
    this.onAccess?.(graph, event);
    return event;
  }

  /** Adds a write; `read` is the read of the same update, or `NONE`. False if there is no place for it here. */
  write(thread: number, place: number, order: number, value: bigint, read: number): boolean {
    const level = this.level;
    const { graph } = level;
    const event = graph.push(WRITE, thread, place, order);
    graph.publish(event, value, read);
    graph.expected[event] = 0n;
    level.revisiting[event] = false;
    level.floor[event] = graph.floor(event);
    if (this.#insert(level, event, graph.writesAt(place) + 1)) return true;
    this.#dead = true;
    return false;
  }

  fence(thread: number, order: number): void {
    const { graph } = this.level;
    const event = graph.push(FENCE, thread, NONE, order);
    this.#fill(graph, event);
    graph.closeFence(event);
  }

  /** Adds a branch of `count`; the first is tried first. */
  choice(thread: number, count: number): number {
    const level = this.level;
    const event = level.graph.push(CHOICE, thread, NONE, 0);
    this.#fill(level.graph, event);
    level.graph.source[event] = 0;
    level.cursor[event] = count;
    return 0;
  }

  /** Adds the wake-up of a parked thread. */
  wake(thread: number, place: number, notification: number): void {
    const { graph } = this.level;
    const event = graph.push(WAKE, thread, place, 0);
    graph.expected[event] = 0n;
    graph.wakeBy(event, notification);
  }

  #fill(graph: EventGraph, event: number): void {
    graph.value[event] = 0n;
    graph.expected[event] = 0n;
  }

  /** Takes back the latest choice that has an alternative, and makes that. False if there is none left. */
  backtrack(): boolean {
    for (;;) {
      const level = this.level;
      const { graph } = level;
      const event = graph.size - 1;
      if (event < 0) return false;
      if (event === level.base) {
        level.reconsider();
        if (!this.#moveOn(level, event)) this.#depth -= 1;
        else if (this.#isOwn()) return true;
        continue;
      }
      const thread = graph.thread[event] as number;
      level.status[thread] = RUNNABLE;
      const isDoomed = this.#isDoomed(graph, event);
      if (this.#advance(level, event)) {
        if (this.#isOwn()) return true;
      } else if (isDoomed) {
        level.status[thread] = DOOMED;
        return true; // no choice was made, so it is whose the way here is
      }
    }
  }

  /**
   * Whether a write would park its thread, but has no place: another update reads the same state of the queue. Its wait is no
   * part of any execution as it stands, but one that compares as different parks nowhere and may be. So once the write has
   * revisited what it can, the others go on without it, for one of their writes may revisit the comparison.
   */
  #isDoomed(graph: EventGraph, event: number): boolean {
    const compared = comparedBy(graph, event);
    if (compared === NONE || graph.position[event] !== UNPLACED) return false;
    const before = graph.positionOf(graph.source[event] as number);
    return graph.isUpdate(graph.place[event] as number, before + 1) && isMaximallyAdded(graph, compared, compared);
  }

  /** Whether what the last choice leads to is to be explored here. */
  #isOwn(): boolean {
    return this.share === undefined || this.share.owns(this.level.deviations);
  }

  /** The next choice of the last event of a level; takes the event back if there is none. */
  #advance(level: Level, event: number): boolean {
    const { graph } = level;
    switch (graph.kind[event]) {
      case READ:
        if (this.#readEarlier(level, event)) return level.deviate(event);
        break;
      case WRITE:
        if (!level.revisiting[event]) {
          if (this.#moveOn(level, event)) return level.deviate(event);
          level.conform(event);
          level.revisiting[event] = true;
          level.cursor[event] = event;
        }
        if (this.#revisit(level, event)) return true;
        break;
      case CHOICE: {
        const branch = (graph.source[event] as number) + 1;
        if (branch < (level.cursor[event] as number)) {
          graph.source[event] = branch;
          return level.deviate(event);
        }
        break;
      }
      default:
    }
    level.conform(event);
    graph.pop();
    return false;
  }

  #readEarlier(level: Level, event: number): boolean {
    const { graph } = level;
    const place = graph.place[event] as number;
    const floor = level.floor[event] as number;
    for (let position = (level.cursor[event] as number) - 1; position >= floor; position--) {
      level.cursor[event] = position;
      graph.readFrom(event, graph.writeAt(place, position));
      if (this.#cannotUpdate(graph, event, position) || !this.#model.accepts(graph, event, event)) continue;
      this.onAccess?.(graph, event);
      return true;
    }
    return false;
  }

  /**
   * Whether an update reads what another one has read already, and cannot make that one read anew: its write could never be
   * placed right behind what it reads.
   */
  #cannotUpdate(graph: EventGraph, event: number, position: number): boolean {
    const role = graph.role[event];
    if (role !== UPDATE && !(role === COMPARE && graph.value[event] === graph.expected[event])) return false;
    const place = graph.place[event] as number;
    if (!graph.isUpdate(place, position + 1)) return false;
    const rival = graph.source[graph.writeAt(place, position + 1)] as number;
    return graph.isInPrefix(rival, event) || !mayRevisit(graph, rival, event);
  }

  /** Moves a write to its next coherence position. */
  #moveOn(level: Level, event: number): boolean {
    const { graph } = level;
    const position = graph.position[event] as number;
    if (position === UNPLACED) return false;
    graph.remove(event);
    return this.#insert(level, event, position - 1);
  }

  /** Puts the last event, a write, at the highest possible coherence position that is not above `from`. */
  #insert(level: Level, event: number, from: number): boolean {
    const { graph } = level;
    const place = graph.place[event] as number;
    const revisited = event === level.base ? level.read : event;
    const end = graph.writesAt(place) + 1;
    let floor = level.floor[event] as number;
    let position = from;
    if (revisited !== event) floor = Math.max(floor, level.floor[revisited] as number);
    const read = graph.source[event] as number;
    if (read !== NONE) {
      const only = graph.positionOf(read) + 1;
      if (only > from) return false;
      position = only;
      floor = Math.max(floor, only - 1);
    }
    for (; position > floor; position--) {
      if (graph.isUpdate(place, position)) continue;
      graph.insert(event, position);
      if (position === end || this.#model.accepts(graph, revisited, event)) {
        this.onAccess?.(graph, event);
        if (revisited !== event) this.onAccess?.(graph, revisited);
        return true;
      }
      graph.remove(event);
    }
    return false;
  }

  /** Finds the next read that the last event, a write without a place, may revisit, and goes a level up with it. */
  #revisit(level: Level, event: number): boolean {
    const { graph } = level;
    for (;;) {
      const read = nextRevisited(graph, event, level.cursor[event] as number);
      if (read === NONE) return false;
      level.cursor[event] = read;
      this.#depth += 1;
      if (this.#depth === this.#levels.length) this.#levels.push(new Level(this.#threads, this.places));
      const above = this.level;
      above.rebuild(level, read, event);
      if (this.#insert(above, above.base, above.graph.writesAt(above.graph.place[above.base] as number) + 1))
        return true;
      this.#depth -= 1;
    }
  }

  /** What a complete graph holds at a place. */
  finalValue(graph: EventGraph, place: number): bigint {
    const last = graph.writeAt(place, graph.writesAt(place));
    return last === INITIAL ? (this.places.initial[place] as bigint) : (graph.value[last] as bigint);
  }

  /** Whether every thread has come to its end. */
  get isComplete(): boolean {
    return this.level.status.every((status) => status === FINISHED);
  }
}
