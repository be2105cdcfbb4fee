/** The tables that a listing declares; an ordinary source has none, and the assembler numbers what is used as it meets it. */
import type { Constants } from './constants.ts';
import { MAX_COUNTED } from './limits.ts';
import { bitsOfDouble, textOf } from './operand-encoder.ts';
import type { Declaration, ListedPlace, TableDeclaration, TableName } from './syntax.ts';

export class ListedTables {
  readonly programName: string | undefined;
  readonly places: readonly ListedPlace[] | undefined;
  readonly #constants: Constants;
  readonly #tables = new Map<TableName, TableDeclaration>();

  constructor(declarations: readonly Declaration[], constants: Constants) {
    this.#constants = constants;
    const seen = new Set<string>();
    for (const declaration of declarations) {
      switch (declaration.kind) {
        case 'program':
          this.programName = declaration.name;
          break;
        case 'places':
          this.places = declaration.places;
          break;
        case 'constants':
        case 'messages':
        case 'files':
          this.#tables.set(declaration.kind, declaration);
          break;
        default:
          continue;
      }
      if (seen.has(declaration.kind))
        constants.diagnostics.report(declaration.at, `${declaration.kind} stands here twice`);
      seen.add(declaration.kind);
    }
  }

  has(table: TableName): boolean {
    return this.#tables.has(table);
  }

  /** The table of constants. */
  words(): bigint[] {
    return (this.#tables.get('constants')?.values ?? []).map((expression) => {
      const value = this.#constants.evaluate(expression) ?? 0n;
      if (typeof value === 'number') return bitsOfDouble(value);
      if (value < -(2n ** 63n) || value >= 2n ** 64n)
        this.#constants.diagnostics.report(expression.at, `${value} does not fit 64 bits`);
      return BigInt.asUintN(64, value);
    });
  }

  texts(table: 'messages' | 'files'): string[] {
    const values = this.#tables.get(table)?.values ?? [];
    const surplus = table === 'files' ? values[MAX_COUNTED] : undefined;
    if (surplus !== undefined)
      this.#constants.diagnostics.report(surplus.at, `a program has at most ${MAX_COUNTED} files`);
    return values.map((expression) => {
      if (expression.kind === 'string') return textOf(expression.bytes);
      this.#constants.diagnostics.report(expression.at, `${table} are texts in quotes`);
      return '';
    });
  }
}
