/** Tokens to declarations. Statements end with their line; a broken one is reported and the rest of the file is read all the same. */

import { failIfOpen, parseFunction, parseMacro, parseParameters } from './bodies.ts';
import type { Diagnostics, Source } from './diagnostics.ts';
import { parseExpression } from './expressions.ts';
import { type Token, tokenize } from './lexer.ts';
import { parseLongList, parsePlaces, parseRecordedName, parseTable, parseText } from './listing.ts';
import { didYouMean } from './suggest.ts';
import type {
  DataForm,
  Declaration,
  Expression,
  FunctionTableDeclaration,
  ListingDeclaration,
  Named,
  WindowField,
  WindowSyntax,
} from './syntax.ts';
import { describe, SyntaxStop, TokenStream } from './token-stream.ts';

/** Declarations that give a name. */
const NAMING: ReadonlySet<string> = new Set(['const', 'data', 'window', 'table', 'import', 'func', 'macro']);
const DATA_FORMS = ['bytes', 'words', 'zero'] as const;

export function parse(source: Source, diagnostics: Diagnostics): Declaration[] {
  const stream = new TokenStream(tokenize(source, diagnostics), diagnostics);
  const declarations: Declaration[] = [];
  let astray = false;
  for (stream.skipNewlines(); !stream.at('end'); stream.skipNewlines()) {
    const { position, token, following } = stream;
    const known =
      token.kind === 'name' && (Object.hasOwn(DECLARATIONS, token.text) || Object.hasOwn(LISTING, token.text));
    try {
      if (known) declarations.push(parseDeclaration(stream, token));
      else failUndeclared(stream, astray);
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      if (NAMING.has(token.text) && following.kind === 'name')
        declarations.push({ kind: 'broken', name: following.text });
      stream.skipDeclaration(position);
    }
    astray = !known;
  }
  return declarations;
}

type Ordinary = Exclude<Declaration['kind'], ListingDeclaration['kind'] | 'broken'>;

const DECLARATIONS: Readonly<Record<Ordinary, (stream: TokenStream) => Declaration>> = {
  const: (stream) => {
    const at = stream.expectName('the name of the constant');
    stream.expect('=');
    const value = parseExpression(stream);
    stream.expectEndOfLine();
    return { kind: 'const', name: at.text, value, at };
  },
  memory: (stream) => {
    const at = stream.token;
    const initial = parseExpression(stream);
    const maximum = stream.skipWord('max') ? parseExpression(stream) : undefined;
    stream.expectEndOfLine();
    return { kind: 'memory', initial, maximum, at };
  },
  data: parseData,
  window: parseWindow,
  table: parseFunctionTable,
  import: (stream) => {
    const at = stream.expectName('the name of the import');
    const recorded = parseRecordedName(stream);
    const parameters = parseParameters(stream);
    const returnsValue = stream.skip('->');
    if (returnsValue) stream.expectName('a name for the result');
    stream.expectEndOfLine();
    return { kind: 'import', name: at.text, recorded, parameters, returnsValue, at };
  },
  func: parseFunction,
  macro: parseMacro,
  include: (stream) => {
    const at = stream.token;
    const path = parseText(stream, 'a path');
    stream.expectEndOfLine();
    return { kind: 'include', path, at };
  },
};

const LISTING: Readonly<Record<ListingDeclaration['kind'], (stream: TokenStream) => Declaration>> = {
  program: (stream) => {
    const at = stream.token;
    const name = parseText(stream, 'the name of the program');
    stream.expectEndOfLine();
    return { kind: 'program', name, at };
  },
  constants: (stream) => parseTable(stream, 'constants'),
  messages: (stream) => parseTable(stream, 'messages'),
  files: (stream) => parseTable(stream, 'files'),
  places: parsePlaces,
};

function parseDeclaration(stream: TokenStream, { text }: Token): Declaration {
  stream.take();
  return Object.hasOwn(DECLARATIONS, text)
    ? DECLARATIONS[text as Ordinary](stream)
    : LISTING[text as ListingDeclaration['kind']](stream);
}

/** Of several lines that declare nothing, the first is told, and those that look like slips of the pen. */
function failUndeclared(stream: TokenStream, astray: boolean): never {
  const { token } = stream;
  const isFunction = token.kind === 'name' && stream.following.text === '(';
  const hint = isFunction
    ? `a function is declared: func ${token.text}(...) { ... }`
    : didYouMean(token.text, Object.keys(DECLARATIONS));
  if (astray && hint === undefined) throw new SyntaxStop();
  return stream.fail(
    `expected a declaration, found ${describe(token)}`,
    hint ?? `a file has ${Object.keys(DECLARATIONS).join(', ')}; instructions stand inside func`,
  );
}

function parseData(stream: TokenStream): Declaration {
  const at = stream.expectName('the name of the data');
  const address = stream.skip('@') ? parseExpression(stream) : undefined;
  stream.expect('=');
  let form: DataForm = 'text';
  if (!stream.at('string')) {
    const word = stream.expectName(`text in quotes, ${DATA_FORMS.join(', ')}`);
    const found = DATA_FORMS.find((name) => name === word.text);
    if (found === undefined)
      return stream.fail(`unknown form of data ${word.text}`, didYouMean(word.text, DATA_FORMS), word);
    form = found;
  }
  const values = parseLongList(stream);
  stream.expectEndOfLine();
  return { kind: 'data', name: at.text, address, form, values, at };
}

/** The list may go over several lines, which end with a comma. */
function parseFunctionTable(stream: TokenStream): FunctionTableDeclaration {
  const at = stream.expectName('the name of the table');
  const recorded = parseRecordedName(stream);
  stream.expect('=');
  const functions: Named[] = [];
  do {
    if (functions.length > 0) stream.skipNewlines();
    else if (stream.at('newline')) break;
    const name = stream.expectName('the name of a function');
    functions.push({ name: name.text, at: name });
  } while (stream.skip(','));
  stream.expectEndOfLine();
  return { kind: 'table', name: at.text, recorded, functions, at };
}

function parseWindow(stream: TokenStream): WindowSyntax {
  const at = stream.expectName('the name of the window');
  const recorded = parseRecordedName(stream);
  const words = stream.skipWord('words') ? parseExpression(stream) : undefined;
  const slots = stream.skipWord('slots') ? parseExpression(stream) : undefined;
  const fields: WindowField[] = [];
  if (stream.skip('{')) {
    stream.skipNewlines();
    while (!stream.skip('}')) {
      failIfOpen(stream, 'window', at);
      fields.push(parseField(stream));
      stream.skipNewlines();
    }
  }
  stream.expectEndOfLine();
  return { kind: 'window', name: at.text, recorded, words, slots, fields, at };
}

function parseField(stream: TokenStream): WindowField {
  const slots = stream.at('name', 'slot') && stream.following.kind === 'name';
  if (slots) stream.take();
  const at = stream.expectName('the name of a field');
  let length: Expression | 'rest' | undefined;
  if (stream.skip('[')) {
    length = stream.at('sign', ']') ? 'rest' : parseExpression(stream);
    stream.expect(']');
  }
  const address = stream.skip('@') ? parseExpression(stream) : undefined;
  if (!stream.at('sign', '}')) stream.expectEndOfLine();
  return { name: at.text, slots, length, address, at };
}
