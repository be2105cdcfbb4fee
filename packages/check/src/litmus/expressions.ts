/** Expressions of C on registers and words. Operands are evaluated from the left, where C leaves the order open. */
import type { TokenReader } from './lexer.ts';
import { isTypeWord, type ThreadNames, takeType } from './names.ts';
import { OperationReader } from './operations.ts';
import type { BinaryOperator, Expression, Operation, Statement } from './syntax.ts';

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

/** What a compound assignment does with the register and its right side; `undefined`: only the right side counts. */
const ASSIGNMENTS: ReadonlyMap<string, BinaryOperator | undefined> = new Map([
  ['=', undefined],
  ...(['+', '-', '*', '&', '|', '^', '<<', '>>'] as const).map((one): [string, BinaryOperator] => [`${one}=`, one]),
]);
const STEPS: ReadonlyMap<string, BinaryOperator> = new Map([
  ['++', '+'],
  ['--', '-'],
]);
/** What C has behind an operand, and these tests do without. */
const UNSUPPORTED: readonly string[] = ['/', '%', '/=', '%=', '[', '.', '->'];
const ONE: Expression = { kind: 'number', value: 1n };

export class ExpressionReader {
  readonly #reader: TokenReader;
  readonly #names: ThreadNames;
  readonly #operations: OperationReader;

  constructor(reader: TokenReader, names: ThreadNames) {
    this.#reader = reader;
    this.#names = names;
    this.#operations = new OperationReader(reader, names, () => this.expression());
  }

  /** What a statement does that is none of a keyword, and declares nothing. */
  effect(): Statement {
    const reader = this.#reader;
    if (!reader.accept('*')) return this.#operations.statement() ?? { kind: 'evaluate', value: this.expression() };
    const target = this.#names.dereferenced('written');
    const { text } = reader.peek();
    if (text !== '=') this.#refuseChange(text);
    reader.expect('=');
    return { kind: 'store', ...target, value: this.expression() };
  }

  /** Up to a `,`, `;` or `)`. */
  expression(): Expression {
    const [token, mark] = [this.#reader.peek(), this.#reader.peek(1).text];
    if (token.kind !== 'name' || !ASSIGNMENTS.has(mark)) return this.#conditional();
    const register = this.#names.register('written');
    this.#reader.take();
    const right = this.#reader.nested(() => this.expression());
    return changed(register, ASSIGNMENTS.get(mark), right, 'new');
  }

  #conditional(): Expression {
    const condition = this.#chain(0);
    if (!this.#reader.accept('?')) return condition;
    return this.#reader.nested(() => {
      const then = this.expression();
      this.#reader.expect(':');
      return { kind: 'conditional', condition, then, otherwise: this.#conditional() };
    });
  }

  #chain(level: number): Expression {
    const operators = PRECEDENCE[level];
    if (operators === undefined) return this.#operand();
    const first = this.#chain(level + 1);
    const rest: Operation[] = [];
    for (;;) {
      const operator = operators.find((one) => this.#reader.peek().text === one);
      if (operator === undefined) return rest.length === 0 ? first : { kind: 'chain', first, rest };
      this.#reader.take();
      rest.push({ operator, right: this.#chain(level + 1) });
    }
  }

  #operand(): Expression {
    const operand = this.#unary();
    const { text } = this.#reader.peek();
    if (UNSUPPORTED.includes(text)) this.#reader.fail(`\`${text}\` is not supported`);
    this.#refuseChange(text);
    return operand;
  }

  /** Only registers are changed so, and those are read together with the operator. */
  #refuseChange(mark: string): void {
    if (ASSIGNMENTS.has(mark) || STEPS.has(mark))
      this.#reader.fail(`\`${mark}\` changes a register: there is none here`);
  }

  #unary(): Expression {
    return this.#reader.nested(() => this.#anyUnary());
  }

  #anyUnary(): Expression {
    const reader = this.#reader;
    const step = STEPS.get(reader.peek().text);
    if (step !== undefined) {
      reader.take();
      return changed(this.#names.register('written'), step, ONE, 'new');
    }
    for (const operator of ['-', '!', '~'] as const)
      if (reader.accept(operator)) return { kind: 'unary', operator, operand: this.#unary() };
    if (reader.accept('+')) return this.#unary();
    if (reader.accept('*')) return { kind: 'load', ...this.#names.dereferenced('read') };
    return reader.accept('(') ? this.#parenthesis() : this.#primary();
  }

  /** Behind a `(`: a cast, which changes nothing, or an expression. */
  #parenthesis(): Expression {
    const reader = this.#reader;
    const cast = isTypeWord(reader.peek()) && takeType(reader);
    const expression = cast ? undefined : this.expression();
    reader.expect(')');
    return expression ?? this.#unary();
  }

  #primary(): Expression {
    const reader = this.#reader;
    const token = reader.peek();
    if (token.kind === 'number') return { kind: 'number', value: reader.number() };
    if (reader.accept('true')) return ONE;
    if (reader.accept('false')) return { kind: 'number', value: 0n };
    if (token.kind === 'keyword') reader.refuse(token);
    if (token.kind !== 'name' || isTypeWord(token)) reader.fail(`an expression is expected here, not ${token.text}`);
    const next = reader.peek(1);
    if (next.text === '(') return this.#operations.value();
    if (next.text === '[') reader.fail('an array is not supported', next);
    const step = STEPS.get(next.text);
    const name = this.#names.register(step === undefined ? 'read' : 'written');
    if (step === undefined) return { kind: 'register', name };
    reader.take();
    return changed(name, step, ONE, 'old');
  }
}

function changed(
  register: string,
  operator: BinaryOperator | undefined,
  right: Expression,
  gives: 'new' | 'old',
): Expression {
  if (operator === undefined) return { kind: 'assign', register, value: right, gives };
  const first: Expression = { kind: 'register', name: register };
  return { kind: 'assign', register, value: { kind: 'chain', first, rest: [{ operator, right }] }, gives };
}
