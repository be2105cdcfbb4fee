/**
 * Declarations that only listings need, so that a disassembled program assembles to the same bytes: the program's name and tables,
 * entry by entry, the registers of a function, and where each instruction came from. Ordinary sources leave all of it to the
 * assembler.
 *
 *     program "mapper"                       files "mapper.pasm", "ring.pasm"
 *     constants 5, 0x7ff8000000000000        messages "queue is full"
 *     places {
 *       job.cells = job[8] @ 16              ; slots: `slot job[8] @ 0`; to the end of the window: `job[] @ 0`
 *     }
 *     func main(n) {
 *       registers n, sum, r2 "odd name", unnamed r3
 *       i64.add sum, n, r3                   @ 12:5 "ring.pasm"
 *
 * `constants[3]`, `messages[3]` and `files[3]` are entries by number, which matter where two are the same. A text behind a declared
 * name is the name that the program records. Once `files` is declared, instructions have the origins that they state, and no other.
 */
import { parseExpression } from './expressions.ts';
import { textBytes } from './lexer.ts';
import type { Expression, ListedPlace, ListedRegister, Origin, TableDeclaration, TableName } from './syntax.ts';
import { describe, type TokenStream } from './token-stream.ts';

/** A text in quotes. */
export function parseText(stream: TokenStream, what: string): string {
  const { token } = stream;
  const bytes = token.kind === 'string' ? textBytes(token.text) : undefined;
  if (bytes === undefined) return stream.fail(`expected ${what} in quotes, found ${describe(token)}`);
  stream.take();
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The name that the program records, where it is not the name in the text. */
export function parseRecordedName(stream: TokenStream): string | undefined {
  return stream.at('string') ? parseText(stream, 'a name') : undefined;
}

/** Expressions with commas between; a line may end behind a comma. None before the end of the line. */
export function parseLongList(stream: TokenStream): Expression[] {
  const list: Expression[] = [];
  if (stream.at('newline')) return list;
  do {
    if (list.length > 0) stream.skipNewlines();
    list.push(parseExpression(stream));
  } while (stream.skip(','));
  return list;
}

export function parseTable(stream: TokenStream, kind: TableName): TableDeclaration {
  const at = stream.token;
  const values = parseLongList(stream);
  stream.expectEndOfLine();
  return { kind, values, at };
}

export function parsePlaces(stream: TokenStream): {
  kind: 'places';
  places: ListedPlace[];
  at: ReturnType<TokenStream['take']>;
} {
  const at = stream.expect('{');
  const places: ListedPlace[] = [];
  for (stream.skipNewlines(); !stream.skip('}'); stream.skipNewlines()) {
    if (stream.at('end')) stream.fail('places are not closed', 'a line with } ends them', at);
    const name = stream.expectName('the name of a place');
    const recorded = parseRecordedName(stream);
    stream.expect('=');
    const slots = stream.at('name', 'slot') && stream.following.kind === 'name';
    if (slots) stream.take();
    const window = stream.expectName('a window');
    stream.expect('[');
    const length = stream.at('sign', ']') ? 'rest' : parseExpression(stream);
    stream.expect(']');
    stream.expect('@');
    const address = parseExpression(stream);
    places.push({ name: name.text, recorded, slots, window, length, address, at: name });
    if (!stream.at('sign', '}')) stream.expectEndOfLine();
  }
  stream.expectEndOfLine();
  return { kind: 'places', places, at };
}

/** `registers a, b "other", unnamed c`: from 0 on, the parameters first. */
export function parseRegisters(stream: TokenStream): ListedRegister[] {
  const registers: ListedRegister[] = [];
  let named = true;
  do {
    if (registers.length > 0) stream.skipNewlines();
    if (stream.at('name', 'unnamed') && stream.following.kind === 'name') {
      stream.take();
      named = false;
    }
    const at = stream.expectName('the name of a register');
    const recorded = parseRecordedName(stream);
    registers.push({ name: at.text, recorded: named ? (recorded ?? at.text) : undefined, at });
  } while (stream.skip(','));
  return registers;
}

/** `@ 12:5`, `@ 12:5 "file"`, `@ 12:5 files[1]`; with commas where the words of one instruction come from several places. */
export function parseOrigins(stream: TokenStream): Origin[] {
  const origins: Origin[] = [];
  do {
    const line = parseExpression(stream);
    stream.expect(':');
    const column = parseExpression(stream);
    const file = stream.at('string') || stream.at('name', 'files') ? parseExpression(stream) : undefined;
    origins.push({ line, column, file });
  } while (stream.skip(','));
  return origins;
}
