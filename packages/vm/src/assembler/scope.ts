/** What the operands of one function can name: its registers, labels, and everything that the whole program declares. */
import type { Constants } from './constants.ts';
import type { Place } from './diagnostics.ts';
import type { FunctionTables } from './function-tables.ts';
import type { Imports } from './imports.ts';
import type { FunctionSyntax } from './syntax.ts';
import type { Windows } from './windows.ts';

/** What all functions share. */
export interface ProgramScope {
  readonly constants: Constants;
  readonly windows: Windows;
  readonly functions: ReadonlyMap<string, FunctionSyntax & { readonly index: number }>;
  readonly imports: Imports;
  readonly functionTables: FunctionTables;
  readonly macroNames: Iterable<string>;
  readonly constantPool: Interned<bigint>;
  readonly messages: Interned<string>;
  readonly files: Interned<string>;
  /** Whether the text says where its instructions came from: then it is not its own place that counts. */
  readonly statesOrigins: boolean;
}

/** Values by the order in which they were first asked for. */
export class Interned<Value> {
  readonly values: Value[] = [];
  readonly #indices = new Map<Value, number>();

  /** Begins with a table that was given, duplicates included; the first of them is the one that is found. */
  constructor(given: readonly Value[] = []) {
    for (const value of given) {
      const index = this.values.push(value) - 1;
      if (!this.#indices.has(value)) this.#indices.set(value, index);
    }
  }

  /** The index of a value that was asked for before, or given. */
  find(value: Value): number | undefined {
    return this.#indices.get(value);
  }

  index(value: Value): number {
    let index = this.#indices.get(value);
    if (index === undefined) {
      index = this.values.push(value) - 1;
      this.#indices.set(value, index);
    }
    return index;
  }
}

interface Register {
  readonly index: number;
  readonly name: string;
  readonly at: Place;
  readonly parameter: boolean;
  read: boolean;
}

export class FunctionScope {
  readonly program: ProgramScope;
  readonly #registers = new Map<string, Register>();

  constructor(program: ProgramScope) {
    this.program = program;
  }

  get registerCount(): number {
    return this.#registers.size;
  }
  has(name: string): boolean {
    return this.#registers.has(name);
  }
  registerNames(): Iterable<string> {
    return this.#registers.keys();
  }
  /** Whatever can be read as an operand: registers, then constants. */
  *readableNames(): Iterable<string> {
    yield* this.#registers.keys();
    yield* this.program.constants.names();
  }

  declare(name: string, at: Place, parameter: boolean): void {
    if (!this.#registers.has(name))
      this.#registers.set(name, { index: this.#registers.size, name, at, parameter, read: false });
  }
  /** Counts a register as declared and used, by an instruction that could not be understood. */
  assume(name: string, at: Place): void {
    this.declare(name, at, false);
    this.read(name);
  }
  /** The register's number, for a write. */
  written(name: string): number | undefined {
    return this.#registers.get(name)?.index;
  }
  /** The register's number, for a read. */
  read(name: string): number | undefined {
    const register = this.#registers.get(name);
    if (register !== undefined) register.read = true;
    return register?.index;
  }
  /** Registers that are written and never read: most often a slip of the pen. */
  unread(): { readonly name: string; readonly at: Place }[] {
    return [...this.#registers.values()].filter(
      (register) => !register.read && !register.parameter && register.name !== DISCARD,
    );
  }
}

/** The name of the register that nobody reads. */
export const DISCARD = '_';
