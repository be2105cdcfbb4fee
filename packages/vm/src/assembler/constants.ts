/**
 * Names that stand for numbers: `const` declarations, the host's external constants, addresses and lengths of data and places.
 * They may be used before they are declared; each is computed when it is first needed, and one that needs itself is an error.
 */
import type { Diagnostics, Place } from './diagnostics.ts';
import { MAX_CONSTANT_BITS, MAX_EVALUATION_DEPTH } from './limits.ts';
import { didYouMean, type Hint } from './suggest.ts';
import type { BinaryOperator, Expression } from './syntax.ts';

/** An integer of at most `MAX_CONSTANT_BITS` bits and a sign, or a double. */
export type ConstantValue = bigint | number;

interface Definition {
  readonly at: Place | undefined;
  readonly compute: () => ConstantValue | undefined;
  state: 'new' | 'busy' | 'done';
  value?: ConstantValue | undefined;
}

export class Constants {
  readonly diagnostics: Diagnostics;
  readonly #definitions = new Map<string, Definition>();
  readonly #broken = new Set<string>();
  #depth = 0;
  #isTooDeep = false;

  constructor(diagnostics: Diagnostics) {
    this.diagnostics = diagnostics;
  }

  /** Declares a name; `at` is absent for what the host gives. */
  define(name: string, at: Place | undefined, compute: () => ConstantValue | undefined): void {
    const earlier = this.#definitions.get(name);
    if (earlier !== undefined && at !== undefined) {
      const where =
        earlier.at === undefined ? 'given by the host' : `declared at ${earlier.at.source.name}:${earlier.at.line}`;
      this.diagnostics.report(at, `${name} is ${where} already`);
      return;
    }
    this.#definitions.set(name, { at, compute, state: 'new' });
  }

  /** Marks a name whose declaration was reported, whatever it would have been: nothing that uses it is reported. */
  markBroken(name: string): void {
    this.#broken.add(name);
  }
  /** Whether a name, or a part of it before a dot, belongs to a declaration that was reported. */
  isBroken(name: string): boolean {
    if (this.#broken.size === 0) return false;
    for (let end = name.indexOf('.'); end >= 0; end = name.indexOf('.', end + 1))
      if (this.#broken.has(name.slice(0, end))) return true;
    return this.#broken.has(name);
  }

  /** Computes whatever is declared, in the order of the text, so that errors are reported where they stand and used or not. */
  computeAll(): void {
    for (const [name, { at }] of this.#definitions) if (at !== undefined) this.#lookUp(name, at);
  }

  has(name: string): boolean {
    return this.#definitions.has(name) || this.isBroken(name);
  }
  names(): Iterable<string> {
    return this.#definitions.keys();
  }

  /** Whether every name in the expression is a constant, and no other kind of operand is in it. */
  isConstant(expression: Expression): boolean {
    switch (expression.kind) {
      case 'integer':
      case 'float':
        return true;
      case 'name':
        return this.has(expression.name);
      case 'unary':
        return this.isConstant(expression.operand);
      case 'binary':
        return this.isConstant(expression.left) && this.isConstant(expression.right);
      default:
        return false;
    }
  }

  /** The value, or `undefined` once the reason has been reported. */
  evaluate(expression: Expression): ConstantValue | undefined {
    if (this.#depth === MAX_EVALUATION_DEPTH) return this.#refuseDepth(expression.at);
    this.#depth += 1;
    const value = this.#compute(expression);
    this.#depth -= 1;
    return value;
  }

  #compute(expression: Expression): ConstantValue | undefined {
    switch (expression.kind) {
      case 'integer':
      case 'float':
        return expression.value;
      case 'name':
        return this.#lookUp(expression.name, expression.at);
      case 'unary': {
        const operand = this.evaluate(expression.operand);
        if (operand === undefined || expression.operator === '-') return operand === undefined ? operand : -operand;
        if (typeof operand === 'bigint') return ~operand;
        return this.#refuse(expression.at, '~ needs an integer');
      }
      case 'binary': {
        const left = this.evaluate(expression.left);
        const right = this.evaluate(expression.right);
        if (left === undefined || right === undefined) return undefined;
        if (typeof left === 'bigint' && typeof right === 'bigint')
          return this.#integer(expression.operator, left, right, expression.at);
        return this.#float(expression.operator, Number(left), Number(right), expression.at);
      }
      default:
        return this.#refuse(expression.at, 'expected a constant');
    }
  }

  /** An integer of `least`..`most`, or `undefined` once the reason has been reported. */
  integer(expression: Expression, what: string, least: bigint, most: bigint): bigint | undefined {
    const value = this.evaluate(expression);
    if (value === undefined) return undefined;
    if (typeof value === 'bigint' && value >= least && value <= most) return value;
    this.diagnostics.report(expression.at, `${what} is ${value}, and must be an integer of ${least}..${most}`);
    return undefined;
  }

  #lookUp(name: string, at: Place): ConstantValue | undefined {
    const definition = this.#definitions.get(name);
    if (definition === undefined)
      return this.isBroken(name)
        ? undefined
        : this.#refuse(at, `no constant is named ${name}`, () => didYouMean(name, this.names()));
    if (definition.state === 'busy') return this.#refuse(definition.at ?? at, `${name} depends on itself`);
    if (definition.state === 'new') {
      definition.state = 'busy';
      definition.value = definition.compute();
      definition.state = 'done';
    }
    return definition.value;
  }

  /** Told once: the rest of a long chain would be as deep again. */
  #refuseDepth(at: Place): undefined {
    if (this.#isTooDeep) return;
    this.#isTooDeep = true;
    this.#refuse(
      at,
      `constants depend on each other more than ${MAX_EVALUATION_DEPTH} deep here`,
      'those that are declared before they are used cost no depth',
    );
  }

  #refuse(at: Place, message: string, hint?: Hint): undefined {
    this.diagnostics.report(at, message, hint);
    return undefined;
  }

  #integer(operator: BinaryOperator, left: bigint, right: bigint, at: Place): bigint | undefined {
    if ((operator === '/' || operator === '%') && right === 0n)
      return this.#refuse(at, 'division by zero in a constant');
    if ((operator === '<<' || operator === '>>') && (right < 0n || right > 64n))
      return this.#refuse(at, `a shift by ${right} in a constant`);
    const value = INTEGER_OPERATORS[operator](left, right);
    if (value >= TOO_LARGE || value <= -TOO_LARGE)
      return this.#refuse(at, `a constant of more than ${MAX_CONSTANT_BITS} bits`, 'a register holds 64');
    return value;
  }

  #float(operator: BinaryOperator, left: number, right: number, at: Place): number | undefined {
    if (operator === '+') return left + right;
    if (operator === '-') return left - right;
    if (operator === '*') return left * right;
    if (operator === '/') return left / right;
    return this.#refuse(at, `${operator} needs integers`);
  }
}

const TOO_LARGE = 1n << MAX_CONSTANT_BITS;

const INTEGER_OPERATORS: Readonly<Record<BinaryOperator, (left: bigint, right: bigint) => bigint>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '<<': (left, right) => left << right,
  '>>': (left, right) => left >> right,
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
};
