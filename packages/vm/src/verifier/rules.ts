import type { FunctionReader } from './function-reader.ts';

/**
 * The verifier's rules, each with its own code. Together they say what a program can be relied on for before it runs; what
 * they cannot prove (an index, a private address, a handle, the depth of calls, the fuel) is checked as it runs.
 */
export const RULES = {
  memory: 'Initial pages are at most the limit, and the limit at most 16384.',
  data: 'Data lies inside the memory that the program begins with.',
  names: 'Functions, windows, tables and imports have names of their own.',
  'function-shape':
    'A function has at most 15 parameters, at most 256 registers, no fewer registers than parameters, and an instruction.',
  'table-entries': 'The entries of a table are functions of the program.',
  'debug-shape': 'A function has no more names than registers, and a line for each of its instructions or for none.',
  'import-shape': 'An import has at most 15 parameters.',
  'place-window': 'A place belongs to a window that is declared.',
  'place-bounds':
    'A place lies inside what its window is declared to have at least, and has a first element unless it is the rest.',
  opcode: 'The second byte is an opcode.',
  group: 'The first byte is the prefix of the opcode’s group.',
  'unused-bytes': 'Bytes that no operand has are zero.',
  register: 'A register is one of the function’s.',
  constant: 'A constant is one of the program’s.',
  offset: 'A private offset is below 2^31.',
  target: 'A branch goes to an instruction of its function, and never to further arguments or an entry.',
  entries: 'Entries stand directly behind a br_table, and a br_table has an entry at least.',
  end: 'The last instruction of a function does not go on to a next one.',
  callee: 'A call names a function of the program.',
  import: 'A call of the host names an import of the program.',
  table: 'An indirect call names a table of the program.',
  arguments: 'A call gives as many arguments as its function or import has parameters, no more and no fewer.',
  result: 'A call that wants a value calls a function or an import that returns one.',
  return: 'A function returns a value, or none, as it is declared.',
  message: 'A message is one of the program’s.',
  initialised: 'No register is read before it is written, on any path.',
  'shared-place':
    'A shared instruction names a place of words; the form without an index names one that has a first word for sure.',
  'segment-slot':
    'A segment instruction names a place of slots; the form without an index names one that has a first slot for sure.',
  'segment-window': 'A segment instruction names a window that is declared.',
} as const;

export type Rule = keyof typeof RULES;

/** One thing wrong with a program. */
export interface Violation {
  readonly rule: Rule;
  readonly message: string;
  readonly function?: string;
  readonly instruction?: number;
}

/** Collects violations; a rule can be left out, which only tests do. */
export class Report {
  readonly violations: Violation[] = [];
  readonly #without: ReadonlySet<Rule>;

  constructor(without: readonly Rule[]) {
    this.#without = new Set(without);
  }

  violate(rule: Rule, message: string, where?: Where): void {
    if (this.#without.has(rule)) return;
    this.violations.push(
      where === undefined
        ? { rule, message }
        : { rule, message, function: where.reader.body.name, instruction: where.instruction },
    );
  }
}

/** An instruction under examination. */
export interface Where {
  readonly reader: FunctionReader;
  readonly instruction: number;
}
