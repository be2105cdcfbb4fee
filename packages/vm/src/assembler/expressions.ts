/**
 * Parsing of operands and constant expressions, by precedence climbing. Every operator and bracket counts against one limit for the
 * whole expression, so neither parsing nor anything that later walks over the tree gets deep.
 */
import { type Token, textBytes } from './lexer.ts';
import { MAX_CONSTANT_BITS, MAX_OPERATORS } from './limits.ts';
import type { BinaryOperator, Expression } from './syntax.ts';
import { describe, type TokenStream } from './token-stream.ts';

const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '|': 1,
  '^': 2,
  '&': 3,
  '<<': 4,
  '>>': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};

export function parseExpression(stream: TokenStream): Expression {
  stream.operatorsLeft = MAX_OPERATORS;
  return parseBinary(stream, 0);
}

function parseBinary(stream: TokenStream, least: number): Expression {
  let left = parseUnary(stream);
  for (;;) {
    const { token } = stream;
    const precedence = token.kind === 'sign' ? PRECEDENCE[token.text as BinaryOperator] : undefined;
    if (precedence === undefined || precedence <= least) return left;
    count(stream);
    stream.take();
    left = {
      kind: 'binary',
      operator: token.text as BinaryOperator,
      left,
      right: parseBinary(stream, precedence),
      at: left.at,
    };
  }
}

/** Expressions with commas between; none before the end of the line. */
export function parseList(stream: TokenStream, close?: string): Expression[] {
  const list: Expression[] = [];
  if (stream.at('newline') || (close !== undefined && stream.at('sign', close))) return list;
  do list.push(parseExpression(stream));
  while (stream.skip(','));
  return list;
}

/** The arguments of a call, which belong to the expression around it. */
function parseArguments(stream: TokenStream): Expression[] {
  const given: Expression[] = [];
  if (stream.skip(')')) return given;
  do given.push(parseBinary(stream, 0));
  while (stream.skip(','));
  stream.expect(')');
  return given;
}

/** @throws {SyntaxStop} for an operator or a bracket too many */
function count(stream: TokenStream): void {
  stream.operatorsLeft -= 1;
  if (stream.operatorsLeft < 0)
    stream.fail(
      `an expression has at most ${MAX_OPERATORS} operators and brackets`,
      'a part of it can be a constant of its own: const part = ...',
    );
}

function parseUnary(stream: TokenStream): Expression {
  const at = stream.token;
  if (at.kind !== 'sign' || (at.text !== '-' && at.text !== '~')) return parsePrimary(stream);
  count(stream);
  stream.take();
  return { kind: 'unary', operator: at.text, operand: parseUnary(stream), at };
}

function parsePrimary(stream: TokenStream): Expression {
  const at = stream.token;
  // The line goes on behind what is no operand, but it has to end where it ends.
  if (at.kind !== 'newline') stream.take();
  switch (at.kind) {
    case 'integer':
      return { kind: 'integer', value: integerValue(stream, at), at };
    case 'float':
      return { kind: 'float', value: floatValue(stream, at), at };
    case 'string':
      return { kind: 'string', bytes: bytesOf(stream, at.text), at };
    case 'name':
      if (stream.skip('(')) {
        count(stream);
        return { kind: 'call', name: at.text, given: parseArguments(stream), at };
      }
      if (stream.skip('[')) {
        count(stream);
        const index = parseBinary(stream, 0);
        stream.expect(']');
        if (!stream.skip('(')) return { kind: 'index', name: at.text, index, at };
        return { kind: 'indirect', name: at.text, index, given: parseArguments(stream), at };
      }
      return { kind: 'name', name: at.text, at };
    case 'sign':
      if (at.text === '(') {
        count(stream);
        const inside = parseBinary(stream, 0);
        stream.expect(')');
        return inside;
      }
      if (at.text === '[') {
        count(stream);
        stream.skipNewlines();
        const inside = parseBinary(stream, 0);
        const items = [inside];
        // Long lists go over several lines, which end with a comma.
        for (stream.skipNewlines(); stream.skip(','); stream.skipNewlines()) {
          stream.skipNewlines();
          items.push(parseBinary(stream, 0));
        }
        stream.expect(']');
        return items.length > 1 ? { kind: 'list', items, at } : { kind: 'memory', inside, at };
      }
  }
  return stream.fail(`expected an operand, found ${describe(at)}`, undefined, at);
}

/** Digits with single underscores between them, and no zero in front, which means base eight to some. */
const WELL_FORMED =
  /^(?:0[xX][\da-fA-F]+(?:_[\da-fA-F]+)*|0[bB][01]+(?:_[01]+)*|(?:0|[1-9]\d*(?:_\d+)*)(?:\.\d+(?:_\d+)*)?(?:[eE][+-]?\d+)?)$/;

/** Refuses a number that can be read in two ways, with the word that sticks to its end. */
function checkNumber(stream: TokenStream, at: Token): void {
  const { kind, text, line, column } = stream.token;
  const sticks = line === at.line && column === at.column + at.text.length && (kind === 'integer' || kind === 'name');
  const written = sticks ? at.text + text : at.text;
  if (!sticks && WELL_FORMED.test(written)) return;
  if (sticks) stream.take();
  const plain = written.replaceAll('_', '').replace(/^0+(?=\d)/, '');
  const hint = /^\d+$/.test(plain)
    ? `write ${plain}`
    : 'numbers are written 12, 1_000, 0xff, 0b1010, 1.5 or 2e9: an underscore stands between digits';
  stream.fail(`${written} is no number`, hint, at);
}

function floatValue(stream: TokenStream, at: Token): number {
  checkNumber(stream, at);
  const value = Number(at.text.replaceAll('_', ''));
  if (!Number.isFinite(value))
    stream.fail(`${at.text} is more than a double holds`, 'infinity is written 1.0 / 0.0', at);
  return value;
}

function integerValue(stream: TokenStream, at: Token): bigint {
  const { text } = at;
  if (!text.startsWith("'")) {
    checkNumber(stream, at);
    const digits = text.replaceAll('_', '');
    // Long enough for every number within the limit, and short enough to look at.
    const value = BigInt(digits.length > Number(MAX_CONSTANT_BITS) + 2 ? -1 : digits);
    if (value < 0n || value >> MAX_CONSTANT_BITS > 0n)
      stream.fail(`a number of more than ${MAX_CONSTANT_BITS} bits`, 'a register holds 64', at);
    return value;
  }
  const bytes = bytesOf(stream, text);
  if (bytes.length !== 1)
    stream.fail(`${text} has ${bytes.length} bytes, and a character constant has one`, 'write the bytes as data');
  return BigInt(bytes[0] as number);
}

function bytesOf(stream: TokenStream, literal: string): Uint8Array {
  return (
    textBytes(literal) ?? stream.fail(`unknown escape in ${literal}`, 'known are \\n \\t \\r \\0 \\\\ \\" \\\' \\xHH')
  );
}
