/** The C of a litmus test: declarations, assignments, atomic operations, `if` and loops. Anything else is refused by name. */
import { ExpressionReader } from './expressions.ts';
import type { TokenReader } from './lexer.ts';
import { hasConst, isTypeWord, type Parameter, ThreadNames, takeType } from './names.ts';
import type { Expression, Statement } from './syntax.ts';

const NOTHING: Statement = { kind: 'block', statements: [] };

/** Reads the statements of one thread, whose words are its parameters, each with what it says of its word. */
export class StatementReader {
  readonly #reader: TokenReader;
  readonly #names: ThreadNames;
  readonly #expressions: ExpressionReader;

  constructor(reader: TokenReader, words: ReadonlyMap<string, Parameter>) {
    this.#reader = reader;
    this.#names = new ThreadNames(reader, words);
    this.#expressions = new ExpressionReader(reader, this.#names);
  }

  /** What was declared until now. */
  get registers(): ReadonlySet<string> {
    return this.#names.registers;
  }

  /** `{ ... }`. */
  block(): Statement {
    return this.#names.block(() => {
      const statements: Statement[] = [];
      this.#reader.expect('{');
      while (!this.#reader.accept('}')) statements.push(this.#statement());
      return { kind: 'block', statements };
    });
  }

  #statement(): Statement {
    return this.#reader.nested(() => this.#anyStatement());
  }

  #anyStatement(): Statement {
    const reader = this.#reader;
    const token = reader.peek();
    if (token.text === '{') return this.block();
    if (reader.accept(';')) return NOTHING;
    if (reader.accept('if')) return this.#if();
    if (reader.accept('while'))
      return { kind: 'loop', keyword: 'while', condition: this.#condition(), body: this.#body(), line: token.line };
    if (reader.accept('do')) return this.#do(token.line);
    if (reader.accept('for')) return this.#names.block(() => this.#for(token.line));
    const statement = isTypeWord(token) ? this.#declarations() : this.#expressions.effect();
    reader.expect(';');
    return statement;
  }

  /** The statement of an `if` or a loop: a block of its own, in braces or not. */
  #body(): Statement {
    return this.#names.block(() => this.#statement());
  }

  #condition(): Expression {
    this.#reader.expect('(');
    const expression = this.#expressions.expression();
    this.#reader.expect(')');
    return expression;
  }

  #if(): Statement {
    const condition = this.#condition();
    const then = this.#body();
    const otherwise = this.#reader.accept('else') ? this.#body() : NOTHING;
    return { kind: 'if', condition, then, otherwise };
  }

  #do(line: number): Statement {
    const body = this.#body();
    this.#reader.expect('while');
    const condition = this.#condition();
    this.#reader.expect(';');
    return { kind: 'loop', keyword: 'do', condition, body, line };
  }

  #for(line: number): Statement {
    const reader = this.#reader;
    reader.expect('(');
    const first = isTypeWord(reader.peek()) ? this.#declarations() : this.#effects(';');
    reader.expect(';');
    const isEndless = reader.peek().text === ';';
    const condition: Expression = isEndless ? { kind: 'number', value: 1n } : this.#expressions.expression();
    reader.expect(';');
    const step = this.#effects(')');
    reader.expect(')');
    const body: Statement = { kind: 'block', statements: [this.#body(), step] };
    return { kind: 'block', statements: [first, { kind: 'loop', keyword: 'for', condition, body, line }] };
  }

  /** None or more, with commas between, up to a mark. */
  #effects(end: ';' | ')'): Statement {
    const statements: Statement[] = [];
    if (this.#reader.peek().text !== end)
      do statements.push(this.#expressions.effect());
      while (this.#reader.accept(','));
    return { kind: 'block', statements };
  }

  #declarations(): Statement {
    const isConst = hasConst(takeType(this.#reader));
    const statements = [this.#declaration(isConst)];
    while (this.#reader.accept(',')) statements.push(this.#declaration(isConst));
    return { kind: 'block', statements };
  }

  /** A register, and what it holds at first. */
  #declaration(isConst: boolean): Statement {
    const reader = this.#reader;
    if (reader.peek().text === '*') reader.fail('a local pointer is not supported');
    const register = this.#names.declared(isConst);
    if (reader.peek().text === '[') reader.fail('an array is not supported');
    const value: Expression = reader.accept('=')
      ? this.#names.initialiser(register, () => this.#expressions.expression())
      : { kind: 'number', value: 0n };
    return { kind: 'evaluate', value: { kind: 'assign', register, value, gives: 'new' } };
  }
}
