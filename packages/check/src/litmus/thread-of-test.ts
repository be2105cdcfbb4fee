/** One run of a thread of a litmus test: its registers, and what it asks of memory. */
import { ModelError } from '../errors.ts';
import type { ModelThread } from '../threads/model-thread.ts';
import { showVariable } from './conditions.ts';
import type { BinaryOperator, Expression, Operation, Statement, Variable } from './syntax.ts';

type Loop = Statement & { readonly kind: 'loop' };

/** A loop that goes round as often reads nothing that could end it: those that do are bounded by events. */
const MOST_TURNS = 1_000_000;

export class ThreadOfTest {
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
      case 'loop':
        this.#loop(statement);
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
  #loop({ keyword, condition, body, line }: Loop): void {
    let turns = 0;
    for (let isOver = false; !isOver; ) {
      this.#thread.until(() => {
        const before = new Map(this.#registers);
        if (keyword === 'do') this.#execute(body);
        isOver = this.#value(condition) === 0n;
        if (isOver) return true;
        this.#refuseEndless(++turns, keyword, line);
        if (keyword !== 'do') this.#execute(body);
        return !this.#isAsBefore(before);
      });
    }
  }

  #isAsBefore(before: ReadonlyMap<string, bigint>): boolean {
    return [...this.#registers].every(([name, value]) => (before.get(name) ?? 0n) === value);
  }

  #refuseEndless(turns: number, keyword: string, line: number): void {
    if (turns === MOST_TURNS)
      throw new ModelError(
        `the \`${keyword}\` in line ${line}, of ${this.#thread.name}, has gone round ${MOST_TURNS} times: it does not end`,
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
      case 'chain':
        return expression.rest.reduce((left, next) => this.#binary(left, next), this.#value(expression.first));
      case 'conditional':
        return this.#value(this.#value(expression.condition) !== 0n ? expression.then : expression.otherwise);
      case 'assign': {
        const old = this.#registers.get(expression.register) ?? 0n;
        const value = this.#value(expression.value);
        this.#registers.set(expression.register, value);
        return expression.gives === 'old' ? old : value;
      }
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

  #binary(left: bigint, { operator, right }: Operation): bigint {
    if (operator === '&&') return left !== 0n && this.#value(right) !== 0n ? 1n : 0n;
    if (operator === '||') return left !== 0n || this.#value(right) !== 0n ? 1n : 0n;
    return BigInt.asIntN(64, compute(operator, left, this.#value(right)));
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
