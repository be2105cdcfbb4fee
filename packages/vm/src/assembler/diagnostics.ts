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
}

export interface AssemblyError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** The text of the line. */
  readonly sourceLine: string;
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
    const sourceLine = at.source.text.split('\n', at.line)[at.line - 1]?.replace(/\r$/, '') ?? '';
    const error = { file: at.source.name, line: at.line, column: at.column, message, sourceLine };
    this.#errors.push(hint === undefined ? error : { ...error, hint });
  }
}

/** Errors as text: `file:line:column: error: message`, the source line, a caret, and the hint. */
export function formatErrors(errors: readonly AssemblyError[]): string {
  return errors
    .map((error) => {
      const gutter = `${error.line} | `;
      const lead = error.sourceLine.slice(0, error.column - 1).replace(/[^\t]/g, ' ');
      const lines = [
        `${error.file}:${error.line}:${error.column}: error: ${error.message}`,
        `${gutter}${error.sourceLine}`,
        `${' '.repeat(gutter.length)}${lead}^`,
      ];
      if (error.hint !== undefined) lines.push(`  hint: ${error.hint}`);
      return lines.join('\n');
    })
    .join('\n');
}
