/** Walking over tokens, with errors that say what was expected; a syntax error ends the statement, and parsing goes on at the next line. */
import type { Diagnostics, Place } from './diagnostics.ts';
import type { Token, TokenKind } from './lexer.ts';

/** Thrown to leave a statement that was reported already. */
export class SyntaxStop extends Error {}

export class TokenStream {
  readonly diagnostics: Diagnostics;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.diagnostics = diagnostics;
  }

  get token(): Token {
    return this.#tokens[this.#next] as Token;
  }
  get following(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  at(kind: TokenKind, text?: string): boolean {
    return this.token.kind === kind && (text === undefined || this.token.text === text);
  }
  /** Takes the sign if it is next. */
  skip(sign: string): boolean {
    const found = this.at('sign', sign);
    if (found) this.take();
    return found;
  }
  /** Takes the name if it is next. */
  skipWord(word: string): boolean {
    const found = this.at('name', word);
    if (found) this.take();
    return found;
  }

  expect(sign: string): Token {
    if (!this.at('sign', sign)) this.fail(`expected ${sign}, found ${describe(this.token)}`);
    return this.take();
  }
  expectName(what: string): Token {
    if (!this.at('name')) this.fail(`expected ${what}, found ${describe(this.token)}`);
    return this.take();
  }
  expectEndOfLine(): void {
    if (!this.at('newline')) this.fail(`expected the end of the line, found ${describe(this.token)}`);
    this.take();
  }
  skipNewlines(): void {
    while (this.at('newline')) this.take();
  }
  skipLine(): void {
    while (!this.at('newline') && !this.at('end')) this.take();
    this.skipNewlines();
  }

  fail(message: string, hint?: string, at: Place = this.token): never {
    this.diagnostics.report(at, message, hint);
    throw new SyntaxStop(message);
  }
}

export function describe(token: Token): string {
  if (token.kind === 'newline') return 'the end of the line';
  return token.kind === 'end' ? 'the end of the file' : token.text;
}
