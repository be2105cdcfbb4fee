/** Function tables: `table handlers = f, g, h` lists functions that `call_indirect` chooses among by an index. */
import type { FunctionTable } from '../program/program.ts';
import type { Constants } from './constants.ts';
import { MAX_COUNTED } from './limits.ts';
import type { ProgramScope } from './scope.ts';
import { didYouMean } from './suggest.ts';
import type { FunctionTableDeclaration } from './syntax.ts';

export class FunctionTables {
  readonly #constants: Constants;
  readonly #tables = new Map<string, FunctionTableDeclaration & { readonly index: number }>();

  constructor(constants: Constants) {
    this.#constants = constants;
  }

  names(): Iterable<string> {
    return this.#tables.keys();
  }
  index(name: string): number | undefined {
    return this.#tables.get(name)?.index;
  }

  /** Declares the table's name, and `name.length` as how many functions it has. */
  declare(table: FunctionTableDeclaration): void {
    const earlier = this.#tables.get(table.name);
    if (earlier !== undefined) {
      const where = `${earlier.at.source.name}:${earlier.at.line}`;
      this.#constants.diagnostics.report(table.at, `table ${table.name} stands at ${where} already`);
      return;
    }
    if (this.#tables.size === MAX_COUNTED)
      this.#constants.diagnostics.report(table.at, `a program has at most ${MAX_COUNTED} tables`);
    this.#tables.set(table.name, { ...table, index: this.#tables.size });
    this.#constants.define(`${table.name}.length`, undefined, () => BigInt(table.functions.length));
  }

  /** The tables with their functions found; one that there is not is reported. */
  resolve(functions: ProgramScope['functions']): FunctionTable[] {
    return [...this.#tables.values()].map((table) => ({
      name: table.recorded ?? table.name,
      functions: table.functions.map(({ name, at }) => {
        const found = functions.get(name);
        if (found === undefined && !this.#constants.isBroken(name))
          this.#constants.diagnostics.report(at, `no function is named ${name}`, () =>
            didYouMean(name, functions.keys()),
          );
        return found?.index ?? 0;
      }),
    }));
  }
}
