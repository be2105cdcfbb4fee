/** A litmus test as it was read. Values are signed 64-bit numbers. */
import type { FenceOrder, LoadOrder, StoreOrder, UpdateOrder } from '../graph/orders.ts';

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '!' | '~'; readonly operand: Expression }
  /** Operators of one precedence, from the left: however many there are, they are not within each other. */
  | { readonly kind: 'chain'; readonly first: Expression; readonly rest: readonly Operation[] }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  /** `=`, `+=`, `++r` give what the register holds then; `r++` what it held before. */
  | { readonly kind: 'assign'; readonly register: string; readonly value: Expression; readonly gives: 'new' | 'old' }
  | { readonly kind: 'load'; readonly place: string; readonly order: LoadOrder }
  | {
      readonly kind: 'update';
      readonly update: 'exchange' | 'fetchAdd' | 'fetchSub' | 'fetchAnd' | 'fetchOr' | 'fetchXor';
      readonly place: string;
      readonly operand: Expression;
      readonly order: UpdateOrder;
    }
  | {
      readonly kind: 'compare-exchange';
      readonly place: string;
      /** Holds what is expected, and gets what was there if that was something else: a register, or a word by plain accesses. */
      readonly expected: { readonly kind: 'register' | 'word'; readonly name: string };
      readonly desired: Expression;
      readonly order: UpdateOrder;
      readonly failure: LoadOrder;
      /** Whether it may fail without reason. */
      readonly weak: boolean;
    };

export interface Operation {
  readonly operator: BinaryOperator;
  readonly right: Expression;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | '&&'
  | '||';

export type Statement =
  | { readonly kind: 'evaluate'; readonly value: Expression }
  | { readonly kind: 'store'; readonly place: string; readonly value: Expression; readonly order: StoreOrder }
  | { readonly kind: 'fence'; readonly order: FenceOrder }
  | { readonly kind: 'if'; readonly condition: Expression; readonly then: Statement; readonly otherwise: Statement }
  /** The body of a `for` ends with its step; a `do` begins with its body. */
  | {
      readonly kind: 'loop';
      readonly keyword: 'while' | 'do' | 'for';
      readonly condition: Expression;
      readonly body: Statement;
      readonly line: number;
    }
  | { readonly kind: 'block'; readonly statements: readonly Statement[] };

/** What is asked of the states in which the test can end. */
export type Condition =
  | { readonly kind: 'true' }
  | { readonly kind: 'equals'; readonly what: Variable; readonly value: bigint }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] };

/** A register of a thread, or a word. */
export interface Variable {
  /** The number of the thread; `undefined` of a word. */
  readonly thread: number | undefined;
  readonly name: string;
  /** Where it is named. */
  readonly line: number;
}

export type Quantifier = 'exists' | '~exists' | 'forall';

export interface LitmusTest {
  readonly name: string;
  /** Words and what they hold at first. */
  readonly words: ReadonlyMap<string, bigint>;
  readonly threads: readonly Statement[];
  /** Executions that end otherwise are none of the test. */
  readonly filter: Condition;
  readonly quantifier: Quantifier;
  readonly condition: Condition;
  /** What an end state shows: all that the condition names, and what `locations` adds. */
  readonly shown: readonly Variable[];
}
