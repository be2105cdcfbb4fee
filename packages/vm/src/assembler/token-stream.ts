/** Walking over tokens, with errors that say what was expected; a syntax error ends the statement, and parsing goes on at the next line. */
import type { Diagnostics, Place } from './diagnostics.ts';
import type { Token, TokenKind } from './lexer.ts';
import type { Hint } from './suggest.ts';

/** Thrown to leave a statement that was reported already. */
export class SyntaxStop extends Error {
  override readonly name = 'SyntaxStop';
}

export class TokenStream {
  readonly diagnostics: Diagnostics;
  readonly #tokens: readonly Token[];
  /** What the expression being read may still have; see expressions.ts. */
  operatorsLeft = 0;
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
  }

  /** A place to come back to with `skipDeclaration`. */
  get position(): number {
    return this.#next;
  }
  /** Leaves a declaration that began at `position` and broke off here, with the block that it opened, unless the next one begins. */
  skipDeclaration(position: number): void {
    let open = this.#tokens.slice(position, this.#next).some(isBrace);
    for (; !this.at('end'); this.take()) {
      if (this.#beginsBlock()) return;
      if (this.at('newline')) {
        const next = this.following;
        if (!open && !isBrace(next)) return;
      } else if (isBrace(this.token)) open = true;
      else if (this.skip('}')) return;
    }
  }
  /** Whether a line begins here that says `func name` or `macro name`: nothing else does. */
  #beginsBlock(): boolean {
    const before = this.#tokens[this.#next - 1];
    return before?.kind === 'newline' && this.atBlock();
  }
  atBlock(): boolean {
    return (this.at('name', 'func') || this.at('name', 'macro')) && this.following.kind === 'name';
  }

  /** Reports an error and leaves the statement. Of a line that is broken already, nothing more is said. */
  fail(message: string, hint?: Hint, at: Place = this.token): never {
    if (!this.diagnostics.isBroken(at)) this.diagnostics.report(at, message, hint);
    throw new SyntaxStop();
  }
}

function isBrace(token: Token): boolean {
  return token.kind === 'sign' && token.text === '{';
}

export function describe(token: Token): string {
  if (token.kind === 'newline') return 'the end of the line';
  return token.kind === 'end' ? 'the end of the file' : token.text;
}
