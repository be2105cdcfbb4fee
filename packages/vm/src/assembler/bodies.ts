/** Parsing of functions and macros: a head, and a body of labels and instructions, one a line. What is wrong in a line ends with it. */
import { parseList } from './expressions.ts';
import { parseOrigins, parseRecordedName, parseRegisters } from './listing.ts';
import type { BodyItem, Expression, FunctionSyntax, ListedRegister, MacroDeclaration, Named } from './syntax.ts';
import { describe, SyntaxStop, type TokenStream } from './token-stream.ts';

const ASSIGNMENT_HINT = 'the instruction comes first, then what it writes: i64.const sum, 1';

export function parseFunction(stream: TokenStream): FunctionSyntax {
  const at = stream.expectName('the name of the function');
  const recorded = parseRecordedName(stream);
  const parameters = parseParameters(stream);
  const returnsValue = stream.skip('->');
  if (returnsValue) stream.expectName('a name for the result');
  else if (stream.at('name'))
    stream.fail(`expected {, found ${describe(stream.token)}`, 'a result stands behind an arrow: -> value');
  stream.expect('{');
  const body: BodyItem[] = [];
  let registers: ListedRegister[] | undefined;
  const listRegisters = (): void => {
    stream.take();
    registers = parseRegisters(stream);
  };
  for (;;) {
    stream.skipNewlines();
    const end = stream.token;
    if (stream.skip('}'))
      return { kind: 'func', name: at.text, recorded, parameters, registers, returnsValue, body, at, end };
    failIfOpen(stream, 'function', at);
    if (end.text === 'registers' && stream.following.kind === 'name') parseBodyLine(stream, body, listRegisters);
    else parseBodyLine(stream, body, parseBodyItem);
  }
}

export function parseParameters(stream: TokenStream): Named[] {
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

export function parseMacro(stream: TokenStream): MacroDeclaration {
  const at = stream.expectName('the name of the macro');
  const parameters = parseParameters(stream);
  stream.expect('{');
  const body: BodyItem[] = [];
  for (;;) {
    stream.skipNewlines();
    if (stream.skip('}')) return { kind: 'macro', name: at.text, parameters, body, at };
    failIfOpen(stream, 'macro', at);
    parseBodyLine(stream, body, parseBodyItem);
  }
}

/** Of a line that is broken, what may be the register that it writes is kept, so that nobody misses it. */
function parseBodyLine(
  stream: TokenStream,
  body: BodyItem[],
  parseLine: (stream: TokenStream, body: BodyItem[]) => void,
): void {
  const { token, following } = stream;
  try {
    parseLine(stream, body);
  } catch (stop) {
    if (!(stop instanceof SyntaxStop)) throw stop;
    stream.skipLine();
    if (body.at(-1)?.at === token) return;
    const written = following.kind === 'name' ? following : token;
    const operands: Expression[] = written.kind === 'name' ? [{ kind: 'name', name: written.text, at: written }] : [];
    body.push({ kind: 'instruction', mnemonic: token.text, operands, broken: true, at: token });
  }
}

/** Where the next declaration begins, a brace is missing. */
export function failIfOpen(stream: TokenStream, what: string, at: Named['at'] & { readonly text: string }): void {
  if (stream.at('end') || stream.atBlock())
    stream.fail(`${what} ${at.text} is not closed`, 'a line with } ends it; what stands behind a ; is a comment', at);
}

function parseBodyItem(stream: TokenStream, body: BodyItem[]): void {
  const at = stream.expectName('an instruction or a label');
  if (stream.skip(':')) {
    body.push({ kind: 'label', name: at.text, at });
    return;
  }
  if (stream.at('sign', '=')) stream.fail(`expected an instruction, found ${at.text} =`, ASSIGNMENT_HINT, at);
  const operands = stream.at('sign', '@') ? [] : parseList(stream, '}');
  const origins = stream.skip('@') ? parseOrigins(stream) : undefined;
  if (!stream.at('newline') && !stream.at('sign', '}')) {
    body.push({ kind: 'instruction', mnemonic: at.text, operands, broken: true, at });
    stream.fail(`expected a comma or the end of the line, found ${describe(stream.token)}`);
  }
  const broken = stream.diagnostics.isBroken(at);
  body.push({ kind: 'instruction', mnemonic: at.text, operands, origins, broken, at });
}
