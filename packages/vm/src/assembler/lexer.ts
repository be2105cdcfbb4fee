/** Source text to tokens. A dotted name (`i64.add`, `queue.head`) is one token; a comment goes from `;` to the end of the line. */
import type { Diagnostics, Place, Source } from './diagnostics.ts';
import { MAX_LINE_LENGTH, MAX_TOKENS } from './limits.ts';
import { endOfLine, textStart } from './source-lines.ts';
import { strayText } from './stray-text.ts';

export type TokenKind = 'name' | 'integer' | 'float' | 'string' | 'sign' | 'newline' | 'end';

export interface Token extends Place {
  readonly kind: TokenKind;
  readonly text: string;
}

interface Pattern {
  readonly kind: TokenKind | 'blank';
  /** Sticky, and only ever tested: a match array for each token would be most of an assembler's garbage. */
  readonly pattern: RegExp;
}

const BLANK: Pattern = { kind: 'blank', pattern: /[ \t\r]+|;[^\n]*/y };
const NEWLINE: Pattern = { kind: 'newline', pattern: /\n/y };
const NAME: Pattern = { kind: 'name', pattern: /[A-Za-z_]\w*(?:\.[A-Za-z_0-9]+)*/y };
const FLOAT: Pattern = {
  kind: 'float',
  pattern: /(?:\d[\d_]*\.\d[\d_]*(?:[eE][+-]?\d+)?|\d[\d_]*[eE][+-]?\d+)(?!\w)/y,
};
const INTEGER: Pattern = { kind: 'integer', pattern: /0[xX]_*[\da-fA-F][\da-fA-F_]*|0[bB]_*[01][01_]*|\d[\d_]*/y };
const CHARACTER: Pattern = { kind: 'integer', pattern: /'(?:[^'\\\n]|\\(?:x[\da-fA-F]{2}|.))'/y };
const STRING: Pattern = { kind: 'string', pattern: /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y };
const SIGN: Pattern = { kind: 'sign', pattern: /->|<<|>>|[(){}[\],:@=+\-*%&|^~]|\/(?![/*])/y };

/** What a token can be, by its first character; in the order tried. */
const BEGINNINGS: readonly (readonly Pattern[])[] = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[ \t\r;]/.test(character)) return [BLANK];
  if (character === '\n') return [NEWLINE];
  if (/[A-Za-z_]/.test(character)) return [NAME];
  if (/\d/.test(character)) return [FLOAT, INTEGER];
  if (character === "'") return [CHARACTER];
  return character === '"' ? [STRING] : [SIGN];
});
const NONE: readonly Pattern[] = [];

export function tokenize(source: Source, diagnostics: Diagnostics): Token[] {
  const tokens: Token[] = [];
  const { text } = source;
  let line = 1;
  let lineStart = textStart(text);
  // Most sources are shorter than a line may be, and need no look ahead.
  const mayBeLong = text.length > MAX_LINE_LENGTH;
  let lineEnd = mayBeLong ? endOfLine(text, lineStart) : text.length;
  for (let offset = lineStart; offset < text.length; ) {
    if (lineEnd - offset > MAX_LINE_LENGTH) {
      diagnostics.report({ source, line, column: 1 }, `a line has at most ${MAX_LINE_LENGTH} characters`);
      offset = lineEnd;
      continue;
    }
    const found = match(text, offset);
    if (found?.kind === 'blank') {
      offset = found.pattern.lastIndex;
      continue;
    }
    const column = offset - lineStart + 1;
    if (found !== undefined) {
      const end = found.pattern.lastIndex;
      if (tokens.length === MAX_TOKENS) {
        diagnostics.report({ source, line, column }, `a source has at most ${MAX_TOKENS} words and signs`);
        break;
      }
      // Empty lines mean nothing to anybody.
      if (found !== NEWLINE || tokens.at(-1)?.kind !== 'newline')
        tokens.push({ kind: found.kind, text: text.slice(offset, end), source, line, column });
      if (found === NEWLINE) {
        line += 1;
        lineStart = end;
        if (mayBeLong) lineEnd = endOfLine(text, end);
      }
      offset = end;
      continue;
    }
    const stray = strayText(text, offset);
    const at: Place = { source, line, column };
    if (!diagnostics.isBroken(at)) diagnostics.report(at, stray.message, stray.hint);
    offset = stray.end;
    if (stray.standsFor !== undefined) tokens.push({ ...stray.standsFor, source, line, column });
  }
  const column = text.length - lineStart + 1;
  tokens.push({ kind: 'newline', text: '\n', source, line, column }, { kind: 'end', text: '', source, line, column });
  return tokens;
}

/** The pattern that the text at `offset` is of; its `lastIndex` is the end. */
function match(text: string, offset: number): Pattern | undefined {
  for (const candidate of BEGINNINGS[text.charCodeAt(offset)] ?? NONE) {
    candidate.pattern.lastIndex = offset;
    if (candidate.pattern.test(text)) return candidate;
  }
  return undefined;
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
