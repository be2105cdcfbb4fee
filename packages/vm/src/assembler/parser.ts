/** Tokens to declarations. Statements end with their line; a broken one is reported and the rest of the file is read all the same. */
import type { Diagnostics, Source } from './diagnostics.ts';
import { parseExpression, parseList } from './expressions.ts';
import { tokenize } from './lexer.ts';
import {
  parseLongList,
  parseOrigins,
  parsePlaces,
  parseRecordedName,
  parseRegisters,
  parseTable,
  parseText,
} from './listing.ts';
import { didYouMean } from './suggest.ts';
import type {
  BodyItem,
  DataForm,
  Declaration,
  Expression,
  FunctionSyntax,
  FunctionTableDeclaration,
  ListedRegister,
  ListingDeclaration,
  MacroDeclaration,
  Named,
  WindowField,
  WindowSyntax,
} from './syntax.ts';
import { describe, SyntaxStop, TokenStream } from './token-stream.ts';

const DATA_FORMS = ['bytes', 'words', 'zero'] as const;

export function parse(source: Source, diagnostics: Diagnostics): Declaration[] {
  const stream = new TokenStream(tokenize(source, diagnostics), diagnostics);
  const declarations: Declaration[] = [];
  for (stream.skipNewlines(); !stream.at('end'); stream.skipNewlines()) {
    try {
      declarations.push(parseDeclaration(stream));
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      if (!stream.at('name', 'func') && !stream.at('name', 'macro')) stream.skipLine();
    }
  }
  return declarations;
}

type Ordinary = Exclude<Declaration['kind'], ListingDeclaration['kind']>;

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

function parseDeclaration(stream: TokenStream): Declaration {
  const { token } = stream;
  if (token.kind === 'name' && Object.hasOwn(DECLARATIONS, token.text)) {
    stream.take();
    return DECLARATIONS[token.text as Ordinary](stream);
  }
  if (token.kind === 'name' && Object.hasOwn(LISTING, token.text)) {
    stream.take();
    return LISTING[token.text as ListingDeclaration['kind']](stream);
  }
  const hint = token.kind === 'name' ? didYouMean(token.text, Object.keys(DECLARATIONS)) : undefined;
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
      if (stream.at('end')) stream.fail(`window ${at.text} is not closed`, 'a line with } ends it', at);
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

function parseFunction(stream: TokenStream): FunctionSyntax {
  const at = stream.expectName('the name of the function');
  const recorded = parseRecordedName(stream);
  const parameters = parseParameters(stream);
  const returnsValue = stream.skip('->');
  if (returnsValue) stream.expectName('a name for the result');
  stream.expect('{');
  const body: BodyItem[] = [];
  let registers: ListedRegister[] | undefined;
  for (;;) {
    stream.skipNewlines();
    const end = stream.token;
    if (stream.skip('}'))
      return { kind: 'func', name: at.text, recorded, parameters, registers, returnsValue, body, at, end };
    failIfOpen(stream, 'function', at);
    try {
      if (end.text === 'registers' && stream.following.kind === 'name') {
        stream.take();
        registers = parseRegisters(stream);
        continue;
      }
      parseBodyItem(stream, body);
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      while (!stream.at('newline') && !stream.at('end')) stream.take();
    }
  }
}

function parseParameters(stream: TokenStream): Named[] {
  const parameters: Named[] = [];
  stream.expect('(');
  if (!stream.at('sign', ')')) {
    do {
      const parameter = stream.expectName('the name of a parameter');
      parameters.push({ name: parameter.text, at: parameter });
    } while (stream.skip(','));
  }
  stream.expect(')');
  return parameters;
}

function parseMacro(stream: TokenStream): MacroDeclaration {
  const at = stream.expectName('the name of the macro');
  const parameters = parseParameters(stream);
  stream.expect('{');
  const body: BodyItem[] = [];
  for (;;) {
    stream.skipNewlines();
    if (stream.skip('}')) return { kind: 'macro', name: at.text, parameters, body, at };
    failIfOpen(stream, 'macro', at);
    try {
      parseBodyItem(stream, body);
    } catch (stop) {
      if (!(stop instanceof SyntaxStop)) throw stop;
      while (!stream.at('newline') && !stream.at('end')) stream.take();
    }
  }
}

/** Where the next declaration begins, a brace is missing. */
function failIfOpen(stream: TokenStream, what: string, at: Named['at'] & { readonly text: string }): void {
  if (stream.at('end') || stream.at('name', 'func') || stream.at('name', 'macro'))
    stream.fail(`${what} ${at.text} is not closed`, 'a line with } ends it', at);
}

function parseBodyItem(stream: TokenStream, body: BodyItem[]): void {
  const at = stream.expectName('an instruction or a label');
  if (stream.skip(':')) {
    body.push({ kind: 'label', name: at.text, at });
    return;
  }
  const operands = stream.at('sign', '@') ? [] : parseList(stream);
  const origins = stream.skip('@') ? parseOrigins(stream) : undefined;
  if (!stream.at('newline') && !stream.at('sign', '}')) {
    body.push({ kind: 'instruction', mnemonic: at.text, operands, broken: true, at });
    stream.fail(`expected a comma or the end of the line, found ${describe(stream.token)}`);
  }
  body.push({ kind: 'instruction', mnemonic: at.text, operands, origins, broken: false, at });
}
