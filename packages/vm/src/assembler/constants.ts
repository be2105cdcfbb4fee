/**
 * Names that stand for numbers: `const` declarations, the host's external constants, addresses and lengths of data and places.
 * They may be used before they are declared; each is computed when it is first needed, and one that needs itself is an error.
 */
import type { Diagnostics, Place } from './diagnostics.ts';
import { didYouMean } from './suggest.ts';
import type { BinaryOperator, Expression } from './syntax.ts';

/** An integer of any size, or a double. */
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

  has(name: string): boolean {
    return this.#definitions.has(name);
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
      return this.#refuse(at, `no constant is named ${name}`, didYouMean(name, this.names()));
    if (definition.state === 'busy') return this.#refuse(definition.at ?? at, `${name} depends on itself`);
    if (definition.state === 'new') {
      definition.state = 'busy';
      definition.value = definition.compute();
      definition.state = 'done';
    }
    return definition.value;
  }

  #refuse(at: Place, message: string, hint?: string): undefined {
    this.diagnostics.report(at, message, hint);
    return undefined;
  }

  #integer(operator: BinaryOperator, left: bigint, right: bigint, at: Place): bigint | undefined {
    if ((operator === '/' || operator === '%') && right === 0n)
      return this.#refuse(at, 'division by zero in a constant');
    if ((operator === '<<' || operator === '>>') && (right < 0n || right > 64n))
      return this.#refuse(at, `a shift by ${right} in a constant`);
    return INTEGER_OPERATORS[operator](left, right);
  }

  #float(operator: BinaryOperator, left: number, right: number, at: Place): number | undefined {
    if (operator === '+') return left + right;
    if (operator === '-') return left - right;
    if (operator === '*') return left * right;
    if (operator === '/') return left / right;
    return this.#refuse(at, `${operator} needs integers`);
  }
}

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
