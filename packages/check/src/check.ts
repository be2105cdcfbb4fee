/** Explores every execution of a program, one for each equivalence class, and reports what it found. */

import { assertOptions } from './check-options.ts';
import { AssertionError, ModelError } from './errors.ts';
import { Explorer } from './explore/explorer.ts';
import {
  BLOCKED,
  DOOMED,
  FAILED,
  type Level,
  type Observation,
  REDUNDANT,
  SPINNING,
  TIMED,
  WAITING,
} from './explore/level.ts';
import { Share, type ShareOptions } from './explore/share.ts';
import { MAX_THREADS } from './explore/waiting-queue.ts';
import { AccessWatch } from './findings/access-watch.ts';
import type { Naming } from './findings/execution.ts';
import { type Finding, Findings, type Witness } from './findings/finding.ts';
import { describeStandstill } from './findings/standstill.ts';
import { Places } from './graph/places.ts';
import { isFirstCoherence } from './models/first-coherence.ts';
import { createModel, type Equivalence, type Model, type ModelName } from './models/model.ts';
import { assertProgram, type FinalState, type ModelProgram } from './program.ts';
import { SettledMemory } from './threads/memory.ts';
import { ModelThread } from './threads/model-thread.ts';
import { ModelWords } from './threads/model-words.ts';
import { type CutBound, ThreadRun } from './threads/thread-run.ts';
import { type Weakening, weaken } from './threads/weakened-memory.ts';

const DEFAULT_WORDS = 2 ** 20;
const DEFAULT_EVENTS = 1000;
const DEFAULT_SPIN_ROUNDS = 1000;
/** What the ownership protocol of `@pool/alloc` throws at a step out of turn; its package is none that this one may name. */
const OWNERSHIP_ERROR = 'OwnershipError';
/** Graphs between two looks at the clock, at most: large ones take milliseconds each. */
const MOST_PER_LOOK = 64;

export interface CheckOptions {
  /** Default: `rc11`. */
  readonly model?: ModelName;
  /**
   * What counts as one execution. Default: `rf-co`. By `rf`, those that differ in the order of writes alone are counted once;
   * they are explored and looked at all the same.
   */
  readonly equivalence?: Equivalence;
  /** Prunes spin loops: a turn that only reads and ends in `pause` blocks, if it would go round in the same way again. Default: no. */
  readonly spinAssume?: boolean;
  /**
   * How often a function must go round in the same way to be taken to do so for ever, 1 to a million: what it would do after so
   * many turns is not seen. Default: 1000. The state of a program is compared instead.
   */
  readonly spinRounds?: number;
  /**
   * How often in succession a thread may read the same write of one word, or update a word to what it holds, without any other
   * write; beyond, it is cut. Default: no limit.
   */
  readonly unroll?: number;
  /** Events that one thread may have; beyond, it is cut. Default: 1000. */
  readonly eventsPerThread?: number;
  /** A bug to plant, to see whether the program notices. */
  readonly plant?: Weakening;
  /**
   * Explores a part only, so that several explorations of the same program with the same options are together all of it, each
   * execution once. With `dealt`, a word of a pool that is 0 at first and that they all share, each takes some of what is left whenever
   * it is done with what it has: any number of them, and they end at about the same time. Those that have no memory in common
   * are one of `count` each, of about the same size if there are many more ways to begin than parts.
   */
  readonly share?: ShareOptions;
  /** Ends the exploration after so many executions, those that block included. Default: no limit. */
  readonly executions?: number;
  /** Ends the exploration after so many milliseconds. Default: no limit. */
  readonly milliseconds?: number;
}

export interface Progress {
  /** Executions in which every thread came to its end. */
  readonly executions: number;
  /** Executions in which a thread was cut off by an assumption, a spin or a bound, failed, or waits for ever. */
  readonly blocked: number;
  readonly milliseconds: number;
}

export interface CheckReport extends Progress {
  readonly model: ModelName;
  /** What threads observed, as text, with the number of executions. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Of each kind and message, the shortest execution seen. */
  readonly findings: readonly Finding[];
  /** What the final condition asked to see: of each message, the shortest execution. */
  readonly witnesses: readonly Witness[];
  /** Which bound ended the exploration before it had seen everything. */
  readonly stoppedBy: 'executions' | 'milliseconds' | undefined;
  /** Threads that `unroll` or `eventsPerThread` has cut: they may do more than was seen. */
  readonly cutThreads: readonly string[];
  /** Which of the two did. */
  readonly cutBy: readonly CutBound[];
  /**
   * Functions that `spinRounds` alone has taken to spin: what they would do after more turns in vain was not seen, as
   * `spinAssume` assumes that they go on so.
   */
  readonly spunThreads: readonly string[];
  /** Whether every execution was seen: no bound ended the exploration or cut a thread. */
  readonly exhausted: boolean;
}

/**
 * Explores a program. What it finds wrong is in the report; it goes on to the end all the same.
 * @throws {ModelError} if the program cannot be checked: it has what no program has, a thread is not deterministic, or swallows the error that cuts it, or a function is asynchronous
 * @throws {ValueError} for an option that cannot be
 */
export function check(program: ModelProgram, options: CheckOptions = {}): CheckReport {
  const exploration = new Exploration(program, options);
  exploration.advance();
  return exploration.report();
}

/** As `check`, a little at a time, for those who have something else to do in between. */
export class Exploration {
  readonly #program: ModelProgram;
  readonly #options: CheckOptions;
  readonly #model: Model;
  readonly #explorer: Explorer;
  readonly #runs: readonly ThreadRun[];
  readonly #findings: Findings;
  readonly #witnesses: Findings<Witness>;
  readonly #naming: Naming;
  readonly #outcomes: Map<string, number> = new Map();
  #executions = 0;
  #blocked = 0;
  #milliseconds = 0;
  #ended = false;
  #stoppedBy: CheckReport['stoppedBy'];

  constructor(program: ModelProgram, options: CheckOptions = {}) {
    assertProgram(program);
    assertOptions(options);
    this.#program = program;
    this.#options = options;
    const size = program.words ?? DEFAULT_WORDS;
    const initial = new SettledMemory();
    endsHere('`initial`', program.initial?.(new ModelWords(initial, size)));
    const threads = Object.keys(program.threads);
    if (threads.length === 0) throw new ModelError('a program without threads has nothing to check');
    if (threads.length > MAX_THREADS)
      throw new ModelError(`${threads.length} threads cannot be checked: the most are ${MAX_THREADS}`);
    const names = new Map(Object.entries(program.names ?? {}).map(([name, at]) => [at, name]));
    this.#naming = { threads, word: (at) => names.get(at) ?? `word ${at}` };
    this.#findings = new Findings(this.#naming);
    this.#witnesses = new Findings(this.#naming);
    const places = new Places((at) => initial.load(at));
    this.#model = createModel(options.model ?? 'rc11');
    this.#explorer = new Explorer(threads.length, places, this.#model);
    if (options.share !== undefined) this.#explorer.share = new Share(options.share);
    const { uninitialised } = program;
    const watch = new AccessWatch(
      this.#findings,
      this.#naming,
      uninitialised && ((at) => uninitialised(at) && !initial.values.has(at)),
    );
    this.#explorer.onAccess = (graph, event) => watch.look(graph, event);
    const limits = {
      spinAssume: options.spinAssume ?? false,
      spinRounds: options.spinRounds ?? DEFAULT_SPIN_ROUNDS,
      unroll: options.unroll ?? Number.POSITIVE_INFINITY,
      events: options.eventsPerThread ?? DEFAULT_EVENTS,
    };
    this.#runs = threads.map((name, thread) => {
      const body = program.threads[name] as (typeof program.threads)[string];
      const run = new ThreadRun(name, thread, this.#explorer, limits);
      const given = new ModelThread(run, size, options.plant && weaken(run, options.plant));
      run.body =
        body.resumable === undefined
          ? () => endsHere(`thread ${name}`, body(given))
          : run.goingOn(body.resumable(given));
      return run;
    });
  }

  /** How far it is. */
  get progress(): Progress {
    return { executions: this.#executions, blocked: this.#blocked, milliseconds: this.#milliseconds };
  }

  /** Goes on for about so many milliseconds; whether it has come to its end, or to a bound. @throws {ModelError} as `check` */
  advance(milliseconds: number = Number.POSITIVE_INFINITY): boolean {
    const bounds = this.#options;
    const before = this.#milliseconds;
    const begun = performance.now();
    for (let left = 1, perLook = 1, looked = 0; !this.#ended; left--) {
      if (this.#explorer.forward(this.#runThread)) this.#judge();
      const goesOn = this.#explorer.backtrack();
      if (!goesOn) this.#ended = true;
      else if (this.#executions + this.#blocked >= (bounds.executions ?? Number.POSITIVE_INFINITY))
        this.#stop('executions');
      if (left > 1 && !this.#ended) continue;
      const spent = performance.now() - begun;
      perLook = spent - looked < 1 ? Math.min(perLook * 2, MOST_PER_LOOK) : 1;
      [left, looked] = [perLook + 1, spent];
      this.#milliseconds = before + spent;
      if (goesOn && this.#milliseconds >= (bounds.milliseconds ?? Number.POSITIVE_INFINITY)) this.#stop('milliseconds');
      if (spent >= milliseconds) break;
    }
    return this.#ended;
  }

  /** What was found so far. */
  report(): CheckReport {
    const namesOf = (is: (run: ThreadRun) => boolean): string[] => this.#runs.filter(is).map(({ name }) => name);
    const cutThreads = namesOf(({ cutBy }) => cutBy.size > 0);
    return {
      ...this.progress,
      model: this.#options.model ?? 'rc11',
      outcomes: this.#outcomes,
      findings: this.#findings.all,
      witnesses: this.#witnesses.all,
      stoppedBy: this.#stoppedBy,
      cutThreads,
      cutBy: [...new Set(this.#runs.flatMap(({ cutBy }) => [...cutBy]))],
      spunThreads: namesOf(({ hasSpun }) => hasSpun),
      exhausted: this.#ended && this.#stoppedBy === undefined && cutThreads.length === 0,
    };
  }

  #stop(by: NonNullable<CheckReport['stoppedBy']>): void {
    this.#stoppedBy ??= by;
    this.#ended = true;
  }

  readonly #runThread = (thread: number): void => {
    const run = this.#runs[thread] as ThreadRun;
    const failure = run.run();
    if (failure === undefined) return;
    const { graph } = this.#explorer.level;
    const last = (graph.program[thread] as number[]).at(-1);
    const kind = failure instanceof Error && failure.name === OWNERSHIP_ERROR ? 'ownership violation' : 'assertion';
    this.#findings.add(kind, `${run.name}: ${messageOf(failure)}`, graph, last === undefined ? [] : [last]);
  };

  /** Counts an execution in which no thread can go on, and looks whether that is as it should be. */
  #judge(): void {
    const { level } = this.#explorer;
    const has = (status: number): boolean => level.status.includes(status);
    if (has(REDUNDANT) || has(TIMED) || has(DOOMED)) return;
    if (this.#explorer.isComplete) {
      if (this.#options.equivalence !== 'rf' || isFirstCoherence(level.graph, this.#model)) {
        this.#executions += 1;
        const outcome = outcomeOf(level.observed);
        this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
      }
      if (this.#program.final !== undefined) this.#judgeEnd(level, this.#program.final);
      return;
    }
    this.#blocked += 1;
    if (has(BLOCKED) || has(FAILED) || !(has(WAITING) || has(SPINNING))) return;
    const standstill = describeStandstill(level, this.#naming);
    if (standstill !== undefined) this.#findings.add(standstill.kind, standstill.message, level.graph);
  }

  #judgeEnd(level: Level, final: (end: FinalState) => void): void {
    const { places } = this.#explorer;
    const memory = new SettledMemory((at) => this.#explorer.finalValue(level.graph, places.of(at)));
    let failed: { readonly error: unknown; readonly outcome?: string | undefined } | undefined;
    const end: FinalState = {
      words: new ModelWords(memory, this.#program.words ?? DEFAULT_WORDS),
      observed: (name) => {
        for (const seen of level.observed) for (const one of seen) if (one.name === name) return one.value;
        throw new ModelError(`no thread observed ${name}`);
      },
      assert: (condition, message = 'the final condition does not hold', ending) => {
        if (condition) return;
        const error = new AssertionError(message);
        failed ??= { error, outcome: ending }; // it failed, though `final` catch the exception
        throw error;
      },
      witness: (message, ending) => this.#witnesses.add('witness', message, level.graph, undefined, ending),
    };
    try {
      endsHere('`final`', final(end));
    } catch (error) {
      if (error instanceof ModelError) throw error;
      failed ??= { error };
    }
    if (failed !== undefined)
      this.#findings.add('final condition', messageOf(failed.error), level.graph, undefined, failed.outcome);
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof AssertionError ? error.message : `${error.name}: ${error.message}`;
}

function outcomeOf(observed: readonly (readonly Observation[])[]): string {
  let text = '';
  for (const seen of observed)
    for (const { name, value } of seen) text += text === '' ? `${name}=${value}` : ` ${name}=${value}`;
  return text;
}

/**
 * What comes after an `await` would happen when the exploration is over, and what a generator does, never.
 * @throws {ModelError} for a function that gave back a promise or an iterator
 */
function endsHere(what: string, given: unknown): void {
  const { then, next } = (given ?? {}) as { readonly then?: unknown; readonly next?: unknown };
  if (typeof then === 'function')
    (given as Promise<unknown>).then(undefined, () => {}); // it is told of below
  else if (typeof next !== 'function') return;
  const kind = typeof then === 'function' ? 'asynchronous' : 'a generator';
  throw new ModelError(`${what} is ${kind}: what is checked ends when its function returns`);
}
