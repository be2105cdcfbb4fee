/** Errors in source text: collected, not thrown, so that one run shows them all; each knows its place and, where there is one, a hint. */
import { counted } from '../counted.ts';
import { HIDDEN, visible } from '../visible.ts';
import { MAX_ERRORS } from './limits.ts';
import { endOfLine, lineStarts } from './source-lines.ts';
import { asWritten, type Hint } from './suggest.ts';

export interface Source {
  /** As shown in errors and traps. */
  readonly name: string;
  readonly text: string;
}

/** A place in a source; line and column count from 1. */
export interface Place {
  readonly source: Source;
  readonly line: number;
  readonly column: number;
  /** For what a macro expands to: the outermost use, and the places that led here, the nearest first. */
  readonly expansion?: {
    readonly usedAt: Place;
    readonly notes: readonly { readonly message: string; readonly at: Place }[];
  };
}

/** Another place that an error has to do with. */
export interface AssemblyNote {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The text of the line. */
  readonly sourceLine: string;
}

export interface AssemblyError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** The text of the line. */
  readonly sourceLine: string;
  /** For an error in the expansion of a macro: its use and its declaration. */
  readonly notes?: readonly AssemblyNote[];
}

/** What a message may quote of a source: names have no end. */
const LONGEST_MESSAGE = 400;

export class Diagnostics {
  readonly #errors: AssemblyError[] = [];
  readonly #seen = new Set<string>();
  readonly #brokenLines = new Map<Source, Set<number>>();
  /** Where the lines of a source begin, for those that errors quote. */
  readonly #lineStarts = new Map<Source, readonly number[]>();

  get count(): number {
    return this.#seen.size;
  }
  /** How many errors were found beyond those that are told. */
  get more(): number {
    return this.#seen.size - this.#errors.length;
  }

  /** All errors, file by file in the order in which they were first found, and by line and column in each. */
  sorted(): AssemblyError[] {
    const files = new Map<string, number>();
    for (const { file } of this.#errors) if (!files.has(file)) files.set(file, files.size);
    const rank = (error: AssemblyError) => files.get(error.file) ?? 0;
    return this.#errors.toSorted(
      (one, other) => rank(one) - rank(other) || one.line - other.line || one.column - other.column,
    );
  }

  /** Reports an error; a second one at the same place with the same words is dropped. */
  report(at: Place, message: string, hint?: Hint): void {
    const words = cut(at.expansion === undefined ? message : asWritten(message));
    const key = `${at.source.name}:${at.line}:${at.column}:${words}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const lines = this.#brokenLines.get(at.source);
    if (lines === undefined) this.#brokenLines.set(at.source, new Set([at.line]));
    else lines.add(at.line);
    if (this.#errors.length === MAX_ERRORS) return;
    const advice = typeof hint === 'function' ? hint() : hint;
    this.#errors.push({
      ...this.#quote(at, words),
      ...(advice === undefined ? {} : { hint: cut(asWritten(advice)) }),
      ...(at.expansion === undefined
        ? {}
        : { notes: at.expansion.notes.map((note) => this.#quote(note.at, cut(note.message))) }),
    });
  }

  /** Whether an error was reported on the line: what follows from it is not worth telling. */
  isBroken({ source, line }: Place): boolean {
    return this.#brokenLines.get(source)?.has(line) ?? false;
  }

  #quote({ source, line, column }: Place, message: string): AssemblyNote {
    let starts = this.#lineStarts.get(source);
    if (starts === undefined) {
      starts = lineStarts(source.text);
      this.#lineStarts.set(source, starts);
    }
    const start = starts[line - 1] ?? source.text.length;
    const sourceLine = source.text.slice(start, endOfLine(source.text, start)).replace(/\r$/, '');
    return { file: source.name, line, column, message, sourceLine };
  }
}

function cut(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}...`;
}

/**
 * Errors as text: `file:line:column: error: message`, the source line, a caret, the hint, and notes of the same form. `more` is the
 * number of errors that are not among them. Nothing in it acts on a terminal, whatever the source holds.
 */
export function formatErrors(errors: readonly AssemblyError[], more = 0): string {
  const lines = errors.flatMap((error) => [
    formatQuote('error', error),
    ...(error.hint === undefined ? [] : [`  hint: ${visible(error.hint)}`]),
    ...(error.notes ?? []).map((note) => formatQuote('note', note)),
  ]);
  if (more > 0) lines.push(`and ${counted(more, 'more error')}`);
  return lines.join('\n');
}

/** Columns of a long line that are shown before and behind the place. */
const SHOWN_BEFORE = 80;
const SHOWN_BEHIND = 60;

function formatQuote(what: 'error' | 'note', { file, line, column, message, sourceLine }: AssemblyNote): string {
  const gutter = `${line} | `;
  const at = column - 1;
  const from = at > SHOWN_BEFORE + 3 ? at - SHOWN_BEFORE : 0;
  const to = sourceLine.length > at + SHOWN_BEHIND + 3 ? at + SHOWN_BEHIND : sourceLine.length;
  const excerpt = `${from > 0 ? '...' : ''}${sourceLine.slice(from, to)}${to < sourceLine.length ? '...' : ''}`;
  const lead = excerpt.slice(0, at - from + (from > 0 ? 3 : 0)).replace(/[^\t]/g, ' ');
  const place = `${visible(file)}:${line}:${column}: ${what}: ${visible(message)}`;
  return `${place}\n${gutter}${excerpt.replace(HIDDEN, inOneColumn)}\n${' '.repeat(gutter.length)}${lead}^`;
}

/** The picture of a control character, so that the caret below stays where it belongs, behind the same tabs. */
function inOneColumn(character: string): string {
  if (character === '\t') return character;
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}
