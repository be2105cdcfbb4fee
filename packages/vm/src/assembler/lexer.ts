/** Source text to tokens. A dotted name (`i64.add`, `queue.head`) is one token; a comment goes from `;` to the end of the line. */
import type { Diagnostics, Place, Source } from './diagnostics.ts';

export type TokenKind = 'name' | 'integer' | 'float' | 'string' | 'sign' | 'newline' | 'end';

export interface Token extends Place {
  readonly kind: TokenKind;
  readonly text: string;
}

/** In the order tried: spaces and comments, newline, name, float, integer, character, string, sign. */
const TOKEN =
  /[ \t\r]+|;[^\n]*|(\n)|([A-Za-z_][\w]*(?:\.[A-Za-z_0-9]+)*)|((?:\d[\d_]*\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*[eE][+-]?\d+)(?!\w))|(0[xX][\da-fA-F_]+|0[bB][01_]+|\d[\d_]*|'(?:[^'\\\n]|\\(?:x[\da-fA-F]{2}|.))')|("(?:[^"\\\n]|\\.)*")|(->|<<|>>|[(){}[\],:@=+\-*/%&|^~])/y;
const KINDS: readonly TokenKind[] = ['newline', 'name', 'float', 'integer', 'string', 'sign'];

export function tokenize(source: Source, diagnostics: Diagnostics): Token[] {
  const tokens: Token[] = [];
  const { text } = source;
  let line = 1;
  let lineStart = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const offset = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const column = offset - lineStart + 1;
    if (match === null) {
      const open = text[offset] === '"' || text[offset] === "'";
      diagnostics.report(
        { source, line, column },
        open ? 'this text is not closed on its line' : `unexpected character ${JSON.stringify(text[offset])}`,
      );
      TOKEN.lastIndex = open ? endOfLine(text, offset) : offset + 1;
      if (open) tokens.push({ kind: 'string', text: '""', source, line, column });
      continue;
    }
    const group = match.findIndex((part, index) => index > 0 && part !== undefined);
    if (group < 0) continue;
    tokens.push({ kind: KINDS[group - 1] as TokenKind, text: match[0], source, line, column });
    if (group === 1) {
      line += 1;
      lineStart = TOKEN.lastIndex;
    }
  }
  const column = text.length - lineStart + 1;
  tokens.push({ kind: 'newline', text: '\n', source, line, column }, { kind: 'end', text: '', source, line, column });
  return tokens;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/** The bytes of a string or character token: UTF-8, with `\n \t \r \0 \\ \" \' \xHH`. `undefined` for an unknown escape. */
export function textBytes(literal: string): Uint8Array | undefined {
  const inner = literal.slice(1, -1);
  const parts: number[] = [];
  let known = true;
  const encoder = new TextEncoder();
  for (const [piece] of inner.matchAll(/\\x[\da-fA-F]{2}|\\.|[^\\]+/g)) {
    if (piece.startsWith('\\x')) parts.push(Number.parseInt(piece.slice(2), 16));
    else if (piece.startsWith('\\')) {
      const escaped = ESCAPES[piece.slice(1)];
      if (escaped === undefined) known = false;
      else parts.push(...encoder.encode(escaped));
    } else for (const byte of encoder.encode(piece)) parts.push(byte);
  }
  return known ? Uint8Array.from(parts) : undefined;
}
