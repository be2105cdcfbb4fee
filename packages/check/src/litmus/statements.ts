/** The C of a litmus test: declarations, assignments, atomic operations, `if` and `while`. Anything else is refused by name. */
import type { FenceOrder, LoadOrder, Order, StoreOrder, UpdateOrder } from '../graph/orders.ts';

import { ORDER_CODE, ORDERS, readPart } from '../graph/orders.ts';
import type { Token, TokenReader } from './lexer.ts';
import type { BinaryOperator, Expression, Statement } from './syntax.ts';

const TYPE_WORDS = new Set(
  'int long short char unsigned signed const volatile _Atomic atomic_int atomic_uint atomic_long atomic_ulong atomic_bool bool int32_t uint32_t int64_t uint64_t atomic_size_t size_t intptr_t uintptr_t atomic_intptr_t'.split(
    ' ',
  ),
);

const MEMORY_ORDERS: { readonly [name: string]: Order } = {
  memory_order_relaxed: 'relaxed',
  memory_order_acquire: 'acquire',
  memory_order_consume: 'acquire', // as every compiler does
  memory_order_release: 'release',
  memory_order_acq_rel: 'acq-rel',
  memory_order_seq_cst: 'seq-cst',
};

const UPDATES = {
  atomic_exchange: 'exchange',
  atomic_fetch_add: 'fetchAdd',
  atomic_fetch_sub: 'fetchSub',
  atomic_fetch_and: 'fetchAnd',
  atomic_fetch_or: 'fetchOr',
  atomic_fetch_xor: 'fetchXor',
} as const;

/** What C has and these tests do without. */
const UNSUPPORTED: readonly string[] = ['/', '%', '?'];

/** Binary operators, loosest first. */
const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*'],
];

export function isTypeWord(token: Token): boolean {
  return token.kind === 'name' && TYPE_WORDS.has(token.text);
}

/** What `*x` is, for a parameter of these types: C accesses atomic objects by seq-cst. */
export function orderOf(types: readonly Token[]): 'plain' | 'seq-cst' {
  return types.some(({ text }) => text === '_Atomic' || text.startsWith('atomic_')) ? 'seq-cst' : 'plain';
}

/** Reads the statements of one thread, whose words are its parameters, each with the order of `*x`. */
export class StatementReader {
  readonly #reader: TokenReader;
  readonly #words: ReadonlyMap<string, 'plain' | 'seq-cst'>;
  readonly #registers: Set<string> = new Set();

  constructor(reader: TokenReader, words: ReadonlyMap<string, 'plain' | 'seq-cst'>) {
    this.#reader = reader;
    this.#words = words;
  }

  /** What was declared until now. */
  get registers(): ReadonlySet<string> {
    return this.#registers;
  }

  /** `{ ... }`. */
  block(): Statement {
    const statements: Statement[] = [];
    this.#reader.expect('{');
    while (!this.#reader.accept('}')) statements.push(this.#statement());
    return { kind: 'block', statements };
  }

  #statement(): Statement {
    return this.#reader.nested(() => this.#anyStatement());
  }

  #anyStatement(): Statement {
    const reader = this.#reader;
    const token = reader.peek();
    if (token.text === '{') return this.block();
    if (reader.accept(';')) return { kind: 'block', statements: [] };
    if (reader.accept('if')) return this.#if();
    if (reader.accept('while')) {
      const condition = this.#parenthesized();
      return { kind: 'while', condition, body: this.#statement(), line: token.line };
    }
    if (['for', 'do', 'switch', 'goto', 'return', 'break', 'continue'].includes(token.text))
      reader.fail(`\`${token.text}\` is not supported`, token);
    const statement = this.#simple();
    reader.expect(';');
    return statement;
  }

  #if(): Statement {
    const condition = this.#parenthesized();
    const then = this.#statement();
    const otherwise: Statement = this.#reader.accept('else') ? this.#statement() : { kind: 'block', statements: [] };
    return { kind: 'if', condition, then, otherwise };
  }

  #parenthesized(): Expression {
    this.#reader.expect('(');
    const expression = this.expression();
    this.#reader.expect(')');
    return expression;
  }

  #simple(): Statement {
    const reader = this.#reader;
    if (reader.accept('*')) {
      const target = this.#dereferenced();
      reader.expect('=');
      return { kind: 'store', ...target, value: this.expression() };
    }
    if (isTypeWord(reader.peek())) {
      while (isTypeWord(reader.peek())) reader.take();
      const declared = [this.#declaration()];
      while (reader.accept(',')) declared.push(this.#declaration());
      return { kind: 'block', statements: declared };
    }
    const name = reader.peek();
    if (name.kind === 'name' && reader.peek(1).text === '=') {
      reader.take();
      reader.take();
      this.#checkRegister(name);
      return { kind: 'assign', register: name.text, value: this.expression() };
    }
    if (name.text === 'atomic_store' || name.text === 'atomic_store_explicit') return this.#store();
    if (name.text === 'atomic_thread_fence') return this.#fence();
    return { kind: 'evaluate', value: this.expression() };
  }

  /** A register, and what it holds at first. */
  #declaration(): Statement {
    const reader = this.#reader;
    if (reader.peek().text === '*') reader.fail('a local pointer is not supported');
    const register = reader.name('the name of a register').text;
    this.#registers.add(register);
    const value: Expression = reader.accept('=') ? this.expression() : { kind: 'number', value: 0n };
    return { kind: 'assign', register, value };
  }

  #store(): Statement {
    const { text } = this.#reader.take();
    this.#reader.expect('(');
    const place = this.#word();
    this.#reader.expect(',');
    const value = this.expression();
    const order = this.#order(text.endsWith('_explicit'), ['relaxed', 'release', 'seq-cst']) as StoreOrder;
    this.#reader.expect(')');
    return { kind: 'store', place, value, order };
  }

  #fence(): Statement {
    this.#reader.take();
    this.#reader.expect('(');
    const order = this.#memoryOrder(ORDERS);
    this.#reader.expect(')');
    if (order === 'relaxed' || order === 'plain') return { kind: 'block', statements: [] };
    return { kind: 'fence', order: order as FenceOrder };
  }

  expression(level = 0): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) {
      const operand = this.#unary();
      const { text } = this.#reader.peek();
      if (UNSUPPORTED.includes(text)) this.#reader.fail(`\`${text}\` is not supported`);
      return operand;
    }
    let left = this.expression(level + 1);
    for (;;) {
      const operator = operators.find((one) => this.#reader.peek().text === one);
      if (operator === undefined) return left;
      this.#reader.take();
      left = { kind: 'binary', operator, left, right: this.expression(level + 1) };
    }
  }

  #unary(): Expression {
    return this.#reader.nested(() => this.#anyUnary());
  }

  #anyUnary(): Expression {
    const reader = this.#reader;
    for (const operator of ['-', '!', '~'] as const)
      if (reader.accept(operator)) return { kind: 'unary', operator, operand: this.#unary() };
    if (reader.accept('*')) return { kind: 'load', ...this.#dereferenced() };
    if (reader.accept('(')) {
      const cast = isTypeWord(reader.peek());
      while (isTypeWord(reader.peek())) reader.take();
      if (cast) {
        reader.expect(')');
        return this.#unary();
      }
      const expression = this.expression();
      reader.expect(')');
      return expression;
    }
    const token = reader.peek();
    if (token.kind === 'number') return { kind: 'number', value: reader.number() };
    if (token.kind !== 'name') reader.fail(`an expression is expected here, not ${token.text}`);
    if (reader.peek(1).text === '(') return this.#call();
    reader.take();
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'number', value: BigInt(token.text === 'true') };
    this.#checkRegister(token);
    return { kind: 'register', name: token.text };
  }

  #call(): Expression {
    const reader = this.#reader;
    const token = reader.take();
    const explicit = token.text.endsWith('_explicit');
    const name = explicit ? token.text.slice(0, -'_explicit'.length) : token.text;
    reader.expect('(');
    const result = this.#operation(name, explicit, token);
    reader.expect(')');
    return result;
  }

  #operation(name: string, explicit: boolean, token: Token): Expression {
    if (name === 'atomic_load') {
      const place = this.#word();
      return { kind: 'load', place, order: this.#order(explicit, ['relaxed', 'acquire', 'seq-cst']) as LoadOrder };
    }
    if (Object.hasOwn(UPDATES, name)) {
      const update = UPDATES[name as keyof typeof UPDATES];
      const place = this.#word();
      this.#reader.expect(',');
      const operand = this.expression();
      return { kind: 'update', update, place, operand, order: this.#order(explicit, ORDERS) as UpdateOrder };
    }
    if (name === 'atomic_compare_exchange_strong' || name === 'atomic_compare_exchange_weak')
      return this.#compareExchange(explicit, name.endsWith('weak'));
    return this.#reader.fail(`\`${token.text}\` is not supported`, token);
  }

  #compareExchange(explicit: boolean, weak: boolean): Expression {
    const reader = this.#reader;
    const place = this.#word();
    reader.expect(',');
    const expected = this.#expected();
    reader.expect(',');
    const desired = this.expression();
    const order = this.#order(explicit, ORDERS) as UpdateOrder;
    let failure = ORDERS[readPart(ORDER_CODE[order])] as LoadOrder;
    if (explicit) failure = this.#order(true, ['relaxed', 'acquire', 'seq-cst']) as LoadOrder;
    return { kind: 'compare-exchange', place, expected, desired, order, failure, weak };
  }

  /** `&register`, or a word as the other operations are given it. */
  #expected(): (Expression & { readonly kind: 'compare-exchange' })['expected'] {
    const reader = this.#reader;
    const [token, register] = [reader.peek(), reader.peek(1)];
    if (this.#registers.has(token.text))
      reader.fail(`the register that holds what is expected is given as \`&${token.text}\``);
    if (token.text !== '&' || this.#words.has(register.text)) return { kind: 'word', name: this.#word() };
    reader.take();
    reader.name('a register');
    this.#checkRegister(register);
    return { kind: 'register', name: register.text };
  }

  /** `, memory_order_...` of an explicit operation; the others are seq-cst. */
  #order(explicit: boolean, allowed: readonly Order[]): Order {
    if (!explicit) return 'seq-cst';
    this.#reader.expect(',');
    return this.#memoryOrder(allowed);
  }

  #memoryOrder(allowed: readonly Order[]): Order {
    const token = this.#reader.name('a memory order');
    const order = Object.hasOwn(MEMORY_ORDERS, token.text) ? MEMORY_ORDERS[token.text] : undefined;
    if (order === undefined) return this.#reader.fail(`\`${token.text}\` is no memory order`, token);
    if (!allowed.includes(order)) this.#reader.fail(`\`${token.text}\` is no order for this operation`, token);
    return order;
  }

  /** What stands behind a `*`. */
  #dereferenced(): { readonly place: string; readonly order: 'plain' | 'seq-cst' } {
    const place = this.#word();
    return { place, order: this.#words.get(place) as 'plain' | 'seq-cst' };
  }

  #word(): string {
    this.#reader.accept('&');
    const token = this.#reader.name('a word');
    if (!this.#words.has(token.text)) this.#reader.fail(`${token.text} is no parameter of this thread`, token);
    return token.text;
  }

  #checkRegister(token: Token): void {
    if (this.#words.has(token.text)) this.#reader.fail(`${token.text} is a word: read it as *${token.text}`, token);
    if (!this.#registers.has(token.text)) this.#reader.fail(`${token.text} is not declared`, token);
  }
}
