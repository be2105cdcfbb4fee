/** The syntax tree of a source file. Expressions carry no meaning yet: whether a name is a register or a constant is decided later. */
import type { Place } from './diagnostics.ts';

export type Expression =
  | { readonly kind: 'integer'; readonly value: bigint; readonly at: Place }
  | { readonly kind: 'float'; readonly value: number; readonly at: Place }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly at: Place }
  | { readonly kind: 'name'; readonly name: string; readonly at: Place }
  | { readonly kind: 'unary'; readonly operator: '-' | '~'; readonly operand: Expression; readonly at: Place }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Place;
    }
  /** `window.field[index]` */
  | { readonly kind: 'index'; readonly name: string; readonly index: Expression; readonly at: Place }
  /** `[one, other]` */
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: Place }
  /** `[register + offset]` */
  | { readonly kind: 'memory'; readonly inside: Expression; readonly at: Place }
  /** `function(arguments)` */
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Expression[]; readonly at: Place }
  /** `table[index](arguments)` */
  | {
      readonly kind: 'indirect';
      readonly name: string;
      readonly index: Expression;
      readonly given: readonly Expression[];
      readonly at: Place;
    };

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^';

export interface ConstantDeclaration {
  readonly kind: 'const';
  readonly name: string;
  readonly value: Expression;
  readonly at: Place;
}

export interface MemoryDeclaration {
  readonly kind: 'memory';
  readonly initial: Expression;
  readonly maximum: Expression | undefined;
  readonly at: Place;
}

export type DataForm = 'text' | 'bytes' | 'words' | 'zero';

export interface DataDeclaration {
  readonly kind: 'data';
  readonly name: string;
  readonly address: Expression | undefined;
  readonly form: DataForm;
  readonly values: readonly Expression[];
  readonly at: Place;
}

export interface WindowField {
  readonly name: string;
  readonly slots: boolean;
  /** Absent: one. `'rest'`: to the end of the granted window. */
  readonly length: Expression | 'rest' | undefined;
  readonly address: Expression | undefined;
  readonly at: Place;
}

export interface WindowSyntax {
  readonly kind: 'window';
  readonly name: string;
  readonly recorded: string | undefined;
  readonly words: Expression | undefined;
  readonly slots: Expression | undefined;
  readonly fields: readonly WindowField[];
  readonly at: Place;
}

export interface Named {
  readonly name: string;
  readonly at: Place;
}

/** Where a listing says that an instruction came from. */
export interface Origin {
  readonly line: Expression;
  readonly column: Expression;
  /** A text or `files[1]`; absent: the first file. */
  readonly file: Expression | undefined;
}

/** A register of a listing, and the name that the program records for it. */
export interface ListedRegister extends Named {
  readonly recorded: string | undefined;
}

export interface ListedPlace extends Named {
  readonly recorded: string | undefined;
  readonly slots: boolean;
  readonly window: Place & { readonly text: string };
  readonly length: Expression | 'rest';
  readonly address: Expression;
}

export type TableName = 'constants' | 'messages' | 'files';

export interface TableDeclaration {
  readonly kind: TableName;
  readonly values: readonly Expression[];
  readonly at: Place;
}

/** What only listings declare; see listing.ts. */
export type ListingDeclaration =
  | { readonly kind: 'program'; readonly name: string; readonly at: Place }
  | { readonly kind: 'places'; readonly places: readonly ListedPlace[]; readonly at: Place }
  | TableDeclaration;

export interface InstructionSyntax {
  readonly kind: 'instruction';
  readonly mnemonic: string;
  readonly operands: readonly Expression[];
  readonly origins?: readonly Origin[] | undefined;
  /** Reported already: it counts as using its registers, and nothing more is said about it. */
  readonly broken: boolean;
  readonly at: Place;
}

export type BodyItem = { readonly kind: 'label'; readonly name: string; readonly at: Place } | InstructionSyntax;

export interface FunctionSyntax {
  readonly kind: 'func';
  readonly name: string;
  readonly recorded: string | undefined;
  readonly parameters: readonly Named[];
  /** All registers in order, where a listing declares them. */
  readonly registers?: readonly ListedRegister[] | undefined;
  readonly returnsValue: boolean;
  readonly body: readonly BodyItem[];
  readonly at: Place;
  /** The closing brace. */
  readonly end: Place;
}

export interface FunctionTableDeclaration {
  readonly kind: 'table';
  readonly name: string;
  readonly recorded: string | undefined;
  readonly functions: readonly Named[];
  readonly at: Place;
}

export interface MacroDeclaration {
  readonly kind: 'macro';
  readonly name: string;
  readonly parameters: readonly Named[];
  readonly body: readonly BodyItem[];
  readonly at: Place;
}

export interface ImportDeclaration {
  readonly kind: 'import';
  readonly name: string;
  readonly recorded: string | undefined;
  readonly parameters: readonly Named[];
  readonly returnsValue: boolean;
  readonly at: Place;
}

export interface IncludeDirective {
  readonly kind: 'include';
  readonly path: string;
  readonly at: Place;
}

/** A declaration that was reported: what uses its name is not to blame. */
export interface BrokenDeclaration {
  readonly kind: 'broken';
  readonly name: string;
}

export type Declaration =
  | BrokenDeclaration
  | ConstantDeclaration
  | MemoryDeclaration
  | DataDeclaration
  | WindowSyntax
  | FunctionSyntax
  | MacroDeclaration
  | FunctionTableDeclaration
  | ImportDeclaration
  | IncludeDirective
  | ListingDeclaration;
