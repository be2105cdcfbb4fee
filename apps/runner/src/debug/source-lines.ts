/** Lines of the sources that programs name, as far as the files are still there. */
import { readFileSync } from 'node:fs';

export class SourceLines {
  readonly #files = new Map<string, readonly string[]>();

  /** The lines of a file, the first at index 0; none if it cannot be read. */
  all(file: string): readonly string[] {
    let lines = this.#files.get(file);
    if (lines === undefined) {
      try {
        lines = readFileSync(file, 'utf8')
          .replace(/\r?\n$/, '')
          .split(/\r?\n/);
      } catch {
        lines = []; // a binary may come from elsewhere
      }
      this.#files.set(file, lines);
    }
    return lines;
  }

  text(file: string, line: number): string | undefined {
    return line > 0 ? this.all(file)[line - 1] : undefined;
  }
}
