/** Runs a litmus test: its threads as a program, and its condition asked of every state in which they can end. */
import type { Address } from '@pool/core';
import { type CheckOptions, type CheckReport, check } from '../check.ts';
import { ModelError } from '../errors.ts';
import type { FinalState, ModelProgram } from '../program.ts';
import type { ModelThread } from '../threads/model-thread.ts';
import { holds, showVariable, variablesOf } from './conditions.ts';
import type { BinaryOperator, Expression, LitmusTest, Statement, Variable } from './syntax.ts';

type Loop = Statement & { readonly kind: 'while' };

/** A loop that goes round as often reads nothing that could end it: those that do are bounded by events. */
const MOST_TURNS = 1_000_000;

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
    return { ...report, outcomes: this.#outcomes, positive, negative, holds };
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

class ThreadOfTest {
  readonly #thread: ModelThread;
  readonly #addresses: ReadonlyMap<string, number>;
  readonly #registers: Map<string, bigint> = new Map();

  constructor(thread: ModelThread, addresses: ReadonlyMap<string, number>) {
    this.#thread = thread;
    this.#addresses = addresses;
  }

  run(statement: Statement, shown: readonly Variable[]): void {
    this.#execute(statement);
    for (const what of shown) this.#thread.observe(showVariable(what), this.#registers.get(what.name) ?? 0n);
  }

  #execute(statement: Statement): void {
    switch (statement.kind) {
      case 'assign':
        this.#registers.set(statement.register, this.#value(statement.value));
        break;
      case 'evaluate':
        this.#value(statement.value);
        break;
      case 'store':
        this.#thread.store(this.#at(statement.place), this.#value(statement.value), statement.order);
        break;
      case 'fence':
        this.#thread.fence(statement.order);
        break;
      case 'if':
        this.#execute(this.#value(statement.condition) !== 0n ? statement.then : statement.otherwise);
        break;
      case 'while':
        this.#while(statement);
        break;
      case 'block':
        for (const one of statement.statements) this.#execute(one);
        break;
      default:
        statement satisfies never;
    }
  }

  /**
   * A turn that leaves the registers as they were, and wrote nothing, leads to another one just like it: such a turn is one of
   * a spin. One that changed them has come nearer to the end, whatever it read.
   */
  #while({ condition, body, line }: Loop): void {
    let turns = 0;
    for (let isOver = false; !isOver; ) {
      this.#thread.until(() => {
        const before = new Map(this.#registers);
        isOver = this.#value(condition) === 0n;
        if (isOver) return true;
        this.#refuseEndless(++turns, line);
        this.#execute(body);
        return !this.#isAsBefore(before);
      });
    }
  }

  #isAsBefore(before: ReadonlyMap<string, bigint>): boolean {
    return [...this.#registers].every(([name, value]) => (before.get(name) ?? 0n) === value);
  }

  #refuseEndless(turns: number, line: number): void {
    if (turns === MOST_TURNS)
      throw new ModelError(
        `the \`while\` in line ${line}, of ${this.#thread.name}, has gone round ${MOST_TURNS} times: it does not end`,
      );
  }

  #value(expression: Expression): bigint {
    const thread = this.#thread;
    switch (expression.kind) {
      case 'number':
        return BigInt.asIntN(64, expression.value);
      case 'register':
        return this.#registers.get(expression.name) ?? 0n;
      case 'unary': {
        const value = this.#value(expression.operand);
        if (expression.operator === '!') return value === 0n ? 1n : 0n;
        return BigInt.asIntN(64, expression.operator === '-' ? -value : ~value);
      }
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right);
      case 'load':
        return BigInt.asIntN(64, thread.load(this.#at(expression.place), expression.order));
      case 'update': {
        const operand = this.#value(expression.operand);
        return BigInt.asIntN(64, thread[expression.update](this.#at(expression.place), operand, expression.order));
      }
      case 'compare-exchange':
        return this.#compareExchange(expression);
      default:
        return expression satisfies never;
    }
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): bigint {
    const one = this.#value(left);
    if (operator === '&&') return one !== 0n && this.#value(right) !== 0n ? 1n : 0n;
    if (operator === '||') return one !== 0n || this.#value(right) !== 0n ? 1n : 0n;
    return BigInt.asIntN(64, compute(operator, one, this.#value(right)));
  }

  #compareExchange(exchange: Expression & { readonly kind: 'compare-exchange' }): bigint {
    const at = this.#at(exchange.place);
    const { kind, name } = exchange.expected;
    const expected =
      kind === 'register'
        ? (this.#registers.get(name) ?? 0n)
        : BigInt.asIntN(64, this.#thread.load(this.#at(name), 'plain'));
    const desired = this.#value(exchange.desired);
    const failsAnyway = exchange.weak && this.#thread.choose(2) === 1;
    const old = BigInt.asIntN(
      64,
      failsAnyway
        ? this.#thread.load(at, exchange.failure)
        : this.#thread.compareExchange(at, expected, desired, exchange.order, exchange.failure),
    );
    if (old === expected && !failsAnyway) return 1n;
    if (kind === 'register') this.#registers.set(name, old);
    else this.#thread.store(this.#at(name), old, 'plain');
    return 0n;
  }

  #at(place: string): number {
    return this.#addresses.get(place) as number;
  }
}

function compute(operator: Exclude<BinaryOperator, '&&' | '||'>, one: bigint, two: bigint): bigint {
  switch (operator) {
    case '+':
      return one + two;
    case '-':
      return one - two;
    case '*':
      return one * two;
    case '&':
      return one & two;
    case '|':
      return one | two;
    case '^':
      return one ^ two;
    case '<<':
      return one << (two & 63n);
    case '>>':
      return one >> (two & 63n);
    case '==':
      return one === two ? 1n : 0n;
    case '!=':
      return one !== two ? 1n : 0n;
    case '<':
      return one < two ? 1n : 0n;
    case '>':
      return one > two ? 1n : 0n;
    case '<=':
      return one <= two ? 1n : 0n;
    case '>=':
      return one >= two ? 1n : 0n;
    default:
      return operator satisfies never;
  }
}
