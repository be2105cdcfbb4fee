/** Runs a litmus test: its threads as a program, and its condition asked of every state in which they can end. */
import type { Address } from '@pool/core';
import { type CheckOptions, type CheckReport, check } from '../check.ts';
import type { FinalState, ModelProgram } from '../program.ts';
import { holds, showVariable, variablesOf } from './conditions.ts';
import type { LitmusTest, Variable } from './syntax.ts';
import { ThreadOfTest } from './thread-of-test.ts';

export interface LitmusReport extends CheckReport {
  /** End states, such as `0:r0=1; x=2`, with the number of executions that end so. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Executions that end as the condition says, and others. */
  readonly positive: number;
  readonly negative: number;
  /** Whether what the test claims is so: some execution, none, or all end as its condition says. */
  readonly holds: boolean;
}

/**
 * Checks a test. If `~exists` or `forall` does not hold, the shortest execution that shows it is a finding; if `exists` does,
 * the shortest is a witness. @throws {ModelError} as `check`
 */
export function checkLitmus(test: LitmusTest, options: CheckOptions = {}): LitmusReport {
  const run = new LitmusRun(test);
  return run.judge(check(run.program, options));
}

/** A test as a program, and what its executions say about its claim, for an exploration of it. */
export class LitmusRun {
  readonly program: ModelProgram;
  readonly #test: LitmusTest;
  readonly #addresses: ReadonlyMap<string, number>;
  readonly #outcomes: Map<string, number> = new Map();
  #positive = 0;
  #negative = 0;

  constructor(test: LitmusTest) {
    this.#test = test;
    this.#addresses = new Map([...test.words.keys()].map((name, at) => [name, at]));
    this.program = {
      names: Object.fromEntries(this.#addresses),
      initial: (words) => {
        for (const [name, at] of this.#addresses)
          words.store(at as Address, BigInt.asUintN(64, test.words.get(name) as bigint));
      },
      threads: Object.fromEntries(
        test.threads.map((statement, index) => {
          const asked = [...test.shown, ...variablesOf(test.filter)].filter(({ thread }) => thread === index);
          const shown = [...new Map(asked.map((one) => [one.name, one])).values()];
          return [`P${index}`, (thread) => new ThreadOfTest(thread, this.#addresses).run(statement, shown)];
        }),
      ),
      final: (end) => this.#count(end),
    };
  }

  /** Adds to an exploration's report what the test asks. */
  judge(report: CheckReport): LitmusReport {
    const [positive, negative] = [this.#positive, this.#negative];
    const { quantifier } = this.#test;
    const holds = quantifier === 'exists' ? positive > 0 : quantifier === '~exists' ? positive === 0 : negative === 0;
    // A turn that leaves the registers as they were is one of a spin, however often it is gone round.
    return { ...report, spunThreads: [], outcomes: this.#outcomes, positive, negative, holds };
  }

  #count(end: FinalState): void {
    const value = (what: Variable): bigint =>
      what.thread === undefined
        ? BigInt.asIntN(64, end.words.load(this.#addresses.get(what.name) as Address))
        : (end.observed(showVariable(what)) as bigint);
    if (!holds(this.#test.filter, value)) return;
    const state = this.#test.shown.map((what) => `${showVariable(what)}=${value(what)}`).join('; ');
    this.#outcomes.set(state, (this.#outcomes.get(state) ?? 0) + 1);
    const isAsSaid = holds(this.#test.condition, value);
    if (isAsSaid) this.#positive += 1;
    else this.#negative += 1;
    const { quantifier } = this.#test;
    if (quantifier === 'forall') end.assert(isAsSaid, 'this execution does not end as forall says that all do', state);
    else if (quantifier === '~exists')
      end.assert(!isAsSaid, 'this execution ends as ~exists says that none does', state);
    else if (isAsSaid) end.witness('this execution ends as exists asks', state);
  }
}
