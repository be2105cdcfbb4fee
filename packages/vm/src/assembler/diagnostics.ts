/** Errors in source text: collected, not thrown, so that one run shows them all; each knows its place and, where there is one, a hint. */

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

export class Diagnostics {
  readonly #errors: AssemblyError[] = [];
  readonly #seen = new Set<string>();

  get count(): number {
    return this.#errors.length;
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
  report(at: Place, message: string, hint?: string): void {
    const key = `${at.source.name}:${at.line}:${at.column}:${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#errors.push({
      ...quote(at, at.expansion === undefined ? message : withoutNumbers(message)),
      ...(hint === undefined ? {} : { hint: withoutNumbers(hint) }),
      ...(at.expansion === undefined ? {} : { notes: at.expansion.notes.map((note) => quote(note.at, note.message)) }),
    });
  }
}

function quote(at: Place, message: string): AssemblyNote {
  const sourceLine = at.source.text.split('\n', at.line)[at.line - 1]?.replace(/\r$/, '') ?? '';
  return { file: at.source.name, line: at.line, column: at.column, message, sourceLine };
}

/** Names as the author wrote them: an expansion numbers its own. */
function withoutNumbers(text: string): string {
  return text.replace(/(?<=\w)#\d+/g, '');
}

/** Errors as text: `file:line:column: error: message`, the source line, a caret, the hint, and notes of the same form. */
export function formatErrors(errors: readonly AssemblyError[]): string {
  return errors
    .flatMap((error) => [
      formatQuote('error', error),
      ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`]),
      ...(error.notes ?? []).map((note) => formatQuote('note', note)),
    ])
    .join('\n');
}

function formatQuote(what: 'error' | 'note', { file, line, column, message, sourceLine }: AssemblyNote): string {
  const gutter = `${line} | `;
  const lead = sourceLine.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${file}:${line}:${column}: ${what}: ${message}\n${gutter}${sourceLine}\n${' '.repeat(gutter.length)}${lead}^`;
}
