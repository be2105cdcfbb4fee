/** Reads a source and everything that it includes, in the order of the text. A source is read once, so circles end. */
import type { Diagnostics, Place, Source } from './diagnostics.ts';
import { MAX_INCLUDE_DEPTH, MAX_SOURCE_LENGTH, MAX_SOURCES } from './limits.ts';
import { parse } from './parser.ts';
import type { Declaration, IncludeDirective } from './syntax.ts';

export type ResolveInclude = (path: string, from: Source) => Source | undefined;

export class SourceReader {
  readonly #resolve: ResolveInclude | undefined;
  readonly #diagnostics: Diagnostics;
  readonly #names = new Set<string>();
  #length = 0;
  #depth = 0;
  /** Whether a limit was reached; it is told once. */
  #isFull = false;

  constructor(resolve: ResolveInclude | undefined, diagnostics: Diagnostics) {
    this.#resolve = resolve;
    this.#diagnostics = diagnostics;
  }

  /** The declarations of a source; `at` is what included it. */
  read(source: Source, at: Place = { source, line: 1, column: 1 }): Declaration[] {
    this.#names.add(source.name);
    this.#length += source.text.length;
    if (this.#length > MAX_SOURCE_LENGTH) {
      this.#refuse(at, `the sources of a program have at most ${MAX_SOURCE_LENGTH} characters together`);
      return [];
    }
    const declarations = parse(source, this.#diagnostics);
    if (!declarations.some(({ kind }) => kind === 'include')) return declarations;
    return declarations.flatMap((each) => (each.kind === 'include' ? this.#include(each, source) : [each]));
  }

  #include({ path, at }: IncludeDirective, from: Source): Declaration[] {
    if (this.#isFull) return [];
    const found = this.#resolve?.(path, from);
    if (found === undefined) {
      this.#diagnostics.report(at, `cannot include ${JSON.stringify(path)}: there is no such source`);
      return [];
    }
    if (this.#names.has(found.name)) return [];
    if (this.#depth === MAX_INCLUDE_DEPTH) {
      this.#refuse(at, `sources include each other more than ${MAX_INCLUDE_DEPTH} deep`);
      return [];
    }
    if (this.#names.size === MAX_SOURCES) {
      this.#refuse(at, `a program has at most ${MAX_SOURCES} sources`);
      return [];
    }
    this.#depth += 1;
    const declarations = this.read(found, at);
    this.#depth -= 1;
    return declarations;
  }

  #refuse(at: Place, message: string): void {
    if (!this.#isFull) this.#diagnostics.report(at, message);
    this.#isFull = true;
  }
}
