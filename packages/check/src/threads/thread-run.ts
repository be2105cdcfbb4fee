/**
 * A thread as the explorer runs it: its function is called from the beginning (or goes on from a state that was kept), operations that the graph already has are
 * answered from it, and the first new one adds an event. So a thread must be deterministic given what it reads; that it asks
 * again for what it asked before is checked. When it can go no further it is cut: the operation throws `ThreadCut`, and so does
 * every later one, so that a `finally` that unlocks does not run on. A thread that swallows it and ends as if it were done is refused.
 */
import type { WaitResult } from '@pool/core';
import { AssertionError, ModelError } from '../errors.ts';
import type { Explorer } from '../explore/explorer.ts';
import {
  BLOCKED,
  FAILED,
  FINISHED,
  type Observation,
  REDUNDANT,
  RUNNABLE,
  SPINNING,
  TIMED,
  WAITING,
} from '../explore/level.ts';
import { leave, park, wakeUp, wokenBy } from '../explore/waiting-queue.ts';
import type { EventGraph } from '../graph/event-graph.ts';
import { ALONE, CHOICE, COMPARE, FENCE, NONE, READ, SECTION, UPDATE, WAKE, WRITE } from '../graph/event-storage.ts';
import { readPart, SEQ_CST, writePart } from '../graph/orders.ts';
import { COMPARE_EXCHANGE, type Memory, updated } from './memory.ts';
import { KeptStates, type Moment, type ResumableThread } from './resumable.ts';
import { answersTo, ROUNDS_TO_SETTLE, Rounds, SpinVerdicts } from './rounds.ts';

/** Unwinds a thread that can go no further. */
class ThreadCut extends Error {
  override readonly name = 'ThreadCut';
}

const CUT = new ThreadCut('this thread was cut by the checker: let the error pass');

/** Pauses in succession, after which a thread is taken to go on so for ever. */
const MOST_IDLE = 1_000_000;

/** What a run may cost, and what it prunes. */
export interface RunLimits {
  /** Whether a turn of a loop that only reads and ends in `pause` blocks, if another one like it would follow. */
  readonly spinAssume: boolean;
  /** How often a function goes round in the same way before it is taken to do so for ever. */
  readonly spinRounds: number;
  /** How often in succession a thread may read the same write of one word, with nothing written in between. */
  readonly unroll: number;
  /** Events of a thread. */
  readonly events: number;
}

/** What cuts a thread that goes on for too long. */
export type CutBound = 'unroll' | 'eventsPerThread';

export class ThreadRun implements Memory {
  readonly name: string;
  readonly #explorer: Explorer;
  readonly #thread: number;
  readonly #limits: RunLimits;
  #graph: EventGraph;
  /** The number of events that the thread has come past. */
  #cursor = 0;
  #cut = false;
  /** What this run violated, whatever the thread then does with the exception. */
  #failed: Error | undefined;
  /** Why this run makes the program none that can be checked, whatever the thread then does with the exception. */
  #refused: ModelError | undefined;
  #wroteSincePause = false;
  /** How often it has written. */
  #written = 0;
  /** The number of events before the last `pause`. */
  #turn = 0;
  /** How often it has paused since its last event. */
  #idle = 0;
  #observed: Observation[] = [];
  /** Set while a turn is tried again. */
  #rounds: Rounds | undefined;
  /** The thread did something else in another round: it runs again from its beginning, and goes on past the pause. */
  #strayedFromRounds = false;
  readonly #verdicts: SpinVerdicts = new SpinVerdicts();
  readonly #repeats: Map<number, number> = new Map();
  /** The bounds that ever cut this thread. */
  readonly cutBy: Set<CutBound> = new Set();
  /** Whether it was ever taken to spin for the number of its rounds alone. */
  hasSpun = false;
  /** How often it may go round: where states are compared, they tell. */
  #mostRounds: number;
  /** The thread's function; set once. */
  body: () => void = () => {};

  constructor(name: string, thread: number, explorer: Explorer, limits: RunLimits) {
    this.name = name;
    this.#thread = thread;
    this.#explorer = explorer;
    this.#limits = limits;
    this.#mostRounds = limits.spinRounds;
    this.#graph = explorer.level.graph;
  }

  /** A body that goes on from where the thread was, as far as the present graph still leads there. */
  goingOn(thread: ResumableThread): () => void {
    const states = new KeptStates(thread);
    this.#mostRounds = Number.POSITIVE_INFINITY;
    return () => {
      const events = this.#events;
      const from = states.resume(this.#graph, events);
      if (from !== undefined) this.#moveTo(from, events);
      let [round, before]: [number, unknown] = [NONE, undefined];
      while (thread.step()) {
        const rounds = this.#rounds;
        if (rounds === undefined) {
          states.keep(this.#graph, events, { events: this.#cursor, wrote: this.#wroteSincePause, turn: this.#turn });
        } else if (rounds.done !== round) {
          round = rounds.done;
          const now = thread.save(undefined);
          if (before !== undefined && thread.isSame(before, now)) this.#spin(rounds);
          if (round === ROUNDS_TO_SETTLE) this.#leaveRounds(rounds);
          before = now;
        }
      }
    };
  }

  #moveTo(moment: Moment, events: readonly number[]): void {
    this.#cursor = moment.events;
    this.#wroteSincePause = moment.wrote;
    this.#turn = moment.turn;
    if (this.#limits.unroll === Number.POSITIVE_INFINITY) return;
    // What was read counts here, and not only its value: the same answers may come from other writes now.
    for (const event of events.slice(0, moment.events)) {
      if (this.#graph.kind[event] === WRITE) this.#countWrite(event);
      else if (this.#graph.kind[event] === READ) this.#countRead(this.#graph.place[event] as number, event);
    }
  }

  /** Runs the thread's function in the present graph; what it threw, if it did. @throws {ModelError} if it is no thread that can be checked */
  run(): unknown {
    for (;;) {
      const failure = this.#runOnce();
      if (!this.#strayedFromRounds) return failure;
    }
  }

  #runOnce(): unknown {
    const { level } = this.#explorer;
    this.#graph = level.graph;
    this.#cursor = 0;
    this.#cut = false;
    this.#failed = undefined;
    this.#refused = undefined;
    this.#wroteSincePause = false;
    this.#turn = 0;
    this.#idle = 0;
    this.#observed = [];
    if (this.#repeats.size > 0) this.#repeats.clear(); // clearing allocates
    this.#rounds = undefined;
    this.#strayedFromRounds = false;
    level.status[this.#thread] = RUNNABLE;
    try {
      this.body();
    } catch (error) {
      if (this.#rounds !== undefined) return this.#strayFromRounds(this.#rounds);
      if (error instanceof ModelError || this.#refused !== undefined) throw this.#refused ?? error;
      if (this.#failed === undefined) {
        if (error === CUT) return undefined;
        if (this.#cut) throw this.#swallowed();
      }
      level.status[this.#thread] = FAILED;
      return this.#failed ?? error ?? new AssertionError('the thread threw nothing');
    }
    if (this.#refused !== undefined) throw this.#refused;
    if (this.#failed !== undefined) {
      level.status[this.#thread] = FAILED;
      return this.#failed;
    }
    if (this.#rounds !== undefined) return this.#strayFromRounds(this.#rounds);
    if (this.#cut) throw this.#swallowed();
    if (this.#cursor < this.#length) throw new ModelError(this.#strayed('ended'));
    level.status[this.#thread] = FINISHED;
    level.observed[this.#thread] = this.#observed;
    return undefined;
  }

  observe(name: string, value: Observation['value']): void {
    this.#refuseIfCut();
    this.#observed.push({ name, value });
  }

  /** Ends the thread here, with a violation: what it would still do, having caught the exception, is cut. */
  fail(violation: Error): never {
    if (this.#rounds !== undefined) this.#leaveRounds(this.#rounds);
    this.#refuseIfCut();
    this.#cut = true;
    this.#failed = violation;
    throw violation;
  }

  /** Ends the whole check, with this thread: it asks for what is not modelled, or is not deterministic. */
  refuse(why: string): never {
    if (this.#rounds !== undefined) this.#leaveRounds(this.#rounds);
    this.#refuseIfCut();
    this.#cut = true;
    this.#refused = new ModelError(why);
    throw this.#refused;
  }

  /** Goes on only in executions in which `condition` holds. */
  assume(condition: boolean): void {
    this.#refuseIfCut();
    if (!condition) this.#stop(BLOCKED);
  }

  load(at: number, order: number): bigint {
    return this.#read(this.#explorer.places.of(at), order, order, ALONE, 0n);
  }

  store(at: number, value: bigint, order: number): void {
    this.#write(this.#explorer.places.of(at), order, value, NONE);
  }

  update(update: number, at: number, operand: bigint, expected: bigint, order: number, failureOrder: number): bigint {
    const place = this.#explorer.places.of(at);
    const compares = update === COMPARE_EXCHANGE;
    const old = this.#read(place, readPart(order), failureOrder, compares ? COMPARE : UPDATE, expected);
    if (!compares || old === expected)
      this.#write(place, writePart(order), updated(update, old, operand), this.#last());
    return old;
  }

  fence(order: number): void {
    if (this.#recorded(FENCE, NONE) === NONE) {
      this.#explorer.fence(this.#thread, order);
      this.#cursor += 1;
    }
  }

  choose(count: number): number {
    const known = this.#recorded(CHOICE, NONE);
    if (known !== NONE) return this.#graph.source[known] as number;
    this.#cursor += 1;
    return this.#explorer.choice(this.#thread, count);
  }

  wait(at: number, expected: bigint, timed: boolean): WaitResult {
    const place = this.#explorer.places.of(at);
    const queuePlace = this.#explorer.places.queueOf(at);
    const queue = this.#read(queuePlace, SEQ_CST, SEQ_CST, SECTION, 0n);
    const entered = this.#last();
    if (this.#read(place, SEQ_CST, SEQ_CST, SECTION, expected) !== expected) return 'not-equal';
    this.#write(queuePlace, SEQ_CST, park(queue, this.#thread), entered);
    if (timed && this.choose(2) === 1) {
      const now = this.#read(queuePlace, SEQ_CST, SEQ_CST, SECTION, 0n);
      const left = leave(now, this.#thread);
      if (left === undefined) return this.#stop(REDUNDANT); // it was woken: the other branch
      this.#write(queuePlace, SEQ_CST, left, this.#last());
      return 'timed-out';
    }
    if (this.#recorded(WAKE, queuePlace) !== NONE) return 'ok';
    const notification = wokenBy(this.#graph, this.#thread);
    if (notification === NONE) return this.#stop(timed ? TIMED : WAITING);
    this.#cursor += 1;
    this.#explorer.wake(this.#thread, queuePlace, notification);
    return 'ok';
  }

  notify(at: number, count: number): number {
    const place = this.#explorer.places.queueOf(at);
    const { queue, woken } = wakeUp(this.#read(place, SEQ_CST, SEQ_CST, UPDATE, 0n), count);
    this.#write(place, SEQ_CST, queue, this.#last());
    return woken;
  }

  pause(): void {
    this.#refuseIfCut();
    const rounds = this.#rounds;
    if (rounds !== undefined) {
      if (!rounds.closes()) this.#leaveRounds(rounds);
      if (rounds.done < this.#mostRounds) return;
      this.hasSpun = true;
      this.#spin(rounds);
    }
    // If the thread is known to have gone on from here, it was no spin.
    const isLast = this.#cursor === this.#length;
    if (this.#limits.spinAssume && !this.#wroteSincePause && isLast && this.#triesAgain()) return;
    this.#idle = this.#turn === this.#cursor ? this.#idle + 1 : 0;
    if (this.#idle === MOST_IDLE)
      this.refuse(`thread ${this.name} has paused ${MOST_IDLE} times without touching memory: it does not end`);
    this.#wroteSincePause = false;
    this.#turn = this.#cursor;
  }

  /**
   * Takes turns until one answers true. The turn that does not is pruned as a whole if spins are, unless it wrote something:
   * loops and pauses within it are part of it.
   */
  until(turn: () => boolean): void {
    const [outer, wrote, written] = [this.#turn, this.#wroteSincePause, this.#written];
    for (;;) {
      const [from, writtenBefore] = [this.#cursor, this.#written];
      this.#wroteSincePause = false;
      this.#turn = from;
      if (turn()) break;
      this.#wroteSincePause = this.#written > writtenBefore;
      this.#turn = from;
      this.pause();
    }
    this.#wroteSincePause = wrote || this.#written > written;
    this.#turn = outer;
  }

  /** Whether the turn that ends here is gone round again, to see whether it is one of a spin. */
  #triesAgain(): boolean {
    const answers = answersTo(this.#graph, this.#events, this.#turn, this.#cursor);
    const spins = this.#verdicts.of(answers);
    if (spins === false) return false;
    this.#explorer.level.spinFrom[this.#thread] = this.#turn;
    if (spins === true) this.#stop(SPINNING);
    this.#rounds = new Rounds(this.#turn, this.#cursor, answers);
    return true;
  }

  #spin(rounds: Rounds): never {
    this.#verdicts.keep(rounds.answers, true);
    return this.#stop(SPINNING);
  }

  #leaveRounds(rounds: Rounds): never {
    this.#strayFromRounds(rounds);
    throw CUT;
  }

  #strayFromRounds(rounds: Rounds): undefined {
    this.#verdicts.keep(rounds.answers, false);
    this.#rounds = undefined;
    this.#strayedFromRounds = true;
    this.#cut = true;
  }

  /** The thread's, in program order. */
  get #events(): readonly number[] {
    return this.#graph.program[this.#thread] as number[];
  }

  get #length(): number {
    return this.#events.length;
  }

  /** The event just come past. */
  #last(): number {
    return this.#events[this.#cursor - 1] as number;
  }

  #read(place: number, order: number, failureOrder: number, role: number, expected: bigint): bigint {
    const known = this.#recorded(READ, place);
    const event =
      known === NONE ? this.#explorer.read(this.#thread, place, order, failureOrder, role, expected) : known;
    if (known === NONE) this.#cursor += 1;
    if (this.#limits.unroll !== Number.POSITIVE_INFINITY && this.#rounds === undefined) this.#countRead(place, event);
    return this.#graph.value[event] as bigint;
  }

  #write(place: number, order: number, value: bigint, read: number): void {
    this.#wroteSincePause = true;
    this.#written += 1;
    const known = this.#recorded(WRITE, place);
    if (known === NONE) {
      this.#cursor += 1;
      if (!this.#explorer.write(this.#thread, place, order, value, read)) this.#stop(RUNNABLE);
    } else if (this.#graph.value[known] !== value) this.refuse(this.#strayed(`wrote ${value}`));
    if (this.#limits.unroll !== Number.POSITIVE_INFINITY) this.#countWrite(this.#last());
  }

  /** The event of the graph that the thread is coming past, or `NONE` if it is to add one. */
  #recorded(kind: number, place: number): number {
    this.#refuseIfCut();
    const rounds = this.#rounds;
    if (rounds !== undefined) {
      const event = rounds.next(this.#graph, this.#events, kind, place);
      if (event === NONE) this.#leaveRounds(rounds);
      return event;
    }
    if (this.#cursor === this.#length) {
      if (this.#cursor >= this.#limits.events) this.#overrun('eventsPerThread');
      return NONE;
    }
    const event = this.#events[this.#cursor] as number;
    if (this.#graph.kind[event] !== kind || this.#graph.place[event] !== place)
      this.refuse(this.#strayed(`did something else at its operation ${this.#cursor}`));
    this.#cursor += 1;
    return event;
  }

  #countRead(place: number, event: number): void {
    this.#countRepeat(place * 2 ** 24 + (this.#graph.source[event] as number) + 1);
  }

  /** An update that leaves its word as it was, as an attempt at a lock that is taken does, is one more look; any other write begins anew. */
  #countWrite(event: number): void {
    const [place, read] = [this.#graph.place[event] as number, this.#graph.source[event] as number];
    const changes = read === NONE || this.#graph.value[event] !== this.#graph.value[read];
    if (changes || (this.#explorer.places.addresses[place] as number) < 0) this.#repeats.clear();
    else this.#countRepeat(-1 - place);
  }

  #countRepeat(key: number): void {
    const count = (this.#repeats.get(key) ?? 0) + 1;
    this.#repeats.set(key, count);
    if (count > this.#limits.unroll) this.#overrun('unroll');
  }

  #overrun(bound: CutBound): never {
    this.cutBy.add(bound);
    return this.#stop(BLOCKED);
  }

  #stop(status: number): never {
    if (this.#rounds !== undefined && status !== SPINNING) this.#leaveRounds(this.#rounds);
    this.#rounds = undefined;
    this.#cut = true;
    this.#explorer.level.status[this.#thread] = status;
    throw CUT;
  }

  #refuseIfCut(): void {
    if (this.#cut) throw CUT;
  }

  #swallowed(): ModelError {
    return new ModelError(`thread ${this.name} swallows the error that cuts it: rethrow what is not yours`);
  }

  #strayed(what: string): string {
    return `thread ${this.name} is not deterministic: run again with the same reads, it ${what}. What it does may depend on what it reads only`;
  }
}
