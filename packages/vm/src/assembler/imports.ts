/** Imports: `import log(value)` declares a function that the host grants; it is called as one of the program's own. */
import { type HostImport, MAX_PARAMETERS } from '../program/program.ts';
import type { Diagnostics } from './diagnostics.ts';
import { MAX_COUNTED } from './limits.ts';
import type { ImportDeclaration } from './syntax.ts';

export class Imports {
  readonly #diagnostics: Diagnostics;
  readonly #imports = new Map<string, ImportDeclaration & { readonly index: number }>();

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics;
  }

  names(): Iterable<string> {
    return this.#imports.keys();
  }
  find(name: string): (ImportDeclaration & { readonly index: number }) | undefined {
    return this.#imports.get(name);
  }

  declare(declaration: ImportDeclaration): void {
    const { name, parameters, at } = declaration;
    const earlier = this.#imports.get(name);
    if (earlier !== undefined) {
      this.#diagnostics.report(at, `import ${name} stands at ${earlier.at.source.name}:${earlier.at.line} already`);
      return;
    }
    if (this.#imports.size === MAX_COUNTED)
      this.#diagnostics.report(at, `a program has at most ${MAX_COUNTED} imports`);
    if (parameters.length > MAX_PARAMETERS)
      this.#diagnostics.report(
        at,
        `${name} has ${parameters.length} parameters, and an import has at most ${MAX_PARAMETERS}`,
      );
    this.#imports.set(name, { ...declaration, index: this.#imports.size });
  }

  get declarations(): HostImport[] {
    return Array.from(this.#imports.values(), ({ name, recorded, parameters, returnsValue }) => ({
      name: recorded ?? name,
      parameters: parameters.length,
      returnsValue,
    }));
  }
}
