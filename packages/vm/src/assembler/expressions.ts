/** Parsing of operands and constant expressions, by precedence climbing. */
import { textBytes } from './lexer.ts';
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

export function parseExpression(stream: TokenStream, least = 0): Expression {
  let left = parseUnary(stream);
  for (;;) {
    const { token } = stream;
    const precedence = token.kind === 'sign' ? PRECEDENCE[token.text as BinaryOperator] : undefined;
    if (precedence === undefined || precedence <= least) return left;
    stream.take();
    left = {
      kind: 'binary',
      operator: token.text as BinaryOperator,
      left,
      right: parseExpression(stream, precedence),
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

function parseUnary(stream: TokenStream): Expression {
  const at = stream.token;
  if (stream.skip('-')) return { kind: 'unary', operator: '-', operand: parseUnary(stream), at };
  if (stream.skip('~')) return { kind: 'unary', operator: '~', operand: parseUnary(stream), at };
  return parsePrimary(stream);
}

function parsePrimary(stream: TokenStream): Expression {
  const at = stream.take();
  switch (at.kind) {
    case 'integer':
      return { kind: 'integer', value: integerValue(stream, at.text), at };
    case 'float':
      return { kind: 'float', value: Number(at.text.replaceAll('_', '')), at };
    case 'string':
      return { kind: 'string', bytes: bytesOf(stream, at.text), at };
    case 'name':
      if (stream.skip('(')) {
        const given = parseList(stream, ')');
        stream.expect(')');
        return { kind: 'call', name: at.text, given, at };
      }
      if (stream.skip('[')) {
        const index = parseExpression(stream);
        stream.expect(']');
        if (!stream.skip('(')) return { kind: 'index', name: at.text, index, at };
        const given = parseList(stream, ')');
        stream.expect(')');
        return { kind: 'indirect', name: at.text, index, given, at };
      }
      return { kind: 'name', name: at.text, at };
    case 'sign':
      if (at.text === '(') {
        const inside = parseExpression(stream);
        stream.expect(')');
        return inside;
      }
      if (at.text === '[') {
        stream.skipNewlines();
        const inside = parseExpression(stream);
        const items = [inside];
        // Long lists go over several lines, which end with a comma.
        for (stream.skipNewlines(); stream.skip(','); stream.skipNewlines()) {
          stream.skipNewlines();
          items.push(parseExpression(stream));
        }
        stream.expect(']');
        return items.length > 1 ? { kind: 'list', items, at } : { kind: 'memory', inside, at };
      }
  }
  return stream.fail(`expected an operand, found ${describe(at)}`, undefined, at);
}

function integerValue(stream: TokenStream, text: string): bigint {
  if (!text.startsWith("'")) return BigInt(text.replaceAll('_', ''));
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
