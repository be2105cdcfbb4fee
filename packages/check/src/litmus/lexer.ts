/** Words and marks of a litmus test, each with its line. */
import { PoolError } from '@pool/core';

/** A litmus test that cannot be read, or uses what is not supported. The message begins with `name:line:`. */
export class LitmusError extends PoolError {
  override readonly name = 'LitmusError';
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, why: string) {
    super(`${file}:${line}: ${why}`);
    this.file = file;
    this.line = line;
  }
}

export interface Token {
  readonly kind: 'name' | 'keyword' | 'number' | 'mark' | 'end';
  readonly text: string;
  readonly line: number;
}

/** In a thread: white space, and the comments of C. */
const SPACE = /[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
/** Around the threads: comments of OCaml too, as herd has them. In a thread `(*x)` is an expression. */
const AROUND = new RegExp(`${SPACE.source}|\\(\\*[\\s\\S]*?\\*\\)`, 'y');
/** Before the initial values: strings that describe the test, too. */
const BEFORE = new RegExp(`${AROUND.source}|"[^"]*"`, 'y');
/** All that C takes for one number, and hashes in the lines before the initial values. */
const NUMBER = /\.?[0-9][A-Za-z0-9_.]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MARK = /<<=|>>=|=>|->|\/\\|\\\/|==|!=|<=|>=|&&|\|\||<<|>>|\+\+|--|[-+*/%&|^]=|[-+*/%&|^~!<>=(){}[\],;:.?#]/y;

/** What a thread is called. */
export const THREAD: RegExp = /^P[0-9]+$/;
/** What it stands behind: the `}` of the initial values or of the last thread; with no initial values, nothing. */
const BEFORE_THREAD = [undefined, '}', 'void'];

/** Decimal or hexadecimal: another beginning with 0 would be octal in C, and is decimal to herd. */
const WHOLE_NUMBER = /^(?:0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)$/;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
/** Keywords of C that these tests have: each where it belongs. */
const SUPPORTED = words('if else while do for true false');
const UNSUPPORTED = words(
  'switch case default goto return break continue sizeof typedef static extern auto register inline restrict',
);
const UNSUPPORTED_TYPES = words('float double void struct union enum');

/** What is longer is no test that somebody wrote, nor one that can be explored. */
const MOST_CHARACTERS = 2 ** 20;

/** Cuts a text into tokens; the last is of kind `end`. @throws {LitmusError} at a character that begins none */
export function tokenize(file: string, text: string): Token[] {
  if (text.length > MOST_CHARACTERS)
    throw new LitmusError(file, 1, `a litmus test has ${MOST_CHARACTERS} characters at most, and this ${text.length}`);
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let space = BEFORE;
  /** Of the braces. */
  let depth = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const skipped = match(space);
    if (skipped !== undefined) {
      line += skipped.split('\n').length - 1;
      at += skipped.length;
      continue;
    }
    const kinds = { number: NUMBER, name: NAME, mark: MARK } as const;
    const found = (Object.keys(kinds) as (keyof typeof kinds)[]).find((kind) => match(kinds[kind]) !== undefined);
    if (found === undefined) throw new LitmusError(file, line, whyNot(text[at] as string));
    const token = match(kinds[found]) as string;
    if (token === '{') {
      depth += 1;
      if (space === BEFORE) space = AROUND;
    } else if (token === '}') {
      depth -= 1;
      if (depth === 0) space = AROUND;
    } else if (space !== SPACE && THREAD.test(token) && BEFORE_THREAD.includes(tokens.at(-1)?.text)) {
      depth = 0;
      space = SPACE;
    }
    tokens.push({ kind: isKeyword(token) ? 'keyword' : found, text: token, line });
    at += token.length;
  }
  tokens.push({ kind: 'end', text: 'the end of the file', line });
  return tokens;
}

function whyNot(character: string): string {
  if (character === '"') return 'a string has its place before the initial values, and an end';
  return `no litmus test has a ${JSON.stringify(character)}`;
}

function isKeyword(text: string): boolean {
  return SUPPORTED.has(text) || UNSUPPORTED.has(text) || UNSUPPORTED_TYPES.has(text);
}

/** Statements, expressions and conditions within each other: more are no test that somebody wrote. */
const DEEPEST = 100;

/** Reads tokens one after the other. */
export class TokenReader {
  readonly file: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(file: string, tokens: readonly Token[]) {
    this.file = file;
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  /** Takes the next token if it is this one. */
  accept(text: string): boolean {
    if (this.peek().kind === 'end' || this.peek().text !== text) return false;
    this.#next += 1;
    return true;
  }

  expect(text: string): Token {
    const token = this.take();
    if (token.kind === 'end' || token.text !== text) this.fail(`${text} is expected here, not ${token.text}`, token);
    return token;
  }

  name(what: string): Token {
    const token = this.take();
    if (token.kind === 'keyword') this.refuse(token);
    if (token.kind !== 'name') this.fail(`${what} is expected here, not ${token.text}`, token);
    return token;
  }

  number(): bigint {
    const negative = this.accept('-');
    const token = this.take();
    if (token.kind !== 'number') this.fail(`a number is expected here, not ${token.text}`, token);
    if (!WHOLE_NUMBER.test(token.text))
      this.fail(`\`${token.text}\` is not supported: numbers are whole, decimal or hexadecimal`, token);
    const value = negative ? -BigInt(token.text) : BigInt(token.text);
    if (value !== BigInt.asIntN(64, value) && value !== BigInt.asUintN(64, value))
      this.fail('a number has 64 bits: it is from -2^63 to 2^64-1', token);
    return value;
  }

  /** Reads something that may stand within itself. */
  nested<Read>(read: () => Read): Read {
    if (this.#depth === DEEPEST) this.fail(`this is nested more than ${DEEPEST} deep`);
    this.#depth += 1;
    const what = read();
    this.#depth -= 1;
    return what;
  }

  /** Refuses what C has, or has elsewhere. */
  refuse(token: Token): never {
    const { text } = token;
    if (UNSUPPORTED_TYPES.has(text)) this.fail(`\`${text}\` is no type that is supported`, token);
    this.fail(`\`${text}\` ${SUPPORTED.has(text) ? 'has no place here' : 'is not supported'}`, token);
  }

  fail(why: string, token: Token = this.peek()): never {
    throw new LitmusError(this.file, token.line, why);
  }
}
