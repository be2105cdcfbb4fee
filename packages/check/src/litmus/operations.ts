/** The functions of C11 for atomic objects, and the orders that they are given. */
import type { FenceOrder, LoadOrder, Order, StoreOrder, UpdateOrder } from '../graph/orders.ts';

import { ORDER_CODE, ORDERS, readPart } from '../graph/orders.ts';
import type { Token, TokenReader } from './lexer.ts';
import type { ThreadNames } from './names.ts';
import type { Expression, Statement } from './syntax.ts';

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

const STORES: readonly string[] = ['atomic_store', 'atomic_store_explicit'];
const FENCE = 'atomic_thread_fence';
const EXPLICIT = '_explicit';

export class OperationReader {
  readonly #reader: TokenReader;
  readonly #names: ThreadNames;
  readonly #expression: () => Expression;

  /** `expression` reads an argument. */
  constructor(reader: TokenReader, names: ThreadNames, expression: () => Expression) {
    this.#reader = reader;
    this.#names = names;
    this.#expression = expression;
  }

  /** A call that has no value, and so is a statement, if there is one. */
  statement(): Statement | undefined {
    const { text } = this.#reader.peek();
    if (STORES.includes(text)) return this.#call((_, explicit) => this.#store(explicit));
    if (text === FENCE) return this.#call(() => this.#fence());
    return undefined;
  }

  /** A call that has a value. */
  value(): Expression {
    return this.#call((name, explicit, token) => this.#operation(name, explicit, token));
  }

  /** `name(...)`; whether its last argument is an order is for the name to say. */
  #call<Read>(read: (name: string, explicit: boolean, token: Token) => Read): Read {
    const token = this.#reader.take();
    const explicit = token.text.endsWith(EXPLICIT);
    const name = explicit ? token.text.slice(0, -EXPLICIT.length) : token.text;
    this.#reader.expect('(');
    const result = read(name, explicit, token);
    this.#reader.expect(')');
    return result;
  }

  #store(explicit: boolean): Statement {
    const place = this.#names.word('written');
    this.#reader.expect(',');
    const value = this.#expression();
    const order = this.#order(explicit, ['relaxed', 'release', 'seq-cst']) as StoreOrder;
    return { kind: 'store', place, value, order };
  }

  #fence(): Statement {
    const order = this.#memoryOrder(ORDERS);
    if (order === 'relaxed' || order === 'plain') return { kind: 'block', statements: [] };
    return { kind: 'fence', order: order as FenceOrder };
  }

  #operation(name: string, explicit: boolean, token: Token): Expression {
    if (name === 'atomic_load') {
      const place = this.#names.word('read');
      return { kind: 'load', place, order: this.#order(explicit, ['relaxed', 'acquire', 'seq-cst']) as LoadOrder };
    }
    if (Object.hasOwn(UPDATES, name)) {
      const update = UPDATES[name as keyof typeof UPDATES];
      const place = this.#names.word('written');
      this.#reader.expect(',');
      const operand = this.#expression();
      return { kind: 'update', update, place, operand, order: this.#order(explicit, ORDERS) as UpdateOrder };
    }
    if (name === 'atomic_compare_exchange_strong' || name === 'atomic_compare_exchange_weak')
      return this.#compareExchange(explicit, name.endsWith('weak'));
    return this.#reader.fail(`\`${token.text}\` is not supported`, token);
  }

  #compareExchange(explicit: boolean, weak: boolean): Expression {
    const reader = this.#reader;
    const place = this.#names.word('written');
    reader.expect(',');
    const expected = this.#expected();
    reader.expect(',');
    const desired = this.#expression();
    const order = this.#order(explicit, ORDERS) as UpdateOrder;
    let failure = ORDERS[readPart(ORDER_CODE[order])] as LoadOrder;
    if (explicit) failure = this.#order(true, ['relaxed', 'acquire', 'seq-cst']) as LoadOrder;
    return { kind: 'compare-exchange', place, expected, desired, order, failure, weak };
  }

  /** `&register`, or a word as the other operations are given it. */
  #expected(): (Expression & { readonly kind: 'compare-exchange' })['expected'] {
    const reader = this.#reader;
    const { text } = reader.peek();
    if (this.#names.isRegister(text)) reader.fail(`the register that holds what is expected is given as \`&${text}\``);
    if (text !== '&' || this.#names.isWord(reader.peek(1).text))
      return { kind: 'word', name: this.#names.word('written') };
    reader.take();
    return { kind: 'register', name: this.#names.register('written') };
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
}
