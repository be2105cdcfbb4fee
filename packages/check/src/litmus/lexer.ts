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

/** The comments of C too. */
const SPACE = /[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
/** The description of the test. */
const STRING = /"[^"]*"/y;
/** A comment of OCaml: herd has them around the threads. In these `(*x)` is an expression. */
const OUTER_COMMENT = /\(\*[\s\S]*?\*\)/y;
/** All that C takes for one number, and hashes in the lines before the initial values. */
const NUMBER = /\.?[0-9][A-Za-z0-9_.]*/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const MARK = /<<=|>>=|=>|->|\/\\|\\\/|==|!=|<=|>=|&&|\|\||<<|>>|\+\+|--|[-+*/%&|^]=|[-+*/%&|^~!<>=(){}[\],;:.?#]/y;

/** What a thread is called. */
export const THREAD: RegExp = /^P[0-9]+$/;

/** Decimal or hexadecimal: another beginning with 0 would be octal in C, and is decimal to herd. */
const WHOLE_NUMBER = /^(?:0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)$/;

/** Of 64 bits, with a sign or without. */
const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 64n - 1n;

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
  const place = new Place();
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space =
      match(SPACE) ??
      (place.isInThread ? undefined : match(OUTER_COMMENT)) ??
      (place.isInDescription ? match(STRING) : undefined);
    if (space !== undefined) {
      line += space.split('\n').length - 1;
      at += space.length;
      continue;
    }
    const kinds = { number: NUMBER, name: NAME, mark: MARK } as const;
    const found = (Object.keys(kinds) as (keyof typeof kinds)[]).find((kind) => match(kinds[kind]) !== undefined);
    if (found === undefined) throw new LitmusError(file, line, whyNot(text[at] as string, place));
    const token = match(kinds[found]) as string;
    tokens.push({ kind: isKeyword(token) ? 'keyword' : found, text: token, line });
    at += token.length;
    place.pass(token);
  }
  tokens.push({ kind: 'end', text: 'the end of the file', line });
  return tokens;
}

function whyNot(character: string, { isInDescription }: Place): string {
  if (character !== '"') return `no litmus test has a ${JSON.stringify(character)}`;
  return isInDescription ? 'this string does not end' : 'a string has no place behind the `{` of the initial values';
}

/** Where in a test a text is cut. */
class Place {
  #before = '';
  #depth = 0;
  /** Before the initial values. */
  isInDescription = true;
  /** From the name of a thread to the end of its body. */
  isInThread = false;

  pass(token: string): void {
    if (this.#depth === 0 && ['', '}', 'void'].includes(this.#before) && THREAD.test(token)) this.isInThread = true;
    if (token === '{') {
      this.#depth += 1;
      this.isInDescription = false;
    }
    if (token === '}') {
      this.#depth -= 1;
      this.isInThread &&= this.#depth > 0;
    }
    this.#before = token;
  }
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
    if (value < LEAST || value > GREATEST)
      this.fail('this number is not one of 64 bits: from -9223372036854775808 to 18446744073709551615', token);
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
